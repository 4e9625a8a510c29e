from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands
from conductor_emulator.engine.errors import BadRequest, EngineError, ServerFault

_BY_TASKS = {"dynamicForkTasksParam": "tasks", "dynamicForkTasksInputParamName": "inputs"}
_JOIN = {"name": "join", "taskReferenceName": "join", "type": "JOIN"}


def _noop(reference: str) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "NOOP"}


def _worker(reference: str, **fields: Any) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "SIMPLE", **fields}


def _fork(given: dict[str, Any], reference: str = "fork", **fields: Any) -> dict[str, Any]:
    return {
        "name": reference, "taskReferenceName": reference, "type": "FORK_JOIN_DYNAMIC", "inputParameters": given,
        **fields,
    }  # fmt: skip


def _ran(run: Any) -> list[str]:
    return [f"{t.reference} {t.status}" for t in run.tasks]


# -- one task, n inputs ------------------------------------------------------------------------------------------------
def test_one_worker_many_inputs(lab: Any) -> None:
    run = lab.run(_fork({"forkTaskName": "x", "forkTaskInputs": [{"n": 1}, 3]}), _JOIN, _noop("after"))
    assert [(t.reference, t.task_type) for t in run.tasks] == [
        ("fork", "FORK"), ("_x_0", "x"), ("_x_1", "x"), ("join", "JOIN"),
    ]  # fmt: skip
    assert run.tasks[0].input["forkedTasks"] == ["_x_0", "_x_1"]
    assert lab.work("x", output={"a": 1}).input == {"n": 1, "__index": 0}
    assert lab.work("x", output={"a": 2}).input == {"input": 3, "__index": 1}
    assert run.by_reference["join"].output == {"_x_0": {"a": 1}, "_x_1": {"a": 2}}
    assert run.status == "COMPLETED"


def test_a_system_task_is_named_by_its_type(lab: Any) -> None:
    inputs = [{"evaluatorType": "javascript", "expression": "$.__index + 1"}] * 2
    run = lab.run(_fork({"forkTaskType": "INLINE", "forkTaskInputs": inputs}), _JOIN)
    assert run.output == {"_INLINE_0": {"result": 1}, "_INLINE_1": {"result": 2}}
    assert run.tasks[0].input["forkedTaskDefs"][0]["expression"] == "$.__index + 1"


def test_sub_workflows_are_named_by_the_fork(lab: Any) -> None:
    lab.workflow(_noop("n"), name="child", outputParameters={"got": "${workflow.input.n}"})
    given = {"forkTaskWorkflow": "child", "forkTaskWorkflowVersion": "1", "forkTaskInputs": [{"n": 5}, {"n": 6}]}
    run = lab.run(_fork(given), _JOIN)
    assert {name: output["got"] for name, output in run.output.items()} == {"_fork_0": 5, "_fork_1": 6}


def test_the_pass_after_it_stores_nothing(lab: Any) -> None:
    """It is executed and joined as it is made: nothing is left for the pass that would store the workflow."""
    assert lab.run(_fork({"forkTaskName": "x", "forkTaskInputs": [{}]}), _JOIN).update_time == 0
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": [[_worker("a")]]}
    assert lab.run(fork, {**_JOIN, "joinOn": ["a"]}).update_time > 0


def test_without_a_name_the_forks_own_counts(lab: Any) -> None:
    lab.run(_fork({"forkTaskInputs": [{"a": 1}]}), _JOIN)
    assert lab.work("fork").reference == "_fork_0"


def test_a_later_fork_puts_its_name_before_its_branches(lab: Any) -> None:
    given = {"forkTaskType": "NOOP", "forkTaskInputs": [1]}
    later = {**_JOIN, "taskReferenceName": "join2"}
    run = lab.run(_fork(given), _JOIN, _fork(given, "fork2"), later)
    assert [t.reference for t in run.tasks] == ["fork", "_NOOP_0", "join", "fork2", "_fork2_NOOP_0", "join2"]


