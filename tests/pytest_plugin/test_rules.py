from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from conductor_pytest import Conductor, Rule
from conductor_pytest.errors import HarnessError, UnusedRules
from conductor_pytest.rules import RuleBook, Subject
from conductor_sdk import Task, TerminalError
from tests.pytest_plugin.definitions import simple, system, task_def, workflow

CHARGE = workflow(simple("charge"))
HTTP = system("HTTP", "call", inputParameters={"http_request": {"uri": "http://nowhere.invalid", "method": "GET"}})


def subject(attempt: int = 1, iteration: int = 0, **task: object) -> Subject:
    reference = f"charge_ref__{iteration}" if iteration else "charge_ref"
    return Subject(reference, "charge_ref", "charge", "charge", attempt, iteration, lambda: Task(input_data=dict(task)))


@pytest.mark.parametrize(
    ("narrow", "fitting", "other"),
    [
        (lambda rule: rule, subject(), None),
        (lambda rule: rule.attempt(2), subject(2), subject(1)),
        (lambda rule: rule.attempt(1, 3), subject(3), subject(2)),
        (lambda rule: rule.iteration(2), subject(iteration=2), subject(iteration=1)),
        (lambda rule: rule.when(lambda task: task.input_data["amount"] > 9), subject(amount=10), subject(amount=9)),
    ],
)
def test_a_rule_is_narrowed(narrow: Callable[[Rule], Rule], fitting: Subject, other: Subject | None) -> None:
    rule = narrow(RuleBook().add("stub", "charge").returns({}))
    assert rule.fits(fitting)
    assert other is None or not rule.fits(other)


@pytest.mark.parametrize(
    ("target", "fits"), [("charge", True), ("charge_ref", True), ("charge_ref__2", True), ("charge_ref__1", False)]
)
def test_a_task_goes_by_its_type_and_its_reference_name(target: str, *, fits: bool) -> None:
    assert RuleBook().add("stub", target).returns({}).fits(subject(iteration=2)) is fits


@pytest.mark.parametrize(
    ("first", "second", "winner"),
    [
        (("stub", {}), ("stub", {}), 1),  # the later one
        (("stub", {"attempt": 1}), ("stub", {}), 0),  # the narrow one
        (("task", {}), ("stub", {"attempt": 1}), 0),  # the fault
        (("stub", {"attempt": 2}), ("stub", {}), 1),  # the one that fits
    ],
)
def test_one_of_several_rules_counts(
    first: tuple[str, dict[str, int]], second: tuple[str, dict[str, int]], winner: int
) -> None:
    book = RuleBook()
    for word, narrow in (first, second):
        rule = book.add(word, "charge").returns({})
        if "attempt" in narrow:
            rule.attempt(narrow["attempt"])
    assert book.match(subject()).answer is book.rules[winner]


def test_a_rule_with_times_is_used_up() -> None:
    book = RuleBook()
    twice = book.add("task", "charge").times(2).fails()
    for _ in range(2):
        book.match(subject()).use()
    assert twice.used == 2
    assert book.match(subject()).answer is None


def test_who_does_the_work_and_how_it_arrives_may_be_two_rules() -> None:
    book = RuleBook()
    answer, manner = book.add("stub", "charge").returns({}), book.add("task", "charge").duplicate()
    assert book.match(subject()) == (answer, manner)


@pytest.mark.parametrize(
    ("mistake", "complaint"),
    [
        (lambda rule: rule.attempt(0), r"attempt\(0\): numbers count from 1; attempt\(1\) is the first one"),
        (lambda rule: rule.attempt(), "numbers count from 1"),
        (lambda rule: rule.times(-1), "give 1 or more"),
        (lambda rule: rule.when("amount > 3"), r"when\(\) takes a function of the task"),
        (lambda rule: rule.delay(timedelta(-1)), "from now on"),
        (lambda rule: rule.delay("1 h"), r"delay\(\) takes a timedelta"),
        (lambda rule: rule.returns({}).fails(), r"stub\('charge'\)\.returns\({}\) says already what happens"),
        (lambda rule: rule.crash().late(), "says already how it goes on"),
        (lambda rule: rule.late().crash(), "says already what happens"),
    ],
)
def test_what_cannot_be_meant_is_refused(mistake: Callable[[Rule], Rule], complaint: str) -> None:
    with pytest.raises(HarnessError, match=complaint):
        mistake(RuleBook().add("stub", "charge"))


