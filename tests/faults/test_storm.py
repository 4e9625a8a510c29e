"""Nothing is lost and nothing is done twice, whatever happens to the connection."""

from __future__ import annotations

import pytest

from tests.faults.faulty_proxy import Fault
from tests.faults.storm import run


@pytest.mark.parametrize(("tasks", "asynchronous"), [(1000, False), (400, True)])
def test_each_effect_comes_exactly_once(tasks: int, asynchronous: bool) -> None:
    outcome = run(tasks, share=0.08, asynchronous=asynchronous)
    # The storm was one: every kind of fault, and restarts in mid-run.
    assert set(outcome.faults) == set(Fault)
    assert outcome.restarts == 2
    # None is lost, and none is done twice.
    assert outcome.lost == []
    assert set(outcome.workflows.values()) == {"COMPLETED"}
    assert outcome.effects == dict.fromkeys(range(tasks), 1)
    assert set(outcome.executed.values()) == {1}
    # What the server has is what the workers did, attempt by attempt.
    assert outcome.completed == set(outcome.executed)
    assert outcome.outputs == {number: {"doubled": number * 2} for number in range(tasks)}
