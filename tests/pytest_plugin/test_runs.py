from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from conductor_pytest import Conductor, Run
from conductor_pytest.errors import Endless, Stuck
from conductor_pytest.timeline import log_lines
from conductor_sdk import Task, TaskExecLog, TaskResult, TaskStatus
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


def test_a_run_names_the_task_that_failed(declined: Run, harness: Conductor) -> None:
    failed = declined.failed_task
    assert failed is not None
    assert (failed.reference, failed.attempt, failed.reason) == ("charge_ref", 2, REASON)
    harness.register(workflow(system("NOOP", "n"), name="other"))
    assert harness.run("other").failed_task is None


def test_a_run_shows_its_execution(declined: Run) -> None:
    assert (declined.name, declined.version, declined.input) == ("order", 1, {"order_id": "ORD-1"})
    assert (declined.status, declined.elapsed) == ("FAILED", timedelta(minutes=1))
    assert declined.status.is_terminal
    assert (declined.variables, declined.output) == ({}, {})
    assert REASON in (declined.reason or "")
    assert declined.workflow_id == declined.id == declined.workflow.workflow_id


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
    assert (second.scheduled_after, second.started_after, second.ended_after) == (
        timedelta(),
        timedelta(minutes=1),
        timedelta(minutes=1),
    )


def test_a_task_that_nobody_took_has_not_begun(harness: Conductor) -> None:
    task = harness.register(workflow(simple("a"))).start("order").task("a")
    assert (task.started_after, task.ended_after) == (None, None)


def test_fields_of_the_sdk_can_be_read(declined: Run) -> None:
    task = declined.task("charge")
    assert (task.poll_count, task.reference_task_name, task.iteration) == (1, "charge_ref", 0)
    with pytest.raises(AttributeError, match="no_such_field"):
        _ = task.no_such_field


def test_a_task_that_is_not_there_is_named_with_those_that_are(declined: Run) -> None:
    with pytest.raises(
        LookupError, match=r"has no task 'ship', for it was not scheduled; its tasks: validate_ref, charge_ref"
    ):
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
        "    0 s  validate_ref          validate  COMPLETED",
        f"    0 s  charge_ref            charge    FAILED: {REASON}",
        f"  1 min  charge_ref attempt 2  charge    FAILED, taken after a delay of 1 min: {REASON}",
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


def test_a_sub_workflow_that_failed_is_shown_below_its_task(harness: Conductor) -> None:
    def decline(task: Task) -> None:
        raise ValueError(f"declined {task.retry_count}")

    sub = system("SUB_WORKFLOW", "sub", subWorkflowParam={"name": "child", "version": 1})
    harness.register(task_def("a"), workflow(simple("a"), name="child"), workflow(sub)).worker("a", decline)
    lines = harness.run("order").timeline(logs=True).splitlines()
    assert lines[1].startswith("  0 s  sub  SUB_WORKFLOW  FAILED after 1 min: ")
    assert lines[2].startswith("      child v1 FAILED after 1 min: ")
    assert lines[3] == "        0 s  a_ref            a  FAILED: declined 0"
    assert lines[4] == "          | Traceback (most recent call last):"
    assert [line for line in lines if "asyncio" in line or "conductor_sdk" in line] == []
    assert lines[-2:] == [
        "      1 min  a_ref attempt 2  a  FAILED, taken after a delay of 1 min: declined 1",
        "          | (the same traceback) ValueError: declined 1",
    ]


def test_a_traceback_of_an_async_worker_begins_in_the_worker(harness: Conductor) -> None:
    async def decline(task: Task) -> None:
        raise ValueError("declined")

    harness.register(task_def("a", retryCount=0), workflow(simple("a"))).worker("a", decline)
    [trace] = harness.run("order").task("a").logs
    assert [line for line in trace.splitlines() if "File" in line] == [
        line for line in trace.splitlines() if "in decline" in line
    ]


@pytest.mark.parametrize(
    ("said", "before", "shown"),
    [
        (["one", "two"], [], ["one", "two"]),
        (["one"], ["one"], ["(the same)"]),
        (["one"], ["other"], ["one"]),
        (["Traceback …\n  File\nError: 2"], ["Traceback …\n  File\nError: 1"], ["(the same traceback) Error: 2"]),
        (["Traceback …\n  other\nError: 2"], ["Traceback …\n  File\nError: 1"], ["Traceback …", "  other", "Error: 2"]),
        ([], ["one"], []),
    ],
)
def test_what_an_attempt_says_again_is_not_shown_again(said: list[str], before: list[str], shown: list[str]) -> None:
    assert list(log_lines(said, before)) == [f"      | {line}" for line in shown]


