"""What a test of a workflow costs: first use, an engine of its own, a workflow of three tasks, a month of retries."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from conductor_pytest import Conductor

_FIRST_USE = """
import time
began = time.process_time()
from conductor_pytest import Conductor
Conductor()
print(time.process_time() - began)
"""

ORDER: dict[str, Any] = {
    "name": "order",
    "version": 1,
    "tasks": [{"name": name, "taskReferenceName": f"{name}_ref", "type": "SIMPLE"} for name in ("a", "b", "c")],
}
DAILY = {"name": "a", "retryCount": 30, "retryLogic": "FIXED", "retryDelaySeconds": 86_400}


def first_use() -> float:
    """CPU until the first engine is there, in a process of its own."""
    return float(subprocess.run([sys.executable, "-c", _FIRST_USE], check=True, capture_output=True, text=True).stdout)


def engine() -> float:
    """An engine with its harness."""
    began = time.perf_counter()
    Conductor()
    return time.perf_counter() - began


def three_tasks() -> float:
    """What a function-scoped test does: an engine, a definition, three workers, a run."""
    began = time.perf_counter()
    conductor = Conductor()
    conductor.register(ORDER)
    for name in ("a", "b", "c"):
        conductor.worker(name, lambda task: {"done": True})
    assert conductor.run("order").status == "COMPLETED"
    conductor.verify()
    return time.perf_counter() - began


def a_month() -> float:
    """Thirty failures a day apart, then success."""
    began = time.perf_counter()
    conductor = Conductor()
    conductor.register(DAILY, ORDER)
    conductor.task("a").attempt(*range(1, 31)).fails("not yet")
    for name in ("a", "b", "c"):
        conductor.stub(name).returns({})
    assert conductor.run("order").elapsed.days == 30
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    rounds = parser.parse_args().rounds
    measured: list[tuple[str, Callable[[], float], int]] = [
        ("first use", first_use, 5),
        ("engine", engine, rounds),
        ("test of three tasks", three_tasks, rounds),
        ("month of daily retries", a_month, max(1, rounds // 20)),
    ]
    for name, measure, times in measured:
        found = sorted(measure() * 1000 for _ in range(times))
        print(f"{name:24} min {found[0]:8.3f} ms  median {statistics.median(found):8.3f} ms  max {found[-1]:8.3f} ms")


if __name__ == "__main__":
    main()
