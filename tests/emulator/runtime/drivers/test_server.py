from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from conductor_emulator.runtime.drivers.server import ServerDriver
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.runtime.waiting import Wait


def _with_driver(play: Callable[[ServerDriver], object]) -> None:
    """Run a coroutine function with a driver attached to its loop."""

    async def main() -> None:
        driver = ServerDriver(Runtime())
        driver.attach(asyncio.get_running_loop())
        try:
            await play(driver)  # type: ignore[misc]
        finally:
            driver.close()

    asyncio.run(asyncio.wait_for(main(), 20))


def test_an_answer_that_is_there_needs_no_waiting() -> None:
    async def play(driver: ServerDriver) -> None:
        assert await driver.carry_out(Wait(("x",), lambda: "here", 10_000, lambda: "too late")) == "here"
        assert len(driver.runtime.waiters) == 0

    _with_driver(play)


def test_a_waiting_call_is_woken() -> None:
    async def play(driver: ServerDriver) -> None:
        answers: list[str] = []
        wait = Wait((("queue", "q"),), lambda: answers[0] if answers else None, 10_000, lambda: "too late")
        waiting = asyncio.ensure_future(driver.carry_out(wait))
        while ("queue", "q") not in driver.runtime.waiters:
            await asyncio.wait([waiting], timeout=0)
        driver.runtime.waiters.wake_one(("queue", "q"))  # for nothing: it waits on
        answers.append("task")
        while not waiting.done():
            driver.runtime.waiters.wake_one(("queue", "q"))
            await asyncio.wait([waiting], timeout=0)
        assert waiting.result() == "task"
        assert len(driver.runtime.waiters) == 0

    _with_driver(play)


def test_when_the_time_is_over_the_other_answer_is_given() -> None:
    async def play(driver: ServerDriver) -> None:
        assert await driver.carry_out(Wait(("x",), lambda: None, 1, lambda: "too late")) == "too late"

    _with_driver(play)


def test_moments_come_by_themselves_also_one_that_is_set_earlier_later() -> None:
    async def play(driver: ServerDriver) -> None:
        rung: asyncio.Queue[str] = asyncio.Queue()
        now = driver.runtime.clock.now()
        driver.call(lambda: driver.runtime.set_alarm("late", now + 3_600_000, lambda: rung.put_nowait("late")))
        driver.call(lambda: driver.runtime.set_alarm("soon", now + 5, lambda: rung.put_nowait("soon")))
        assert await rung.get() == "soon"

    _with_driver(play)


def test_what_comes_later_is_not_forgotten_when_what_comes_first_is_cancelled() -> None:
    async def play(driver: ServerDriver) -> None:
        rung: asyncio.Queue[str] = asyncio.Queue()
        now = driver.runtime.clock.now()
        driver.call(lambda: driver.runtime.set_alarm("first", now + 5, lambda: rung.put_nowait("first")))
        driver.call(lambda: driver.runtime.set_alarm("later", now + 10, lambda: rung.put_nowait("later")))
        driver.call(lambda: driver.runtime.cancel_alarm("first"))
        assert await rung.get() == "later"

    _with_driver(play)


def test_moments_that_are_cancelled_again_cost_the_loop_nothing() -> None:
    async def play(driver: ServerDriver) -> None:
        runtime = driver.runtime
        hour = runtime.clock.now() + 3_600_000
        driver.call(lambda: runtime.set_alarm(0, hour, lambda: None))
        alarm = driver._alarm
        for number in range(1, 100):
            driver.call(runtime.set_alarm, number, hour + number, lambda: None)
            driver.call(runtime.cancel_alarm, number - 1)
            assert driver._alarm is alarm

    _with_driver(play)


def test_slow_work_leaves_the_loop_and_comes_back_to_it() -> None:
    async def play(driver: ServerDriver) -> None:
        result: asyncio.Future[tuple[str, str]] = asyncio.get_running_loop().create_future()
        driver.runtime.offload(
            lambda: threading.current_thread().name,
            lambda name: result.set_result((name, threading.current_thread().name)),
        )
        assert await result == ("conductor-emulator-work", threading.current_thread().name)

    _with_driver(play)


def test_what_slow_work_raises_comes_back_too() -> None:
    async def play(driver: ServerDriver) -> None:
        result: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        driver.runtime.offload(lambda: 1 // 0, result.set_result)
        assert isinstance(await result, ZeroDivisionError)

    _with_driver(play)


def test_other_threads_may_ask() -> None:
    async def play(driver: ServerDriver) -> None:
        loop_thread = threading.get_ident()
        asked = await asyncio.to_thread(driver.ask, lambda: (threading.get_ident(), driver.ask(threading.get_ident)))
        assert asked == (loop_thread, loop_thread)
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(driver.ask, lambda: 1 // 0)

    _with_driver(play)


def test_before_and_after_its_loop_it_answers_at_once() -> None:
    driver = ServerDriver(Runtime())
    assert driver.ask(lambda: "here") == "here"

    async def attach() -> None:
        driver.attach(asyncio.get_running_loop())

    asyncio.run(attach())
    assert driver.ask(lambda: "here") == "here"
    driver.close()
