from __future__ import annotations

from typing import Any

from conductor_emulator.engine.as_run import definition_as_run, task_as_run


def _noop(reference: str) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "NOOP"}


def _dynamic(reference: str) -> dict[str, Any]:
    return {
        "name": reference, "taskReferenceName": reference, "type": "DYNAMIC", "dynamicTaskNameParam": "which",
        "inputParameters": {"which": "NOOP"},
    }  # fmt: skip


def _event(reference: str) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "EVENT", "sink": "conductor"}


def _switch(*inside: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "sw", "taskReferenceName": "sw", "type": "SWITCH", "evaluatorType": "value-param", "expression": "v",
        "inputParameters": {"v": "a"},
        "decisionCases": {"a": list(inside), "b": [_noop("b")]}, "defaultCase": [_noop("d")],
    }  # fmt: skip


def _loop(*inside: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "loop", "taskReferenceName": "loop", "type": "DO_WHILE", "loopOver": list(inside),
        "loopCondition": "false",
    }  # fmt: skip


def _fork(*branches: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": list(branches)}


_JOIN = {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": []}


def test_a_definition_that_running_does_not_change_is_itself(lab: Any) -> None:
    run = lab.run(_noop("a"))
    assert definition_as_run(run) is run.plan.definition


def test_what_tasks_change_shows_wherever_they_stand(lab: Any) -> None:
    run = lab.run(
        _switch(_dynamic("d1")), _loop(_noop("n"), _dynamic("d2")), _fork([_dynamic("d3")]), _JOIN, _event("e")
    )
    assert run.status == "COMPLETED"
    tasks = definition_as_run(run).tasks
    assert tasks[0].decision_cases["a"][0].name == "NOOP"
    assert [t.name for t in tasks[0].default_case] == ["d"]
    assert [t.name for t in tasks[1].loop_over] == ["n", "NOOP"]
    assert tasks[2].fork_tasks[0][0].name == "NOOP"
    assert tasks[4].input_parameters == {"sink": "conductor", "asyncComplete": False}


def test_the_registered_definition_stays_as_it_is(lab: Any) -> None:
    run = lab.run(_dynamic("d1"))
    assert definition_as_run(run).tasks[0].name == "NOOP"
    assert run.plan.definition.tasks[0].name == "d1"


def test_the_same_change_gives_the_same_object(lab: Any) -> None:
    run = lab.run(_event("e"))
    again = lab.start("flow")
    assert definition_as_run(run) is definition_as_run(again)
    assert task_as_run(run.tasks[0]) is task_as_run(again.tasks[0])


def test_a_task_that_has_not_run_shows_nothing_yet(lab: Any) -> None:
    run = lab.run({"name": "w", "taskReferenceName": "w", "type": "SIMPLE"}, _event("e"))
    assert definition_as_run(run).tasks[1].input_parameters == {}
