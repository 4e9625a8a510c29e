"""DECISION: the older form of SWITCH."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from conductor_emulator.engine.errors import EndWorkflow
from conductor_emulator.engine.status import WorkflowStatus
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.engine.tasks.switch import BranchingKind

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import TaskRun


class Decision(BranchingKind):
    """``caseExpression``, a script, else the value of the parameter ``caseValueParam`` (``DecisionTaskMapper``).

    Unlike SWITCH: a failing script ends the workflow, an empty case takes the default one, and the parameters do not
    show in the task's input.
    """

    name: ClassVar[str] = "DECISION"

    def question(self, node: Node) -> tuple[str, str]:
        expression = node.definition.case_expression
        if expression is not None and expression.strip():
            return "javascript", expression
        return "value-param", node.definition.case_value_param or ""

    def refuse(self, node: Node, error: str) -> None:
        raise EndWorkflow(f"Error while evaluating script: {node.definition.case_expression}", WorkflowStatus.FAILED)

    def note_case(self, task: TaskRun, case: str) -> None:
        task.input = {"case": case}
        task.output = {"caseOutput": [case]}

    def block_of(self, node: Node, case: str) -> list[Node]:
        block = super().block_of(node, case)
        return block or (node.blocks[-1] if node.blocks else [])


register(Decision())
