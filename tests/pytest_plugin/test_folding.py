from __future__ import annotations

from typing import Any

import pytest

from conductor_pytest import Conductor, NoSuchTask, Stuck
from conductor_pytest.blockers import told_once
from tests.pytest_plugin.definitions import simple, system, workflow


def loop(reference: str, times: int, *tasks: dict[str, Any]) -> dict[str, Any]:
    return system("DO_WHILE", reference, loopCondition=f"$.{reference}.iteration < {times}", loopOver=list(tasks))


def lines(timeline: str) -> list[str]:
    """Without the columns' widths."""
    return [" ".join(line.split()) for line in timeline.splitlines()[1:]]


def test_equal_iterations_are_told_once(harness: Conductor) -> None:
    harness.register(workflow(loop("loop", 60, simple("look"), simple("b"))))
    harness.stub("look").returns({})
    harness.stub("b").returns({})
    harness.task("b").iteration(30).attempt(1).fails("busy")
    harness.task("b").iteration(55).fails_terminally("declined")
    assert lines(harness.run("order").timeline()) == [
        "0 s loop DO_WHILE CANCELED after 1 min",
        "0 s look_ref__1 look COMPLETED",
        "0 s b_ref__1 b COMPLETED",
        "… iterations 2 to 29 (28) are like 1 …",
        "0 s look_ref__30 look COMPLETED",
        "0 s b_ref__30 b FAILED: busy",
        "1 min b_ref__30 attempt 2 b COMPLETED, taken after a delay of 1 min",
        "… iterations 31 to 54 (24) are like 1 …",
        "1 min look_ref__55 look COMPLETED",
        "1 min b_ref__55 b FAILED_WITH_TERMINAL_ERROR: declined",
    ]


def test_loops_side_by_side_are_told_one_after_the_other(harness: Conductor) -> None:
    branches = [[loop("x", 9, simple("a"))], [loop("y", 9, simple("b"))]]
    harness.register(
        workflow(system("FORK_JOIN", "fork", forkTasks=branches), system("JOIN", "join", joinOn=["x", "y"]))
    )
    harness.stub("a").returns({})
    harness.stub("b").returns({})
    harness.task("b").iteration(6).fails_terminally("no")
    assert lines(harness.run("order").timeline())[4:] == [
        "0 s a_ref__1 a COMPLETED",
        "… iterations 2 to 6 (5) are like 1 …",
        "0 s a_ref__7 a CANCELED",
        "0 s b_ref__1 b COMPLETED",
        "… iterations 2 to 5 (4) are like 1 …",
        "0 s b_ref__6 b FAILED_WITH_TERMINAL_ERROR: no",
    ]


def test_what_a_fork_in_a_loop_has_made_belongs_to_the_loop(harness: Conductor) -> None:
    fork = system("FORK_JOIN_DYNAMIC", "fork", inputParameters={"forkTaskName": "a", "forkTaskInputs": [{}, {}]})
    harness.register(workflow(loop("loop", 20, fork, system("JOIN", "join")))).stub("a").returns({})
    told = lines(harness.run("order").timeline())
    assert (len(told), told[-1]) == (10, "… iterations 3 to 20 (18) are like 2 …")


def test_a_few_iterations_are_told_as_they_are(harness: Conductor) -> None:
    harness.register(workflow(loop("loop", 2, simple("a")), simple("b"))).stub("a").returns({})
    harness.stub("b").returns({})
    assert not any("like" in line for line in lines(harness.run("order").timeline()))


def test_the_cut_middle_keeps_what_failed_only_there(harness: Conductor) -> None:
    names = [f"t{number}" for number in range(60)]
    harness.register(workflow(*(simple(name, optional=name == "t30") for name in names)))
    for name in names:
        harness.stub(name).returns({})
    harness.task("t30").fails_terminally("no")
    told = lines(harness.run("order").timeline())
    assert told[19:23] == [
        "0 s t19_ref t19 COMPLETED",
        "… 10 more …",
        "0 s t30_ref t30 COMPLETED_WITH_ERRORS: no",
        "… 9 more …",
    ]


def test_a_task_that_is_not_there_names_a_loops_tasks_once(harness: Conductor) -> None:
    harness.register(workflow(loop("loop", 9, simple("a")))).stub("a").returns({})
    with pytest.raises(NoSuchTask, match=r"its tasks: loop, a_ref__1 … a_ref__9$"):
        harness.run("order").task("b")


def test_many_tasks_that_wait_for_the_same_are_told_once(harness: Conductor) -> None:
    forked = {"forkTaskName": "ship", "forkTaskInputs": [{}] * 30}
    harness.register(workflow(system("FORK_JOIN_DYNAMIC", "fork", inputParameters=forked), system("JOIN", "join")))
    with pytest.raises(Stuck) as stuck:
        harness.run("order")
    waits = (
        "task `_ship_0` (and 29 like it, to `_ship_29`) waits for a worker of type `ship`, and none is registered; add "
    )
    assert str(stuck.value).splitlines()[0].startswith(f"nothing can happen any more: {waits}")


@pytest.mark.parametrize(
    ("sentences", "told"),
    [
        ([], []),
        (["task `a` waits", "task `b` waits"], ["task `a` waits", "task `b` waits"]),
        (
            ["task `a` waits", "task `b` is lost", "task `c` waits", "task `d` waits"],
            ["task `a` (and 2 like it, to `d`) waits", "task `b` is lost"],
        ),
        ([f'task `{name}` waits: do("{name}")' for name in "abc"], ['task `a` (and 2 like it, to `c`) waits: do("a")']),
        (["nothing"] * 2, ["nothing", "nothing"]),
        (
            [f"task `{name}` waits for type `{name}`" for name in "abc"],
            [f"task `{name}` waits for type `{name}`" for name in "abc"],
        ),
    ],
)
def test_sentences_told_once(sentences: list[str], told: list[str]) -> None:
    assert told_once(sentences) == told
