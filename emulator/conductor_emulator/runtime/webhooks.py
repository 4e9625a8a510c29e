"""Webhooks: which WAIT_FOR_WEBHOOK task an event from outside completes (flavor ``orkes``)."""

from __future__ import annotations

import json
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conductor_emulator.engine.commands import UpdateTask
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.expressions import StaticScope, compile_template

if TYPE_CHECKING:
    from conductor_emulator.runtime.runtime import Runtime

_Paths = tuple[str, ...]


class Webhooks:
    """The tasks that wait.

    Tasks that look at the same paths are kept by the values that they expect there: an event costs one look-up for each
    set of paths, however many tasks wait.
    """

    def __init__(self, runtime: Runtime) -> None:
        #: weakly: it holds these
        self._runtime: Runtime = weakref.proxy(runtime)
        self._waiting: dict[_Paths, dict[str, dict[str, str]]] = {}
        #: task id → where it is kept
        self._places: dict[str, tuple[_Paths, str]] = {}

    def wait(self, workflow_id: str, task_id: str, matches: Mapping[str, Any]) -> None:
        """Let a task wait for a payload with these values at these paths."""
        self.forget(task_id)
        paths = tuple(sorted(matches))
        expected = _as_key([matches[path] for path in paths])
        self._waiting.setdefault(paths, {}).setdefault(expected, {})[task_id] = workflow_id
        self._places[task_id] = paths, expected

    def forget(self, task_id: str) -> None:
        place = self._places.pop(task_id, None)
        if place is None:
            return
        paths, expected = place
        by_values = self._waiting[paths]
        del by_values[expected][task_id]
        if not by_values[expected]:
            del by_values[expected]
        if not by_values:
            del self._waiting[paths]

    def receive(self, payload: dict[str, Any], receivers: Mapping[str, int | None] | None = None) -> list[str]:
        """An event has come; the ids of the executions that it moved on.

        Every waiting task that it fulfils is completed with ``payload`` (body and query parameters in one) as its
        output. ``receivers`` maps the names of the workflows that the webhook is for to their versions (None: any);
        without it every workflow is meant.
        """
        moved: list[str] = []
        for paths in list(self._waiting):
            expected = _as_key([_value_at(path, payload) for path in paths])
            for task_id, workflow_id in list(self._waiting.get(paths, {}).get(expected, {}).items()):
                if self._complete(workflow_id, task_id, payload, receivers):
                    moved.append(workflow_id)
        return moved

    def _complete(
        self, workflow_id: str, task_id: str, payload: dict[str, Any], receivers: Mapping[str, int | None] | None
    ) -> bool:
        found = self._runtime.find_task(task_id)
        if found is None or found[1].status.is_terminal:
            self.forget(task_id)  # somebody else has completed it
            return False
        execution = found[0]
        if receivers is not None and receivers.get(execution.name, 0) not in (None, execution.version):
            return False
        self.forget(task_id)
        self._runtime.submit(workflow_id, UpdateTask(task_id, TaskStatus.COMPLETED, payload))
        return True

    def __len__(self) -> int:
        return len(self._places)


def _value_at(path: str, payload: dict[str, Any]) -> Any:
    """What stands at a JSON path (``$['event']['type']``, ``$.id``); None for nothing."""
    template = compile_template("${payload" + path.removeprefix("$") + "}")
    return template.resolve(StaticScope({"payload": payload}))


def _as_key(values: list[Any]) -> str:
    return json.dumps(values, sort_keys=True)
