"""A failure workflow's first evaluation does not look into the execution that failed, as on the server."""

from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands
from tests.emulator.conftest import Lab, simple

WHOLE = "${workflow.input.failedWorkflow}"
INTO = "${workflow.input.failedWorkflow.input.order}"
SEES = {"o": INTO}


def inline(ref: str, script: str = "1", **parameters: Any) -> dict[str, Any]:
    parameters = {"evaluatorType": "javascript", "expression": script, **parameters}
    return {"name": ref, "taskReferenceName": ref, "type": "INLINE", "inputParameters": parameters}


def system(kind: str, ref: str, **fields: Any) -> dict[str, Any]:
    return {"name": ref, "taskReferenceName": ref, "type": kind, **fields}


def asks(name: str) -> dict[str, Any]:
    return {**simple(name), "inputParameters": SEES}


def failed(lab: Lab, *tasks: dict[str, Any], **definition: Any) -> Any:
    """The failure workflow of these tasks, after its first evaluation."""
    lab.workflow(*tasks, name="compensate", **definition)
    end = {"terminationStatus": "FAILED", "terminationReason": "why"}
    run = lab.run(system("TERMINATE", "t", inputParameters=end), failureWorkflow="compensate", input={"order": "O1"})
    return lab.runtime.execution(run.output["conductor.failure_workflow"])


def seen(run: Any) -> dict[str, Any]:
    return {task.reference: task.input["o"] for task in run.tasks if "o" in task.input}


def test_what_waits_first_sees_nothing_and_what_follows_it_sees_all(lab: Lab) -> None:
    run = failed(lab, inline("a", **SEES), inline("b", **SEES), asks("c"), asks("d"), outputParameters=SEES)
    assert seen(run) == {"a": None, "b": None, "c": None}
    lab.work("c")
    lab.work("d")
    assert (seen(run)["d"], run.output) == ("O1", SEES | {"o": "O1"})


def test_a_workflow_that_ends_at_once_has_seen_nothing(lab: Lab) -> None:
    run = failed(lab, inline("a", **SEES), outputParameters={**SEES, "whole": WHOLE, "text": f"x {WHOLE}"})
    whole = run.input["failedWorkflow"]
    shown = f"{whole['workflowName']}.1/{whole['workflowId']}.FAILED"
    assert run.output == {"o": None, "whole": whole, "text": f"x {shown}"}


def test_a_restart_sees_all(lab: Lab) -> None:
    run = failed(lab, inline("a", **SEES))
    lab.do(run, commands.Restart())
    assert seen(run) == {"a": "O1"}


def test_the_object_stays_closed_wherever_it_was_put(lab: Lab) -> None:
    kept = system("SET_VARIABLE", "keep", inputParameters={"w": WHOLE})
    run = failed(
        lab,
        inline("a", "$.w.status === undefined", w=WHOLE),
        kept,
        inline("b", o="${a.input.w.input.order}"),
        inline("c", o="${workflow.variables.w.input.order}"),
        system("JSON_JQ_TRANSFORM", "jq", inputParameters={"w": WHOLE, "queryExpression": ".w.input"}),
        inline("d", o="${jq.output.result.order}"),
        asks("e"),
        inline("f", "$.w.status", o="${workflow.variables.w.input.order}", w="${a.input.w}"),
    )
    assert run.by_reference["a"].output == {"result": True}
    assert seen(run) == {"b": None, "c": None, "d": "O1", "e": None}
    lab.work("e")
    assert (seen(run)["f"], run.by_reference["f"].output) == ("O1", {"result": "FAILED"})


@pytest.mark.parametrize(
    "between",
    [
        system("WAIT", "w", inputParameters={"duration": "0 seconds"}),
        system("START_WORKFLOW", "s", inputParameters={"startWorkflow": {"name": "other"}}),
        system("SUB_WORKFLOW", "s", subWorkflowParam={"name": "other"}),
    ],
    ids=["wait", "start-workflow", "sub-workflow"],
)
def test_what_the_server_does_beside_ends_the_first_evaluation(lab: Lab, between: dict[str, Any]) -> None:
    lab.workflow(inline("x"), name="other")
    run = failed(lab, inline("a", **SEES), between, inline("b", **SEES))
    assert (run.status, seen(run)) == ("COMPLETED", {"a": None, "b": "O1"})