def test_in_a_loop_each_iteration_forks_anew(lab: Any) -> None:
    fork = _fork({"forkTaskType": "NOOP", "forkTaskInputs": [1, 2]})
    loop = {
        "name": "loop", "taskReferenceName": "loop", "type": "DO_WHILE", "loopOver": [fork, _JOIN],
        "loopCondition": "$.loop.iteration < 2",
    }  # fmt: skip
    run = lab.run(loop)
    assert [t.reference for t in run.tasks] == [
        "loop", "fork__1", "_NOOP_0__1", "_NOOP_1__1", "join__1",
        "fork__2", "_fork_NOOP_0__2", "_fork_NOOP_1__2", "join__2",
    ]  # fmt: skip
    assert run.tasks[0].output == {"iteration": 2, "1": {"fork": {}, "join": {}}, "2": {"fork": {}, "join": {}}}


# -- tasks and inputs ------------------------------------------------------------------------------------------------
def _by_tasks(tasks: Any, inputs: Any, **fields: Any) -> dict[str, Any]:
    return _fork({"tasks": tasks, "inputs": inputs}, **_BY_TASKS, **fields)


def test_tasks_and_their_inputs(lab: Any) -> None:
    tasks = [_worker("t1", inputParameters={"own": 1}), _noop("t2")]
    run = lab.run(
        _by_tasks("${workflow.input.t}", {"t1": {"a": 1}, "unused": {}}), _JOIN, _noop("after"), input={"t": tasks}
    )
    task = lab.work("t1", output={"ok": 1})
    assert (task.input, task.response_timeout_seconds) == ({"own": 1, "a": 1}, 3600)
    assert _ran(run) == ["fork COMPLETED", "t1 COMPLETED", "t2 COMPLETED", "join COMPLETED", "after COMPLETED"]
    assert run.by_reference["join"].input == {"joinOn": ["t1", "t2"]}


def test_the_registered_task_definition_counts(lab: Any) -> None:
    lab.task("t1", retryCount=1)
    run = lab.run(_by_tasks([_worker("t1")], {}), _JOIN)
    lab.work("t1", "FAILED")
    lab.work("t1")
    assert run.status == "COMPLETED"


def test_an_empty_fork_is_joined_at_once(lab: Any) -> None:
    assert _ran(lab.run(_by_tasks([], {}), _JOIN)) == ["fork COMPLETED", "join COMPLETED"]


@pytest.mark.parametrize(
    ("branches", "ran"),
    [
        ("a1 a2 b", {"fork": {}, "a": {"is": 2}, "b": {"is": 0}, "join": {"joinOn": ["a", "a", "b"]}}),
        ("a1 b a2 c", {"fork": {}, "a": {"is": 2}, "b": {"is": 0}, "c": {"is": 0}}),
        ("fork1 b", {"fork": {"is": 1}, "b": {"is": 0}, "join": {"joinOn": ["fork", "b"]}}),
        ("b join1", {"fork": {}, "b": {"is": 0}, "join": {"joinOn": ["b", "join"]}}),
    ],
)
def test_of_two_tasks_with_one_name_the_last_runs_in_the_place_of_the_first(
    lab: Any, branches: str, ran: dict[str, dict[str, Any]]
) -> None:
    tasks = []
    for branch in branches.split():
        name = branch.rstrip("12")
        given = {"is": int(branch[len(name) :] or 0)}
        tasks.append(_noop(name) | {"type": "SET_VARIABLE", "inputParameters": given})
    run = lab.run(_by_tasks(tasks, {}), _JOIN)
    shown = {t.reference: t.input for t in run.tasks}
    assert list(shown)[: len(ran)] == list(ran)
    assert len(shown) == len(run.tasks)
    for reference, given in ran.items():
        assert shown[reference].items() >= given.items()


def test_a_name_that_has_run_before_ends_the_workflow(lab: Any) -> None:
    run = lab.run(_noop("t1"), _by_tasks([_noop("t1")], {}), _JOIN)
    assert run.status == "FAILED"
    assert "attempted to create a duplicate task reference name: t1" in run.reason


