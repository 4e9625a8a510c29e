"""Everything that this package raises.

ConductorError
├── ConfigurationError          a setting or an argument that cannot work (also ValueError)
├── DefinitionError             a workflow that cannot be right, refused before it is sent (also ValueError)
├── PayloadError                a value that has no JSON form (also TypeError)
├── TransportError              no answer: the server was not reached, or the connection broke (a ConnectionError)
│   └── RequestTimedOut         the server did not answer in time (also TimeoutError)
├── ApiError                    the server answered with an error status
│   ├── BadRequest              400, 422: the request or the definition is wrong
│   ├── Unauthorized            401, 403: the key, the secret or the rights
│   ├── NotFound                404 (also LookupError)
│   ├── Conflict                409: exists already, or is in the wrong state
│   └── ServerError             500 and above
├── AnswerError                 the server answered with something that is not Conductor's
├── StartsFailed                of many starts some were refused; has the ids of the others
├── WorkflowFailed              a workflow that was waited for did not end COMPLETED
├── WaitTimedOut                a workflow that was waited for has not ended in time (also TimeoutError)
├── TerminalError               raised by a worker: fail this task for good, without retries
└── Retry                       raised by a worker: offer this task again later
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conductor_sdk.models.workflow_run import Workflow


class ConductorError(Exception):
    """Base of all errors of this package."""


class ConfigurationError(ConductorError, ValueError):
    """A setting or an argument cannot work; the text says which and what to set instead."""


class DefinitionError(ConductorError, ValueError):
    """A workflow definition cannot be right and was not sent to the server."""


class PayloadError(ConductorError, TypeError):
    """A value has no JSON form; the text names its place and type."""


class TransportError(ConductorError, ConnectionError):
    """There was no answer. Whether the server has carried out the request is unknown unless `sent` is False."""

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        #: False: the connection was never made, so the server has not seen the request.
        self.sent = sent


class RequestTimedOut(TransportError, TimeoutError):
    """The server did not answer within the request's time limit."""


@dataclass(frozen=True, slots=True)
class ValidationError:
    """One line of the server's complaint about a definition."""

    #: Where, in the words of the server.
    path: str
    #: What.
    message: str
    #: What stands there.
    invalid_value: str | None = None


class ApiError(ConductorError):
    """The server answered with an error status."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        method: str,
        path: str,
        code: str | None = None,
        validation_errors: Sequence[ValidationError] = (),
        retryable: bool = False,
        body: Any = None,
        advice: str = "",
        retry_after: float | None = None,
    ) -> None:
        #: The server's own words.
        self.message = message
        #: The HTTP status.
        self.status = status
        #: Of the request: GET, POST …
        self.method = method
        #: Path of the request below the server's URL, without its query.
        self.path = path
        #: Error code such as EXPIRED_TOKEN, where the server gives one.
        self.code = code
        #: What is wrong with a definition, line by line.
        self.validation_errors: tuple[ValidationError, ...] = tuple(validation_errors)
        #: True: the server says that asking again may help.
        self.retryable = retryable
        #: The answer's body: parsed JSON, or text.
        self.body = body
        #: Seconds after which the server wants to be asked again, where it says so.
        self.retry_after = retry_after
        lines = [f"{method} {path} answered {status}: {message or 'no reason given'}"]
        lines += [f"  - {error.message} (at {error.path})" for error in self.validation_errors]
        if advice:
            lines.append(advice)
        super().__init__("\n".join(lines))


class BadRequest(ApiError):
    """400 or 422: the request or the definition in it is wrong."""


class Unauthorized(ApiError):
    """401 or 403: no key, a wrong key, or a key without the right for this."""


class NotFound(ApiError, LookupError):
    """404: the server knows no such thing."""


class Conflict(ApiError):
    """409: it exists already, or its state does not allow this."""


class ServerError(ApiError):
    """500 and above. Conductor also answers 500 to some mistakes of the client; read the message."""


class AnswerError(ConductorError):
    """The server answered with something that is not Conductor's, for example a proxy's HTML page."""


class StartsFailed(ConductorError):
    """Of several workflows some could not be started. The others have been: starting all again starts them twice."""

    def __init__(self, ids: Sequence[str | None], errors: Sequence[ConductorError]) -> None:
        super().__init__(f"{len(errors)} of {len(ids)} workflows could not be started: {errors[0]}")
        #: One for each request, in their order; None where it was refused.
        self.ids: list[str | None] = list(ids)
        #: Why, for each that was refused, in their order.
        self.errors: list[ConductorError] = list(errors)


class WorkflowFailed(ConductorError):
    """A workflow that was waited for ended, and not as COMPLETED."""

    def __init__(self, message: str, workflow: Workflow) -> None:
        super().__init__(message)
        #: The ended workflow, with its tasks.
        self.workflow = workflow


class WaitTimedOut(ConductorError, TimeoutError):
    """A workflow that was waited for has not ended in time; it runs on."""


class TerminalError(ConductorError):
    """Raise it in a worker to fail the task as FAILED_WITH_TERMINAL_ERROR: it is not retried.

    For what a retry would never mend: invalid input, a missing record, a request that is not allowed.
    """


class Retry(ConductorError):
    """Raise it in a worker to be offered the task again `after` some seconds: `raise Retry("no stock yet", after=30)`.

    The server has no delay for one failed attempt, only the one of the task definition. So this attempt goes on: it is
    handed out again, `task.poll_count` grows, `task.retry_count` does not. After `at_most` deliveries, or without
    `after`, the task fails, and the definition's retries and their delay apply.

    `reason`: kept and shown as `reason_for_incompletion`, once the task fails
    """

    def __init__(self, reason: str = "", *, after: float | None = None, at_most: int | None = None) -> None:
        super().__init__(reason or "the worker asks to be called again")
        #: Seconds until the task is offered again; None: it fails.
        self.after = after
        #: After so many deliveries it fails; None: never.
        self.at_most = at_most


_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Unauthorized,
    404: NotFound,
    409: Conflict,
    422: BadRequest,
}


def api_error(
    status: int, method: str, path: str, body: Any, *, advice: str = "", retry_after: float | None = None
) -> ApiError:
    """The exception for an error answer, with what the server says in its body."""
    fields: dict[str, Any] = body if isinstance(body, dict) else {}
    message = fields.get("message") or fields.get("error") or (body if isinstance(body, str) else "")
    complaints = fields.get("validationErrors") or ()
    kind = _BY_STATUS.get(status) or (ServerError if status >= 500 else ApiError)
    return kind(
        _brief(str(message)),
        status=status,
        method=method,
        path=path,
        code=fields.get("error") or fields.get("code"),
        validation_errors=[
            ValidationError(str(c.get("path", "")), str(c.get("message", "")), c.get("invalidValue"))
            for c in complaints
            if isinstance(c, dict)
        ],
        retryable=bool(fields.get("retryable")),
        body=body,
        advice=advice,
        retry_after=retry_after,
    )


def _brief(message: str) -> str:
    """No pages of HTML on the user's screen."""
    if message.lstrip()[:1] == "<":
        return "an HTML page; does something else than Conductor listen there?"
    return message if len(message) <= 2000 else message[:2000] + " …"