def test_a_long_timeline_leaves_out_its_middle(harness: Conductor) -> None:
    def fail(task: Task) -> None:
        raise ValueError(task.retry_count)

    harness.register(task_def("a", retryCount=99), workflow(simple("a"))).worker("a", fail)
    lines = harness.run("order").timeline().splitlines()
    assert len(lines) == 42
    assert lines[21] == "  … 60 more …"


def test_attempts_that_look_alike_are_told_once(harness: Conductor) -> None:
    harness.register(task_def("a", retryCount=99), workflow(simple("a"))).stub("a").fails("no")
    assert harness.run("order").timeline().splitlines()[1:] == [
        "         0 s  a_ref              a  FAILED: no",
        "       1 min  a_ref attempt 2    a  FAILED, taken after a delay of 1 min: no",
        "  … 97 more like these …",
        "  1 h 39 min  a_ref attempt 100  a  FAILED, taken after a delay of 1 min: no",
    ]


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
                "there are workers of type `charge`; "
                'add conductor.worker("ship", …) or conductor.stub("ship").returns({…})'
            ),
        ),
        (
            [simple("chrage")],
            (
                "task `chrage_ref` waits for a worker of type `chrage`, and none is registered; "
                "there is one of type `charge`; "
                'add conductor.worker("chrage", …) or conductor.stub("chrage").returns({…})'
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
        (
            [
                system("FORK_JOIN", "fork", forkTasks=[[system("HUMAN", "pick_up")]]),
                system("JOIN", "join", joinOn=["pickup"]),
            ],
            "JOIN `join` waits for `pickup`, which has not been scheduled; did you mean `pick_up`?",
        ),
    ],
    ids=["no worker", "a wrong name", "a wait", "a person", "a join", "a misspelt join"],
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
    assert "and none is registered; there are workers of type `a`, `blue:b`; add conductor.worker(" in sentence


@pytest.mark.parametrize(
    ("stub", "told"),
    [
        (lambda stub: stub("a").attempt(2).returns(), r"stub\('a'\)\.attempt\(2\).* does not take attempt 1"),
        (
            lambda stub: stub("a_ref").iteration(2).returns(),
            r"stub\('a_ref'\).* does not take it: `a_ref` stands in no loop",
        ),
        (lambda stub: stub("a").when(lambda task: False).returns(), r"does not take it: its when\(…\) is not true"),
        (lambda stub: stub("a"), r"stub\('a'\) \(test_runs.py:\d+\) says nothing: add \.returns\(…\)"),
        (lambda stub: stub("a").duplicate(), r"says nothing of its result: add \.returns\(…\)"),
        (lambda stub: stub("a_rfe").returns({"n": 1}), r"there is stub\('a_rfe'\)\.returns\(.*\) \(test_runs.py:\d+\)"),
    ],
    ids=["attempt", "iteration", "when", "nothing", "no result", "misspelt"],
)
def test_a_stub_that_leaves_a_task_is_told(harness: Conductor, stub: Callable[[Any], object], told: str) -> None:
    harness.register(workflow(simple("a")))
    stub(harness.stub)
    harness.start("order")
    [sentence] = harness.blockers()
    assert re.search(f"of type `a`, and none is registered; .*{told}", sentence)
    assert ("conductor.worker(" in sentence) == ("there is stub" in sentence)


def test_a_stub_in_a_loop_that_leaves_an_iteration_is_told(harness: Conductor) -> None:
    harness.register(workflow(system("DO_WHILE", "loop", loopCondition="false", loopOver=[simple("a")])))
    harness.stub("a").iteration(2).returns()
    harness.start("order")
    assert re.search(r"stub\('a'\).* does not take iteration 1", harness.blockers()[0])


@pytest.mark.parametrize(
    "other",
    [
        lambda conductor: conductor.stub("record").returns({}),
        lambda conductor: conductor.worker("record", lambda task: None),
        lambda conductor: conductor.stub("reprt").returns().optional(),
    ],
    ids=["stub of another task", "worker of another task", "optional"],
)
def test_what_is_meant_for_another_task_is_no_misspelt_name(harness: Conductor, other: Callable[[Any], object]) -> None:
    harness.register(workflow(simple("record"), name="other"), workflow(simple("report", "report")))
    other(harness)
    harness.start("order")
    [sentence] = harness.blockers()
    assert "there is" not in sentence
    assert sentence.endswith('; add conductor.worker("report", …) or conductor.stub("report").returns({…})')


def test_a_stub_that_is_used_up_is_told(harness: Conductor) -> None:
    harness.register(workflow(simple("a"), simple("a", "again"))).stub("a").times(1).returns()
    with pytest.raises(Stuck, match=r"task `again` waits .* none is registered; stub\('a'\).*is used up"):
        harness.run("order")


def test_a_blocker_of_a_sub_workflow(harness: Conductor) -> None:
    parent = workflow(system("SUB_WORKFLOW", "sub", subWorkflowParam={"name": "child", "version": 1}))
    harness.register(workflow(simple("a"), name="child"), parent)
    with pytest.raises(Stuck, match=r"any more: task `a_ref` waits .*; task `sub` waits for its sub-workflow `child`"):
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
        "task `a_ref` waits for its stub: 1 of `a` are in workers' hands, and concurrentExecLimit is 1",
    ]


