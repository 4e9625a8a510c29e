"""The places where an example must run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.examples.programs import READY_WITHIN, start


@pytest.fixture(scope="session")
def emulator_url() -> Iterator[str]:
    """The /api URL of `conductor-emulator serve`, in a process of its own."""
    program = start(Path(sys.executable).with_name("conductor-emulator"), "serve", "--port", "0")
    try:
        yield program.until(r"https?://[^\s/]+")[0] + "/api"
    finally:
        program.process.terminate()
        program.process.wait(timeout=READY_WITHIN)
        assert program.process.stdout is not None
        program.process.stdout.close()


@pytest.fixture(params=["in memory", "on an emulator"])
def url(request: pytest.FixtureRequest) -> str:
    """CONDUCTOR_SERVER_URL of each place."""
    if request.param == "in memory":
        return "memory://"
    at_the_emulator: str = request.getfixturevalue("emulator_url")
    return at_the_emulator
