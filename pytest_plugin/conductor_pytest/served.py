"""The emulator behind a real port, in a thread of the test's process: for programs in other processes or languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_pytest.harness import Conductor
from conductor_pytest.on_cluster import OnCluster
from conductor_pytest.wire import WireFaults

if TYPE_CHECKING:
    from conductor_emulator.runtime.options import Options
    from conductor_emulator.server.serving import BackgroundServer


class ConductorServer(Conductor):
    """A harness on a server with a port. Its time is real; names are as they are written, since others use them too.

    ``ConductorServer()`` starts an emulator; with a URL it is that server, which is cleaned up but not stopped.
    """

    def __init__(self, url: str | None = None, *, timeout: float = 60.0, options: Options | None = None) -> None:
        faults = WireFaults()
        self._served = None if url is not None else _start(options, faults)
        address = url or "" if self._served is None else self._served.url
        place = OnCluster(address, timeout=timeout, own_names=False, is_shared=self._served is None)
        place.faults = faults
        super().__init__(place)

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


def _start(options: Options | None, faults: WireFaults) -> BackgroundServer:
    from conductor_emulator.server.serving import BackgroundServer
    from conductor_pytest.wire_server import FaultyApplication

    return BackgroundServer(options, around=lambda app: FaultyApplication(app, faults)).start()
