"""What a task type is: how a task of it is made, what starts it, what ends it.

A type is one module in this folder that derives from :class:`TaskKind` and registers an instance with
:func:`~conductor_emulator.engine.tasks.registry.register`. Two families, as on the server:

- **worker tasks** wait in a queue until a worker polls them;
- **system tasks** are done by the server. *Synchronous* ones (``is_asynchronous = False``) run inside the evaluation
  that scheduled them; *asynchronous* ones (HTTP, SUB_WORKFLOW, WAIT …) begin right after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from conductor_emulator.engine.execution import TaskRun
from conductor_emulator.engine.status import TaskStatus

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.definitions.task_def import TaskDef
    from conductor_emulator.definitions.workflow_task import WorkflowTask
    from conductor_emulator.engine.commands import ChildEnded
    from conductor_emulator.engine.step import Step


class TaskKind:
    """One task type. Instances hold no state: that lives in the ``TaskRun`` (``memo``)."""

    #: the name in ``WorkflowTask.type``
    name: ClassVar[str]
    #: the name in ``Task.taskType``, where it differs
    task_type: ClassVar[str | None] = None
    #: the inputs that the type itself reads; it may take any others
    inputs: ClassVar[tuple[str, ...]] = ()
    is_system: ClassVar[bool] = True
    is_asynchronous: ClassVar[bool] = False
    #: a failed attempt may be followed by another one (``TaskType#isBuiltIn`` says for which it may not)
    is_retried: ClassVar[bool] = True
    #: retried by hand, it goes on in place: it has no attempts of its own
    goes_on_in_place: ClassVar[bool] = False
    #: how it may have ended for the revival of its workflow to open it again as it is
    opened_again_after: ClassVar[frozenset[TaskStatus]] = frozenset()
    #: it waits for the tasks that its ``joinOn`` names
    joins: ClassVar[bool] = False
    #: their outputs become its own
    gathers_outputs: ClassVar[bool] = False
    #: it repeats what is inside it and counts that in ``iteration``
    is_loop: ClassVar[bool] = False
    #: the first task of one of its blocks follows it (``hasChildren`` in its input says if there is one)
    branches: ClassVar[bool] = False
    #: rerun, it makes its branches anew
    is_made_anew: ClassVar[bool] = False
    #: the workflow ends with it
    ends_workflow: ClassVar[bool] = False
    #: another execution does its work (``sub_workflow_id``)
    has_child: ClassVar[bool] = False
    #: it lays its input over the workflow's variables
    sets_variables: ClassVar[bool] = False
    #: it takes the messages that are pushed to the workflow
    pulls_messages: ClassVar[bool] = False
    #: somebody outside ends it when he pleases: no response time-out counts
    waits_for_outside: ClassVar[bool] = False
    #: while it is open nobody looks for time-outs of its workflow
    keeps_the_sweeper_away: ClassVar[bool] = False
    #: what it does to the workflow cannot be said by an output: nobody else can do its work
    steers: ClassVar[bool] = False
    #: the server runs it in another thread than the one that starts the workflow
    runs_beside_the_start: ClassVar[bool] = False
    #: the server does it in a mocked run as well, and takes no mock for it (``WorkflowTestService``)
    is_operator: ClassVar[bool] = False
    #: it changes nothing outside of its execution
    is_self_contained: ClassVar[bool] = False
    #: its output may be kept (``cacheConfig``, flavor ``orkes``)
    is_cacheable: ClassVar[bool] = False
    #: open until a signal comes (``POST /tasks/{workflowId}/{status}/signal``)
    takes_signals: ClassVar[bool] = False
    #: the inputTemplate of the task definition counts
    uses_input_template: ClassVar[bool] = False
    #: the status in which it is made
    first_status: ClassVar[TaskStatus] = TaskStatus.SCHEDULED

    def schedule(self, step: Step, node: Node, iteration: int) -> list[TaskRun]:
        """The task runs that come into being when the workflow reaches ``node`` (the server's mapper).

        They are not yet part of the execution. ``iteration`` is 0 outside of loops.
        """
        task = self.make(step, node, iteration)
        self.fill(step, node, task)
        return [task]

    def make(self, step: Step, node: Node, iteration: int) -> TaskRun:
        """A bare task run at its place."""
        reference = node.reference if iteration == 0 else f"{node.reference}__{iteration}"
        task = TaskRun(
            step.services.new_id(), reference, self.task_type or node.definition.type, node.definition.name, node
        )
        task.plain_reference = node.reference
        task.iteration = iteration
        task.scheduled_time = step.now
        task.status = self.first_status
        if node.as_run is None:
            node.as_run = self.as_run(node.definition)
        return task

    def fill(self, step: Step, node: Node, task: TaskRun) -> None:
        """Give a new task run its input and what else its type sets."""
        task.input = step.input_of(node, task.task_id, with_template=self.uses_input_template)

    def as_run(self, definition: WorkflowTask) -> WorkflowTask | None:
        """The definition as running it leaves it; None if that changes nothing."""
        return None

    @staticmethod
    def limit(task: TaskRun, task_def: TaskDef | None) -> None:
        """Let a task show the rate limit of its definition (the mappers of some types do)."""
        if task_def is not None:
            task.rate_limit_per_frequency = task_def.rate_limit_per_frequency
            task.rate_limit_frequency_seconds = task_def.rate_limit_frequency_in_seconds

    def start(self, step: Step, task: TaskRun) -> None:
        """Called once, when the task has become part of the execution."""

    def execute(self, step: Step, task: TaskRun) -> bool:
        """Try to get on with a synchronous task; True if something changed."""
        return False

    def reopened(self, step: Step, task: TaskRun) -> None:
        """The task is open again in an execution that had ended (or is looked at by hand): wire it up again."""

    def begin(self, step: Step, task: TaskRun) -> None:
        """Start the work of an asynchronous task: ask for its effect."""

    def due(self, step: Step, task: TaskRun) -> None:
        """``task.wake_at`` has come."""

    def reported_in_progress(self, step: Step, task: TaskRun) -> None:
        """Somebody outside has reported IN_PROGRESS."""

    def answered(self, step: Step, task: TaskRun, answer: Any) -> None:
        """An effect of the task came back."""

    def child_ended(self, step: Step, task: TaskRun, command: ChildEnded) -> None:
        """The execution that does the task's work has ended."""

    def has_an_end(self, task: TaskRun) -> bool:
        """Whether an open task that takes signals ends by itself too."""
        return False

    def cancel(self, step: Step, task: TaskRun) -> None:
        """The task has just been CANCELED with its workflow: undo what runs outside."""
