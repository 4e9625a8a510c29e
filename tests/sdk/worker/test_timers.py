from __future__ import annotations

import threading

import pytest

from conductor_sdk.worker.timers import Timers


def test_actions_come_in_the_order_of_their_times() -> None:
    timers = Timers("test")
    came: list[str] = []
    done = threading.Event()

    def last() -> None:
        came.append("late")
        done.set()

    timers.after(0.03, last)
    timers.after(0.01, lambda: came.append("early"))
    timers.after(0, lambda: came.append("now"))
    assert done.wait(10)
    assert came == ["now", "early", "late"]
    timers.close()


def test_what_is_cancelled_does_not_come(caplog: pytest.LogCaptureFixture) -> None:
    timers = Timers("test")
    came: list[str] = []
    done = threading.Event()

    def boom() -> None:
        raise ValueError("boom")

    timers.after(0.01, lambda: came.append("cancelled")).cancel()
    timers.after(0, boom)
    timers.after(0.02, done.set)
    assert done.wait(10)
    assert came == []
    assert [record.message for record in caplog.records] == ["A planned action failed in an unexpected way"]
    timers.close()


def test_after_closing_nothing_comes() -> None:
    timers = Timers("test")
    came: list[int] = []
    timers.after(1000, lambda: came.append(1))
    thread = timers._thread
    timers.close()
    assert thread is not None
    thread.join(10)
    assert not thread.is_alive()
    timers.after(0, lambda: came.append(2))
    assert came == []


def test_plans_that_were_given_up_are_cleared_away_long_before_their_time() -> None:
    timers = Timers("test-timers")
    kept = timers.after(3600, lambda: None)
    for _ in range(10_000):
        timers.after(3600, lambda: None).cancel()
    assert timers.pending < 200
    assert kept.action is not None
    assert any(entry[2] is kept for entry in timers._plan)
    timers.close()
