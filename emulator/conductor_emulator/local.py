"""An emulator without a socket: what ``memory://`` and other callers of this process talk to."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import ClassVar

from conductor_emulator.local_pages import PageFiles
from conductor_emulator.runtime.drivers.threads import ThreadsDriver
from conductor_emulator.runtime.options import Options
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.runtime.waiting import Wait
from conductor_emulator.server.api import Api, make_request


class LocalServer:
    """REST requests as function calls. Thread-safe; a long poll blocks the calling thread only."""

    _shared: ClassVar[dict[str, LocalServer]] = {}
    _shared_lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, options: Options | None = None) -> None:
        self.runtime = Runtime(options)
        self.api = Api(self.runtime)
        self._driver = ThreadsDriver(self.runtime)
        self._pages = PageFiles(self.runtime)

    @classmethod
    def shared(cls, url: str) -> LocalServer:
        """The emulator of a URL such as ``memory://`` or ``memory://name``; the same URL gives the same one."""
        with cls._shared_lock:
            server = cls._shared.get(url)
            if server is None:
                server = cls._shared[url] = cls()
            return server

    def handle(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Answer one request: status, headers, body. ``target`` is path and query as in a request line."""
        lowered = {name.lower(): value for name, value in headers.items()}
        request = make_request(method, target, lowered, body)
        answer = self._driver.call(lambda: self.api.dispatch(request))
        if isinstance(answer, Wait):
            answer = self._driver.carry_out(answer)
        answered = dict(answer.headers)
        if answer.content_type is not None:
            answered["Content-Type"] = answer.content_type
        return answer.status, answered, b"" if method == "HEAD" else answer.body

    def execution_page(self, workflow_id: str) -> str:
        """Write the page of an execution to a file, and again when it ends; the file's path."""
        return str(self._driver.call(lambda: self._pages.write(workflow_id)))

    def close(self) -> None:
        """End the emulator's threads; what it knows is gone with it."""
        self._driver.close()
        with self._shared_lock:
            for url in [url for url, server in self._shared.items() if server is self]:
                del self._shared[url]
