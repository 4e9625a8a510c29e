from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.definitions.start_request import StartWorkflowRequest
from conductor_emulator.engine.errors import BadRequest, NotFound, ServerFault
from conductor_emulator.runtime.emulator import Emulator
from tests.emulator.conftest import Lab, simple


@pytest.fixture
def emulator(lab: Lab) -> Emulator:
    return Emulator(lab.runtime)


def _start(emulator: Emulator, **body: Any) -> Any:
    return emulator.runtime.execution(emulator.start(StartWorkflowRequest.from_wire(body)))


def _set(reference: str, **values: Any) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "SET_VARIABLE", "inputParameters": values}


@pytest.mark.parametrize(
    ("body", "error", "text"),
    [
        ({"name": "nowhere"}, NotFound, "No such workflow defined. name=nowhere"),
        ({"name": "", "version": 1}, BadRequest, "Workflow name must be specified"),
        ({"name": "flow", "externalInputPayloadStoragePath": "s3://x"}, ServerFault, "external storage path: s3://x"),
    ],
)
def test_what_cannot_be_started(
    lab: Lab, emulator: Emulator, body: dict[str, Any], error: type[Exception], text: str
) -> None:
    lab.workflow(simple("a"))
    with pytest.raises(error, match=text):
        _start(emulator, **body)
    assert len(lab.runtime.store) == 0


def test_the_definition_shows_the_variables_of_the_start(lab: Lab, emulator: Emulator) -> None:
    fork = {
        "name": "f",
        "taskReferenceName": "f",
        "type": "FORK_JOIN",
        "forkTasks": [[{"name": "n", "taskReferenceName": "n", "type": "NOOP"}]],
    }
    join = {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["n"]}
    lab.workflow(_set("before", x=1), fork, join, _set("behind", y=2), variables={"z": 0})
    run = _start(emulator, name="flow")
    assert run.variables == {"z": 0, "x": 1, "y": 2}
    assert run.plan.definition.variables == {"z": 0, "x": 1}
    assert lab.runtime.metadata.plan("flow", 1).definition.variables == {"z": 0}


def test_who_waits_for_a_parent_is_woken_by_its_childrens_children(
    lab: Lab, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sub(name: str) -> dict[str, Any]:
        where = {"name": name, "version": 1}
        return {"name": "d", "taskReferenceName": "d", "type": "SUB_WORKFLOW", "subWorkflowParam": where}

    lab.workflow(simple("leaf"), simple("leaf2"), name="grandchild")
    lab.workflow(sub("grandchild"), name="child")
    lab.workflow(sub("child"))
    run = _start(emulator, name="flow")
    woken: list[Any] = []
    monkeypatch.setattr(lab.runtime.waiters, "wake_all", woken.append)
    lab.work("leaf")
    assert ("workflow", run.workflow_id) in woken


def test_executions_by_name_and_correlation_id(lab: Lab, emulator: Emulator) -> None:
    lab.workflow(simple("a"))
    first, second = (_start(emulator, name="flow", correlationId=c) for c in ("one", "two"))
    assert emulator.executions_with("workflow_type", "flow") == [first, second]
    assert emulator.executions_with("correlation_id", "two") == [second]
    emulator.remove(second.workflow_id)
    assert emulator.executions_with("workflow_type", "flow") == [first]
    with pytest.raises(NotFound):
        emulator.remove(second.workflow_id)


def test_executions_from_before_are_found_too(lab: Lab) -> None:
    run = lab.run(simple("a"))
    assert Emulator(lab.runtime).executions_with("workflow_type", "flow") == [run]


def test_any_id_may_have_a_log(lab: Lab, emulator: Emulator) -> None:
    lab.workflow(simple("a"))
    task_id = _start(emulator, name="flow").tasks[0].task_id
    now = lab.runtime.clock.now()
    for where in (task_id, "nowhere"):
        emulator.add_log(where, "line")
        assert emulator.logs(where) == [("line", now)]
    assert emulator.logs("empty") == []


def test_requeue_puts_polled_tasks_back(lab: Lab, emulator: Emulator) -> None:
    lab.workflow(simple("a"), simple("b"))
    for _ in range(2):
        _start(emulator, name="flow")
    taken = lab.take("a")
    assert emulator.requeue("a") == 2
    assert {lab.take("a").task_id, lab.take("a").task_id} >= {taken.task_id}
    assert emulator.requeue("b") == 0


def test_requeue_leaves_the_time_for_which_a_task_is_held_back(lab: Lab, emulator: Emulator) -> None:
    lab.workflow(simple("a"))
    _start(emulator, name="flow")
    lab.finish(lab.take("a"), "IN_PROGRESS", callback_after_seconds=10)
    lab.advance(4)
    assert emulator.requeue("a") == 1
    assert lab.runtime.poll("a", "w", None) == []
    lab.advance(5)
    assert lab.runtime.poll("a", "w", None) == []
    lab.advance(1)
    lab.take("a")
