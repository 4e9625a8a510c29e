"""The workflow as it is drawn, with what happened at each task: the path taken, attempts, and where it stands.

::

    ✓ validate
    ✓ route  SWITCH
    ├ case card
    │   ✗ charge  FAILED × 3
    ├ default: not taken (bank)
    – ship
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from conductor_pytest.rules import plain_reference
from conductor_sdk import TaskStatus

if TYPE_CHECKING:
    from conductor_sdk import Task, Workflow
    from conductor_sdk.models.workflow_def import WorkflowTask

#: Lines of a diagram that are shown.
_MOST_LINES = 60
#: Attempts with different ends that are named, the newest ones.
_MOST_ENDS = 4
_NOT_REACHED = "–"
_WITHOUT_A_TYPE = ("SIMPLE", "")


def diagram(workflow: Workflow) -> str:
    """One line a task of the definition; empty where the server does not tell the definition."""
    definition = workflow.workflow_definition
    if definition is None:
        return ""
    lines = list(_Drawing(workflow.tasks).sequence(definition.tasks))
    if len(lines) > _MOST_LINES:
        lines[_MOST_LINES:] = [f"… {len(lines) - _MOST_LINES} more lines"]
    return "\n".join(lines)


def case_of(task: Task) -> str | None:
    """What a SWITCH came to; None if it has not, or is none."""
    came = task.output_data.get("evaluationResult")
    return came[0] if isinstance(came, list) and len(came) == 1 and isinstance(came[0], str) else None


class _Drawing:
    """What happened to each task, by its reference name without the iteration."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._runs: dict[str, list[Task]] = {}
        for task in tasks:
            self._runs.setdefault(plain_reference(task), []).append(task)

    def sequence(self, nodes: Sequence[WorkflowTask]) -> Iterator[str]:
        for node in nodes:
            reference = node.task_reference_name
            kind = "" if node.type in _WITHOUT_A_TYPE else node.type
            yield self._line(reference, kind, node.join_on) + self._no_case(node)
            if reference in self._runs:
                yield from self._blocks(node)

    def _no_case(self, node: WorkflowTask) -> str:
        """What a SWITCH came to that has no case of it, and no default."""
        runs = self._runs.get(node.task_reference_name)
        case = case_of(runs[-1]) if runs and node.decision_cases and not node.default_case else None
        return "" if case is None or case in node.decision_cases else f"  came to {case!r}, which is no case"

    def _line(self, reference: str, kind: str = "", joined: Sequence[str] = ()) -> str:
        runs = self._runs.get(reference, [])
        words = [f"{_mark(runs)} {reference}", kind, _ends(runs)]
        if joined and runs and not runs[-1].status.is_terminal:
            words.append("joins " + ", ".join(f"{_mark(self._runs.get(name, []))} {name}" for name in joined))
        return "  ".join(word for word in words if word)

    def _blocks(self, node: WorkflowTask) -> Iterator[str]:
        """What is inside a task, a branch after the other."""
        for branch in node.fork_tasks:
            yield from _block("├ ", "│ ", self.sequence(branch))
        for case, nodes in node.decision_cases.items():
            yield from self._case(f"case {case}", nodes)
        if node.default_case:
            yield from self._case("default", node.default_case)
        if node.loop_over:
            yield from _block("├ ", "│ ", self.sequence(node.loop_over))
        for forked in self._forked(node):
            yield f"├ {self._line(forked)}"

    def _case(self, name: str, nodes: Sequence[WorkflowTask]) -> Iterator[str]:
        if any(node.task_reference_name in self._runs for node in nodes):
            yield f"├ {name}"
            yield from _block("│   ", "│   ", self.sequence(nodes))
        else:
            inside = ", ".join(node.task_reference_name for node in nodes)
            yield f"├ {name}: not taken ({inside})" if inside else f"├ {name}: nothing to do"

    def _forked(self, node: WorkflowTask) -> list[str]:
        """The tasks that a dynamic fork has made."""
        if node.fork_tasks:
            return []
        named = self._runs[node.task_reference_name][-1].input_data.get("forkedTasks")
        return [name for name in named if isinstance(name, str)] if isinstance(named, list) else []


def _block(first: str, others: str, lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield (others if number else first) + line


def _mark(runs: Sequence[Task]) -> str:
    if not runs:
        return _NOT_REACHED
    status = runs[-1].status
    if not status.is_terminal:
        return "…"
    return "✓" if status.is_successful else "✗"


def _ends(runs: Sequence[Task]) -> str:
    """How attempts and iterations ended; nothing for one that just completed."""
    if not runs:
        return ""
    ends = [(status, len(list(same))) for status, same in groupby(task.status for task in runs)]
    if ends == [(TaskStatus.COMPLETED, 1)]:
        return ""
    shown = [str(status) if count == 1 else f"{status} × {count}" for status, count in ends[-_MOST_ENDS:]]
    return ", ".join(["…", *shown] if len(ends) > _MOST_ENDS else shown)
