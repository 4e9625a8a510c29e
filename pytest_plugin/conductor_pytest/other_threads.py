"""Threads beside the test's own that poll its engine: those of a ``TaskRunner(conductor.client)``, or any others."""

from __future__ import annotations

import json
import re
import threading
import weakref
from collections.abc import Callable, Collection
from typing import Final
from urllib.parse import unquote

from conductor_emulator.engine.queue_names import queue_name
from conductor_emulator.runtime.waiting import Wait
from conductor_emulator.server.answer import Answer
from conductor_emulator.server.request import Request

_POLL: Final = re.compile(r"/api/tasks/poll/(?:batch/)?([^/]+)")
#: Its answer may bring the next task.
_REPORT_AND_POLL: Final = "/api/tasks/update-v2"


class ThreadsPoll(Wait[Answer]):
    """A poll of such a thread, which waits in real time."""


class OtherThreads:
    """What they poll for, and which tasks they have taken. ``runners`` gives the queues that runners poll."""

    def __init__(self, runners: Callable[[], Collection[tuple[str, str | None]]]) -> None:
        self._runners = runners
        self._home = threading.get_ident()
        self._polled: dict[str, weakref.WeakSet[threading.Thread]] = {}
        self._taken: dict[str, threading.Thread] = {}

    @property
    def is_one(self) -> bool:
        """Whether it is one of them that asks: not the thread that has made the engine."""
        return threading.get_ident() != self._home

    @property
    def are_none(self) -> bool:
        return not self._polled and not self._runners()

    def ask(self, request: Request, answer: Callable[[Request], Answer | Wait[Answer]]) -> Answer | Wait[Answer]:
        """Have a request of such a thread answered, and note what that says about it."""
        poll = _POLL.fullmatch(request.path)
        if poll is not None:
            queue = unquote(poll[1]), request.text("domain")
            if queue not in self._runners():
                self._polled.setdefault(queue_name(*queue), weakref.WeakSet()).add(threading.current_thread())
        elif request.path != _REPORT_AND_POLL:
            return answer(request)
        answered = answer(request)
        if not isinstance(answered, Wait):
            return self._noted(answered)
        attempt = answered.attempt

        def attempt_and_note() -> Answer | None:
            found = attempt()
            return None if found is None else self._noted(found)

        return ThreadsPoll(answered.keys, attempt_and_note, answered.timeout_ms, answered.otherwise)

    def _noted(self, answer: Answer) -> Answer:
        if answer.status == 200 and answer.body:
            told = json.loads(answer.body)
            for task in told if isinstance(told, list) else [told]:
                self._taken[task["taskId"]] = threading.current_thread()
        return answer

    def attend(self, task_type: str, domain: str | None) -> bool:
        """Whether one of them, other than this thread, takes what waits in a queue."""
        if (task_type, domain) in self._runners():
            return True
        if not self._polled:
            return False
        asking = threading.current_thread()
        threads = self._polled.get(queue_name(task_type, domain), ())
        return any(thread is not asking and thread.is_alive() for thread in threads)

    def work_on(self, task_id: str) -> bool:
        """Whether one of them, other than this thread, has taken a task. A runner hands it on to others."""
        thread = self._taken.get(task_id)
        if thread is None or thread is threading.current_thread():
            return False
        return thread.is_alive() or bool(self._runners())
