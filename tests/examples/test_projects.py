"""The tests of the three projects pass as their users run them: in a project's folder, all at once, and on a server."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.examples.programs import run

PROJECTS = ROOT / "examples" / "projects"
NAMES = sorted(path.name for path in PROJECTS.iterdir() if (path / "pyproject.toml").exists())


def outcome(*arguments: str, folder: Path) -> dict[str, int]:
    """What pytest says of its tests: how many passed, were skipped …"""
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", *arguments)
    last = run(*command, url="memory://", cwd=folder).splitlines()[-1]
    return {word: int(count) for count, word in re.findall(r"(\d+) (\w+)", last.partition(" in ")[0])}


def test_there_are_three() -> None:
    assert NAMES == ["agents-with-stubs", "media", "order"]
    readme = (PROJECTS / "README.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"]({name})" not in readme] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_project_passes_in_its_folder(name: str) -> None:
    assert outcome("-p", "no:randomly", folder=PROJECTS / name).keys() == {"passed"}


def test_all_of_them_pass_side_by_side_in_any_order() -> None:
    found = outcome("-n", "2", folder=PROJECTS)
    assert found.keys() == {"passed"}
    assert found["passed"] >= 60


@pytest.mark.parametrize("name", NAMES)
def test_a_project_passes_on_a_server(name: str, emulator_url: str) -> None:
    found = outcome("--conductor-url", emulator_url, folder=PROJECTS / name)
    assert found.keys() == {"passed", "skipped"}
    assert found["passed"] > found["skipped"]
