from __future__ import annotations

from datetime import timedelta

import pytest

from conductor_pytest import Conductor, Run
from conductor_pytest.errors import Stuck
from conductor_sdk import TaskExecLog, TaskResult
from tests.pytest_plugin.definitions import simple, system, task_def, workflow

REASON = "The card was declined"


@pytest.fixture
def declined(harness: Conductor) -> Run:
    """Validated, declined twice a minute apart, and so failed."""
    harness.register(task_def("charge"), workflow(simple("validate"), simple("charge"), simple("ship")))
    harness.stub("validate").returns({"amount": 7})
    harness.worker(
        "charge",
        lambda task: TaskResult(
            status="FAILED",
            reason_for_incompletion=REASON,
            logs=[TaskExecLog(f"attempt {task.retry_count}"), TaskExecLog("no answer")],
        ),
    )
    return harness.run("order", {"order_id": "ORD-1"})


def test_a_run_shows_its_execution(declined: Run) -> None:
    assert (declined.name, declined.version, declined.input) == ("order", 1, {"order_id": "ORD-1"})
    assert (declined.status, declined.elapsed) == ("FAILED", timedelta(minutes=1))
    assert declined.status.is_terminal
    assert (declined.variables, declined.output) == ({}, {})
    assert REASON in (declined.reason or "")


def test_a_run_shows_its_tasks(declined: Run) -> None:
    assert declined.path == ["validate_ref", "charge_ref"]
    assert [task.reference for task in declined.tasks] == ["validate_ref", "charge_ref", "charge_ref"]
    first, second = declined.attempts("charge")
    assert (first.attempt, first.retry_count, second.attempt, second.retry_count) == (1, 0, 2, 1)
    assert declined.task("charge_ref").task == second.task
    assert (second.type, second.reason, second.logs) == ("charge", REASON, ["attempt 1", "no answer"])
    assert declined.task("validate").output == {"amount": 7}
    assert declined.task("validate").input == {}


def test_a_task_knows_when_it_was(declined: Run) -> None:
    first, second = declined.attempts("charge")
    assert (first.scheduled_after, first.ended_after) == (timedelta(), timedelta())
    assert second.ended_after == timedelta(minutes=1)


def test_fields_of_the_sdk_can_be_read(declined: Run) -> None:
    task = declined.task("charge")
    assert (task.poll_count, task.reference_task_name, task.iteration) == (1, "charge_ref", 0)
    with pytest.raises(AttributeError, match="no_such_field"):
        _ = task.no_such_field


def test_a_task_that_is_not_there_is_named_with_those_that_are(declined: Run) -> None:
    with pytest.raises(LookupError, match=r"has no task 'ship'; its tasks: validate_ref, charge_ref"):
        declined.task("ship")


def test_in_a_loop_the_newest_iteration_counts(harness: Conductor) -> None:
    looped = system(
        "DO_WHILE",
        "loop",
        loopCondition="$.loop['iteration'] < 3",
        evaluatorType="graaljs",
        inputParameters={"loop": "${loop}"},
        loopOver=[simple("a")],
    )
    harness.register(workflow(looped))
    for iteration in (1, 2, 3):
        harness.stub("a").iteration(iteration).returns({"n": iteration})
    run = harness.run("order")
    assert (run.task("a_ref").output, run.task("a_ref__2").output) == ({"n": 3}, {"n": 2})
    assert [task.reference for task in run.attempts("a")] == ["a_ref__1", "a_ref__2", "a_ref__3"]


def test_a_sub_workflow_is_a_run(harness: Conductor) -> None:
    parent = workflow(system("SUB_WORKFLOW", "sub", subWorkflowParam={"name": "child", "version": 1}))
    harness.register(workflow(simple("a"), name="child"), parent)
    harness.stub("a").returns({"n": 1})
    run = harness.run("order")
    assert run.task("sub").sub_run.task("a").output == {"n": 1}
    with pytest.raises(LookupError, match="has no sub-workflow"):
        _ = run.task("sub").sub_run.task("a").sub_run


def test_the_timeline_says_when_and_why(declined: Run) -> None:
    assert declined.timeline().splitlines()[1:] == [
        "  0 s  validate_ref          validate  COMPLETED",
        f"  0 s  charge_ref            charge    FAILED: {REASON}",
        f"  0 s  charge_ref attempt 2  charge    FAILED: {REASON}",
    ]
    assert declined.timeline().startswith("order v1 FAILED after 1 min: Task ")


def test_the_timeline_shows_logs_once(declined: Run) -> None:
    lines = declined.timeline(logs=True).splitlines()
    assert [line for line in lines if "|" in line] == [
        "      | attempt 0",
        "      | no answer",
        "      | attempt 1",
        "      | no answer",
    ]


