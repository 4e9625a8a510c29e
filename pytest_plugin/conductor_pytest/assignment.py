"""Who does the work of a worker's task: a stub, the worker of its type and domain, or nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from conductor_pytest.errors import shown_at_the_test
from conductor_pytest.rules import Match, RuleBook, Subject
from conductor_pytest.workers import Workers
from conductor_sdk import WorkerDefinition

__tracebackhide__ = shown_at_the_test


class Assignment(NamedTuple):
    """What the rules say about a task, and the worker that takes it where they leave it to one."""

    match: Match
    worker: WorkerDefinition | None

    @property
    def is_stub(self) -> bool:
        return self.match.answer is not None

    def work(self, task_type: str) -> WorkerDefinition:
        """What is to be called; not for tasks that stay unanswered."""
        answer = self.match.answer
        if answer is not None and answer.work is not None:
            return WorkerDefinition(task_type, answer.work)
        assert self.worker is not None  # noqa: S101 - nothing is assigned to nobody
        return self.worker


def assign(
    workers: Workers, rules: RuleBook, task_type: str, domain: str | None, subject: Callable[[], Subject]
) -> Assignment | None:
    """Who does the work; None if nobody does. ``subject`` is asked only if there are rules."""
    match = rules.match(subject()) if rules.rules else Match(None, None)
    worker = workers.find(task_type, domain)
    return None if worker is None and match.answer is None else Assignment(match, worker)
