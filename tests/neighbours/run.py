"""Run tests of workflows beside other pytest plugins and libraries that people have installed.

What they need is installed below build/neighbours/; what cannot be had here is reported as not run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "neighbours"
INSTALLED_WITHIN = 600.0  #: seconds
PLAYED_WITHIN = 300.0  #: seconds

SETTINGS = (
    "[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings =\n    error::pytest.PytestWarning\n"
)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Who is beside, and the tests that meet them."""

    name: str
    files: tuple[str, ...]
    arguments: tuple[str, ...] = ()


EVERYBODY = ("frozen_time.py", "asynchronous.py", "official_sdk.py")
MEETINGS = (
    Neighbours("time-machine and freezegun", ("frozen_time.py",)),
    Neighbours("pytest-asyncio and anyio", ("asynchronous.py",), ("-o", "asyncio_mode=strict")),
    Neighbours("conductor-python's own plugin", ("official_sdk.py",)),
    Neighbours("all of them, in random order, side by side", EVERYBODY, ("--numprocesses", "2")),
)


class NotHere(Exception):
    """Something that has to be installed is not to be had."""


def install(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=INSTALLED_WITHIN, check=False, cwd=ROOT
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise NotHere(said[-1] if said else "without a word")


def prepare() -> Path:
    """An environment with this project and all neighbours; its Python."""
    python = BUILD / "venv" / "bin" / "python"
    if not python.exists():
        install("-m", "venv", str(BUILD / "venv"))
    wanted = ["--editable", ".[pytest]", "--requirement", str(HERE / "requirements.txt")]
    install("-m", "pip", "--python", str(python), "install", "--quiet", *wanted)
    (BUILD / "pytest.ini").write_text(SETTINGS, encoding="utf-8")
    for file in ("order.py", *EVERYBODY):
        shutil.copy(HERE / file, BUILD)
    return python


def meet(python: Path, neighbours: Neighbours) -> str:
    """What pytest says where tests fail; empty if they pass."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CONDUCTOR_", "PYTEST_"))}
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "--strict-markers", *neighbours.arguments, *neighbours.files],
        cwd=BUILD,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PLAYED_WITHIN,
        check=False,
    )
    return f"{done.stdout[-4000:]}{done.stderr[-2000:]}" if done.returncode else ""


def main() -> int:
    try:
        BUILD.mkdir(parents=True, exist_ok=True)
        python = prepare()
    except NotHere as missing:
        print(f"NOT RUN: {missing}")
        return 0
    failed = 0
    for neighbours in MEETINGS:
        problem = meet(python, neighbours)
        print(f"{'FAILED' if problem else 'passed'} {neighbours.name}", *([problem] if problem else []), sep="\n")
        failed += bool(problem)
    print(f"{len(MEETINGS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
