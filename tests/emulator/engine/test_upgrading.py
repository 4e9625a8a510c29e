from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands
from conductor_emulator.engine.errors import BadRequest, Conflict, ServerFault


def _simple(reference: str, **fields: Any) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "SIMPLE", **fields}


def _fork(*branches: list[dict[str, Any]], join_on: list[str]) -> list[dict[str, Any]]:
    return [
        {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": list(branches)},
        {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": join_on},
    ]


def _loop(condition: str, *tasks: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "l",
        "taskReferenceName": "l",
        "type": "DO_WHILE",
        "loopCondition": condition,
        "loopOver": list(tasks),
    }


def _case(reference: str, *tasks: dict[str, Any], otherwise: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "name": reference,
        "taskReferenceName": reference,
        "type": "SWITCH",
        "evaluatorType": "value-param",
        "expression": "x",
        "inputParameters": {"x": "yes"},
        "decisionCases": {"yes": list(tasks)},
        "defaultCase": otherwise or [],
    }


def _states(run: Any) -> list[str]:
    return [f"{t.reference} {t.status}" for t in sorted(run.tasks, key=lambda t: t.seq)]


def _upgrade(
    lab: Any, run: Any, *tasks: dict[str, Any], definition: dict[str, Any] | None = None, **fields: Any
) -> None:
    lab.workflow(*tasks, version=2, **(definition or {}))
    lab.do(run, commands.Upgrade(lab.runtime.metadata.plan("flow", 2), **fields))


def test_what_is_new_before_the_running_task_is_skipped_and_what_is_new_behind_it_runs(lab: Any) -> None:
    """The example of the documentation: tasks 1 and 3 are new, task 4 runs."""
    run = lab.run(_simple("two"), _simple("four"), input={"a": 1, "b": 1})
    lab.work("two")
    update = {"updatedBy": "upgrade"}
    tasks = [_simple(name) for name in ("one", "two", "three", "four", "five")]
    _upgrade(
        lab,
        run,
        *tasks,
        definition={"outputParameters": {"by": "${three.output.updatedBy}", "b": "${workflow.input.b}"}},
        workflow_input={"b": 2},
        task_output={"one": update, "three": update, "ghost": {}},
    )
    assert _states(run) == ["two COMPLETED", "four SCHEDULED", "one SKIPPED", "three SKIPPED"]
    assert (run.version, run.input, run.by_reference["three"].output) == (2, {"a": 1, "b": 2}, update)
    lab.work("four")
    lab.work("five")
    assert (run.status, run.output) == ("COMPLETED", {"by": "upgrade", "b": 2})


def test_what_has_run_and_is_gone_stays_to_be_seen(lab: Any) -> None:
    run = lab.run(_simple("a"), _simple("b"), _simple("c"))
    lab.work("a")
    _upgrade(lab, run, _simple("b"))
    lab.work("b")
    assert (run.status, _states(run)) == ("COMPLETED", ["a COMPLETED", "b COMPLETED"])


def test_an_earlier_version_may_be_gone_back_to(lab: Any) -> None:
    lab.workflow(_simple("b"), version=2)
    run = lab.run(_simple("a"), _simple("b"), version=3)
    lab.work("a")
    _upgrade(lab, run, _simple("b"), _simple("c"))
    lab.work("b")
    assert (run.version, _states(run)[-1]) == (2, "c SCHEDULED")


def test_in_each_branch_of_a_fork_what_lies_before_its_open_task_is_skipped(lab: Any) -> None:
    run = lab.run(*_fork([_simple("a"), _simple("b")], [_simple("c")], join_on=["b", "c"]), _simple("d"))
    lab.work("c")
    branches = [[_simple("a"), _simple("a2"), _simple("b")], [_simple("c0"), _simple("c"), _simple("c2")]]
    _upgrade(lab, run, _simple("zero"), *_fork(*branches, join_on=["b", "c"]), _simple("d"), _simple("e"))
    assert [state for state in _states(run) if "SKIPPED" in state] == ["c0 SKIPPED", "zero SKIPPED"]
    for name in ("a", "a2", "b", "c2", "d", "e"):  # the end of c was not looked at yet
        lab.work(name)
    assert run.status == "COMPLETED"


def test_a_branch_that_grew_before_its_open_task(orkes: Any) -> None:
    run = orkes.run(*_fork([_simple("a")], [_simple("b")], join_on=["a", "b"]))
    _upgrade(orkes, run, *_fork([_simple("a0"), _simple("a")], [_simple("b"), _simple("b2")], join_on=["a", "b2"]))
    assert [state for state in _states(run) if "SKIPPED" in state] == ["a0 SKIPPED"]
    for name in ("a", "b", "b2"):
        orkes.work(name)
    assert run.status == "COMPLETED"


def test_what_grew_behind_the_end_of_a_block_is_skipped(lab: Any) -> None:
    run = lab.run(_case("s", _simple("a")), *_fork([_simple("b")], [_simple("c")], join_on=["c"]), _simple("d"))
    for name in ("a", "b", "c"):
        lab.work(name)
    fork = _fork([_simple("b"), _simple("b2")], [_simple("c")], join_on=["c"])
    _upgrade(lab, run, _case("s", _simple("a"), _simple("a2"), otherwise=[_simple("never")]), *fork, _simple("d"))
    assert [state for state in _states(run) if "SKIPPED" in state] == ["a2 SKIPPED", "b2 SKIPPED"]
    lab.work("d")
    assert run.status == "COMPLETED"


def test_inside_of_a_switch(lab: Any) -> None:
    run = lab.run(_case("s", _simple("a")))
    _upgrade(lab, run, _case("s", _simple("a0"), _simple("a"), _simple("a2"), otherwise=[_simple("b")]), _simple("c"))
    assert _states(run) == ["s COMPLETED", "a SCHEDULED", "a0 SKIPPED"]
    for name in ("a", "a2", "c"):
        lab.work(name)
    assert run.status == "COMPLETED"


def test_a_loop_goes_on_in_its_iteration_and_the_next_one_runs_all_of_it(lab: Any) -> None:
    condition = "$.l.iteration < 3"
    run = lab.run(_loop(condition, _simple("a"), _simple("b")))
    for name in ("a", "b", "a"):
        lab.work(name)
    _upgrade(lab, run, _simple("zero"), _loop(condition, _simple("a"), _simple("a2"), _simple("b")), _simple("end"))
    assert _states(run)[-3:] == ["b__2 SCHEDULED", "a2__2 SKIPPED", "zero SKIPPED"]
    for name in ("b", "a", "a2", "b", "end"):
        lab.work(name)
    assert (run.status, run.by_reference["l"].output.keys()) == ("COMPLETED", {"iteration", "1", "2", "3"})


def test_a_loop_asks_the_condition_of_its_new_version(lab: Any) -> None:
    run = lab.run(_loop("true", _simple("a")))
    _upgrade(lab, run, _loop("false", _simple("a")))
    lab.work("a")
    assert run.status == "COMPLETED"


def test_what_a_dynamic_fork_made_stays_at_work(lab: Any) -> None:
    fork = {
        "name": "f",
        "taskReferenceName": "f",
        "type": "FORK_JOIN_DYNAMIC",
        "inputParameters": {"tasks": [_simple("made")], "inputs": {}},
        "dynamicForkTasksParam": "tasks",
        "dynamicForkTasksInputParamName": "inputs",
    }
    join = {"name": "j", "taskReferenceName": "j", "type": "JOIN"}
    run = lab.run(fork, join)
    _upgrade(lab, run, _simple("a"), fork, join, _simple("b"))
    assert [state for state in _states(run) if "SKIPPED" in state] == ["a SKIPPED"]
    lab.work("made")
    lab.work("b")
    assert run.status == "COMPLETED"


def test_a_dynamic_task_keeps_the_name_that_it_stands_for(lab: Any) -> None:
    task = {**_simple("d", dynamicTaskNameParam="n", inputParameters={"n": "real"}), "type": "DYNAMIC"}
    run = lab.run(task)
    _upgrade(lab, run, _simple("a"), task, _simple("b"))
    assert run.by_reference["d"].node.definition.name == "real"
    lab.work("real")
    lab.work("b")
    assert run.status == "COMPLETED"


def test_retries_go_by_the_new_version(lab: Any) -> None:
    lab.task("a")
    run = lab.run(_simple("a"))
    lab.task("a", retryCount=1)
    _upgrade(lab, run, _simple("a"))
    lab.work("a", "FAILED")
    assert _states(run) == ["a FAILED", "a SCHEDULED"]


def test_the_time_out_of_the_new_version_counts(lab: Any) -> None:
    run = lab.run(_simple("a"))
    _upgrade(lab, run, _simple("a"), definition={"timeoutSeconds": 60, "timeoutPolicy": "TIME_OUT_WF"})
    lab.advance(61)
    assert run.status == "TIMED_OUT"


@pytest.mark.parametrize(
    "tasks",
    [[_simple("b")], [{**_simple("a"), "type": "WAIT"}], [_case("s", _simple("a"))]],
    ids=["gone", "of another type", "inside of another"],
)
def test_a_running_task_needs_a_place(lab: Any, tasks: list[dict[str, Any]]) -> None:
    run = lab.run(_simple("a"))
    with pytest.raises(BadRequest, match="task a"):
        _upgrade(lab, run, *tasks)
    assert (run.version, _states(run)) == (1, ["a SCHEDULED"])


def test_an_upgrade_is_for_the_same_workflow_while_it_runs(lab: Any) -> None:
    run = lab.run(_simple("a"))
    lab.workflow(_simple("a"), name="other")
    with pytest.raises(BadRequest, match="as a other"):
        lab.do(run, commands.Upgrade(lab.runtime.metadata.plan("other")))
    with pytest.raises(ServerFault):
        _upgrade(lab, run, _simple("a"), workflow_input={"x": "x" * 60_000_000})
    assert run.version == 1
    lab.do(run, commands.Pause())
    with pytest.raises(Conflict, match="PAUSED"):
        _upgrade(lab, run, _simple("a"))
