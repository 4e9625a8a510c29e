"""What it costs to begin: importing the SDK, loading the pytest plugin, making an engine, starting the server."""

from __future__ import annotations

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

_ENGINE = """
import time
from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.runtime import Runtime
Runtime(clock=VirtualClock())
began = time.process_time()
for _ in range(200):
    Runtime(clock=VirtualClock())
print((time.process_time() - began) / 200)
"""


def cpu_seconds(command: Sequence[str], folder: Path | None = None) -> float:
    """User and system CPU of one command, its children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def sdk_import() -> float:
    """CPU of ``import conductor_sdk`` above that of an empty program."""
    return cpu_seconds([sys.executable, "-c", "import conductor_sdk"]) - cpu_seconds([sys.executable, "-c", "pass"])


def idle_plugin() -> float:
    """CPU of one trivial test with the plugin loaded, above the same without it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_nothing.py").write_text("def test_nothing():\n    assert True\n", encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        return cpu_seconds(command, folder) - cpu_seconds([*command, "-p", "no:conductor_local"], folder)


def engine_made() -> float:
    """CPU of making one engine."""
    return float(subprocess.run([sys.executable, "-c", _ENGINE], check=True, capture_output=True, text=True).stdout)


def server_ready() -> float:
    """Wall seconds from the start of ``conductor-emulator serve`` to its first answer."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "conductor_emulator", "serve", "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        found = re.search(r"http://\S+", server.stdout.readline())
        assert found is not None, "the server printed no URL"
        with urllib.request.urlopen(found[0].removesuffix("/api") + "/health", timeout=10) as answer:  # noqa: S310
            assert answer.status == 200
        ready = time.perf_counter() - began
        server.terminate()
    return ready


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    figures: dict[str, tuple[Callable[[], float], str]] = {
        "import conductor_sdk": (sdk_import, "CPU s"),
        "plugin loaded, unused": (idle_plugin, "CPU s"),
        "an engine made": (engine_made, "CPU s"),
        "server ready": (server_ready, "s"),
    }
    for name, (measure, unit) in figures.items():
        measure()  # the first one fills caches
        rounds = sorted(measure() for _ in range(chosen.rounds))
        print(f"{name:24} {statistics.median(rounds):.4f} {unit}  [{rounds[0]:.4f} … {rounds[-1]:.4f}]")


if __name__ == "__main__":
    main()
