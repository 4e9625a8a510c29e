"""What the faults are made with."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from tests.faults.faulty_proxy import FaultyProxy


def test_while_it_is_away_nobody_is_answered_and_nobody_else_gets_its_port() -> None:
    proxy = FaultyProxy("http://127.0.0.1:1/")
    port = urlsplit(proxy.url).port or 0
    try:
        proxy.go_away()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=20)
        with pytest.raises(OSError, match="in use"), socket.create_server(("127.0.0.1", port)):
            pass
        proxy.come_back()
        socket.create_connection(("127.0.0.1", port), timeout=20).close()
    finally:
        proxy.close()