def test_a_forked_switch_is_joined_by_its_last_task(lab: Any) -> None:
    switch = {
        "name": "sw", "taskReferenceName": "sw", "type": "SWITCH", "evaluatorType": "value-param", "expression": "v",
        "inputParameters": {"v": "a"}, "decisionCases": {"a": [_worker("in_a")]},
    }  # fmt: skip
    run = lab.run(_by_tasks([switch], {}), _JOIN)
    assert run.by_reference["join"].input == {"joinOn": ["in_a"]}
    lab.work("in_a")
    assert run.status == "COMPLETED"


def test_a_failed_branch_ends_the_workflow_unless_optional(lab: Any) -> None:
    given = {"forkTaskType": "INLINE", "forkTaskInputs": [{"expression": "throw 1"}, {"expression": "1"}]}
    assert lab.run(_fork(given), _JOIN).status == "FAILED"
    run = lab.run(_fork(given, optional=True), _JOIN, name="second")
    assert (run.status, run.tasks[1].status) == ("COMPLETED", "COMPLETED_WITH_ERRORS")


# -- one list, older ------------------------------------------------------------------------------------------------
def test_the_older_list(lab: Any) -> None:
    listed = {"dynamicTasks": [{"taskName": "x", "referenceName": "r1", "workflowName": None, "input": {"a": 1}}]}
    run = lab.run(_fork({"list": listed}, dynamicForkJoinTasksParam="list"), _JOIN)
    assert lab.work("x", output={"got": 1}).input == {"a": 1}
    assert run.output == {"r1": {"got": 1}}


# -- what is refused ------------------------------------------------------------------------------------------------
_NO_LIST = "Input 'tasks' is invalid. Cannot deserialize a list of Workflow Tasks from"
_NO_MAP = "Input to the dynamically forked tasks is not a map -> expecting a map of K,V  but found"


@pytest.mark.parametrize(
    ("fork", "reason"),
    [
        (_by_tasks("x", {}), f"{_NO_LIST} 'x'"),
        (_by_tasks(None, {}), f"{_NO_LIST} 'null'"),
        (_by_tasks([{"name": "x", "type": "NOOP"}], {}), f"{_NO_LIST} '[{{name=x, type=NOOP}}]'"),
        (_by_tasks([1], {}), f"{_NO_LIST} '[1]'"),
        (_by_tasks([_noop("t1")], None), f"{_NO_MAP} null"),
        (_by_tasks([_noop("t1")], [1]), f"{_NO_MAP} [1]"),
        (
            _fork({"list": None}, dynamicForkJoinTasksParam="list"),
            (
                "Dynamic tasks could not be created. The value of list from task's input {list=null} has no "
                "dynamic tasks "
                "to be scheduled"
            ),
        ),
        (
            _fork({"forkTaskName": "x", "forkTaskInputs": {"a": 1}}),
            (
                "Dynamic tasks could not be created. The value of null from task's input {forkTaskName=x, "
                "forkTaskInputs={a=1}} has no dynamic tasks to be scheduled"
            ),
        ),
    ],
)
def test_unreadable_input_ends_the_workflow(lab: Any, fork: dict[str, Any], reason: str) -> None:
    run = lab.run(_noop("a"), fork, _JOIN)
    assert (run.status, run.reason, _ran(run)) == ("FAILED", reason, ["a COMPLETED"])


def test_an_input_that_is_no_map_ends_the_workflow(lab: Any) -> None:
    run = lab.run(_by_tasks([_noop("t1")], {"t1": 5}), _JOIN)
    assert run.reason.startswith("Tasks could not be dynamically forked due to invalid input: ")


def test_without_a_join_the_workflow_ends(lab: Any) -> None:
    run = lab.run(_fork({"forkTaskType": "NOOP", "forkTaskInputs": [1]}))
    assert run.reason == "Dynamic join definition is not followed by a join task.  Check the workflow definition."
    assert (run.status, run.tasks) == ("FAILED", [])


@pytest.mark.parametrize(
    "given",
    [
        {"forkTaskWorkflow": "child", "forkTaskWorkflowVersion": 1, "forkTaskInputs": [1]},
        {"forkTaskName": 5, "forkTaskInputs": [1]},
        {"forkTaskName": "x", "forkTaskInputs": [None]},
    ],
)
def test_what_refuses_the_start(lab: Any, given: dict[str, Any]) -> None:
    with pytest.raises(EngineError) as refused:
        lab.run(_fork(given), _JOIN)
    assert refused.value.http_status == 500