@pytest.mark.parametrize("limit", [None, 1])
def test_what_has_just_not_run_yet_is_ready(harness: Conductor, limit: int | None) -> None:
    harness.register(task_def("a", concurrentExecLimit=limit), workflow(simple("a"))).worker("a", lambda task: {})
    run = harness.start("order")
    ready = "task `a_ref` is ready for its worker; wait_for(run) or step() runs it"
    assert harness.blockers(run) == [ready]
    harness.budget.steps = 0
    with pytest.raises(Endless, match=re.escape(ready)):
        harness.wait_for(run)


def test_what_is_delayed_says_until_when(harness: Conductor) -> None:
    harness.register(task_def("a"), workflow(simple("a"))).stub("a").fails()
    run = harness.start("order")
    harness.step()
    assert harness.blockers(run) == ["task `a_ref` is delayed until 2030-01-01 00:01:00 UTC, for 1 min more"]


def test_what_the_server_complains_of_is_a_blocker(harness: Conductor) -> None:
    harness.register(
        workflow(simple("a"), system("WAIT", "pause", inputParameters={"duration": "${workflow.input.how_long}"}))
    ).stub("a").returns({})
    with pytest.raises(Stuck, match="any more: workflow `order` cannot go on: Not valid duration: soon"):
        harness.run("order", {"how_long": "soon"})


@pytest.mark.parametrize("limited", ["task", "workflow"])
def test_no_time_out_comes_while_a_person_is_asked(harness: Conductor, limited: str) -> None:
    limit = {"timeoutSeconds": 3600}
    harness.register(task_def("approve", **(limit if limited == "task" else {})))
    definition = workflow(system("HUMAN", "approve"))
    harness.register({**definition, **limit, "timeoutPolicy": "TIME_OUT_WF"} if limited == "workflow" else definition)
    with pytest.raises(Stuck, match=r"no time-out comes while a HUMAN is open, on a server neither: a limit is a WAIT"):
        harness.run("order")


def test_a_status_that_is_not_there_yet_says_what_is_waited_for(harness: Conductor) -> None:
    run = harness.register(workflow(simple("a"))).worker("a", lambda task: {}).start("order")
    ready = "task `a_ref` is ready for its worker; wait_for(run) or step() runs it"
    assert run.status.explanation()[2:] == [f"waits: {ready}"]


def test_a_task_without_a_definition_is_told_of_its_retries(harness: Conductor) -> None:
    harness.register(workflow(simple("a"))).stub("a").fails("no")
    harness.run("order")
    assert "  note: no task definition `a` is registered: it is tried 3 times more" in harness.report()
    harness.register(task_def("a"))
    assert "note:" not in harness.report()


