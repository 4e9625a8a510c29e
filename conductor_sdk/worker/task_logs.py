"""Python's logging, forwarded to the log of the task that is being executed. On request only."""

from __future__ import annotations

import logging

from conductor_sdk.worker.context import current_context


class TaskLogHandler(logging.Handler):
    """Adds what a worker logs to its task's log: `logging.getLogger("shop").addHandler(TaskLogHandler())`.

    Lines that are logged outside of a worker are left to other handlers. They reach the server with the result.

    `level`: of what is added, as for any handler of `logging`
    """

    def __init__(self, level: int | str = logging.INFO) -> None:
        super().__init__(level)
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Add one `record` to the log of the task that this thread executes; for `logging`."""
        context = current_context()
        if context is None:
            return
        try:
            context.log(self.format(record))
        except Exception:  # noqa: BLE001 - logging's own way with what cannot be formatted
            self.handleError(record)