def test_an_older_list_that_is_none_is_a_bad_request(lab: Any) -> None:
    with pytest.raises(BadRequest, match="dynamicTasks"):
        lab.run(_fork({"list": [1]}, dynamicForkJoinTasksParam="list"), _JOIN)


@pytest.mark.parametrize(("registered", "status"), [(True, "RUNNING"), (False, "FAILED")])
def test_a_type_that_the_server_does_not_know_needs_a_task_definition(lab: Any, registered: bool, status: str) -> None:
    if registered:
        lab.task("fork")
    run = lab.run(_fork({"forkTaskType": "nosuch", "forkTaskInputs": [{}]}), _JOIN)
    assert run.status == status
    if not registered:
        assert run.reason == "Invalid task specified. Cannot find task by name fork in the task definitions"


@pytest.mark.parametrize("registered", [True, False])
def test_a_forked_dynamic_task_needs_the_task_definition_of_its_name(lab: Any, registered: bool) -> None:
    """``DynamicTaskMapper#getDynamicTaskDefinition``: only a place in the definition has one of its own."""
    if registered:
        lab.task("x", responseTimeoutSeconds=7)
    dynamic = {"name": "d", "taskReferenceName": "d", "type": "DYNAMIC", "dynamicTaskNameParam": "n"}
    run = lab.run(_fork({"tasks": [dynamic], "inputs": {"d": {"n": "x"}}}, **_BY_TASKS), _JOIN)
    if registered:
        assert (run.by_reference["d"].task_type, run.by_reference["d"].response_timeout_seconds) == ("x", 7)
    else:
        assert run.reason == "Invalid task specified.  Cannot find task by name x in the task definitions"


def test_the_fork_shows_its_tasks_as_they_run(lab: Any) -> None:
    """``ForkJoinDynamicTaskMapper`` puts into its input the very tasks that other mappers then change."""
    http = {"forkTaskType": "HTTP", "forkTaskInputs": [{"uri": "http://127.0.0.1:9/", "method": "GET"}]}
    fork = lab.run(_fork(http), _JOIN).tasks[0]
    assert fork.executed
    assert fork.input["forkedTaskDefs"][0]["inputParameters"]["asyncComplete"] is False


@pytest.mark.parametrize("listed", [None, [None]])
def test_an_older_list_of_nothing_is_a_fault_of_the_server(lab: Any, listed: Any) -> None:
    with pytest.raises(ServerFault):
        lab.run(_fork({"l": {"dynamicTasks": listed}}, dynamicForkJoinTasksParam="l"), _JOIN)


def test_in_an_older_list_an_input_is_an_object(lab: Any) -> None:
    item = {"taskName": "n", "referenceName": "r", "type": "NOOP", "input": 4}
    with pytest.raises(BadRequest):
        lab.run(_fork({"l": {"dynamicTasks": [item]}}, dynamicForkJoinTasksParam="l"), _JOIN)


def test_a_worker_task_without_a_name_cannot_be_stored(lab: Any) -> None:
    nameless = {"taskReferenceName": "a", "type": "SIMPLE"}
    with pytest.raises(ServerFault, match="task a of a dynamic fork has no name"):
        lab.run(_fork({"tasks": [nameless], "inputs": {}}, **_BY_TASKS), _JOIN)


def test_with_a_task_that_was_skipped_by_hand_a_dynamic_fork_fails(lab: Any) -> None:
    """On the server ``ForkJoinDynamicTaskMapper`` stumbles over it at each evaluation: nothing follows, for ever."""
    for name in ("a", "v"):
        lab.task(name)
    run = lab.run(_worker("a"), _fork({"tasks": [_noop("n")], "inputs": {}}, **_BY_TASKS), _JOIN, _worker("v"))
    lab.do(run, commands.SkipTask("v"))
    lab.work("a")
    assert (run.status, (run.reason or "").split(",")[0]) == ("FAILED", "v was skipped by hand")
