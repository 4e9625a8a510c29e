"""How many executions of a name and key work at a time (flavor ``orkes``).

The limit is the definition's ``rateLimitConfig``, or a tag of type RATE_LIMIT on the workflow: then all its executions
share one key.
"""

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
        #: workflow name → limit, where a tag sets one
        self._limits: dict[str, int] = {}

    def limit_of(self, name: str) -> int | None:
        """How many executions of a workflow may work at a time by its tag; None: it has none."""
        return self._limits.get(name)

    def set_limit(self, name: str, limit: int | None) -> list[str]:
        """Limit all executions of a name, or no longer; the ids of those that begin now."""
        if limit is None:
            self._limits.pop(name, None)
        else:
            self._limits[name] = limit
        group = (name, name)
        begin: list[str] = []
        while (following := self._next(group, limit)) is not None:
            begin.append(following)
        return begin

    def take(self, execution: Execution) -> bool:
        """Take a slot; False if there is none and the execution waits now.

        Raises ``TooManyRequests`` where the policy is REJECT.
        """
        group = _group_of(execution)
        limit = self._limit(execution)
        working = self._working.setdefault(group, {})
        if limit is None or len(working) < limit:
            working[execution.workflow_id] = None
            return True
        config = execution.plan.definition.rate_limit_config
        if config is not None and config.policy == "REJECT":
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
        self._leave(self._waiting, group, execution.workflow_id)
        self._leave(self._working, group, execution.workflow_id)
        return self._next(group, self._limit(execution))

    def _limit(self, execution: Execution) -> int | None:
        config = execution.plan.definition.rate_limit_config
        if config is not None and config.concurrent_exec_limit > 0:
            return config.concurrent_exec_limit
        return self._limits.get(execution.name)

    def _next(self, group: _Group, limit: int | None) -> str | None:
        """Give the one that has waited longest a slot, if there is one."""
        following = next(iter(self._waiting.get(group, ())), None)
        if following is None or (limit is not None and len(self._working.get(group, ())) >= limit):
            return None
        self._leave(self._waiting, group, following)
        self._working.setdefault(group, {})[following] = None
        return following

    @staticmethod
    def _leave(groups: dict[_Group, dict[str, None]], group: _Group, workflow_id: str) -> None:
        members = groups.get(group)
        if members is not None:
            members.pop(workflow_id, None)
            if not members:
                del groups[group]


def _group_of(execution: Execution) -> _Group:
    return execution.name, execution.rate_limit_key or ""