@pytest.mark.parametrize("target", ["", None, simple])
def test_a_rule_names_a_task(target: str) -> None:
    with pytest.raises(HarnessError, match="takes a task type or a reference name"):
        RuleBook().add("stub", target)


def test_a_rule_says_where_it_was_made(harness: Conductor) -> None:
    rule = harness.task("charge").attempt(1).fails("declined")
    assert repr(rule).startswith("task('charge').attempt(1).fails('declined') (test_rules.py:")


# What each word of the vocabulary does to a run.


def test_returns(harness: Conductor) -> None:
    harness.stub("charge").returns({"receipt": "R1"})
    done = harness.register(CHARGE).run("order")
    assert (done.status, done.task("charge").output) == ("COMPLETED", {"receipt": "R1"})


def test_returns_what_a_function_says(harness: Conductor) -> None:
    harness.register(workflow(simple("charge", inputParameters={"amount": "${workflow.input.amount}"})))
    harness.stub("charge").returns(lambda task: {"charged": task.input_data["amount"]})
    assert harness.run("order", {"amount": 7}).task("charge").output == {"charged": 7}


def test_the_function_of_a_stub_gets_the_task_whatever_it_calls_it(harness: Conductor) -> None:
    def charge(anything: object) -> dict[str, str]:
        return {"given": type(anything).__name__}

    async def ship(task: Task) -> dict[str, str]:
        return {"given": type(task).__name__}

    harness.register(workflow(simple("charge"), simple("ship")))
    harness.stub("charge").returns(charge)
    harness.stub("ship").returns(ship)
    assert [task.output for task in harness.run("order").tasks] == [{"given": "Task"}] * 2


def test_fails_and_is_retried(harness: Conductor) -> None:
    harness.register(task_def("charge"), CHARGE)
    harness.task("charge").attempt(1).fails("declined", {"code": 51})
    harness.stub("charge").returns({})
    done = harness.run("order")
    first, second = done.attempts("charge")
    assert (first.status, first.reason, first.output) == ("FAILED", "declined", {"code": 51})
    assert (second.status, second.retry_count, done.elapsed) == ("COMPLETED", 1, timedelta(minutes=1))


def test_fails_terminally_and_is_not_retried(harness: Conductor) -> None:
    harness.register(task_def("charge"), CHARGE)
    harness.stub("charge").fails_terminally("no such card")
    done = harness.run("order")
    assert [task.status for task in done.attempts("charge")] == ["FAILED_WITH_TERMINAL_ERROR"]
    assert done.status == "FAILED"


@pytest.mark.parametrize(
    ("error", "status"),
    [(ValueError("odd"), "FAILED"), (TerminalError("odd"), "FAILED_WITH_TERMINAL_ERROR"), (KeyError, "FAILED")],
)
def test_raises(harness: Conductor, error: Exception, status: str) -> None:
    harness.register(CHARGE)
    harness.stub("charge").raises(error)
    task = harness.run("order").task("charge")
    assert task.status == status
    assert task.reason in ("odd", "KeyError")


@pytest.mark.parametrize("word", ["times_out", "never_answers", "crash"])
def test_silence_ends_with_the_response_time_out(harness: Conductor, word: str) -> None:
    harness.register(task_def("charge", retryDelaySeconds=0), CHARGE)
    getattr(harness.task("charge").attempt(1), word)()
    harness.stub("charge").returns({})
    done = harness.run("order")
    assert [task.status for task in done.attempts("charge")] == ["TIMED_OUT", "COMPLETED"]
    assert done.elapsed == timedelta(minutes=10)


def test_times_out_needs_a_time_out(harness: Conductor) -> None:
    harness.register(workflow(system("HUMAN", "approve")))
    harness.stub("approve").times_out()
    with pytest.raises(HarnessError, match="`approve` has no time-out to run into"):
        harness.run("order")


