"""How an asynchronous call is carried out: in a thread, so that the event loop goes on."""

from __future__ import annotations

import asyncio
import contextvars
import functools
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_END: Any = object()


class Calls:
    """Threads for the requests of one client; as many requests as there are threads may be on their way at once."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, "conductor-async")

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function` in a thread and wait for it. Cancelling ends the waiting; a request that was sent is sent."""
        context = contextvars.copy_context()
        job = functools.partial(context.run, functools.partial(function, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._pool, job)

    async def iterate(
        self, function: Callable[P, Iterator[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> AsyncIterator[T]:
        """Go through what `function` gives, each step in a thread."""
        items = function(*args, **kwargs)
        while (item := await self.call(next, items, _END)) is not _END:
            yield item

    def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False)
