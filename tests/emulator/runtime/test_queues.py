from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.runtime.queues import TaskQueues


def _push(queues: TaskQueues, task_id: str, *, priority: int = 0, due: int = 0, now: int = 0, queue: str = "q") -> bool:
    return queues.push(queue, "workflow", task_id, priority, due, now)


def _drain(queues: TaskQueues, queue: str = "q") -> list[str]:
    taken = []
    for message in queues.ready(queue):
        queues.remove(message.task_id)
        taken.append(message.task_id)
    return taken


def test_first_in_first_out_within_a_priority() -> None:
    queues = TaskQueues()
    for task_id, priority in [("low1", 0), ("high", 9), ("low2", 0), ("mid", 5)]:
        assert _push(queues, task_id, priority=priority)
    assert _drain(queues) == ["high", "mid", "low1", "low2"]
    assert queues.size("q") == 0
    assert queues.sizes() == {}


def test_a_delayed_task_counts_but_is_not_given_out_before_it_is_released() -> None:
    queues = TaskQueues()
    assert not _push(queues, "later", due=100, now=0)
    assert queues.size("q") == 1
    assert list(queues.ready("q")) == []
    assert queues.release("later") == "q"
    assert _drain(queues) == ["later"]
    assert queues.release("later") is None


def test_the_delayed_task_that_is_due_next_is_hurried_unless_another_one_is_there() -> None:
    queues = TaskQueues()
    assert queues.hurry("q", 0) is None
    _push(queues, "other", due=10, queue="r")
    _push(queues, "late", due=200)
    _push(queues, "soon", due=100)
    assert queues.hurry("q", 50) == "soon"
    assert queues.hurry("q", 50) is None
    assert _drain(queues) == ["soon"]
    assert queues.hurry("q", 60) == "late"


def test_a_task_put_back_goes_behind_the_others() -> None:
    queues = TaskQueues()
    _push(queues, "a")
    _push(queues, "b")
    _push(queues, "a")
    assert queues.size("q") == 2
    assert _drain(queues) == ["b", "a"]


def test_a_removed_task_is_gone_also_from_the_middle() -> None:
    queues = TaskQueues()
    for task_id in "abc":
        _push(queues, task_id)
    queues.remove("b")
    queues.remove("unknown")
    assert "b" not in queues
    assert _drain(queues) == ["a", "c"]


def test_what_a_poll_passes_over_stays_at_its_place() -> None:
    queues = TaskQueues()
    for task_id in "abc":
        _push(queues, task_id)
    seen = []
    for message in queues.ready("q"):
        seen.append(message.task_id)
        if message.task_id == "b":
            queues.remove("b")
    assert seen == ["a", "b", "c"]
    assert _drain(queues) == ["a", "c"]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3), st.booleans()), max_size=60))
def test_every_task_comes_out_once_in_the_order_of_priority_and_arrival(steps: list[tuple[int, int, bool]]) -> None:
    queues = TaskQueues()
    model: dict[str, tuple[int, int]] = {}
    for order, (number, priority, remove) in enumerate(steps):
        task_id = str(number)
        if remove:
            queues.remove(task_id)
            model.pop(task_id, None)
        else:
            _push(queues, task_id, priority=priority)
            model[task_id] = (-priority, order)
        assert queues.size("q") == len(model)
    assert _drain(queues) == sorted(model, key=lambda task_id: model[task_id])


def test_an_arrival_is_counted_when_it_may_be_given_out() -> None:
    queues = TaskQueues()
    _push(queues, "later", due=100, now=0)
    assert queues.arrivals("q") == 0
    queues.release("later")
    _push(queues, "now")
    assert (queues.arrivals("q"), queues.arrivals("other")) == (2, 0)


def test_a_type_has_a_queue_for_each_of_its_domains() -> None:
    queues = TaskQueues()
    for task_id, queue in (("1", "a"), ("2", "d:a"), ("3", "ba"), ("4", ":a"), ("5", "a:b")):
        queues.push(queue, "w", task_id, 0, 0, 0)
    assert queues.of_type("a") == ["a", "d:a", ":a"]
    queues.remove("2")
    assert queues.of_type("a") == ["a", ":a"]


def test_an_empty_queue_is_still_listed() -> None:
    queues = TaskQueues()
    queues.push("t", "w", "1", 0, 0, 0)
    queues.remove("1")
    assert queues.sizes_of_all() == {"t": 0}
    assert queues.of_type("t") == []


def test_queues_are_listed_in_the_order_in_which_they_first_came() -> None:
    queues = TaskQueues()
    _push(queues, "1", queue="a")
    _push(queues, "2", queue="b")
    queues.remove("1")
    _push(queues, "3", queue="a")
    assert list(queues.sizes()) == list(queues.sizes_of_all()) == ["a", "b"]


def test_the_empty_queues_of_a_forgotten_domain_are_listed_no_longer() -> None:
    queues = TaskQueues()
    for task_id, queue in (("1", "d:a"), ("2", "d:b"), ("3", "dd:a"), ("4", "d")):
        _push(queues, task_id, queue=queue)
    for task_id in "134":
        queues.remove(task_id)
    queues.forget_domain("d")
    assert queues.sizes_of_all() == {"d:b": 1, "dd:a": 0, "d": 0}
    assert queues.arrivals("d:a") == 0
