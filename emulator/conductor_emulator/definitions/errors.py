"""What is refused, and how: the root of all refusals, and what can be wrong with a definition.

    Refusal                     carries the HTTP status and the text that the real server answers with
    ├── DefinitionError
    │   ├── BodyError           the JSON is of another shape or type than the field asks for (500)
    │   └── DefinitionRefused   well-formed, but against the rules of registration (400), or a rule broke on it (500)
    └── EngineError             what an execution refuses (``engine/errors``) and REST on top (``server/errors``)

``WaitTimeError`` (in ``wait_time``) stands apart: it is raised by pure functions that know no request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class Refusal(Exception):
    """Something is refused with a text; ``http_status`` is what the real server answers."""

    http_status = 500

    def __init__(self, message: str, http_status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        if http_status is not None:
            self.http_status = http_status

    @property
    def in_a_text(self) -> str:
        """What a text says of it that is no answer to a request."""
        return self.message


class DefinitionError(Refusal):
    """A request's definition cannot be taken."""


class BodyError(DefinitionError):
    """A body cannot be read as what its endpoint expects. The message begins "JSON parse error: ".

    The real server answers 500 for these, not 400 (rest_validate_wrong_json_types_are_parse_errors).
    """

    def __init__(self, problem: str, where: tuple[str, ...] = ()) -> None:
        self.problem = problem
        self.where = where
        super().__init__(f"JSON parse error: {_sentence(problem, where)}", 500)

    def inside(self, segment: str) -> BodyError:
        """The same problem seen from one level further out: ``retryCount`` becomes ``tasks[0].retryCount``."""
        return BodyError(self.problem, (segment, *self.where))


def _sentence(problem: str, where: tuple[str, ...]) -> str:
    if not where:
        return problem
    path = "".join(part if part.startswith("[") else f".{part}" for part in where)
    return f"{path.removeprefix('.')}: {problem}"


@dataclass(frozen=True, slots=True)
class ValidationError:
    """One broken rule. ``path`` names the endpoint's Java method and argument, as the real server does."""

    path: str
    message: str
    #: The refused value as text; None where the real server names none.
    invalid_value: str | None = None

    def to_wire(self) -> dict[str, str]:
        """The entry of ``validationErrors``."""
        wire = {"path": self.path, "message": self.message}
        if self.invalid_value is not None:
            wire["invalidValue"] = self.invalid_value
        return wire


class DefinitionRefused(DefinitionError):
    """A definition that the server does not register, with every rule it breaks."""

    def __init__(self, http_status: int, message: str, validation_errors: Sequence[ValidationError] = ()) -> None:
        super().__init__(message, http_status)
        self.validation_errors = tuple(validation_errors)

    @property
    def in_a_text(self) -> str:
        """Each rule that it breaks, as the server's exception names them (``ConstraintViolationException``)."""
        return ", ".join(f"{error.path}: {error.message}" for error in self.validation_errors) or self.message

    def to_wire(self) -> dict[str, Any]:
        """The answer's body (without ``instance``, which the REST layer adds where it belongs)."""
        wire: dict[str, Any] = {"status": self.http_status, "message": self.message, "retryable": False}
        if self.validation_errors:
            wire["validationErrors"] = [error.to_wire() for error in self.validation_errors]
        return wire
