"""What others notice while one workflow keeps the emulator busy: scripts that run into their limits, very wide forks.

Starts an emulator in a process of its own, lets one workflow do each of these and starts other small workflows all the
while; prints how long those took to be answered, in ms, and how late the machine itself woke a sleeping process in
between: what both have is the machine's.
"""

from __future__ import annotations

import argparse
import threading
import time
from typing import Any

import requests
from servers import emulator

WIDTH = 10_000

SCRIPTS = {
    "nothing else": "1",
    "endless loop": "while (true) {}",
    "hoarded memory": "var a = []; while (true) { a.push(new Array(1000).join('x')) }",
    "endless recursion": "function f() { return f() + 1 } f()",
    "endless regex": f"/(a+)+$/.test('{'a' * 40}!')",
}
_JOIN = {"name": "join", "taskReferenceName": "join", "type": "JOIN"}


def _task(reference: str, kind: str, parameters: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    named = {"name": reference, "taskReferenceName": reference, "type": kind}
    return {**named, "inputParameters": parameters or {}, **fields}


def _script(source: str) -> list[dict[str, Any]]:
    return [_task("script", "INLINE", {"evaluatorType": "javascript", "expression": source})]


def _fork() -> list[dict[str, Any]]:
    branches = [[_task(f"b{i}", "SIMPLE")] for i in range(WIDTH)]
    return [_task("fork", "FORK_JOIN", forkTasks=branches), {**_JOIN, "joinOn": [f"b{i}" for i in range(WIDTH)]}]


def _dynamic_fork() -> list[dict[str, Any]]:
    parameters = {"forkTaskName": "step", "forkTaskInputs": [{"n": i} for i in range(WIDTH)]}
    return [_task("fork", "FORK_JOIN_DYNAMIC", parameters), _JOIN]


def _define(api: str, name: str, tasks: list[dict[str, Any]]) -> None:
    body = [{"name": name, "version": 1, "tasks": tasks, "ownerEmail": "benchmarks@example.com"}]
    requests.put(f"{api}/metadata/workflow", json=body, timeout=60).raise_for_status()


def latencies(api: str, seconds: float) -> tuple[list[float], list[float]]:
    """How many ms starting a one-task workflow took, again and again; how late a sleep of 1 ms ended in between."""
    session = requests.Session()
    taken: list[float] = []
    late: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        session.post(f"{api}/workflow", json={"name": "other", "input": {}}, timeout=30).raise_for_status()
        taken.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        time.sleep(0.001)
        late.append((time.perf_counter() - began) * 1000 - 1)
    return sorted(taken), sorted(late)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    chosen = parser.parse_args()
    busy = {name: _script(source) for name, source in SCRIPTS.items()}
    busy |= {f"fork of {WIDTH:,}": _fork(), f"dynamic fork of {WIDTH:,}": _dynamic_fork()}
    with emulator() as server:
        api = f"http://{server.host}:{server.port}/api"
        _define(api, "other", [_task("n", "NOOP")])
        for name, tasks in busy.items():
            _define(api, "hog", tasks)
            body = {"name": "hog", "input": {}}
            start = threading.Thread(
                target=requests.post, args=(f"{api}/workflow",), kwargs={"json": body, "timeout": 60}
            )
            start.start()
            taken, late = latencies(api, chosen.seconds)
            start.join()
            middle, most = taken[len(taken) // 2], taken[int(len(taken) * 0.99)]
            print(
                f"{name:22} p50 {middle:6.1f} ms   p99 {most:6.1f}   max {taken[-1]:6.1f}   ({len(taken)} starts)   "
                f"machine p99 {late[int(len(late) * 0.99)]:6.1f}   max {late[-1]:6.1f}"
            )


if __name__ == "__main__":
    main()
