from __future__ import annotations

from typing import Any

from conductor_emulator.engine.commands import Terminate

_YIELD = {"name": "y", "taskReferenceName": "y", "type": "YIELD", "inputParameters": {"key": "${workflow.input.k}"}}


def test_it_is_open_until_somebody_reports(orkes: Any) -> None:
    run = orkes.run(_YIELD, input={"k": 1})
    orkes.advance(3600)
    task = run.tasks[0]
    assert (task.status, task.input) == ("IN_PROGRESS", {"key": 1})
    orkes.finish(task, output={"go": "on"})
    assert (run.status, run.output) == ("COMPLETED", {"go": "on"})


def test_it_takes_signals_where_it_is_a_system_task(lab: Any, orkes: Any) -> None:
    kinds = [here.runtime.services.kinds.of_task(here.run(_YIELD).tasks[0]) for here in (lab, orkes)]
    assert kinds[0] is None
    assert kinds[1].takes_signals


def test_it_ends_with_its_workflow(orkes: Any) -> None:
    run = orkes.run(_YIELD)
    orkes.do(run, Terminate())
    assert run.tasks[0].status == "CANCELED"
