"""rateLimitConfig: how many executions of a name and key work at a time (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.errors import TooManyRequests

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution

_Group = tuple[str, str]


class WorkflowSlots:
    """Who has a slot and who waits for one. Ordered sets, kept as dicts."""

    def __init__(self) -> None:
        self._working: dict[_Group, dict[str, None]] = {}
        self._waiting: dict[_Group, dict[str, None]] = {}

    def take(self, execution: Execution) -> bool:
        """Take a slot; False if there is none and the execution waits now.

        Raises ``TooManyRequests`` where the policy is REJECT.
        """
        group = _group_of(execution)
        limit = execution.plan.definition.rate_limit_config
        working = self._working.setdefault(group, {})
        if limit is None or len(working) < limit.concurrent_exec_limit:
            working[execution.workflow_id] = None
            return True
        if limit.policy == "REJECT":
            raise TooManyRequests(
                f"Workflow {execution.name}: as many executions as rateLimitConfig allows for the key "
                f"{execution.rate_limit_key} are running ({len(working)})"
            )
        self._waiting.setdefault(group, {})[execution.workflow_id] = None
        return False

    def works_again(self, execution: Execution) -> None:
        """An ended execution was set going again: it works, whatever the limit."""
        self._working.setdefault(_group_of(execution), {})[execution.workflow_id] = None

    def give_up(self, execution: Execution) -> str | None:
        """The execution has ended or is gone; the id of the one that begins in its place."""
        group = _group_of(execution)
        waiting = self._waiting.get(group, {})
        waiting.pop(execution.workflow_id, None)
        working = self._working.get(group, {})
        working.pop(execution.workflow_id, None)
        limit = execution.plan.definition.rate_limit_config
        following = next(iter(waiting), None)
        if following is None or limit is None or len(working) >= limit.concurrent_exec_limit:
            if not working:
                self._working.pop(group, None)
            return None
        del waiting[following]
        if not waiting:
            self._waiting.pop(group, None)
        working[following] = None
        self._working[group] = working
        return following


def _group_of(execution: Execution) -> _Group:
    return execution.name, execution.rate_limit_key or ""
