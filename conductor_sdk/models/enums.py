"""The statuses and policies of the wire."""

from __future__ import annotations

from conductor_sdk.models.base import WireEnum


class TaskStatus(WireEnum):
    """Status of a task, and of a worker's result (there only those that a worker may report)."""

    SCHEDULED = "SCHEDULED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    COMPLETED_WITH_ERRORS = "COMPLETED_WITH_ERRORS"
    FAILED = "FAILED"
    FAILED_WITH_TERMINAL_ERROR = "FAILED_WITH_TERMINAL_ERROR"
    TIMED_OUT = "TIMED_OUT"
    CANCELED = "CANCELED"
    SKIPPED = "SKIPPED"

    @property
    def is_terminal(self) -> bool:
        """True when the task has ended."""
        return self not in {TaskStatus.SCHEDULED, TaskStatus.IN_PROGRESS}

    @property
    def is_successful(self) -> bool:
        """True for the ends that let the workflow go on."""
        return self in {TaskStatus.COMPLETED, TaskStatus.COMPLETED_WITH_ERRORS, TaskStatus.SKIPPED}


class WorkflowStatus(WireEnum):
    """Status of a workflow execution."""

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    TERMINATED = "TERMINATED"

    @property
    def is_terminal(self) -> bool:
        """True when the workflow has ended. It can still be retried, restarted or rerun."""
        return self not in {WorkflowStatus.RUNNING, WorkflowStatus.PAUSED}


class TimeoutPolicy(WireEnum):
    """What happens when time is up. A workflow knows TIME_OUT_WF and ALERT_ONLY, a task all three."""

    #: The workflow ends as TIMED_OUT.
    TIME_OUT_WF = "TIME_OUT_WF"
    #: Nothing but a line in the log of the server.
    ALERT_ONLY = "ALERT_ONLY"
    #: The task is tried again, as its retries allow.
    RETRY = "RETRY"


class RetryLogic(WireEnum):
    """How the delay between attempts grows."""

    #: It does not.
    FIXED = "FIXED"
    #: Times the attempt, and the scale factor.
    LINEAR_BACKOFF = "LINEAR_BACKOFF"
    #: Doubled each time.
    EXPONENTIAL_BACKOFF = "EXPONENTIAL_BACKOFF"


class IdempotencyStrategy(WireEnum):
    """What a start with an idempotency key that was used before does. Conductor OSS 3.32 ignores it."""

    #: It is refused.
    FAIL = "FAIL"
    #: It answers with the execution that there is.
    RETURN_EXISTING = "RETURN_EXISTING"
    #: It is refused while that one runs.
    FAIL_ON_RUNNING = "FAIL_ON_RUNNING"