def test_a_switch_that_has_no_such_case_says_so(harness: Conductor) -> None:
    cases = {"card": [simple("charge")]}
    named = {"evaluatorType": "value-param", "expression": "x", "inputParameters": {"x": "${workflow.input.kind}"}}
    harness.register(workflow(system("SWITCH", "way", decisionCases=cases, **named)))
    harness.run("order", {"kind": "Card"})
    assert "✓ way  SWITCH  came to 'Card', which is no case" in harness.report()


def test_a_task_that_comes_back_at_once_is_endless(harness: Conductor) -> None:
    harness.register(workflow(simple("a"))).worker("a", lambda task: TaskResult(status="IN_PROGRESS"))
    run = harness.start("order")
    with pytest.raises(
        Endless, match=r"`a_ref` was given to its worker 200 times at one moment: who answers IN_PROGRESS"
    ):
        harness.run_until_idle()
    assert run.task("a").poll_count == 200


def test_a_task_that_comes_back_later_is_not(harness: Conductor) -> None:
    later = TaskResult(status="IN_PROGRESS", callback_after_seconds=60)
    harness.register(workflow(simple("a")))
    harness.stub("a").times(300).returns(lambda task: later.model_copy(update={"task_id": task.task_id}))
    harness.stub("a").returns({})
    assert harness.run("order").elapsed == timedelta(hours=5)


def test_a_failure_workflow_that_looks_into_the_failed_one_is_told(harness: Conductor) -> None:
    into = {
        "evaluatorType": "javascript",
        "failed": "${workflow.input.failedWorkflow}",
        "expression": "$.failed.tasks[0]",
    }
    harness.register(workflow(simple("a"), failureWorkflow="undo"))
    harness.register(workflow(system("INLINE", "find", inputParameters=into), name="undo"))
    harness.stub("a").fails_terminally()
    harness.run("order")
    assert "find nothing in ${workflow.input.failedWorkflow}, on a server, too" in harness.report()


def test_an_ended_run_waits_for_nothing(declined: Run, harness: Conductor) -> None:
    assert harness.blockers() == harness.blockers(declined) == []


def test_what_a_test_changes_is_its_own_copy(harness: Conductor) -> None:
    harness.register(workflow(simple("a"), outputParameters={"x": {"y": 1}})).stub("a").returns({"z": [1]})
    run = harness.run("order", {"given": {}})
    run.output["x"]["y"] = 2
    run.input["given"]["more"] = 3
    run.task("a").output["z"].append(2)
    assert (run.output, run.input, run.task("a").output) == ({"x": {"y": 1}}, {"given": {}}, {"z": [1]})


def test_what_a_test_changes_in_a_model_of_the_sdk_is_its_own_copy(harness: Conductor) -> None:
    harness.register(workflow(simple("a"), outputParameters={"x": 1})).stub("a").returns({"z": [1]})
    run = harness.run("order")
    execution, task = run.workflow, run.task("a")
    assert run.workflow is execution
    execution.output["x"] = 2
    execution.tasks.clear()
    task.task.output_data["z"].append(2)
    task.output_data["z"].append(3)
    task.task.status = TaskStatus.FAILED
    assert (run.name, run.output, run.path) == ("order", {"x": 1}, ["a_ref"])
    assert Run(harness.place, run.id).workflow.output == {"x": 1}
    assert (task.output, task.output_data, task.status) == ({"z": [1]}, {"z": [1]}, "COMPLETED")
    assert run.task("a").task.output_data == {"z": [1]}


def test_a_status_that_no_version_knows_is_copied_too(harness: Conductor) -> None:
    harness.register(workflow(simple("a"))).stub("a").returns({})
    run = harness.run("order")
    harness.place.read(run.id).tasks[0].status = TaskStatus("NEW_IN_4")
    assert run.workflow.tasks[0].status == run.task("a").task.status == "NEW_IN_4"


def test_a_model_of_the_sdk_is_copied_once_until_the_run_changes(harness: Conductor) -> None:
    harness.register(workflow(simple("a"), simple("b")))
    run = harness.start("order")
    copies = [run.workflow for _ in range(5)]
    assert len(set(map(id, copies))) == 1
    harness.client.tasks.update(
        TaskResult(workflow_instance_id=run.id, task_id=run.task("a").task_id, status=TaskStatus.COMPLETED)
    )
    copies += [run.workflow for _ in range(5)]
    assert len(set(map(id, copies))) == 2
    assert [len(copy.tasks) for copy in (copies[0], copies[-1])] == [1, 2]
