from __future__ import annotations

from typing import Any


def test_it_has_neither_input_nor_output(lab: Any) -> None:
    task = {"name": "n", "taskReferenceName": "n", "type": "NOOP", "inputParameters": {"x": 1}}
    run = lab.run(task)
    assert (run.status, run.tasks[0].status, run.tasks[0].input, run.tasks[0].output) == (
        "COMPLETED",
        "COMPLETED",
        {},
        {},
    )
