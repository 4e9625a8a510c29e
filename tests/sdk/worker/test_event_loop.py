from __future__ import annotations

import asyncio
import gc
import inspect
import threading
from collections.abc import Sequence

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


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
def test_a_task_that_wants_to_end_the_program_does_not_end_the_loop(error: BaseException) -> None:
    loop = EventLoopThread("test-loop")
    begun, go_on = threading.Event(), asyncio.Event()

    async def neighbour() -> str:
        begun.set()
        await go_on.wait()
        return "done"

    async def end_it() -> None:
        raise error

    async def open_the_way() -> None:
        go_on.set()

    waiting = loop.submit(neighbour())
    assert begun.wait(10)
    loop.submit(end_it())
    loop.submit(open_the_way())
    assert waiting.result(10) == "done"
    loop.close()


@pytest.mark.parametrize("order", [(True, False, True, False), (False, True), (True,), (True, True, False)])
def test_one_that_wants_it_when_it_is_cancelled_does_not_keep_others_from_their_end(order: Sequence[bool]) -> None:
    loop = EventLoopThread("test-loop")
    begun, ended = threading.Semaphore(0), threading.Semaphore(0)

    async def endless(*, angry: bool) -> None:
        begun.release()
        try:
            await asyncio.Event().wait()
        finally:
            ended.release()
            if angry:
                raise SystemExit(1)

    submitted = []
    for angry in order:
        submitted.append(loop.submit(endless(angry=angry)))
        assert begun.acquire(timeout=10)
    gc.collect()  # what nobody waits for is not thrown away
    loop.close(timeout=60)
    assert all(ended.acquire(timeout=10) for _ in order)
    assert [type(future.exception(timeout=0)) if not future.cancelled() else None for future in submitted] == [
        SystemExit if angry else None for angry in order
    ]
    loop.close()
