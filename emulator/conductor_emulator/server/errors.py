"""Refusals of the REST layer, and how any exception becomes the error body of the real server.

::

    RequestError                   any status; the engine's own refusals (``engine/errors``) serve here as well
    ├── MethodNotAllowed    405
    └── ValidationFailed    400    broken constraints on an argument, one entry each

The body has the keys status, message, instance, retryable; a failed validation has validationErrors and no instance
(``ApplicationExceptionMapper``, ``ValidationExceptionMapper``).
"""

from __future__ import annotations

import logging
from typing import Any, Final

from conductor_emulator.definitions import DefinitionRefused
from conductor_emulator.definitions.errors import Refusal
from conductor_emulator.engine.errors import EngineError
from conductor_emulator.server.answer import Answer, json_answer

#: One for the package, as others have: pytest goes through all loggers that there are, several times in each test.
_log = logging.getLogger("conductor_emulator.server")

#: What stands for the name of the server's machine.
INSTANCE: Final = "conductor-emulator"
#: What the server says to a null among ids or names.
NULL_KEY: Final = "Could not write JSON: Null key for a Map not allowed in JSON (use a converting NullKeySerializer?)"
VALIDATION_FAILED: Final = "Validation failed, check below errors for detail."


class RequestError(EngineError):
    """A request is refused by REST itself, with any status."""


class MethodNotAllowed(RequestError):
    """The path is known, with other methods."""

    http_status = 405

    def __init__(self, method: str) -> None:
        super().__init__(f"Request method '{method}' is not supported")


class ValidationFailed(RequestError):
    """Constraints on an argument are broken; ``violations`` are (path, message, refused value or None)."""

    http_status = 400

    def __init__(self, *violations: tuple[str, str, str | None]) -> None:
        super().__init__(VALIDATION_FAILED)
        self.violations = violations

    def to_wire(self) -> dict[str, Any]:
        """The body of the answer."""
        found: list[dict[str, str]] = []
        for path, message, value in self.violations:
            entry = {"path": path, "message": message}
            if value is not None:
                entry["invalidValue"] = value
            found.append(entry)
        return {"status": 400, "message": self.message, "retryable": False, "validationErrors": found}


def error_body(status: int, message: str) -> dict[str, Any]:
    """The usual error body."""
    return {"status": status, "message": message, "instance": INSTANCE, "retryable": False}


def error_answer(error: Exception) -> Answer:
    """What a request is answered with that raised this error."""
    if isinstance(error, ValidationFailed):
        return json_answer(error.to_wire(), 400)
    if isinstance(error, DefinitionRefused):
        wire = error.to_wire()
        if "validationErrors" not in wire:
            wire["instance"] = INSTANCE
        return json_answer(wire, error.http_status)
    if isinstance(error, Refusal):
        return json_answer(error_body(error.http_status, error.message), error.http_status)
    _log.error("a request ended in a fault of the emulator", exc_info=error)
    return json_answer(error_body(500, f"{type(error).__name__}: {error}"), 500)
