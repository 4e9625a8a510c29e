"""Idempotency keys: which execution a key of a workflow name stands for (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.errors import Conflict

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution
    from conductor_emulator.runtime.store import Store

DEFAULT_STRATEGY = "FAIL"


class IdempotencyKeys:
    """The newest execution of each name and key. A key lives as long as its execution."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ids: dict[tuple[str, str], str] = {}

    def existing(self, name: str, key: str | None, strategy: str | None) -> Execution | None:
        """The execution to give instead of a new one; None if a new one may start.

        Raises ``Conflict`` where the strategy says so. A key without a strategy means FAIL.
        """
        if not key:
            return None
        execution = self._store.find(self._ids.get((name, key), ""))
        if execution is None:
            return None
        strategy = strategy or DEFAULT_STRATEGY
        if strategy == "RETURN_EXISTING":
            return execution
        if strategy == "FAIL_ON_RUNNING" and execution.status.is_terminal:
            return None
        state = "is running" if strategy == "FAIL_ON_RUNNING" else "exists"
        raise Conflict(
            f"Workflow {name} with idempotency key {key} {state} already: {execution.workflow_id}, "
            f"status {execution.status.value}. Strategy: {strategy}"
        )

    def started(self, execution: Execution) -> None:
        if execution.idempotency_key:
            self._ids[execution.name, execution.idempotency_key] = execution.workflow_id

    def removed(self, execution: Execution) -> None:
        key = execution.name, execution.idempotency_key or ""
        if self._ids.get(key) == execution.workflow_id:
            del self._ids[key]
