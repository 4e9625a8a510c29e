"""DO_WHILE in its three uses: while a condition holds, a number of times, for each element of a list."""

from __future__ import annotations

from typing import Any

from conductor_sdk.errors import DefinitionError
from conductor_sdk.workflow.reference import Reference
from conductor_sdk.workflow.task import WorkflowTask, chain_of, dicts_of, script_reference


class DoWhileTask(WorkflowTask):
    """Runs its tasks, then again as long as the JavaScript `condition` is true.

    In the condition `$.name` is the loop's input `name`, `$.ref` the output of its task `ref`, and `$.LOOP.iteration`
    (with the loop's own reference name) the number of iterations so far.

    `tasks`: what is repeated, one after the other; a further loop among them belongs into a sub-workflow
    """

    def __init__(self, reference_name: str, condition: str, *tasks: WorkflowTask) -> None:
        super().__init__("DO_WHILE", reference_name)
        self._condition = condition
        self._tasks = chain_of(tasks)

    def _structure(self) -> dict[str, Any]:
        return {"loopCondition": self._condition, "loopOver": dicts_of(self._tasks)}


class LoopTask(DoWhileTask):
    """Runs its tasks `times` times: a number, or an expression that gives one. At least once."""

    def __init__(self, reference_name: str, times: int | str | Reference, *tasks: WorkflowTask) -> None:
        if isinstance(times, (bool, float)) or (isinstance(times, int) and times < 1):
            raise DefinitionError(f"LoopTask {reference_name} runs 1 time or more often, not {times!r} times.")
        condition = f"{script_reference(reference_name)}['iteration'] < $.loop_times"
        super().__init__(reference_name, condition, *tasks)
        self.input("loop_times", times)


class ForEachTask(DoWhileTask):
    """Runs its tasks once for each element of the list `items`: `loop.item` is the element, `loop.index` its number."""

    def __init__(self, reference_name: str, items: Any, *tasks: WorkflowTask) -> None:
        super().__init__(reference_name, "", *tasks)
        # The field takes an expression only; a list that is known already goes in as an input.
        self._items = items if isinstance(items, (str, Reference)) else None
        if self._items is None:
            self.input("_items", items)

    @property
    def item(self) -> Reference:
        """The element of this iteration."""
        return self.output.loopItem

    @property
    def index(self) -> Reference:
        """The number of this iteration, from 0."""
        return self.output.loopIndex

    def _structure(self) -> dict[str, Any]:
        structure = super()._structure()
        return structure if self._items is None else {**structure, "items": self._items}
