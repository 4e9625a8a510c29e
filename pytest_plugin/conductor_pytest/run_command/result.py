"""How a run came out, as text and as JSON, in the words of ``expect``."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from conductor_pytest.blockers import family_blockers
from conductor_pytest.run_command.shell import in_words_of_the_shell
from conductor_pytest.runs import Run, RunTask


@dataclass(slots=True)
class Result:
    """One run of one case."""

    run: Run
    case: str = ""
    #: it says what has to come of it
    is_test: bool = False
    #: why it was given up
    stuck: str = ""
    #: expectations that were not met, stubs that no task met
    unmet: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    #: what else was started: failure workflows, those of events
    others: list[Run] = field(default_factory=list)
    pages: list[Path] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        if self.stuck or self.unmet:
            return False
        return self.is_test or self.run.status == "COMPLETED"

    def text(self) -> str:
        """The timeline with logs, those of what else was started, the output, and what is wrong."""
        parts = [f"{self.case}:"] if self.case else []
        parts.append(self.run.timeline(logs=True))
        parts += [self._timeline(run) for run in self.others]
        parts.append(f"output: {json.dumps(self.run.output, indent=2, ensure_ascii=False)}")
        parts += [problem for problem in (self.stuck, *self.unmet, *self.remarks) if problem]
        parts += [f"page: {page.as_uri()}" for page in self.pages]
        return "\n".join(parts)

    def document(self) -> dict[str, Any]:
        """The same as a JSON object; times in seconds."""
        run = self.run
        return {
            "case": self.case or None,
            "workflow": run.name,
            "version": run.version,
            "id": run.id,
            "status": str(run.status),
            "reason": run.reason,
            "elapsed": run.elapsed.total_seconds(),
            "input": run.input,
            "output": run.output,
            "variables": run.variables,
            "path": run.path,
            "tasks": [_task(task) for task in run.tasks],
            "waits": self._waits(run),
            "stuck": self.stuck or None,
            "unmet": self.unmet,
            "pages": [str(page) for page in self.pages],
        }

    def _timeline(self, run: Run) -> str:
        return "\n".join([run.timeline(logs=True), *(f"  waits: {sentence}" for sentence in self._waits(run))])

    def _waits(self, run: Run) -> list[str]:
        return [in_words_of_the_shell(sentence) for sentence in family_blockers(run.place, run.id)]


def _task(task: RunTask) -> dict[str, Any]:
    return {
        "reference": task.reference,
        "type": task.type,
        "status": str(task.status),
        "attempt": task.attempt,
        "reason": task.reason,
        "input": task.input,
        "output": task.output,
        "logs": task.logs,
        "scheduled_after": task.scheduled_after.total_seconds(),
        "started_after": _seconds(task.started_after),
        "ended_after": _seconds(task.ended_after),
    }


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
