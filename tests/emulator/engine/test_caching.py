from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import simple, states


def _cached(key: str = "${a}", ttl: int = 60, **fields: Any) -> dict[str, Any]:
    config = {"key": key, "ttlInSecond": ttl}
    return simple("c", inputParameters={"a": "${workflow.input.a}", "m": {"x": "y"}}, cacheConfig=config, **fields)


def test_a_task_of_the_same_key_is_completed_from_the_cache(lab: Any, orkes: Any) -> None:
    for here in (lab, orkes):
        here.run(_cached(), input={"a": 1})
        here.work("c", output={"r": 1})
    again, other = orkes.start(input={"a": 1}), orkes.start(input={"a": 2})
    assert (again.status, again.output) == ("COMPLETED", {"r": 1, "_cachedResponse": True})
    assert again.tasks[0].poll_count == 0
    assert states(other) == ["c SCHEDULED"]
    assert states(lab.start(input={"a": 1})) == ["c SCHEDULED"]


@pytest.mark.parametrize(("seconds", "hit"), [(59.999, True), (60, False)])
def test_an_output_is_kept_for_its_time_exactly(orkes: Any, seconds: float, hit: bool) -> None:
    orkes.run(_cached(), input={"a": 1})
    orkes.work("c")
    orkes.advance(seconds)
    assert orkes.start(input={"a": 1}).status.is_terminal is hit


def test_an_output_from_the_cache_does_not_live_longer_by_that(orkes: Any) -> None:
    orkes.run(_cached(), input={"a": 1})
    orkes.work("c")
    orkes.advance(50)
    assert orkes.start(input={"a": 1}).status == "COMPLETED"
    orkes.advance(20)
    assert orkes.start(input={"a": 1}).status == "RUNNING"


def test_a_failure_is_not_kept(orkes: Any) -> None:
    orkes.task("c")
    orkes.run(_cached(), input={"a": 1})
    orkes.work("c", "FAILED", output={"r": 0})
    assert orkes.start(input={"a": 1}).status == "RUNNING"


@pytest.mark.parametrize(
    ("key", "same"),
    [("fixed", True), ("${a}-${m.x}", False), ("${m.x}", True), ("p_${$.m.x}", True), ("${missing}", True)],
)
def test_the_key_is_made_of_the_input(orkes: Any, key: str, same: bool) -> None:
    orkes.run(_cached(key), input={"a": 1})
    orkes.work("c")
    assert orkes.start(input={"a": 2}).status.is_terminal is same


@pytest.mark.parametrize("config", [{"ttlInSecond": 60}, {"key": "k"}, {"key": "k", "ttlInSecond": 0}])
def test_half_a_configuration_keeps_nothing(orkes: Any, config: dict[str, Any]) -> None:
    orkes.run(simple("c", cacheConfig=config))
    orkes.work("c")
    assert orkes.start().status == "RUNNING"


def test_keys_count_within_a_task_definition(orkes: Any) -> None:
    config = {"key": "k", "ttlInSecond": 60}
    run = orkes.run(
        simple("a", cacheConfig=config), simple("b", cacheConfig=config), simple("x", "a", cacheConfig=config)
    )
    orkes.work("a", output={"r": "a"})
    orkes.work("b", output={"r": "b"})
    assert (run.status, run.output) == ("COMPLETED", {"r": "a", "_cachedResponse": True})


def test_operators_are_not_cached(orkes: Any) -> None:
    config = {"key": "k", "ttlInSecond": 60}
    wait = {"name": "w", "taskReferenceName": "w", "type": "WAIT", "cacheConfig": config}
    run = orkes.run(wait)
    orkes.finish(run.tasks[0])
    assert orkes.start().status == "RUNNING"
