from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands

_HUMAN = {"name": "h", "taskReferenceName": "h", "type": "HUMAN", "inputParameters": {"ask": "${workflow.input.q}"}}


@pytest.mark.parametrize(("status", "ends"), [("COMPLETED", "COMPLETED"), ("FAILED", "FAILED")])
def test_somebody_reports_on_it(lab: Any, status: str, ends: str) -> None:
    run = lab.run(_HUMAN, input={"q": "ok?"})
    task = run.tasks[0]
    assert (task.status, task.input, lab.runtime.poll("HUMAN", "w", None)) == ("IN_PROGRESS", {"ask": "ok?"}, [])
    lab.finish(task, status, {"answer": "yes"})
    assert (run.status, run.output) == (ends, {"answer": "yes"})


def test_each_report_replaces_the_output(lab: Any) -> None:
    run = lab.run(_HUMAN)
    lab.finish(run.tasks[0], "IN_PROGRESS", {"seen": True})
    assert (run.tasks[0].status, run.tasks[0].output) == ("IN_PROGRESS", {"seen": True})
    lab.finish(run.tasks[0], output={"done": True})
    assert run.output == {"done": True}


def test_a_later_attempt_waits_for_somebody_too(lab: Any) -> None:
    run = lab.run(_HUMAN)
    lab.finish(run.tasks[0], "FAILED")
    lab.do(run, commands.Retry())
    assert [t.status for t in run.tasks] == ["FAILED", "IN_PROGRESS"]
