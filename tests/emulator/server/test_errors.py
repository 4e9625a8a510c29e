from __future__ import annotations

import json
from typing import Any

import pytest

from conductor_emulator.definitions import BodyError, DefinitionRefused, ValidationError
from conductor_emulator.engine.errors import BadRequest, Conflict, NotFound, ServerFault
from conductor_emulator.server.errors import (
    INSTANCE,
    MethodNotAllowed,
    ValidationFailed,
    error_answer,
)

PLAIN = {"instance": INSTANCE, "retryable": False}


@pytest.mark.parametrize(
    ("error", "body"),
    [
        (NotFound("gone"), {"status": 404, "message": "gone", **PLAIN}),
        (BadRequest("no"), {"status": 400, "message": "no", **PLAIN}),
        (ServerFault("odd"), {"status": 500, "message": "odd", **PLAIN}),
        (MethodNotAllowed("PUT"), {"status": 405, "message": "Request method 'PUT' is not supported", **PLAIN}),
        (Conflict("ended"), {"status": 409, "message": "ended", **PLAIN}),
        (BodyError("bad"), {"status": 500, "message": "JSON parse error: bad", **PLAIN}),
        (DefinitionRefused(500, "broke"), {"status": 500, "message": "broke", **PLAIN}),
        (
            DefinitionRefused(400, "refused", [ValidationError("a.b", "must not", "1")]),
            {
                "status": 400,
                "message": "refused",
                "retryable": False,
                "validationErrors": [{"path": "a.b", "message": "must not", "invalidValue": "1"}],
            },
        ),
        (
            ValidationFailed(("x.arg0", "too many", None)),
            {
                "status": 400,
                "message": "Validation failed, check below errors for detail.",
                "retryable": False,
                "validationErrors": [{"path": "x.arg0", "message": "too many"}],
            },
        ),
    ],
)
def test_error_bodies(error: Exception, body: dict[str, Any]) -> None:
    answer = error_answer(error)
    assert json.loads(answer.body) == body
    assert answer.status == body["status"]
    assert answer.content_type == "application/json"


def test_a_fault_of_the_emulator_is_logged_and_answered(caplog: pytest.LogCaptureFixture) -> None:
    answer = error_answer(KeyError("x"))
    assert json.loads(answer.body)["message"] == "KeyError: 'x'"
    assert "fault of the emulator" in caplog.text
