"""SWITCH: goes on with one of several blocks."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from conductor_emulator.engine import joining
from conductor_emulator.engine.errors import EndWorkflow
from conductor_emulator.engine.scheduling import take_in, tasks_for
from conductor_emulator.engine.status import TaskStatus, WorkflowStatus
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.engine.tasks.scripted import ScriptedKind, seen_by, value_now
from conductor_emulator.expressions import java_text, with_added
from conductor_emulator.scripting import EVALUATOR_NAMES

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step
    from conductor_emulator.scripting import ScriptAnswer


class BranchingKind(ScriptedKind):
    """What SWITCH and DECISION share: the case is found, and its first task made, together with the task itself.

    Only where the script takes long the task is there first and the rest follows with the answer.
    """

    first_status: ClassVar[TaskStatus] = TaskStatus.IN_PROGRESS
    is_retried: ClassVar[bool] = False
    steers: ClassVar[bool] = True
    branches: ClassVar[bool] = True
    is_operator: ClassVar[bool] = True

    def schedule(self, step: Step, node: Node, iteration: int) -> list[TaskRun]:
        task = self.make(step, node, iteration)
        task.task_def_name = self.name
        task.start_time = step.now
        parameters = step.input_of(node)
        self.show(task, parameters)
        language, source = self.question(node)
        parameters = seen_by(language, node, parameters)
        answer = value_now(step, language, source, parameters)
        if answer is None:
            task.memo = (language, source, parameters)
            return [task]
        if answer.error is not None:
            self.refuse(node, answer.error)
            task.status = TaskStatus.FAILED
            task.reason = answer.error
            return [task]
        return [task, *self._branch(step, task, java_text(answer.value))]

    def start(self, step: Step, task: TaskRun) -> None:
        if isinstance(task.memo, tuple):
            language, source, parameters = task.memo
            self.ask_beside(step, task, language, source, parameters)

    def execute(self, step: Step, task: TaskRun) -> bool:
        if self.is_waiting(task):
            return False
        step.finish(task, TaskStatus.COMPLETED)
        return True

    def scripted(self, step: Step, task: TaskRun, answer: ScriptAnswer) -> None:
        assert task.node is not None  # noqa: S101 - only a skipped task has none
        if answer.error is not None:
            self.refuse(task.node, answer.error)
            step.finish(task, TaskStatus.FAILED, answer.error)
            joining.fail_loop_around(step, task)
            return
        children = self._branch(step, task, java_text(answer.value))
        for child in take_in(step, children):
            step.unsettle(child)
        step.finish(task, TaskStatus.COMPLETED)

    def _branch(self, step: Step, task: TaskRun, case: str) -> list[TaskRun]:
        """Note the case; the new task runs that it leads to."""
        node = task.node
        assert node is not None  # noqa: S101 - only a skipped task has none
        self.note_case(task, case)
        block = self.block_of(node, case)
        if not block:
            return []
        task.input = with_added(task.input, {"hasChildren": "true"}, len(task.input) - 1)  # the case came alone
        return tasks_for(step, block[0], task.iteration)

    @abstractmethod
    def question(self, node: Node) -> tuple[str, str]:
        """The evaluator and the script that tell the case."""

    @abstractmethod
    def note_case(self, task: TaskRun, case: str) -> None:
        """Write the case into input and output."""

    def show(self, task: TaskRun, parameters: dict[str, Any]) -> None:
        """What of the resolved parameters the task shows as its input."""

    def refuse(self, node: Node, error: str) -> None:
        """Raise where a failing script ends the workflow instead of failing the task."""

    def block_of(self, node: Node, case: str) -> list[Node]:
        """The tasks of the case, else those of the default case."""
        for name, block in zip(node.definition.decision_cases, node.blocks, strict=False):
            if name == case:
                return block
        return node.blocks[-1] if node.blocks else []


class Switch(BranchingKind):
    """``expression`` by ``evaluatorType``; an empty case goes on behind the SWITCH (``SwitchTaskMapper``)."""

    name: ClassVar[str] = "SWITCH"

    def question(self, node: Node) -> tuple[str, str]:
        evaluator = node.definition.evaluator_type
        if evaluator not in EVALUATOR_NAMES:
            raise EndWorkflow(f"No evaluator registered for type: {java_text(evaluator)}", WorkflowStatus.FAILED)
        return evaluator, node.definition.expression or ""

    def show(self, task: TaskRun, parameters: dict[str, Any]) -> None:
        task.input = parameters

    def note_case(self, task: TaskRun, case: str) -> None:
        task.input = with_added(task.input, {"case": case}, len(task.input))
        task.output = {"evaluationResult": [case], "selectedCase": case}


register(Switch())
