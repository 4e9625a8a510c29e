from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from conductor_emulator.local_pages import PageFiles

_A = {"name": "a", "taskReferenceName": "a", "type": "SIMPLE"}


def test_a_page_is_written_again_when_its_run_ends(lab: Any) -> None:
    pages = PageFiles(lab.runtime)
    run = lab.run(_A)
    path = pages.write(run.workflow_id)
    assert "RUNNING" in path.read_text(encoding="utf-8")
    assert "not yet, as of" in path.read_text(encoding="utf-8")
    lab.work("a")
    assert "COMPLETED" in path.read_text(encoding="utf-8")
    assert "not yet" not in path.read_text(encoding="utf-8")


def test_links_between_a_run_and_its_sub_workflow_lead_to_files(lab: Any) -> None:
    lab.workflow(_A, name="child")
    sub = {"name": "s", "taskReferenceName": "s", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "child"}}
    parent = lab.run(sub, name="parent")
    path = PageFiles(lab.runtime).write(parent.workflow_id)
    child_id = parent.tasks[0].sub_workflow_id
    assert f"href='{child_id}.html'" in path.read_text(encoding="utf-8")
    child = path.parent / f"{child_id}.html"
    assert f"href='{parent.workflow_id}.html'" in child.read_text(encoding="utf-8")


def test_an_id_that_nobody_knows_gets_a_page_that_says_so_inside_the_folder(lab: Any) -> None:
    path: Path = PageFiles(lab.runtime).write("../ghost")
    assert "No such execution" in path.read_text(encoding="utf-8")
    assert path.name == "___ghost.html"


def test_the_folder_is_its_own_and_nobody_elses(lab: Any) -> None:
    first, second = (PageFiles(lab.runtime).write("x") for _ in range(2))
    assert first.parent != second.parent
    assert first.parent.stat().st_mode & 0o077 == 0


def test_a_folder_that_was_cleared_away_holds_nothing_up(lab: Any, caplog: pytest.LogCaptureFixture) -> None:
    pages = PageFiles(lab.runtime)
    run = lab.run(_A)
    path = pages.write(run.workflow_id)
    shutil.rmtree(path.parent)
    lab.work("a")
    assert run.status == "COMPLETED"
    told = [record.message for record in caplog.records]
    assert [run.workflow_id in message and "cannot be brought up to date" in message for message in told] == [True]
    again = pages.write(run.workflow_id)
    assert "COMPLETED" in again.read_text(encoding="utf-8")
    assert again.parent.stat().st_mode & 0o077 == 0
