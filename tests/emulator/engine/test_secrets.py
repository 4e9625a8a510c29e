from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import Lab

SECRET, IN_TEXT = "${workflow.secrets.pw}", "db://${workflow.secrets.pw}@${workflow.secrets.absent}"
GIVEN = {"s": SECRET, "t": IN_TEXT, "none": "${workflow.secrets.absent}"}
SHOWN = {"s": "hunter2", "t": "db://hunter2@", "none": None}


def system(kind: str, **fields: Any) -> dict[str, Any]:
    return {"name": "a", "taskReferenceName": "a", "type": kind, **fields}


@pytest.fixture
def lab() -> Lab:
    return Lab(secrets={"pw": "hunter2"})


@pytest.mark.parametrize(
    ("kind", "inputs", "output"),
    [
        ("INLINE", {"evaluatorType": "javascript", "expression": "[$.s, $.t, $.none]"}, [*SHOWN.values()]),
        ("LAMBDA", {"scriptExpression": "return [$.s, $.t, $.none]"}, [*SHOWN.values()]),
        ("JSON_JQ_TRANSFORM", {"queryExpression": "[.s, .t, .none]"}, [*SHOWN.values()]),
    ],
)
def test_scripts_see_secrets(lab: Lab, kind: str, inputs: dict[str, Any], output: Any) -> None:
    run = lab.run(system(kind, inputParameters={**GIVEN, **inputs}))
    [task] = run.tasks
    assert (run.status, task.output["result"]) == ("COMPLETED", output)
    assert task.input == {**GIVEN, **inputs}


def test_variables_hold_secrets(lab: Lab) -> None:
    run = lab.run(system("SET_VARIABLE", inputParameters=GIVEN))
    assert (run.variables, run.tasks[0].input) == (SHOWN, GIVEN)


def test_an_end_by_hand_gives_secrets_but_its_reason_does_not(lab: Lab) -> None:
    inputs = {"terminationStatus": "FAILED", "terminationReason": SECRET, "workflowOutput": GIVEN}
    run = lab.run(system("TERMINATE", inputParameters=inputs))
    assert (run.status, run.output, run.reason) == ("FAILED", SHOWN, SECRET)


@pytest.mark.parametrize(
    "task",
    [
        system("SUB_WORKFLOW", subWorkflowParam={"name": "child"}, inputParameters=GIVEN),
        system("START_WORKFLOW", inputParameters={"startWorkflow": {"name": "child", "input": GIVEN}}),
    ],
    ids=["sub-workflow", "start"],
)
def test_who_is_started_gets_secrets(lab: Lab, task: dict[str, Any]) -> None:
    lab.workflow(system("NOOP"), name="child")
    run = lab.run(task)
    child = run.tasks[0].sub_workflow_id or run.tasks[0].output["workflowId"]
    assert lab.runtime.execution(child).input == SHOWN
    assert lab.runtime.execution(run.workflow_id).tasks[0].input.get("s", SECRET) == SECRET


def test_events_carry_secrets(lab: Lab) -> None:
    run = lab.run(system("EVENT", sink="conductor", inputParameters=GIVEN))
    assert {name: run.tasks[0].output[name] for name in SHOWN} == SHOWN


def test_what_is_decided_before_sees_the_reference(lab: Lab) -> None:
    cases = {"hunter2": [system("NOOP", taskReferenceName="seen")]}
    switch = system("SWITCH", evaluatorType="value-param", expression="s", inputParameters=GIVEN, decisionCases=cases)
    loop = {
        **system("DO_WHILE", loopCondition="$.s === 'hunter2' && $.l.iteration < 3", inputParameters=GIVEN),
        "taskReferenceName": "l",
        "loopOver": [system("NOOP", taskReferenceName="once")],
    }
    run = lab.run(switch, loop)
    assert [task.reference for task in run.tasks] == ["a", "l", "once__1"]


def test_what_goes_on_to_another_task_is_the_reference(lab: Lab) -> None:
    """An input that is taken from another task's is filled in again for that one."""
    again = system("SET_VARIABLE", taskReferenceName="b", inputParameters={"v": "${a.input.s}"})
    run = lab.run(system("EVENT", sink="conductor", inputParameters=GIVEN), again)
    assert (run.tasks[1].input, run.variables) == ({"v": SECRET}, {"v": "hunter2"})


def test_tasks_of_a_dynamic_fork_see_secrets(lab: Lab) -> None:
    branch = {"name": "b", "taskReferenceName": "b", "type": "SET_VARIABLE", "inputParameters": GIVEN}
    fork = system(
        "FORK_JOIN_DYNAMIC",
        dynamicForkTasksParam="tasks",
        dynamicForkTasksInputParamName="inputs",
        inputParameters={"tasks": "${workflow.input.tasks}", "inputs": {}},
    )
    run = lab.run(fork, system("JOIN", taskReferenceName="j"), input={"tasks": [branch]})
    assert (run.status, run.variables) == ("COMPLETED", SHOWN)


def test_what_a_script_does_to_an_input_with_secrets_is_not_kept(lab: Lab) -> None:
    script = {"scriptExpression": "$.q = 1; return $.s"}
    [task] = lab.run(system("LAMBDA", inputParameters={**GIVEN, **script})).tasks
    assert (task.output["result"], task.input) == ("hunter2", {**GIVEN, **script})


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("INLINE", {"evaluatorType": "javascript", "expression": "$.s"}),
        ("LAMBDA", {"scriptExpression": "return $.s"}),
        ("JSON_JQ_TRANSFORM", {"queryExpression": ".s"}),
    ],
)
def test_a_reference_that_comes_with_the_start_is_filled_in(lab: Lab, kind: str, inputs: dict[str, Any]) -> None:
    run = lab.run(system(kind, inputParameters={"s": "${workflow.input.s}", **inputs}), input={"s": SECRET})
    assert run.tasks[0].output["result"] == "hunter2"
    assert run.tasks[0].input["s"] == SECRET


def test_a_task_without_secrets_works_on_its_own_input(lab: Lab) -> None:
    given = {"text": "no ${workflow.input.secret}"}
    run = lab.run(system("SET_VARIABLE", inputParameters=given))
    assert run.variables == run.tasks[0].input
