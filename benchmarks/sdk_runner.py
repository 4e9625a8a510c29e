"""One runner with tasks that take a millisecond: this SDK beside conductor-python, in turn, against the same emulator.

`python benchmarks/sdk_runner.py [--tasks 4000] [--slots 32] [--rounds 3] [--peer PYTHON]`. `--peer` is a Python that
has conductor-python; without it one is set up under build/, once, by pip. `--peer none` measures this SDK alone.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from servers import Server, emulator

from conductor_sdk import ApiClient, ConductorWorkflow, SimpleTask, StartWorkflowRequest

PEER = "conductor-python==2.0.0"
RUNNERS = Path(__file__).parent / "runners"
FIGURES = ("tasks_per_s", "cpu_ms", "server_cpu_ms")


def peer() -> str:
    """A Python with the other SDK."""
    folder = Path(__file__).parent.parent / "build" / PEER.replace("==", "-")
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not (folder / "ready").exists():
        print(f"setting up {PEER} in {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        environment = {**os.environ, "PIP_REQUIRE_VIRTUALENV": "0"}
        subprocess.run([python, "-m", "pip", "install", "--quiet", PEER], check=True, env=environment)
        (folder / "ready").touch()
    return str(python)


def measure(server: Server, runner: str, python: str, tasks: int, slots: int) -> dict[str, float]:
    """Let a runner work off so many tasks."""
    url = f"http://{server.host}:{server.port}/api"
    with ApiClient(url) as client:
        client.metadata.update_workflows([ConductorWorkflow("one").add(SimpleTask("one_ms", "one_ms_ref")).to_dict()])
        client.workflows.start_many(StartWorkflowRequest(name="one") for _ in range(tasks))
    before = server.cpu_seconds()
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        environment = {
            **os.environ,
            "RUNNER_URL": url,
            "RUNNER_SLOTS": str(slots),
            "RUNNER_TASKS": str(tasks),
            "RUNNER_RESULT": str(result),
        }
        command = [python, str(RUNNERS / f"{runner}.py")]
        subprocess.run(command, check=True, env=environment, timeout=600, capture_output=True)
        figures: dict[str, float] = json.loads(result.read_text(encoding="utf-8"))
    return {**figures, "server_cpu_ms": (server.cpu_seconds() - before) * 1000 / tasks}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=4000)
    parser.add_argument("--slots", type=int, default=32, help="tasks at work at once")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", help="a Python that has conductor-python, or none")
    told = parser.parse_args()
    runners = {"ours": sys.executable}
    if told.peer != "none":
        runners["theirs"] = told.peer or peer()
    found: dict[str, dict[str, list[float]]] = {name: {figure: [] for figure in FIGURES} for name in runners}
    with emulator() as server:
        for _ in range(told.rounds):
            for name, python in runners.items():
                for figure, value in measure(server, name, python, told.tasks, told.slots).items():
                    found[name][figure].append(value)
    for figure in FIGURES:
        for name in runners:
            values = found[name][figure]
            line = f"min {min(values):9.2f}  median {statistics.median(values):9.2f}  max {max(values):9.2f}"
            print(f"{name:7} {figure:14} {line}")
    if "theirs" in found:
        mid = {name: {f: statistics.median(found[name][f]) for f in FIGURES} for name in runners}
        print(f"ratio   tasks_per_s    {mid['ours']['tasks_per_s'] / mid['theirs']['tasks_per_s']:9.2f}")
        print(f"ratio   cpu_ms         {mid['theirs']['cpu_ms'] / mid['ours']['cpu_ms']:9.2f}")


if __name__ == "__main__":
    main()
