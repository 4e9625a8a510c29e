"""What others notice while one workflow's script runs into its limits: an endless loop, hoarded memory, a bad regex.

Starts an emulator, lets one workflow run each script and starts other small workflows all the while; prints how long
those took to be answered, in ms.
"""

from __future__ import annotations

import argparse
import threading
import time
from typing import Any

import requests

from conductor_emulator.server.serving import BackgroundServer

SCRIPTS = {
    "nothing else": "1",
    "endless loop": "while (true) {}",
    "hoarded memory": "var a = []; while (true) { a.push(new Array(1000).join('x')) }",
    "endless recursion": "function f() { return f() + 1 } f()",
    "endless regex": f"/(a+)+$/.test('{'a' * 40}!')",
}


def _inline(source: str) -> dict[str, Any]:
    return {
        "name": "script",
        "taskReferenceName": "script",
        "type": "INLINE",
        "inputParameters": {"evaluatorType": "javascript", "expression": source},
    }


def _define(api: str, name: str, *tasks: dict[str, Any]) -> None:
    body = [{"name": name, "version": 1, "tasks": list(tasks), "ownerEmail": "benchmarks@example.com"}]
    requests.put(f"{api}/metadata/workflow", json=body, timeout=30).raise_for_status()


def latencies(api: str, seconds: float) -> list[float]:
    """How many ms starting a one-task workflow took, again and again."""
    session, taken = requests.Session(), []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        session.post(f"{api}/workflow", json={"name": "other", "input": {}}, timeout=30).raise_for_status()
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    chosen = parser.parse_args()
    with BackgroundServer() as server:
        api = f"{server.url}/api"
        _define(api, "other", {"name": "n", "taskReferenceName": "n", "type": "NOOP"})
        for name, source in SCRIPTS.items():
            _define(api, "hog", _inline(source))
            body = {"name": "hog", "input": {}}
            start = threading.Thread(
                target=requests.post, args=(f"{api}/workflow",), kwargs={"json": body, "timeout": 60}
            )
            start.start()
            taken = latencies(api, chosen.seconds)
            start.join()
            middle, late = taken[len(taken) // 2], taken[int(len(taken) * 0.99)]
            print(f"{name:18} p50 {middle:6.1f} ms   p99 {late:6.1f}   max {taken[-1]:6.1f}   ({len(taken)} starts)")


if __name__ == "__main__":
    main()
