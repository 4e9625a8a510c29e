from __future__ import annotations

import asyncio
import threading

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
