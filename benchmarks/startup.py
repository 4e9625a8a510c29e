"""What it costs to begin: a server's first finished workflow, importing the SDK, loading the pytest plugin."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from http_client import Connection
from http_client import run as run_coroutine
from load import INPUT, completed, register, start, worker_task, working
from orjson import dumps
from row import Figures, ProcessRow, Reach
from run import main
from servers import Server, emulator


def _cpu_seconds(command: Sequence[str], folder: Path | None = None) -> float:
    """User and system CPU of one command, its children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _sdk_import() -> float:
    """CPU of ``import conductor_sdk`` above that of an empty program."""
    return _cpu_seconds([sys.executable, "-c", "import conductor_sdk"]) - _cpu_seconds([sys.executable, "-c", "pass"])


def _idle_plugin() -> float:
    """CPU of one trivial test with the plugin loaded, above the same without it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_nothing.py").write_text("def test_nothing():\n    assert True\n", encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        return _cpu_seconds(command, folder) - _cpu_seconds([*command, "-p", "no:conductor_local"], folder)


async def _one_workflow(server: Server) -> None:
    name, connection = "bench_startup", Connection(server.host, server.port)
    await register(connection, name, [worker_task(name, "t0")])
    async with working(server, name, 1) as pool:
        workflow_id = await start(connection, name, dumps(INPUT))
        await pool.have_done(workflow_id, 1)
    await completed(connection, workflow_id)


def one_round() -> Figures:
    """A server from its process's start to the end of its first workflow; then the others."""
    began = time.perf_counter()
    with emulator() as server:
        run_coroutine(lambda: _one_workflow(server))
        figures = {
            "s to the first finished workflow": time.perf_counter() - began,
            "CPU s of it": server.cpu_seconds(),
            "MB": server.memory_kb() / 1024,
        }
    return {**figures, "CPU s, import conductor_sdk": _sdk_import(), "CPU s, plugin loaded, unused": _idle_plugin()}


ROW = ProcessRow(
    "startup",
    "process start → first finished workflow",
    (Reach("s to the first finished workflow", "≤", 0.5), Reach("MB", "≤", 60)),
    one_round,
)

if __name__ == "__main__":
    main(["startup"])
