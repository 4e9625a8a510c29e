"""A client for each test."""

from __future__ import annotations

import pytest

from tests.emulator.server.api_client import Client


@pytest.fixture
def client() -> Client:
    """The API over a runtime of its own."""
    return Client()
