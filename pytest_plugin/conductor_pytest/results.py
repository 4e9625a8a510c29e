"""Results on their way to a real server, in the manner that the test asks for: at once or later, once or twice."""

from __future__ import annotations

import time
from collections.abc import Callable

from conductor_pytest.durations import span
from conductor_pytest.errors import needs_emulator, shown_at_the_test
from conductor_pytest.rules import RESEND_MS, Rule
from conductor_sdk import ApiClient, TaskResult
from conductor_sdk.worker.reporting import Reporter

__tracebackhide__ = shown_at_the_test

#: Nothing that is due in real time later than this (ms) is waited for.
PATIENCE_MS = 15_000


class Results:
    """What is sent, and what is to be sent when its time has come."""

    def __init__(self, client: ApiClient) -> None:
        self._reporter = Reporter(client)
        #: when (s, monotonic) and what
        self._later: list[tuple[float, TaskResult]] = []
        #: tasks whose result is on its way: why, in words
        self.held: dict[str, str] = {}

    def send(self, result: TaskResult, manner: Rule | None, again: Callable[[], TaskResult]) -> None:
        """Send a result; ``again`` has the work done once more."""
        kind = None if manner is None else manner.manner
        if kind is None:
            self._send(result)
        elif kind == "duplicate":
            second = again()
            self._send(result)
            self._send(second)
        elif kind == "lose_response":
            self._send(result)
            self._send_later(result, RESEND_MS)
        elif kind == "lose_request":
            self.held[result.task_id] = "is done, but its result was lost and is sent again"
            self._send_later(result, RESEND_MS)
        elif kind == "delay" and manner is not None and manner.delay_ms <= PATIENCE_MS:
            self.held[result.task_id] = f"is being worked on for {span(manner.delay_ms)}"
            self._send_later(result, manner.delay_ms)
        else:
            needs_emulator(f"{manner}")

    def send_due(self) -> bool:
        """Send a result whose time has come; False if there is none."""
        for position, (due, result) in enumerate(self._later):
            if due <= time.monotonic():
                del self._later[position]
                self._send(result)
                return True
        return False

    def _send_later(self, result: TaskResult, milliseconds: int) -> None:
        self._later.append((time.monotonic() + milliseconds / 1000, result))

    def _send(self, result: TaskResult) -> None:
        self.held.pop(result.task_id, None)
        self._reporter.report(result)
