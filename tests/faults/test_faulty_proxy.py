"""What the faults are made with."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from tests.faults.faulty_proxy import FaultyProxy


def test_while_it_is_away_nobody_is_answered_and_nobody_else_gets_its_port() -> None:
    with socket.socket() as nobody:  # holds a port at which there is no server
        nobody.bind(("127.0.0.1", 0))
        proxy = FaultyProxy(f"http://127.0.0.1:{nobody.getsockname()[1]}/")
        port = urlsplit(proxy.url).port or 0
        try:
            proxy.go_away()
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=20)
            with pytest.raises(OSError, match="in use"), socket.create_server(("127.0.0.1", port)):
                pass
            proxy.come_back()
            with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
                assert client.recv(1) == b""
        finally:
            proxy.close()