def test_a_join_looks_when_all_branches_have_come_as_far_as_they_can(lab: Lab) -> None:
    inner = [
        system("FORK_JOIN", "g", forkTasks=[[inline("g1", **SEES)], [inline("g2", **SEES)]]),
        system("JOIN", "gj", joinOn=["g1", "g2"]),
        inline("late", **SEES),
    ]
    beside = [inline(f"b{n}", **SEES) for n in range(5)]
    run = failed(
        lab,
        system("FORK_JOIN", "f", forkTasks=[inner, beside]),
        system("JOIN", "j", joinOn=["late", "b4"]),
        inline("last", **SEES),
    )
    first = dict.fromkeys(("g1", "g2", *(f"b{n}" for n in range(5))))
    assert (run.status, seen(run)) == ("COMPLETED", {**first, "late": "O1", "last": "O1"})


def test_a_loop_sees_more_after_its_first_join(lab: Lab) -> None:
    fork = system("FORK_JOIN", "f", forkTasks=[[inline("x", **SEES)]])
    loop = [fork, system("JOIN", "j", joinOn=["x"]), inline("y", **SEES)]
    run = failed(lab, system("DO_WHILE", "l", loopCondition="$.l.iteration < 2", loopOver=loop))
    assert seen(run) == {"x__1": None, "y__1": "O1", "x__2": "O1", "y__2": "O1"}


def test_a_long_script_belongs_to_the_first_evaluation(lab: Lab) -> None:
    run = failed(lab, inline("a", "var n = 0; while (n < 3000000) n++; n", **SEES), inline("b", **SEES), asks("c"))
    assert "task.script" in [event.kind for event in run.events]
    assert seen(run) == {"a": None, "b": None, "c": None}


def test_a_child_gets_the_object_as_a_map(lab: Lab) -> None:
    lab.workflow(inline("x", o="${workflow.input.w.input.order}"), name="other")
    child = system("SUB_WORKFLOW", "s", subWorkflowParam={"name": "other"}, inputParameters={"w": WHOLE, **SEES})
    run = failed(lab, child)
    other = lab.runtime.execution(run.tasks[0].sub_workflow_id)
    assert (other.input["o"], seen(other)) == (None, {"x": "O1"})


def test_switches_read_null(lab: Lab) -> None:
    switch = {"decisionCases": {"null": [inline("none")], "O1": [inline("seen")]}, "defaultCase": [inline("other")]}
    by_value = system("SWITCH", "s", evaluatorType="value-param", expression="o", inputParameters=SEES, **switch)
    run = failed(lab, by_value)
    assert [task.reference for task in run.tasks] == ["s", "none"]


def _domains_told(run: Any) -> dict[str, Any]:
    return {t.reference: t.output["taskToDomain"] for t in run.tasks if t.task_type == "EVENT"}


@pytest.mark.parametrize(
    ("said", "at_first"), [({}, {}), ({"taskToDomain": None}, None), ({"taskToDomain": {"x": "y"}}, {"x": "y"})]
)
def test_events_of_the_first_evaluation_tell_that_no_domains_were_given(lab: Lab, said: Any, at_first: Any) -> None:
    child = lab.workflow(system("EVENT", "of_child", sink="conductor"), name="child")
    events = [system("EVENT", name, sink="conductor") for name in ("first", "second", "later")]
    sub = system("SUB_WORKFLOW", "sub", subWorkflowParam={"name": child})
    lab.workflow(events[0], inline("i"), events[1], simple("work"), events[2], sub)
    run = lab.start(**said)
    lab.work("work")
    later = at_first or {}
    assert _domains_told(run) == {"first": at_first, "second": at_first, "later": later}
    of_child = lab.runtime.execution(run.by_reference["sub"].sub_workflow_id or "")
    assert _domains_told(of_child) == {"of_child": later}


@pytest.mark.parametrize("before", [[], [simple("work")]])
def test_a_failure_workflow_has_the_domains_as_the_failed_one_had_them(lab: Lab, before: list[Any]) -> None:
    lab.workflow(system("EVENT", "told", sink="conductor"), name="compensate")
    end = system("TERMINATE", "t", inputParameters={"terminationStatus": "FAILED"})
    lab.workflow(*before, end, failureWorkflow="compensate")
    run = lab.start(taskToDomain=None)
    if before:
        lab.work("work")
    after = lab.runtime.execution(run.output["conductor.failure_workflow"])
    assert _domains_told(after) == {"told": {} if before else None}
    lab.do(run, commands.Restart())
    assert run.task_to_domain == {}
