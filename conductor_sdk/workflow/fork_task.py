"""FORK_JOIN: branches that run in parallel."""

from __future__ import annotations

from typing import Any, Literal

from conductor_sdk.errors import DefinitionError
from conductor_sdk.workflow.join_tasks import JoinTask
from conductor_sdk.workflow.task import Chain, WorkflowTask, chain_of, dicts_of


class ForkTask(WorkflowTask):
    """Runs its branches in parallel: `ForkTask("fork", [a, b], c)` has two, the first one with two tasks.

    Conductor wants a JOIN behind each fork. It is brought along, as `<reference>_join`, and waits for the last task of
    each branch.

    `branches`: a task, or a list of tasks that follow one another
    `join`: one of your own, to wait for others; False: none, as you add it to the workflow yourself
    """

    def __init__(self, reference_name: str, *branches: Chain, join: JoinTask | Literal[False] | None = None) -> None:
        super().__init__("FORK_JOIN", reference_name)
        self._branches = [chain_of(branch) for branch in branches]
        if not all(self._branches):
            raise DefinitionError(f"Fork {reference_name} has a branch without tasks, which the server cannot run.")
        self._join = join

    def branch(self, *tasks: WorkflowTask) -> ForkTask:
        """Add a branch of `tasks` that follow one another."""
        if not tasks:
            raise DefinitionError(
                f"Fork {self.reference_name} has a branch without tasks, which the server cannot run."
            )
        self._branches.append(chain_of(tasks))
        return self

    @property
    def join(self) -> JoinTask:
        """The JOIN behind this fork; its output holds each branch's last output under its reference name."""
        if isinstance(self._join, JoinTask):
            return self._join
        last = [dicts_of(branch)[-1]["taskReferenceName"] for branch in self._branches]
        return JoinTask(f"{self.reference_name}_join", last)

    def _structure(self) -> dict[str, Any]:
        return {"forkTasks": [dicts_of(branch) for branch in self._branches]}

    def to_dicts(self) -> list[dict[str, Any]]:
        """The fork and its JOIN."""
        return [self.to_dict()] if self._join is False else [self.to_dict(), self.join.to_dict()]
