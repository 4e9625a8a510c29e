from __future__ import annotations

from typing import Any

import pytest


def _task(task_type: str, **fields: Any) -> dict[str, Any]:
    return {"name": "job", "taskReferenceName": "ref", "type": task_type, "inputParameters": {"x": 1}, **fields}


@pytest.mark.parametrize(
    ("task_type", "polled"), [("SIMPLE", "job"), ("MY_TYPE", "MY_TYPE"), ("USER_DEFINED", "USER_DEFINED")]
)
def test_what_a_worker_polls(lab: Any, task_type: str, polled: str) -> None:
    run = lab.run(_task(task_type))
    task = lab.work(polled, output={"y": 2})
    assert (task.task_type, task.task_def_name, task.input) == (polled, "job", {"x": 1})
    assert (run.status, run.output) == ("COMPLETED", {"y": 2})


@pytest.mark.parametrize("task_type", ["SIMPLE", "MY_TYPE"])
def test_its_definition_gives_limits_and_missing_input(lab: Any, task_type: str) -> None:
    lab.task(
        "job",
        inputTemplate={"x": 9, "z": "${workflow.input.z}"},
        rateLimitPerFrequency=5,
        rateLimitFrequencyInSeconds=6,
    )
    task = lab.run(_task(task_type), input={"z": 3}).tasks[0]
    assert task.input == {"x": 1, "z": 3}
    assert (task.rate_limit_per_frequency, task.rate_limit_frequency_seconds) == (5, 6)


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ({}, {"x": "told"}),
        ({"x": None}, {"x": "told"}),
        ({"x": "${workflow.input.nosuch}"}, {"x": "${workflow.input.told}"}),
        ({"x": "mine", "y": None}, {"x": "mine", "y": None}),
        ({"x": "${workflow.input.told}!"}, {"x": "told!"}),
    ],
)
def test_its_template_is_read_for_what_is_missing_and_written_for_what_is_null(
    lab: Any, parameter: dict[str, Any], expected: dict[str, Any]
) -> None:
    lab.task("job", inputTemplate={"x": "${workflow.input.told}", "z": "${workflow.input.nosuch}"})
    task = lab.run(_task("SIMPLE", inputParameters=parameter), input={"told": "told"}).tasks[0]
    assert task.input == {**expected, "z": "${workflow.input.nosuch}"}


@pytest.mark.parametrize("task_type", ["SIMPLE", "MY_TYPE"])
def test_it_may_begin_later(lab: Any, task_type: str) -> None:
    lab.run(_task(task_type, startDelay=10))
    polled = "job" if task_type == "SIMPLE" else task_type
    assert lab.runtime.poll(polled, "w", None) == []
    lab.advance(10)
    lab.work(polled)
