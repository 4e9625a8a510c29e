"""The working context of one command: the execution that it changes and the effects that it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conductor_emulator.engine import caching, payloads, state_changes
from conductor_emulator.engine.effects import Changed, Dequeue, Effect, Enqueue, FreePlace, WakeTask, WakeWorkflow
from conductor_emulator.engine.events import Event
from conductor_emulator.engine.queue_names import queue_name
from conductor_emulator.engine.scope import ExecutionScope
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.timeouts import deadline, has_limits, workflow_deadline
from conductor_emulator.expressions import hash_order

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.engine.flavors import Feature
    from conductor_emulator.engine.services import Services
    from conductor_emulator.engine.tasks.base import TaskKind
    from conductor_emulator.engine.tasks.registry import Kinds
    from conductor_emulator.expressions import Template

#: A worker's task without a result for so long counts as one that nobody holds (``Integer.MAX_VALUE`` seconds).
FOR_EVER_SECONDS = 2_147_483_647

#: The server's sweeper looks at an open workflow so often (``workflowOffsetTimeout``).
SWEEP_INTERVAL_MS = 30_000


class Step:
    """What every rule of the engine works on. Changes of state go through it, so that indices and timers stay right."""

    __slots__ = ("effects", "emit", "execution", "has_gone_on", "now", "passes", "services")

    def __init__(self, execution: Execution, services: Services, effects: list[Effect]) -> None:
        self.execution = execution
        self.services = services
        self.now = services.now
        self.effects = effects
        #: ask the outside for something, after all that this command has asked for so far
        self.emit = effects.append
        #: the evaluation has gone on from a task, or begun, since its last synchronous task
        self.has_gone_on = False
        #: how many passes of an evaluation this command has completed
        self.passes = 0

    def on(self, execution: Execution) -> Step:
        """The same command at work on another execution: a parent or a child."""
        if execution is not self.execution:
            self.emit(Changed(execution.workflow_id))
        return Step(execution, self.services, self.effects)

    # -- the flavor --------------------------------------------------------------------------------------------------
    def has(self, feature: Feature) -> bool:
        """Whether the server that this emulator is like does this."""
        return feature in self.services.flavor.features

    @property
    def kinds(self) -> Kinds:
        """The task types of this flavor."""
        return self.services.kinds

    def kind_of(self, task: TaskRun) -> TaskKind | None:
        """The system type that runs a task; None for a worker's task."""
        return self.services.kinds.by_task_type.get(task.task_type)

    def note(self, kind: str, rule: str, task: TaskRun | None = None) -> None:
        """Log what happened and by which rule."""
        self.execution.events.append(Event(self.now, kind, None if task is None else task.task_id, rule))

    # -- what changed ------------------------------------------------------------------------------------------------
    def changed(self) -> None:
        """The execution (not one of its tasks) has changed."""
        execution = self.execution
        execution.update_time = self.now
        execution.on_wire = None
        execution.version_tag += 1

    def touched(self, task: TaskRun) -> None:
        """A task has changed and is stored (``ExecutionDAOFacade#updateTask``)."""
        task.update_time = self.now
        task.on_wire = None
        execution = self.execution
        execution.on_wire = None
        execution.version_tag += 1
        joins = execution.waiters.get(task.reference)
        if joins and execution.unseen.get(task.reference) != joins:
            execution.unseen.setdefault(task.reference, []).extend(joins)

    # -- a task's way ------------------------------------------------------------------------------------------------
    def finish(self, task: TaskRun, status: TaskStatus, reason: str | None = None) -> None:
        """Bring an open task to its end; the next evaluation goes on from it."""
        self.execution.open_tasks.pop(task.task_id, None)
        too_large = payloads.cut_task_output(task, self.execution.workflow_id)
        if too_large is not None:
            status, reason = TaskStatus.FAILED_WITH_TERMINAL_ERROR, too_large
        task.status = status
        if reason is not None:
            task.reason = reason
        task.end_time = self.now
        self.touched(task)
        self.unsettle(task)
        self.emit(WakeTask(self.execution.workflow_id, task.task_id, 0))
        self.note("task." + status.lower(), task.reason or "", task)
        if self.services.flavor.follows_tasks:
            if status is TaskStatus.COMPLETED:
                caching.keep(self, task)
            state_changes.announce_end(self, task)

    def refuse_input(self, task: TaskRun) -> bool:
        """Fail a task for good if its input is larger than the server takes; False if it is not."""
        reason = payloads.cut_task_input(task, self.execution.workflow_id)
        if reason is None:
            return False
        if task.start_time == 0 and self.kind_of(task) is not None:
            task.start_time = self.now
        self.finish(task, TaskStatus.FAILED_WITH_TERMINAL_ERROR, reason)
        return True

    def refuse_output(self, task: TaskRun) -> bool:
        """The same for the output of a task that is to stay open."""
        reason = payloads.cut_task_output(task, self.execution.workflow_id)
        if reason is None:
            return False
        self.finish(task, TaskStatus.FAILED_WITH_TERMINAL_ERROR, reason)
        return True

    def reopen(self, task: TaskRun, status: TaskStatus) -> None:
        """Bring a task back into an open status, in place."""
        self.execution.open_tasks[task.task_id] = task
        task.status = status
        self.touched(task)
        self.note("task.reopened", status, task)

    def unsettle(self, task: TaskRun) -> None:
        """The next evaluation has to look at this task."""
        self.execution.unsettled[task.task_id] = task

    def enqueue(self, task: TaskRun, *, is_new: bool = False) -> None:
        """Put a worker's task into its queue, with its delay. One that is new has never asked to be woken."""
        delay = task.callback_after_ms or task.callback_after_seconds * 1000
        self.emit(
            Enqueue(
                queue_name(task.task_type, task.domain),
                self.execution.workflow_id,
                task.task_id,
                self.execution.priority,
                self.now + delay,
            )
        )
        if not is_new:
            self.rearm(task)
        elif has_limits(task) and (due := deadline(task, self.kind_of(task), self.services.sweep_lag_ms)):
            self.emit(WakeTask(self.execution.workflow_id, task.task_id, due))

    def dequeue(self, task: TaskRun) -> None:
        """Take a worker's task out of its queue; nothing happens if it is not there."""
        self.emit(Dequeue(queue_name(task.task_type, task.domain), task.task_id))

    def free_place(self, task: TaskRun) -> None:
        """An ended task is stored: with a concurrentExecLimit that makes the next one due (``SqliteExecutionDAO``).

        It need not be one that its limit has kept back: delays of retries and callbacks are over as well.
        """
        task_def = None if task.node is None else task.node.definition.task_definition
        if task_def is not None and task_def.concurrent_exec_limit and self.kind_of(task) is None:
            self.emit(FreePlace(queue_name(task.task_type, task.domain)))

    def rearm(self, task: TaskRun) -> None:
        """Ask to be woken at the next moment that matters to an open task (its earliest time-out)."""
        due = deadline(task, self.kind_of(task), self.services.sweep_lag_ms)
        self.emit(WakeTask(self.execution.workflow_id, task.task_id, due))

    def await_time_out(self) -> None:
        """Ask to be woken when the workflow's own time is over."""
        due = workflow_deadline(self.execution)
        self.emit(WakeWorkflow(self.execution.workflow_id, due + self.services.sweep_lag_ms if due else 0))

    def await_sweep(self) -> None:
        """Ask to be woken when the server's sweeper looks at the workflow the next time, or at its time-out before."""
        since = self.now - self.execution.create_time
        due = self.now + SWEEP_INTERVAL_MS - since % SWEEP_INTERVAL_MS
        time_out = workflow_deadline(self.execution)
        if time_out:
            due = min(due, time_out + self.services.sweep_lag_ms)
        self.emit(WakeWorkflow(self.execution.workflow_id, due))

    # -- values ------------------------------------------------------------------------------------------------------
    def scope(self, task_id: str | None = None) -> ExecutionScope:
        """What ``${…}`` reads in this execution; ``task_id`` is what ``${CPEWF_TASK_ID}`` gives."""
        return ExecutionScope(self.execution, self.services, task_id)

    def resolve(self, template: Template, task_id: str | None = None) -> Any:
        """A compiled value of the definition, its ``${…}`` filled in."""
        if template.is_constant:
            return template.resolve(_NOWHERE)
        return template.resolve(ExecutionScope(self.execution, self.services, task_id))

    def input_of(self, node: Node, task_id: str | None = None, *, with_template: bool = False) -> dict[str, Any]:
        """The input of a task: its parameters, and the inputTemplate of its definition (if that counts for its type).

        The template's expressions are read where a parameter is missing or null. What comes out null, be it a
        parameter or the template's own value, is the template's value as it is written, with its ``${…}``
        (``ParametersUtils#getTaskInputV2``).
        """
        parameters: dict[str, Any] = self.resolve(node.template, task_id)
        if node.template.is_constant:
            parameters = dict(parameters)  # that one is the definition's
        task_def = node.definition.task_definition
        if with_template and task_def is not None and task_def.input_template:
            given, written = node.definition.input_parameters, task_def.input_template
            for key, value in self.resolve(node.compiled("inputTemplate", written), task_id).items():
                if parameters.get(key) is None:
                    found = value if given.get(key) is None else None
                    parameters[key] = written[key] if found is None else found
            parameters = {key: parameters[key] for key in hash_order(parameters)}
        return parameters


class _Nowhere:
    """The scope of a constant: nobody asks it."""

    def document(self, root: str) -> None:
        return None

    def field(self, root: str, name: str) -> None:
        return None

    def roots(self) -> tuple[str, ...]:
        return ()

    def parameter(self, name: str) -> None:
        return None

    def workflow_env(self, name: str) -> None:
        return None


_NOWHERE = _Nowhere()
