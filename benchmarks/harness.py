"""What a test of a workflow costs: first use, an engine of its own, a workflow of three tasks, a month of retries.

The same three tasks also as a whole run of pytest with the fixture, beside a run of tests that do nothing; and with
``--vs URL`` as ``POST /workflow/test`` on another server.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from run import fixed_work

from conductor_pytest import Conductor
from conductor_sdk import ApiClient

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

#: A file of tests: those with the fixture, and those that do nothing.
_TESTS = """
import pytest

ORDER = {order}

@pytest.mark.parametrize("number", range({tests}))
def test_order(conductor, number):
    conductor.register(ORDER)
    for name in "abc":
        conductor.worker(name, lambda task: {{"done": True}})
    assert conductor.run("order").status == "COMPLETED"
"""
_EMPTY = """
import pytest

@pytest.mark.parametrize("number", range({tests}))
def test_nothing(number):
    pass
"""


def pytest_run(code: str, tests: int) -> tuple[float, float]:
    """Wall time and CPU of a whole run of pytest, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_many.py").write_text(code.format(order=ORDER, tests=tests), encoding="utf-8")
        arguments = ["-q", "-c", os.devnull, "--rootdir", folder, "-p", "no:randomly", "-p", "no:xdist"]
        before, began = os.times(), time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "pytest", *arguments, "-p", "no:cacheprovider", folder],
            check=True,
            capture_output=True,
        )
        took, after = time.perf_counter() - began, os.times()
    return took, after.children_user + after.children_system - before.children_user - before.children_system


def mocked_run(client: ApiClient) -> float:
    """The three tasks as the server's own way to test a workflow."""
    done = [{"status": "COMPLETED", "output": {"done": True}}]
    body = {
        "name": "harness_benchmark",
        "version": 1,
        "workflowDef": {**ORDER, "name": "harness_benchmark", "ownerEmail": "a@example.com"},
        "taskRefToMockOutput": {f"{name}_ref": done for name in "abc"},
    }
    began = time.perf_counter()
    assert client.request("POST", "/workflow/test", json=body)["status"] == "COMPLETED"
    return time.perf_counter() - began


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


def show(name: str, seconds: list[float]) -> float:
    """Print them; the median in ms."""
    found = sorted(one * 1000 for one in seconds)
    median = statistics.median(found)
    print(f"{name:32} min {found[0]:9.3f} ms  median {median:9.3f} ms  max {found[-1]:9.3f} ms")
    return median


def whole_runs(tests: int) -> float:
    """Runs of pytest with so many tests; what one test takes, in ms.

    Beside them the fixed work of ``run.py``, before and after each: how fast the machine was just then.
    """
    runs, machine = [], []
    for _ in range(5):
        before = fixed_work()
        runs.append(pytest_run(_TESTS, tests))
        machine.append((before + fixed_work()) / 2)
    empty = [pytest_run(_EMPTY, tests) for _ in range(3)]
    one = show("a test in a whole run of pytest", [took / tests for took, _ in runs])
    show("  its CPU", [cpu / tests for _, cpu in runs])
    show("  fixed work, before and after", [work / 1000 for work in machine])
    at_20 = [took / tests * 20 / work for (took, _), work in zip(runs, machine, strict=True)]
    show("  the test where that takes 20 ms", at_20)
    show("  CPU of a test that does nothing", [cpu / tests for _, cpu in empty])
    return one


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--vs", metavar="URL", help="another server, for POST /workflow/test")
    arguments = parser.parse_args()
    rounds = arguments.rounds
    measured: list[tuple[str, Callable[[], float], int]] = [
        ("first use (CPU)", first_use, 5),
        ("engine", engine, rounds),
        ("test of three tasks", three_tasks, rounds),
        ("month of daily retries", a_month, max(1, rounds // 20)),
    ]
    for name, measure, times in measured:
        show(name, [measure() for _ in range(times)])
    one = whole_runs(rounds)
    if arguments.vs:
        with ApiClient(arguments.vs) as client:
            theirs = show("POST /workflow/test there", [mocked_run(client) for _ in range(20)])
        print(f"{'ratio':32} {theirs / one:.0f}")


if __name__ == "__main__":
    main()
