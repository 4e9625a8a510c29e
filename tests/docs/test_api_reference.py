"""The pages below docs/reference are what the signatures and docstrings say."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT


def written(*options: str | Path) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, ROOT / ".ci" / "reference", *options]
    return subprocess.run(program, capture_output=True, text=True, check=False, timeout=300)


def test_the_reference_is_up_to_date() -> None:
    done = written("--check")
    assert (done.stderr, done.returncode) == ("", 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The pages, in another place."""
    shutil.copytree(ROOT / "docs" / "reference", tmp_path / "reference")
    shutil.copy(ROOT / "docs" / "sdk.md", tmp_path)
    return tmp_path


def test_what_is_not_up_to_date_is_named(folder: Path) -> None:
    (folder / "reference" / "tasks.md").write_text("old", encoding="utf-8")
    (folder / "reference" / "gone.md").write_text("gone", encoding="utf-8")
    (folder / "sdk.md").unlink()
    done = written("--check", "--into", folder)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "reference/tasks.md is not up to date: run `make docs`",
        "sdk.md is not up to date: run `make docs`",
        "reference/gone.md is on nobody's list: delete it",
    ]


def test_the_pages_are_written_anew(folder: Path) -> None:
    page = folder / "reference" / "tasks.md"
    before = page.read_text(encoding="utf-8")
    page.unlink()
    assert written("--into", folder).returncode == 0
    assert page.read_text(encoding="utf-8") == before
