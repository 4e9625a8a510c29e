"""What the engine refuses, and how it says so.

::

    EngineError                      carries the HTTP status that a server answers
    ├── BadRequest          400      the command itself makes no sense
    ├── NotFound            404      no such execution, task or definition
    ├── Conflict            409      the execution is in a state that forbids the command
    ├── TooManyRequests     429      a limit forbids it now
    ├── ServerFault         500      the server answers 500 here, and so do we
    └── RequestError                 what REST itself refuses (``server/errors``)

    EndWorkflow                      internal: an evaluation found that the workflow has to end

A refused command changes nothing. One thing is no refusal: a report on a task counts even if what follows from it
cannot be made (a WAIT whose duration cannot be read). Then the reporter is told, the evaluation is taken back, and the
next one says the same again (scenario ``tasks_wait_bad_duration_after_a_worker``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.definitions.errors import Refusal

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.status import WorkflowStatus


class EngineError(Refusal):
    """A command was refused."""


class BadRequest(EngineError):
    """The command itself makes no sense, whatever the state."""

    http_status = 400


class NotFound(EngineError):
    """There is no such execution, task or definition (or the server says so)."""

    http_status = 404


class Conflict(EngineError):
    """The execution is in a state that forbids the command."""

    http_status = 409


class TooManyRequests(EngineError):
    """A limit forbids the command now; later it may be taken."""

    http_status = 429


class ServerFault(EngineError):
    """Refused with a 500 by the server, hence here too."""

    http_status = 500


class EndWorkflow(Exception):
    """Raised inside an evaluation: the workflow ends now with this status (``TerminateWorkflowException``)."""

    def __init__(self, reason: str, status: WorkflowStatus, task: TaskRun | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.task = task
