from __future__ import annotations

import asyncio
import inspect
import threading

import pytest

from conductor_sdk.worker.event_loop import EventLoopThread


def test_the_loop_runs_coroutines_and_cancels_what_is_left() -> None:
    loop = EventLoopThread("test-loop")
    started, cancelled = threading.Event(), threading.Event()

    async def quick() -> int:
        return 5

    async def endless() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    assert loop.submit(quick()).result(10) == 5
    loop.submit(endless())
    assert started.wait(10)
    loop.close()
    assert cancelled.wait(10)


def test_a_closed_loop_takes_nothing_and_leaves_nothing_open() -> None:
    loop = EventLoopThread("test-loop")
    loop.close()
    loop.close()

    async def late() -> None:
        """Never begun."""

    coroutine = late()
    with pytest.raises(RuntimeError, match="closed"):
        loop.submit(coroutine)
    assert inspect.getcoroutinestate(coroutine) == inspect.CORO_CLOSED
