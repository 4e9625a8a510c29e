from __future__ import annotations

from typing import Any

import pytest


def _get(wanted: Any, **given: Any) -> dict[str, Any]:
    parameters = {"id": wanted, **given}
    return {"name": "g", "taskReferenceName": "g", "type": "GET_WORKFLOW", "inputParameters": parameters}


@pytest.mark.parametrize(
    ("given", "with_tasks"), [({"includeTasks": True}, True), ({"includeTasks": "false"}, False), ({}, False)]
)
def test_another_execution_is_in_its_output(orkes: Any, given: dict[str, Any], with_tasks: bool) -> None:
    asked: list[tuple[str, bool]] = []

    def show(execution: Any, include_tasks: bool) -> dict[str, Any]:
        asked.append((execution.workflow_id, include_tasks))
        return {"status": execution.status.value}

    orkes.runtime.show = show
    other = orkes.start(orkes.workflow({"name": "n", "taskReferenceName": "n", "type": "NOOP"}, name="other"))
    run = orkes.run(_get(other.workflow_id, **given))
    assert (run.status, run.output) == ("COMPLETED", {"workflow": {"status": "COMPLETED"}})
    assert asked == [(other.workflow_id, with_tasks)]


@pytest.mark.parametrize(("wanted", "text"), [(None, "id"), ("nobody", "No such workflow found by id: nobody")])
def test_what_cannot_be_got_fails_it(orkes: Any, wanted: Any, text: str) -> None:
    run = orkes.run(_get(wanted))
    assert run.status == "FAILED"
    assert text in (run.tasks[0].reason or "")
