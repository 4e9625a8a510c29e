from __future__ import annotations

import re
from typing import Any

import pytest

from conductor_sdk import errors
from conductor_sdk.errors import ApiError, BadRequest, Conflict, NotFound, ServerError, Unauthorized, api_error


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequest),
        (422, BadRequest),
        (401, Unauthorized),
        (403, Unauthorized),
        (404, NotFound),
        (409, Conflict),
        (418, ApiError),
        (500, ServerError),
        (503, ServerError),
    ],
)
def test_each_status_has_its_exception(status: int, kind: type[ApiError]) -> None:
    error = api_error(status, "GET", "/workflow/x", {"message": "No such workflow", "retryable": True})
    assert type(error) is kind
    assert (error.status, error.method, error.path, error.message) == (status, "GET", "/workflow/x", "No such workflow")
    assert error.retryable
    assert str(error) == f"GET /workflow/x answered {status}: No such workflow"


def test_validation_messages_are_lines() -> None:
    body = {
        "message": "Validation failed, check below errors for detail.",
        "validationErrors": [{"path": "arg0.tasks[0].name", "message": "name is empty", "invalidValue": ""}],
    }
    error = api_error(400, "POST", "/metadata/workflow", body, advice="Mend it.")
    assert str(error).splitlines()[1:] == ["  - name is empty (at arg0.tasks[0].name)", "Mend it."]
    assert error.validation_errors == (errors.ValidationError("arg0.tasks[0].name", "name is empty", ""),)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (None, "no reason given"),
        ("plain words", "plain words"),
        ({"error": "EXPIRED_TOKEN"}, "EXPIRED_TOKEN"),
        ("<html><body>" + "x" * 9000, "an HTML page"),
        ("x" * 9000, "x …"),
    ],
)
def test_the_text_stays_readable(body: Any, text: str) -> None:
    message = str(api_error(500, "GET", "/x", body))
    assert text in message
    assert len(message) < 2100


def test_builtins_are_kept() -> None:
    assert issubclass(errors.NotFound, LookupError)
    assert issubclass(errors.RequestTimedOut, TimeoutError)
    assert issubclass(errors.WaitTimedOut, TimeoutError)
    assert issubclass(errors.TransportError, ConnectionError)
    assert issubclass(errors.ConfigurationError, ValueError)


def test_the_tree_in_the_docstring_is_complete() -> None:
    drawn = set(re.findall(r"[├└]── (\w+)", errors.__doc__ or ""))
    there = {
        name
        for name, thing in vars(errors).items()
        if isinstance(thing, type) and issubclass(thing, errors.ConductorError) and thing is not errors.ConductorError
    }
    assert drawn == there
