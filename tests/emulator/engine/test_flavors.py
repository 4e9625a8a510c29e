"""The table of differences, and that two flavors in one process know nothing of each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conductor_emulator.engine.flavors import FLAVORS, Difference, Feature
from conductor_emulator.engine.tasks.registry import kinds_of

_PAGE = Path(__file__).parents[3] / "docs" / "flavors.md"


def _row(difference: Difference) -> str:
    return f"| {difference.about} | {difference.oss} | {difference.orkes} |"


def test_oss_has_none_of_the_features_and_orkes_all() -> None:
    assert FLAVORS["oss"].features == frozenset()
    assert FLAVORS["orkes"].features == frozenset(Feature)


def test_the_page_has_every_row_of_the_table_and_no_other() -> None:
    rows = [line for line in _PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert rows[1:] == [_row(feature.value) for feature in Feature]


@pytest.mark.parametrize("feature", [f for f in Feature if f.value.about.startswith("task type ")])
def test_a_type_of_orkes_is_a_worker_task_in_oss(lab: Any, orkes: Any, feature: Feature) -> None:
    name = feature.value.about.removeprefix("task type ")
    assert name in kinds_of("orkes").names()
    assert name not in kinds_of("oss").names()
    task = {"name": "t", "taskReferenceName": "t", "type": name}
    run, other = lab.run(task), orkes.run(task)
    assert lab.runtime.queues.size(name) == 1
    assert orkes.runtime.queues.size(name) == 0
    lab.work(name, output={"by": "a worker"})
    assert (run.status, run.output) == ("COMPLETED", {"by": "a worker"})
    assert other.output != {"by": "a worker"}


def test_both_flavors_know_the_types_that_they_share() -> None:
    assert set(kinds_of("orkes").names()) > set(kinds_of("oss").names())


def test_terminating_with_a_failure_workflow(lab: Any, orkes: Any) -> None:
    from conductor_emulator.engine.commands import Terminate

    outputs = {}
    for here in (lab, orkes):
        here.workflow({"name": "n", "taskReferenceName": "n", "type": "NOOP"}, name="repair")
        run = here.run({"name": "w", "taskReferenceName": "w", "type": "WAIT"}, failureWorkflow="repair")
        here.do(run, Terminate("enough", start_failure_workflow=True))
        assert (run.status, run.reason) == ("TERMINATED", "enough")
        outputs[here.runtime.flavor.name] = run.output, [e.name for e in here.runtime.store]
    assert outputs["oss"] == ({}, ["flow"])
    output, names = outputs["orkes"]
    assert (list(output), names) == (["conductor.failure_workflow"], ["flow", "repair"])
