"""A web server that answers as it is told and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Headers = list[tuple[str, str]]
Route = tuple[int | str, Headers, bytes] | Callable[["Seen"], tuple[int | str, Headers, bytes]]

SILENT: tuple[int | str, Headers, bytes] = ("", [], b"")
JSON = [("Content-Type", "application/json")]


@dataclass
class Seen:
    """One request as it came over the wire."""

    method: str
    target: str
    headers: Headers
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for given, value in self.headers if given.lower() == name]


@dataclass
class Web:
    """Answers by path; a status may carry a reason of its own, and a negative length cuts the body short."""

    url: str = ""
    routes: dict[str, Route] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    def answer(self, seen: Seen) -> tuple[int | str, Headers, bytes]:
        self.seen.append(seen)
        route = self.routes.get(seen.target.partition("?")[0], (200, [], b"{}"))
        return route(seen) if callable(route) else route


def handler(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline()
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            status, headers, body = web.answer(Seen(self.command, self.path, list(self.headers.items()), self._body()))
            if status == "":
                self.close_connection = True
                return
            if not any(name == "Content-Length" for name, _ in headers):
                headers = [*headers, ("Content-Length", str(len(body)))]
            lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "", ""]
            self.wfile.write("\r\n".join(lines).encode("latin-1") + (b"" if self.command == "HEAD" else body))
            self.close_connection = any(pair == ("Connection", "close") for pair in headers)

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b""
            while length := int(self.rfile.readline(), 16):
                body += self.rfile.read(length)
                self.rfile.readline()
            self.rfile.readline()
            return body

    return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