def test_delay_within_the_time_out_only_takes_time(harness: Conductor) -> None:
    harness.register(task_def("charge"), CHARGE)
    harness.worker("charge", lambda task: {"by": "a worker"})
    harness.task("charge").delay(timedelta(minutes=9))
    done = harness.run("order")
    assert (done.status, done.elapsed) == ("COMPLETED", timedelta(minutes=9))
    assert done.task("charge").output == {"by": "a worker"}


def test_delay_beyond_the_time_out_comes_too_late(harness: Conductor) -> None:
    harness.register(task_def("charge", retryCount=0), CHARGE)
    harness.stub("charge").returns({}).delay(timedelta(minutes=11))
    done = harness.run("order")
    assert (done.status, done.elapsed) == ("TIMED_OUT", timedelta(minutes=10))


def test_late_does_the_work_twice(harness: Conductor) -> None:
    charged: list[int] = []

    def charge(task: Task) -> None:
        charged.append(task.retry_count)

    harness.register(task_def("charge"), CHARGE)
    harness.worker("charge", charge)
    harness.task("charge").attempt(1).late()
    done = harness.run("order")
    assert charged == [0, 1]
    assert [task.status for task in done.attempts("charge")] == ["TIMED_OUT", "COMPLETED"]


def test_duplicate_does_the_work_twice_in_one_attempt(harness: Conductor) -> None:
    charged: list[int] = []

    def charge(task: Task) -> dict[str, int]:
        charged.append(task.retry_count)
        return {"times": len(charged)}

    harness.register(task_def("charge"), CHARGE)
    harness.worker("charge", charge)
    harness.task("charge").duplicate()
    done = harness.run("order")
    assert charged == [0, 0]
    assert [task.output for task in done.attempts("charge")] == [{"times": 1}]


@pytest.mark.parametrize("word", ["lose_request", "lose_response"])
def test_a_lost_message_changes_nothing_but_time(harness: Conductor, word: str) -> None:
    charged: list[int] = []
    harness.register(task_def("charge"), CHARGE)
    harness.worker("charge", lambda task: charged.append(task.retry_count))
    getattr(harness.task("charge"), word)()
    done = harness.run("order")
    harness.run_until_idle()
    assert (done.status, len(done.attempts("charge")), charged) == ("COMPLETED", 1, [0])
    assert done.elapsed < timedelta(seconds=1)


# Stubs of what the server does.


@pytest.mark.parametrize(
    "task",
    [
        HTTP,
        system("INLINE", "call", inputParameters={"evaluatorType": "graaljs", "expression": "boom("}),
        system("WAIT", "call", inputParameters={"duration": "30 days"}),
        system("HUMAN", "call"),
        system("EVENT", "call", sink="conductor:done"),
        system("SUB_WORKFLOW", "call", subWorkflowParam={"name": "there_is_none", "version": 1}),
        system("LLM_CHAT_COMPLETE", "call", inputParameters={"messages": [{"role": "user", "message": "Hello"}]}),
    ],
    ids=lambda task: task["type"],
)
def test_what_the_server_does_can_be_stubbed(harness: Conductor, task: dict[str, object]) -> None:
    harness.register(workflow(task, outputParameters={"answer": "${call.output.answer}"}))
    harness.stub("call").returns({"answer": 42})
    done = harness.run("order")
    assert (done.status, done.output, done.elapsed) == ("COMPLETED", {"answer": 42}, timedelta())
    assert done.task("call").type == task["type"]


def test_a_stubbed_system_task_is_retried(harness: Conductor) -> None:
    harness.register(task_def("call", retryDelaySeconds=5), workflow(HTTP))
    harness.task("HTTP").attempt(1).fails("503")
    harness.stub("HTTP").returns({"response": {"statusCode": 200}})
    done = harness.run("order")
    assert [task.status for task in done.attempts("call")] == ["FAILED", "COMPLETED"]
    assert done.elapsed == timedelta(seconds=5)


def test_a_stubbed_system_task_times_out(harness: Conductor) -> None:
    harness.register(task_def("call", retryCount=0), workflow(HTTP))
    harness.stub("call").times_out()
    done = harness.run("order")
    assert (done.status, done.elapsed) == ("TIMED_OUT", timedelta(minutes=10))


