"""A task costs the same however many others its workflow has. Counted in calls, which no busy machine changes."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable
from typing import Any

import pytest

_JOIN = {"name": "join", "taskReferenceName": "join", "type": "JOIN"}


def _worker(reference: str) -> dict[str, Any]:
    parameters = {"n": "${workflow.input.n}"}
    return {"name": "step", "taskReferenceName": reference, "type": "SIMPLE", "inputParameters": parameters}


def chain(size: int) -> list[dict[str, Any]]:
    return [_worker(f"t{i}") for i in range(size)]


def fork(size: int) -> list[dict[str, Any]]:
    forked = {"type": "FORK_JOIN", "forkTasks": [[_worker(f"t{i}")] for i in range(size)]}
    return [{"name": "f", "taskReferenceName": "f", **forked}, {**_JOIN, "joinOn": [f"t{i}" for i in range(size)]}]


def _dynamic_fork(given: dict[str, Any]) -> list[dict[str, Any]]:
    parameters = {"dynamicForkTasksParam": "tasks", "dynamicForkTasksInputParamName": "inputs"}
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN_DYNAMIC", "inputParameters": given, **parameters}
    return [fork, _JOIN]


def one_task_many_inputs(size: int) -> list[dict[str, Any]]:
    return _dynamic_fork({"forkTaskName": "step", "forkTaskInputs": [{"n": i} for i in range(size)]})


def inputs_like_tasks(size: int) -> list[dict[str, Any]]:
    inputs = [{"name": f"n{i}", "metadata": {}} for i in range(size)]
    return _dynamic_fork({"forkTaskName": "step", "forkTaskInputs": inputs})


def tasks_and_inputs(size: int) -> list[dict[str, Any]]:
    return _dynamic_fork({"tasks": chain(size), "inputs": {f"t{i}": {"n": i} for i in range(size)}})


def _calls(action: Callable[[], object]) -> int:
    with cProfile.Profile() as profile:
        action()
    return pstats.Stats(profile).total_calls  # type: ignore[attr-defined, no-any-return]


def _cost(lab: Any, shape: Callable[[int], list[dict[str, Any]]], size: int) -> float:
    """Calls a task, from the start to the end."""
    name = lab.workflow(*shape(size), name=f"{shape.__name__}_{size}")
    lab.runtime.metadata.plan(name)

    def play() -> None:
        run = lab.start(name, {"n": 1})
        for _ in range(size):
            lab.work("step")
        assert run.status == "COMPLETED"

    return _calls(play) / size


@pytest.mark.parametrize("shape", [chain, fork, one_task_many_inputs, inputs_like_tasks, tasks_and_inputs])
def test_a_task_costs_the_same_in_a_workflow_eight_times_as_long(
    lab: Any, shape: Callable[[int], list[dict[str, Any]]]
) -> None:
    _cost(lab, shape, 20)  # whatever is made once
    assert _cost(lab, shape, 800) < 1.1 * _cost(lab, shape, 100)


@pytest.mark.parametrize("shape", [one_task_many_inputs, tasks_and_inputs])
def test_ten_thousand_branches_begin_with_few_calls_each(
    lab: Any, shape: Callable[[int], list[dict[str, Any]]]
) -> None:
    name = lab.workflow(*shape(10_000))
    assert _calls(lambda: lab.start(name, {"n": 1})) / 10_000 < 400
    assert lab.runtime.queues.size("step") == 10_000
