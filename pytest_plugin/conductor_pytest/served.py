"""The emulator behind a real port, in a thread of the test's process: for programs in other processes or languages."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from conductor_pytest.harness import Conductor
from conductor_pytest.on_cluster import OnCluster

if TYPE_CHECKING:
    import socket

    from conductor_emulator.runtime.options import Options

_READY_WITHIN = 30.0
_STOPPED_WITHIN = 10.0


class ConductorServer(Conductor):
    """A harness on a server with a port. Its time is real; names are as they are written, since others use them too.

    ``ConductorServer()`` starts an emulator; with a URL it is that server, which is cleaned up but not stopped.
    """

    def __init__(self, url: str | None = None, *, timeout: float = 60.0, options: Options | None = None) -> None:
        self._served = None if url is not None else _Served(options)
        address = url if self._served is None else self._served.url
        assert address is not None  # noqa: S101 - one of the two is there
        super().__init__(OnCluster(address, timeout=timeout, own_names=False, is_shared=self._served is None))

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return self.place.url

    @property
    def api_url(self) -> str:
        """The same with ``/api``: what CONDUCTOR_SERVER_URL is to be."""
        return f"{self.url}/api"

    @property
    def is_emulator(self) -> bool:
        return self._served is not None

    def close(self) -> None:
        super().close()
        if self._served is not None:
            self._served.stop()


class _Served:
    """uvicorn in a thread of its own."""

    def __init__(self, options: Options | None) -> None:
        from conductor_emulator.runtime.options import Options
        from conductor_emulator.runtime.runtime import Runtime
        from conductor_emulator.server.serving import listen, server_for, url_of

        listening = listen("127.0.0.1", 0)
        self.url = url_of(listening)
        self._server = server_for(Runtime(options or Options()))
        self._ready = threading.Event()
        announce = self._server.startup

        async def startup(sockets: list[socket.socket] | None = None) -> None:
            await announce(sockets)
            self._ready.set()

        self._server.startup = startup  # type: ignore[method-assign]
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, name="conductor-server", daemon=True
        )
        self._thread.start()
        if not self._ready.wait(_READY_WITHIN):
            raise RuntimeError(f"the emulator at {self.url} was not ready within {_READY_WITHIN:g} s")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(_STOPPED_WITHIN)
