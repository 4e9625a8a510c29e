"""How the cost of a task grows with the length of its workflow: chain, forks and loops, in the engine alone.

Prints µs of CPU per task for each size, how much of it the start alone takes (all of a fork begins there), and the
ratio of the last size to the first.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

from conductor_emulator.definitions.start_request import StartWorkflowRequest
from conductor_emulator.definitions.workflow_def import WorkflowDef
from conductor_emulator.engine import commands
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.options import Options
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.server.serving import collect_garbage_less_often

SIZES = (100, 1_000, 10_000)


def _step(reference: str) -> dict[str, Any]:
    return {
        "name": "step",
        "taskReferenceName": reference,
        "type": "SIMPLE",
        "inputParameters": {"n": "${workflow.input.n}"},
    }


def chain(size: int) -> list[dict[str, Any]]:
    """``size`` worker tasks, one after another."""
    return [_step(f"t{i}") for i in range(size)]


def fork(size: int) -> list[dict[str, Any]]:
    """``size`` branches of one worker task, and their JOIN."""
    branches = [[_step(f"b{i}")] for i in range(size)]
    return [
        {"name": "fork", "taskReferenceName": "fork", "type": "FORK_JOIN", "forkTasks": branches},
        {"name": "join", "taskReferenceName": "join", "type": "JOIN", "joinOn": [f"b{i}" for i in range(size)]},
    ]


def loop(size: int) -> list[dict[str, Any]]:
    """A loop of ``size`` iterations over one worker task."""
    return [
        {
            "name": "loop",
            "taskReferenceName": "loop",
            "type": "DO_WHILE",
            "loopCondition": f"$.loop.iteration < {size}",
            "inputParameters": {},
            "loopOver": [_step("inner")],
        }
    ]


def script_loop(size: int) -> list[dict[str, Any]]:
    """A loop of ``size`` iterations over one INLINE."""
    script = {"evaluatorType": "javascript", "expression": "$.n + 1", "n": 1}
    inline = {"name": "inline", "taskReferenceName": "inline", "type": "INLINE", "inputParameters": script}
    return [{**loop(size)[0], "loopOver": [inline]}]


def dynamic_fork(size: int) -> list[dict[str, Any]]:
    """A dynamic fork of ``size`` branches of one worker task."""
    parameters = {"forkTaskName": "step", "forkTaskInputs": [{"n": i} for i in range(size)]}
    return [
        {"name": "fork", "taskReferenceName": "fork", "type": "FORK_JOIN_DYNAMIC", "inputParameters": parameters},
        {"name": "join", "taskReferenceName": "join", "type": "JOIN"},
    ]


def cpu_per_task(tasks: list[dict[str, Any]], size: int) -> tuple[float, float]:
    """µs of CPU per task: started, polled and completed one by one; and for the start alone."""
    runtime = Runtime(Options(seed=1), VirtualClock())
    runtime.metadata.put_workflow_def(WorkflowDef.from_wire({"name": "flow", "version": 1, "tasks": tasks}))
    runtime.metadata.plan("flow")
    gc.collect()
    began = time.process_time()
    workflow_id = runtime.start(StartWorkflowRequest(name="flow", input={"n": 1}))
    begun = time.process_time() - began
    done = 0
    while polled := runtime.poll("step", "w"):
        runtime.submit(workflow_id, commands.UpdateTask(polled[0][1].task_id, TaskStatus.COMPLETED, {"n": done}))
        done += 1
    spent = time.process_time() - began
    assert done in (0, size)
    assert runtime.execution(workflow_id).status == "COMPLETED"
    return spent / size * 1e6, begun / size * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    collect_garbage_less_often()  # as the server does
    shapes: dict[str, tuple[Callable[[int], list[dict[str, Any]]], tuple[int, ...]]] = {
        "chain": (chain, SIZES),
        "fork": (fork, SIZES),
        "loop": (loop, SIZES),
        "script loop": (script_loop, (10, 100, 1_000)),
        "dynamic fork": (dynamic_fork, (10, 100, 1_000, 10_000)),
    }
    for name, (shape, sizes) in shapes.items():
        medians = []
        for size in sizes:
            measured = [cpu_per_task(shape(size), size) for _ in range(chosen.rounds)]
            rounds = sorted(whole for whole, _ in measured)
            start = statistics.median(begun for _, begun in measured)
            medians.append(statistics.median(rounds))
            print(
                f"{name:12} {size:7,} tasks: {medians[-1]:7.1f} µs a task  [{rounds[0]:.1f} … {rounds[-1]:.1f}]  "
                f"of it the start {start:6.1f}"
            )
        print(f"{name:12} last/first: {medians[-1] / medians[0]:.2f}")


if __name__ == "__main__":
    main()
