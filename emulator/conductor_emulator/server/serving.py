"""``conductor-emulator serve``: the application behind a real port, by uvicorn."""

from __future__ import annotations

import os
import socket
import sys

import uvicorn

from conductor_emulator.runtime.drivers.server import ServerDriver
from conductor_emulator.runtime.options import Options
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.server.api import Api
from conductor_emulator.server.asgi import create_app

#: Connections that may wait to be accepted.
BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 lets the system choose. Raises ``OSError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    listening.setblocking(False)
    return listening


def url_of(listening: socket.socket) -> str:
    """``http://HOST:PORT`` as a client on this machine reaches it."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - shown, not bound
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server_for(runtime: Runtime) -> uvicorn.Server:
    """A server that runs this runtime on the event loop that it is started on."""
    app = create_app(Api(runtime), ServerDriver(runtime))
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="on",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
        ws="none",
    )
    return uvicorn.Server(config)


def serve(host: str, port: int, options: Options) -> int:
    """Listen and serve until SIGINT or SIGTERM; the exit status."""
    try:
        listening = listen(host, port)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        print(f"cannot listen on {host}:{port}: {reason}. Choose another --port (0: any free one).", file=sys.stderr)
        return 1
    server = server_for(Runtime(options))
    root = url_of(listening)
    announce = server.startup

    async def startup(sockets: list[socket.socket] | None = None) -> None:
        await announce(sockets)
        if not server.should_exit:
            print(f"Conductor emulator ready: CONDUCTOR_SERVER_URL={root}/api", flush=True)

    server.startup = startup  # type: ignore[method-assign]
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    return 0
