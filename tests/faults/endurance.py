"""What a runner costs while it polls and polls: `measure(polls)`. Every other poll brings a task."""

from __future__ import annotations

import gc
import json
import threading
import time
import tracemalloc
from collections.abc import Mapping

from conductor_sdk import ApiClient, Task, TaskRunner, TransportResponse

#: The polls are looked at in so many parts of equal length.
PARTS = 10
#: Seconds after which it does not go on any more; it takes a few.
_LONGEST = 300.0


class Answers:
    """A transport in the place of a server: every other poll brings a task."""

    def __init__(self, polls: int) -> None:
        self.polls = 0
        self._part = polls // PARTS
        self._last = time.process_time()
        #: Of each part: CPU seconds of a poll, and the bytes that Python has handed out at its end.
        self.times: list[float] = []
        self.memory: list[int] = []
        self.done = threading.Event()

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float,
    ) -> TransportResponse:
        if path == "/tasks/update-v2":
            return TransportResponse(204, {}, b"")
        self.polls += 1
        if self.polls % self._part == 0 and not self.done.is_set():
            self._note()
        return TransportResponse(200, {"content-type": "application/json"}, self._tasks())

    def _tasks(self) -> bytes:
        if self.polls % 2:
            return b"[]"
        name = f"t{self.polls}"
        task = {"taskId": name, "taskType": "work", "workflowInstanceId": f"w{name}", "inputData": {"n": self.polls}}
        return json.dumps([{**task, "status": "IN_PROGRESS", "responseTimeoutSeconds": 3600}]).encode()

    def _note(self) -> None:
        now = time.process_time()
        gc.collect()
        self.times.append((now - self._last) / self._part)
        self.memory.append(tracemalloc.get_traced_memory()[0])
        self._last = time.process_time()
        if len(self.times) == PARTS:
            self.done.set()

    def execution_page(self, workflow_id: str) -> str | None:
        return None

    def close(self) -> None:
        """Nothing to close."""


def work(task: Task) -> dict[str, int]:
    return {"n": task.input_data["n"]}


def measure(polls: int) -> Answers:
    """Let a runner poll so often."""
    answers = Answers(polls)
    tracemalloc.start()
    try:
        with TaskRunner(ApiClient("http://nowhere.invalid", transport=answers)) as runner:
            runner.start_worker("work", work, poll_interval=0, lease_extend=True)
            assert answers.done.wait(_LONGEST), f"{answers.polls} of {polls} polls in {_LONGEST:g} s"
    finally:
        tracemalloc.stop()
    return answers