def test_a_long_timeline_leaves_out_its_middle(harness: Conductor) -> None:
    harness.register(task_def("a", retryCount=99), workflow(simple("a"))).stub("a").fails("no")
    lines = harness.run("order").timeline().splitlines()
    assert len(lines) == 42
    assert lines[21] == "  … 60 more …"


def test_a_run_that_has_not_begun_says_so(harness: Conductor) -> None:
    run = harness.register(workflow(simple("a"))).start("order")
    harness.pause(run)
    assert run.timeline().splitlines() == ["order v1 PAUSED for 0 s", "  0 s  a_ref  a  SCHEDULED"]


def test_events_name_the_rule(declined: Run) -> None:
    told = [(event.kind, event.reference, event.rule) for event in declined.events]
    assert ("task.retry", "charge_ref", "retry: FIXED 60 s, attempt 2 of 2") in told
    assert told[0][0] == "workflow.started"


def test_texts_for_people(declined: Run, harness: Conductor) -> None:
    assert repr(declined).startswith("<Run order v1 FAILED after 1 min: Task ")
    assert repr(declined.task("charge")) == f"<Task charge_ref (charge) FAILED, attempt 2: {REASON}>"
    assert repr(declined.task("validate")) == "<Task validate_ref (validate) COMPLETED>"
    assert repr(harness) == "<Conductor in-process://, 1 runs>"
    assert declined.status.explanation()[1] == repr(declined.attempts("charge")[0])


# What a run waits for, in words.


@pytest.mark.parametrize(
    ("tasks", "sentence"),
    [
        (
            [simple("ship")],
            (
                "task `ship_ref` waits for a worker of type `ship`, and none is registered; "
                "there are workers of type `charge`"
            ),
        ),
        (
            [simple("chrage")],
            (
                "task `chrage_ref` waits for a worker of type `chrage`, and none is registered; "
                "there is one of type `charge`"
            ),
        ),
        (
            [system("WAIT", "pause", inputParameters={"duration": "1 hour"})],
            "task `pause` (WAIT) waits for 1 h more",
        ),
        (
            [system("HUMAN", "approve")],
            'task `approve` (HUMAN) waits for somebody to complete it: conductor.complete_task(run, "approve", {…})',
        ),
        (
            [
                system("FORK_JOIN", "fork", forkTasks=[[system("HUMAN", "a")]]),
                system("JOIN", "join", joinOn=["a", "never"]),
            ],
            "JOIN `join` waits for `never`, which has not been scheduled",
        ),
    ],
    ids=["no worker", "a wrong name", "a wait", "a person", "a join"],
)
def test_blockers(harness: Conductor, tasks: list[dict[str, object]], sentence: str) -> None:
    harness.worker("charge", lambda task: None)
    run = harness.register(workflow(*tasks)).start("order")
    with harness.clock.stopped():
        harness.run_until_idle()
    assert sentence in harness.blockers(run)
    assert harness.blockers() == harness.blockers(run)


def test_no_worker_among_several_of_other_names(harness: Conductor) -> None:
    harness.worker("a", lambda task: None).worker("b", lambda task: None, domain="blue")
    harness.register(workflow(simple("ship"))).start("order")
    [sentence] = harness.blockers()
    assert sentence.endswith("and none is registered; there are workers of type `a`, `blue:b`")


def test_a_blocker_of_a_sub_workflow(harness: Conductor) -> None:
    parent = workflow(system("SUB_WORKFLOW", "sub", subWorkflowParam={"name": "child", "version": 1}))
    harness.register(workflow(simple("a"), name="child"), parent)
    with pytest.raises(Stuck, match=r"waits for its sub-workflow .*; task `a_ref` waits for a worker of type `a`"):
        harness.run("order")


def test_a_silent_worker_is_a_blocker(harness: Conductor) -> None:
    harness.register(task_def("a"), workflow(simple("a"))).task("a").crash()
    harness.start("order")
    with harness.clock.stopped():
        harness.run_until_idle()
    assert harness.blockers() == ["task `a_ref` was taken by a worker that died; it times out in 10 min"]


def test_a_limit_is_a_blocker(harness: Conductor) -> None:
    limited = task_def("a", concurrentExecLimit=1)
    harness.register(limited, workflow(simple("a"))).stub("a").never_answers()
    first, second = harness.start("order"), harness.start("order")
    with harness.clock.stopped():
        harness.run_until_idle()
    assert "never answers" in harness.blockers(first)[0]
    assert harness.blockers(second) == [
        "task `a_ref` waits until fewer tasks of type `a` are in workers' hands",
    ]


def test_an_ended_run_waits_for_nothing(declined: Run, harness: Conductor) -> None:
    assert harness.blockers() == harness.blockers(declined) == []
