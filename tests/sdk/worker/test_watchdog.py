"""The watchdog's looks, at pollers that say themselves how late they are. On a runner: test_runner_control.py."""

from __future__ import annotations

import logging
import threading
from typing import Any, cast

import pytest

from conductor_sdk import WorkerDefinition
from conductor_sdk.events import EventBus, PollingStalled
from conductor_sdk.worker.hands import Hands
from conductor_sdk.worker.poller import Poller, Stall
from conductor_sdk.worker.timers import Timers
from conductor_sdk.worker.watchdog import Watchdog


class Late:
    """A poller, as far as the watchdog looks at it."""

    def __init__(self, domain: str | None = None) -> None:
        self.definition = WorkerDefinition("greet", print, domain=domain)
        self.queue = f"{domain}:greet" if domain else "greet"
        self.why: tuple[Stall, float] | None = None
        self.rounds = 0

    def late(self, now: float) -> tuple[Stall, float] | None:
        return self.why

    def begin_new_round(self) -> None:
        self.rounds += 1


class CountingHands:
    """Hands, as far as the watchdog uses them."""

    def __init__(self) -> None:
        self.more = 0

    def allow_polls(self, more: int) -> None:
        self.more += more


def watchdog(*pollers: Late) -> tuple[Watchdog, CountingHands, list[Any]]:
    hands, events, told = CountingHands(), EventBus(), list[Any]()
    events.subscribe(told.append)
    looked_at = [cast("Poller", poller) for poller in pollers]
    return Watchdog(lambda: looked_at, cast("Hands", hands), events, period=3600, patience=60), hands, told


@pytest.mark.parametrize(("stall", "polls", "rounds"), [(Stall.REQUEST, 1, 1), (Stall.PLAN, 0, 1), (Stall.TURN, 0, 0)])
def test_a_stall_is_told_once_and_mended_where_it_can_be(
    stall: Stall, polls: int, rounds: int, caplog: pytest.LogCaptureFixture
) -> None:
    poller = Late()
    dog, hands, told = watchdog(poller)
    poller.why = (stall, 61.0)
    dog.look()
    assert (dog.stalled, hands.more, poller.rounds) == ({"greet": str(stall)}, polls, rounds)
    dog.look()
    assert told == [PollingStalled("greet", str(stall), 61.0)]
    assert [r.levelname for r in caplog.records if "greet has not polled for 61 s" in r.message] == ["ERROR"]


def test_who_is_a_little_late_is_left_alone() -> None:
    poller = Late()
    dog, hands, told = watchdog(poller)
    for poller.why in (None, (Stall.REQUEST, 59.9)):
        dog.look()
    assert (dog.stalled, hands.more, poller.rounds, told) == ({}, 0, 0, [])


def test_the_workers_of_two_domains_are_two(caplog: pytest.LogCaptureFixture) -> None:
    eu, us = Late("eu"), Late("us")
    dog, _, told = watchdog(eu, us)
    eu.why = (Stall.REQUEST, 61.0)
    us.why = (Stall.TURN, 61.0)
    dog.look()
    assert dog.stalled == {"eu:greet": str(Stall.REQUEST), "us:greet": str(Stall.TURN)}
    assert len(told) == 2
    us.why = None
    with caplog.at_level(logging.INFO, "conductor_sdk.worker"):
        dog.look()
    assert dog.stalled == {"eu:greet": str(Stall.REQUEST)}
    assert caplog.messages[-1] == "Worker us:greet polls again."


def test_it_looks_again_and_again_even_if_a_look_fails() -> None:
    looks = threading.Semaphore(0)

    def pollers() -> list[Poller]:
        looks.release()
        raise RuntimeError("broken")

    timers = Timers("test-timers")
    Watchdog(pollers, cast("Hands", CountingHands()), EventBus(), period=0.001, patience=60).start(timers)
    assert all(looks.acquire(timeout=10) for _ in range(3))
    timers.close()
