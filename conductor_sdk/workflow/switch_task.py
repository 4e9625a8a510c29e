"""SWITCH and its predecessor DECISION: one of several branches."""

from __future__ import annotations

from typing import Any, Self

from conductor_sdk.errors import DefinitionError
from conductor_sdk.workflow.reference import Reference
from conductor_sdk.workflow.task import WorkflowTask, chain_of, dicts_of


class _Branching(WorkflowTask):
    """A task with cases."""

    def __init__(self, task_type: str, reference_name: str) -> None:
        super().__init__(task_type, reference_name)
        self._cases: dict[str, list[WorkflowTask]] = {}
        self._default: list[WorkflowTask] = []

    def switch_case(self, value: str | bool | int, *tasks: WorkflowTask) -> Self:
        """What runs for this `value`, one after the other: `tasks`. Values are compared as text: `true`, `1` and `1.0`
        are three of them.
        """
        if not isinstance(value, (str, bool, int)):
            raise DefinitionError(f"{self!r} has a case for {value!r}; write it as the text that it is compared with.")
        text = str(value).lower() if isinstance(value, bool) else str(value)
        self._cases.setdefault(text, []).extend(chain_of(tasks))
        return self

    def default_case(self, *tasks: WorkflowTask) -> Self:
        """What runs when no case matches: `tasks`."""
        self._default.extend(chain_of(tasks))
        return self

    def _branches(self) -> dict[str, Any]:
        return {
            "decisionCases": {value: dicts_of(tasks) for value, tasks in self._cases.items()},
            "defaultCase": dicts_of(self._default),
        }


class SwitchTask(_Branching):
    """Takes one of several branches: `SwitchTask("s", "${workflow.input.kind}").switch_case("a",
    task).default_case(other)`.

    `value`: an expression or a Reference, compared with the cases as text
    `javascript`: `value` is a script that gives the case; `$.name` in it is the input `name`
    """

    def __init__(self, reference_name: str, value: str | Reference, *, javascript: bool = False) -> None:
        super().__init__("SWITCH", reference_name)
        self._script = str(value) if javascript else None
        if not javascript:
            self.input("switchCaseValue", value)

    def use_javascript(self, script: str) -> Self:
        """Decide by a `script`; `$.name` is the input `name`."""
        self._script = script
        self._inputs.pop("switchCaseValue", None)
        return self

    def _structure(self) -> dict[str, Any]:
        if self._script is not None:
            return {"evaluatorType": "javascript", "expression": self._script, **self._branches()}
        return {"evaluatorType": "value-param", "expression": "switchCaseValue", **self._branches()}


class DecisionTask(_Branching):
    """The older form of SwitchTask. Deprecated by Conductor.

    `value`: an expression or a Reference, compared with the cases as text
    """

    def __init__(self, reference_name: str, value: str | Reference) -> None:
        super().__init__("DECISION", reference_name)
        self.input("case_value_param", value)

    def _structure(self) -> dict[str, Any]:
        return {"caseValueParam": "case_value_param", **self._branches()}