def test_what_steers_the_workflow_is_not_stubbed(harness: Conductor) -> None:
    harness.register(workflow(system("SET_VARIABLE", "keep", inputParameters={"a": 1})))
    harness.stub("keep").returns({})
    with pytest.raises(HarnessError, match="`keep` is a SET_VARIABLE, which steers the workflow"):
        harness.run("order")


def test_a_manner_for_a_system_task_needs_an_answer(harness: Conductor) -> None:
    harness.register(workflow(system("HUMAN", "approve")))
    harness.task("approve").delay(timedelta(hours=1))
    with pytest.raises(HarnessError, match="say what it gives as well"):
        harness.run("order")


def test_stubs_of_branches_count_them_as_they_begin(harness: Conductor) -> None:
    branches = [{**HTTP, "taskReferenceName": name} for name in ("one", "other")]
    fork = system("FORK_JOIN", "fork", forkTasks=[[branch] for branch in branches])
    harness.register(workflow(fork, system("JOIN", "join", joinOn=["one", "other"])))
    harness.stub("HTTP").returns({"is": "any"})
    harness.stub("HTTP").times(1).returns({"is": "the first"})
    done = harness.run("order")
    assert sorted(done.task(name).output["is"] for name in ("one", "other")) == ["any", "the first"]


@pytest.mark.parametrize("is_first", [True, False])
def test_a_mistake_in_a_condition_of_a_system_task_is_the_tests(harness: Conductor, is_first: bool) -> None:
    harness.register(workflow(HTTP) if is_first else workflow(simple("a"), HTTP)).worker("a", lambda task: {})
    harness.stub("HTTP").when(lambda task: bool(task.input_data["amuont"])).returns({})
    with pytest.raises(KeyError, match="amuont"):
        harness.run("order")


def test_a_condition_may_fail_the_test(harness: Conductor) -> None:
    harness.register(workflow(HTTP)).stub("HTTP").when(lambda task: pytest.fail("by a condition")).returns({})
    with pytest.raises(pytest.fail.Exception, match="by a condition"):
        harness.run("order")


def test_several_conditions_have_to_be_true(harness: Conductor) -> None:
    harness.register(CHARGE)
    harness.stub("charge").returns({"by": "all"})
    harness.stub("charge").when(lambda task: False).when(lambda task: True).optional().returns({"by": "none"})
    harness.stub("charge").when(lambda task: True).when(lambda task: True).returns({"by": "both"})
    harness.allow_unused()
    assert harness.run("order").task("charge").output == {"by": "both"}


def test_how_often_is_said_once(harness: Conductor) -> None:
    with pytest.raises(HarnessError, match=r"stub\('a'\)\.times\(1\) says already how often"):
        harness.stub("a").times(1).times(2)


def fails_an_assertion(task: Task) -> dict[str, int]:
    assert task.input_data == {"amount": 3}
    return {}


async def fails_an_assertion_later(task: Task) -> dict[str, int]:
    return fails_an_assertion(task)


@pytest.mark.parametrize("function", [fails_an_assertion, fails_an_assertion_later])
def test_what_the_function_of_a_stub_raises_fails_the_test(
    harness: Conductor, function: Callable[[Task], object]
) -> None:
    harness.register(CHARGE).stub("charge").returns(function)
    with pytest.raises(AssertionError, match="amount"):
        harness.run("order")


# What was announced has to be met.


def test_a_rule_that_met_no_task_is_named(harness: Conductor) -> None:
    harness.stub("ship").returns({})
    harness.task("bill").optional().crash()
    with pytest.raises(
        UnusedRules, match=r"stub\('ship'\)\.returns\({}\) \(test_rules\.py:\d+\) was never used"
    ) as told:
        harness.verify()
    assert "bill" not in str(told.value)


def test_a_rule_that_says_nothing_is_named(harness: Conductor) -> None:
    harness.stub("ship")
    with pytest.raises(UnusedRules, match="says nothing: add"):
        harness.verify()


def test_unused_rules_may_be_allowed(harness: Conductor) -> None:
    harness.stub("ship").returns({})
    with pytest.raises(UnusedRules):
        harness.verify()
    harness.allow_unused()
    harness.verify()


def test_used_rules_are_no_problem(harness: Conductor) -> None:
    harness.register(CHARGE)
    stub = harness.stub("charge").returns({})
    harness.run("order")
    harness.verify()
    assert stub.used == 1
