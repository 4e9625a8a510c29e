"""What the wheel holds is enough: the quickstart runs from it, far from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT


@pytest.fixture
def installed(wheel: zipfile.ZipFile, tmp_path: Path) -> dict[str, str]:
    """The environment of a program that finds the wheel's packages before those of the checkout."""
    wheel.extractall(tmp_path / "site")
    ours = {name: value for name, value in os.environ.items() if not name.startswith("CONDUCTOR_")}
    return {**ours, "PYTHONPATH": str(tmp_path / "site"), "CONDUCTOR_SERVER_URL": "memory://"}


def run(environment: dict[str, str], folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_packages_are_those_of_the_wheel(installed: dict[str, str], tmp_path: Path) -> None:
    code = "import conductor_sdk, conductor_emulator, conductor_pytest as p; print(p.__file__, conductor_sdk.__file__)"
    assert all(Path(file).is_relative_to(tmp_path / "site") for file in run(installed, tmp_path, "-c", code).split())


def test_the_quickstart_runs_from_the_wheel(installed: dict[str, str], tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "quickstart.py", tmp_path)
    output = run(installed, tmp_path, "quickstart.py")
    assert output.startswith("Output: {'greetings': 'Hello, Conductor'}\nExecution: file://")
