from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.definitions.task_def import TaskDef
from conductor_emulator.runtime.task_rates import TaskRates
from conductor_emulator.runtime.waiting import Wait
from tests.emulator.conftest import simple


def _many(here: Any, count: int, **limits: Any) -> None:
    here.task("a", **limits)
    here.workflow(simple("a"))
    for _ in range(count):
        here.start()


def test_a_window_gives_out_so_many_and_no_more(lab: Any, orkes: Any) -> None:
    for here in (lab, orkes):
        _many(here, 5, rateLimitPerFrequency=2, rateLimitFrequencyInSeconds=10)
    assert len(lab.runtime.poll("a", count=9)) == 5
    assert len(orkes.runtime.poll("a", count=9)) == 2
    orkes.advance(9.999)
    assert orkes.runtime.poll("a", count=9) == []
    orkes.advance(0.001)
    assert len(orkes.runtime.poll("a", count=9)) == 2
    orkes.advance(10)
    assert len(orkes.runtime.poll("a", count=9)) == 1


def test_finishing_a_task_frees_nothing(orkes: Any) -> None:
    _many(orkes, 2, rateLimitPerFrequency=1, rateLimitFrequencyInSeconds=10)
    orkes.work("a")
    assert orkes.runtime.poll("a") == []


def test_the_window_slides(orkes: Any) -> None:
    _many(orkes, 4, rateLimitPerFrequency=2, rateLimitFrequencyInSeconds=10)
    orkes.take("a")
    orkes.advance(6)
    orkes.take("a")
    orkes.advance(4)
    orkes.take("a")
    assert orkes.runtime.poll("a") == []


def test_a_waiting_poll_is_served_when_the_window_opens(orkes: Any) -> None:
    _many(orkes, 2, rateLimitPerFrequency=1, rateLimitFrequencyInSeconds=10)
    orkes.take("a")

    def attempt() -> Any:
        return orkes.runtime.poll("a") or None

    found = orkes.driver.carry_out(Wait((("queue", "a"),), attempt, 60_000, lambda: "nothing"))
    assert (len(found), orkes.elapsed) == (1, 10)


def test_a_limit_counts_over_domains(orkes: Any) -> None:
    orkes.task("a", rateLimitPerFrequency=1, rateLimitFrequencyInSeconds=10)
    orkes.workflow(simple("a"))
    orkes.start(taskToDomain={"a": "blue"})
    orkes.start()
    orkes.take("a", domain="blue")
    assert orkes.runtime.poll("a") == []


@given(st.integers(1, 4), st.integers(1, 5), st.lists(st.integers(0, 3000), max_size=40))
def test_no_window_ever_has_more(limit: int, seconds: int, gaps: list[int]) -> None:
    rates = TaskRates()
    task_def = TaskDef(name="a", rate_limit_per_frequency=limit, rate_limit_frequency_in_seconds=seconds)
    now, given_out = 0, []
    for gap in gaps:
        now += gap
        if rates.free_at(task_def, now) <= now:
            rates.given_out(task_def, now)
            given_out.append(now)
    for end in given_out:
        assert sum(end - 1000 * seconds < moment <= end for moment in given_out) <= limit
