"""How an example is run, as its reader would run it."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path

from tests.architecture.sources import ROOT

READY_WITHIN = 30.0  #: seconds


@dataclass
class Program:
    """A running program whose standard output is read as it comes."""

    process: subprocess.Popen[str]
    lines: queue.Queue[str | None] = field(default_factory=queue.Queue)

    def __post_init__(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self.lines.put(line)
        self.lines.put(None)

    def until(self, pattern: str) -> re.Match[str]:
        """The first line that matches; fails when the program ends without it."""
        seen = []
        while (line := self.lines.get(timeout=READY_WITHIN)) is not None:
            seen.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"no line matches {pattern!r} in {seen}")


def environment(url: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("CONDUCTOR_", "PYTEST_"))}
    return {**ours, "CONDUCTOR_SERVER_URL": url, "PYTHONWARNINGS": "error", "PYTHONDONTWRITEBYTECODE": "1"}


def start(*command: str | Path, url: str = "memory://") -> Program:
    return Program(subprocess.Popen(command, env=environment(url), cwd=ROOT, stdout=subprocess.PIPE, text=True))


def run(*command: str | Path, url: str, cwd: Path = ROOT) -> str:
    """The output of a program that must end well and say nothing on standard error."""
    done = subprocess.run(
        command, env=environment(url), cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout
