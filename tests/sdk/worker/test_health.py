from __future__ import annotations

import logging

import pytest

from conductor_sdk.errors import ServerError, TransportError
from conductor_sdk.worker.health import Backoff, ServerHealth


def test_the_wait_doubles_up_to_its_limit() -> None:
    backoff = Backoff(0.5, 3)
    assert [backoff.delay(n) for n in (1, 2, 3, 4, 5, 1000)] == [0.5, 1, 2, 3, 3, 3]


def test_a_down_server_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    health = ServerHealth()
    with caplog.at_level(logging.INFO, "conductor_sdk"):
        health.worked("a")
        for name in ("a", "b", "a", "b"):
            health.failed(name, TransportError("down"))
        assert [r.levelname for r in caplog.records] == ["WARNING"]
        health.worked("a")
        assert len(caplog.records) == 1
        health.worked("b")
        assert [r.levelname for r in caplog.records] == ["WARNING", "INFO"]
        health.failed("a", TransportError("down again"))
        assert len(caplog.records) == 3


def test_another_kind_of_trouble_is_another_warning(caplog: pytest.LogCaptureFixture) -> None:
    health = ServerHealth()
    health.failed("a", TransportError("down"))
    health.failed("a", ServerError("ill", status=500, method="GET", path="/x"))
    assert [r.levelname for r in caplog.records] == ["WARNING", "WARNING"]
