"""Running the API behind a port: in the foreground for the command line, in a thread for tests and programs."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import uvicorn

from conductor_emulator.runtime.drivers.server import ServerDriver
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.server.api import Api
from conductor_emulator.server.asgi import Application
from conductor_emulator.server.request import LONGEST_HEAD

try:
    from conductor_emulator.server.http_protocol import HttpProtocol
except ModuleNotFoundError:  # without httptools uvicorn reads requests itself, slower
    HttpProtocol = "h11"  # type: ignore[assignment,misc]

if TYPE_CHECKING:
    from types import TracebackType

    from conductor_emulator.runtime.clock import Clock
    from conductor_emulator.runtime.options import Options

#: How long a client may leave its connection unused. Longer than clients keep theirs, so that they close first.
_KEEP_ALIVE_SECONDS = 75
_BACKLOG = 2048


#: Puts a layer around an ASGI application.
Around = Callable[[Any], Any]


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    if os.name == "posix":  # elsewhere it would let two servers have one port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - the address that is shown, not one to listen on
        host = "localhost"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


class _Server(uvicorn.Server):
    """A uvicorn that says when it is ready. The runtime lives on its loop for as long as it serves."""

    def __init__(self, api: Api, driver: ServerDriver, around: Around | None = None) -> None:
        application = Application(api, driver)
        super().__init__(
            uvicorn.Config(
                application if around is None else around(application),
                # uvicorn's own use of httptools loses the bodies of requests that offer HTTP/2, h11 does not
                http=HttpProtocol if around is None else "h11",
                h11_max_incomplete_event_size=LONGEST_HEAD,
                proxy_headers=False,
                lifespan="off",
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=1,
                backlog=_BACKLOG,
                ws="none",
            )
        )
        self._driver = driver
        self.ready = threading.Event()
        self.announcement: str | None = None
        #: lines to print when it stops; a signal that stops it ends the process before ``run`` returns
        self.farewell: Callable[[], list[str]] = list

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._driver.attach(asyncio.get_running_loop())
        await super().startup(sockets)
        self.ready.set()
        if self.announcement is not None:
            print(self.announcement, flush=True)  # noqa: T201 - the command line's answer

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().shutdown(sockets)
        finally:
            self._driver.close()
        if lines := self.farewell():
            print(*lines, sep="\n", flush=True)  # noqa: T201 - the command line's answer


def collect_garbage_less_often() -> None:
    """For a process that is a server and nothing else.

    Nearly everything that it makes it keeps, in plain trees: looking for circles among them finds nothing. So what is
    new is looked through once, and what has stayed not before twenty million more: that takes seconds, in which nobody
    is answered. What clients ask for again and again, what waits, and connections leave no circle behind
    (``tests/emulator/server/test_no_circles.py``); a page for people leaves a few objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 1_000, 20)


def serve(host: str, port: int, options: Options, clock: Clock | None = None) -> int:
    """Run a server in the foreground until a signal stops it; the process's exit status."""
    try:
        listener = _listen(host, port)
    except OSError as error:
        reason = error.strerror or error
        print(  # noqa: T201 - the command line's answer
            f"cannot listen on {host} port {port}: {reason}. Give another --port, or 0 for any free one.",
            file=sys.stderr,
        )
        return 1
    runtime = Runtime(options, clock)
    api = Api(runtime)
    server = _Server(api, ServerDriver(runtime))
    collect_garbage_less_often()
    url = _url(listener)
    server.farewell = api.misses.farewell
    server.announcement = f"Conductor emulator is ready: {url}/api (executions: {url}/)"
    try:
        server.run([listener])
    except KeyboardInterrupt:
        pass  # uvicorn raises it again after an orderly stop
    finally:
        listener.close()
    return 0


class BackgroundServer:
    """A server behind a port of its own, in a thread of this process: ``with BackgroundServer() as server: …``.

    ``server.url`` is ``http://127.0.0.1:54321``, say; the API is below ``/api``.

    `options`: which server to be like, keys, secrets …
    `clock`: a ``VirtualClock``, or the machine's
    `host`: where to listen; by default only this machine is served
    `port`: 0: the system chooses one
    `around`: puts an ASGI layer around the application
    """

    def __init__(
        self,
        options: Options | None = None,
        clock: Clock | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        around: Around | None = None,
    ) -> None:
        self.runtime = Runtime(options, clock)
        self.api = Api(self.runtime)
        self.driver = ServerDriver(self.runtime)
        self._server = _Server(self.api, self.driver, around)
        self._listener = _listen(host, port)
        self.url = _url(self._listener)
        self._thread = threading.Thread(target=self._run, name="conductor-emulator-server", daemon=True)

    def _run(self) -> None:
        self._server.run([self._listener])

    def start(self) -> Self:
        """Start serving; returns when requests are answered."""
        self._thread.start()
        if not self._server.ready.wait(timeout=30):
            raise TimeoutError(f"the server at {self.url} did not start within 30 s")
        return self

    def stop(self) -> None:
        """Stop serving and end the thread."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self._listener.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
