"""The emulator without a wire: commands go in by ``submit``, time passes by ``run_due``.

A plain synchronous object that knows no event loop and no thread: it belongs to whoever calls it (see ``drivers``).
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from conductor_emulator import engine
from conductor_emulator.definitions.plan import Plan
from conductor_emulator.engine import commands
from conductor_emulator.engine.effects import Published
from conductor_emulator.engine.errors import BadRequest, EngineError
from conductor_emulator.engine.events import Event
from conductor_emulator.engine.flavors import FLAVORS, Feature
from conductor_emulator.engine.queue_names import queue_name
from conductor_emulator.runtime.circuit_breakers import CircuitBreakers
from conductor_emulator.runtime.clock import Clock, RealClock
from conductor_emulator.runtime.effects import STARTS, Performer
from conductor_emulator.runtime.idempotency import IdempotencyKeys
from conductor_emulator.runtime.metadata import Metadata
from conductor_emulator.runtime.options import Options
from conductor_emulator.runtime.poll_data import PollData
from conductor_emulator.runtime.queues import TaskQueues
from conductor_emulator.runtime.services import RuntimeServices
from conductor_emulator.runtime.store import Store
from conductor_emulator.runtime.task_rates import TaskRates
from conductor_emulator.runtime.timers import Timers
from conductor_emulator.runtime.virtual_time import announce_changes
from conductor_emulator.runtime.waiting import Waiters
from conductor_emulator.runtime.webhooks import Webhooks
from conductor_emulator.runtime.workflow_slots import WorkflowSlots

if TYPE_CHECKING:
    from conductor_emulator.definitions.start_request import StartWorkflowRequest
    from conductor_emulator.engine.effects import Effect
    from conductor_emulator.engine.execution import Execution, TaskRun

#: How many executions may be started by others before whoever owns the runtime gets a turn.
MOST_STARTS = 250

logger = logging.getLogger("conductor_emulator.runtime")

#: How late time-outs are looked at by the machine's clock: less than the real server's second, but not at once either.
SWEEP_LAG_MS = 500

#: Does slow work away from the runtime's owner and hands the result back to it: ``offload(work, done)``.
#: What the work raises is its result too.
Offload = Callable[[Callable[[], Any], Callable[[Any], None]], None]


class Runtime:
    """One emulator. Not thread-safe by itself; a driver sees to that."""

    def __init__(self, options: Options | None = None, clock: Clock | None = None) -> None:
        self.options = options or Options()
        self.flavor = FLAVORS[self.options.flavor]
        self.clock: Clock = clock or RealClock()
        self.metadata = Metadata()
        self.store = Store()
        self.queues = TaskQueues()
        self.timers = Timers()
        self.waiters = Waiters()
        self.poll_data = PollData()
        self.secrets: dict[str, str] = dict(self.options.secrets)
        self.environment: dict[str, str] = dict(self.options.environment)
        self.slots = WorkflowSlots()
        self.services = RuntimeServices(
            self.metadata,
            self.store,
            self.poll_data,
            self.options,
            self.environment.get,
            self.slots.limit_of,
            self.secrets.get,
        )
        if self.options.sweep_lag_ms is None and not self.clock.is_virtual:
            self.services.sweep_lag_ms = SWEEP_LAG_MS
        #: tasks in the hands of workers: task id → its definition's name
        self.held: dict[str, str] = {}
        #: how many of them there are of each definition
        self.held_count: dict[str, int] = {}
        #: slow work that is done beside: the id of its task (None), or of something else, with what it is in words
        self.beside: dict[str, str | None] = {}
        #: what flavor orkes has beside
        self.idempotency = IdempotencyKeys(self.store)
        self.task_rates = TaskRates()
        self.webhooks = Webhooks(self)
        self.breakers = CircuitBreakers()
        #: execution → the SUB_WORKFLOW tasks (and their executions) that wait for it without having started it
        self.followers: dict[str, dict[str, str]] = {}
        #: set by the driver; by itself the runtime does slow work at once
        self.offload: Offload = _at_once
        #: told after each command: (execution, command). Reports, recorders and indices listen here.
        self.listeners: list[Callable[[Execution, Any], None]] = []
        #: timer keys that are not the engine's: what to do when their moment comes
        self.alarms: dict[Any, Callable[[], None]] = {}
        #: an execution as the failure workflow sees it (``failedWorkflow``); the server sets the wire's form
        self.describe: Callable[[Execution], Any] = _describe_briefly
        #: an execution, with its tasks or without, as REST shows it; the server sets the wire's form
        self.show: Callable[[Execution, bool], dict[str, Any]] = lambda execution, _: _describe_briefly(execution)
        #: publishes an event (sink, payload); the event queues set it
        self.publish: Callable[[str, dict[str, Any]], Published] = _no_event_queues
        if self.clock.is_virtual:
            announce_changes(self)
        self._performer = Performer(self)
        self._effects: deque[Effect] = deque()
        self._performing = False
        #: executions started since somebody else had a turn; one that takes long to start counts several times
        self.starts = 0

    # -- executions --------------------------------------------------------------------------------------------------
    def start(self, request: StartWorkflowRequest, *, event: str | None = None, created_by: str | None = None) -> str:
        """Start a workflow; the id of its execution. Raises ``EngineError``."""
        if "input" in request.nulls:
            raise BadRequest("NULL input passed when starting workflow")
        existing = self.existing(request)
        if existing is not None:
            return existing.workflow_id
        plan = self.plan_of(request)
        command = commands.StartWorkflow(
            plan,
            input=request.input,
            correlation_id=request.correlation_id,
            priority=request.priority,
            task_to_domain=None if "taskToDomain" in request.nulls else request.task_to_domain,
            event=event,
            created_by=request.created_by or created_by,
            idempotency_key=request.idempotency_key,
            external_input_path=None if request.input else request.external_input_payload_storage_path,
        )
        return self.start_execution(command).workflow_id

    def existing(self, request: StartWorkflowRequest) -> Execution | None:
        """The execution that a request's idempotency key stands for already. Raises ``Conflict``."""
        if Feature.IDEMPOTENCY not in self.flavor.features:
            return None
        name = request.name if request.workflow_def is None else request.workflow_def.name
        return self.idempotency.existing(name or "", request.idempotency_key, request.idempotency_strategy)

    def plan_of(self, request: StartWorkflowRequest) -> Plan:
        """What a request would run: its own definition, or the registered one that it names."""
        if request.workflow_def is not None:
            return self.metadata.compile(request.workflow_def)
        return self.metadata.plan(request.name or "", request.version)

    def start_execution(self, command: commands.StartWorkflow) -> Execution:
        """Make an execution and evaluate it for the first time. If that is refused, nothing is left of it."""
        execution = self.create_execution(command)
        self.begin(execution)
        return execution

    def create_execution(self, command: commands.StartWorkflow) -> Execution:
        self.services.now = self.clock.now()
        effects: list[Effect] = []
        execution = engine.start(command, self.services, effects)
        self.store.add(execution)
        self.idempotency.started(execution)
        self._effects.extend(effects)
        return execution

    def begin(self, execution: Execution) -> None:
        try:
            if execution.rate_limit_key is not None and not self.slots.take(execution):
                execution.is_held_back = True
                execution.on_wire = None
                self._tell_listeners(execution, None)
                return
            self._apply(execution, commands.Begin())
        except EngineError:
            self._effects = deque(e for e in self._effects if getattr(e, "workflow_id", "") != execution.workflow_id)
            self.forget(execution)
            raise
        self._perform()

    def submit(self, workflow_id: str, command: commands.Command) -> Any:
        """Apply a command to an execution. Raises ``NotFound`` and whatever the engine refuses with."""
        return self.submit_to(self.store.get(workflow_id), command)

    def submit_to(self, execution: Execution, command: commands.Command) -> Any:
        """The same to an execution that has been found."""
        try:
            return self._apply(execution, command)
        finally:
            self._perform()

    def submit_unheard(self, workflow_id: str, command: commands.Command) -> None:
        """The same where nobody waits for the reply: what the engine refuses is noted in the execution and logged."""
        execution = self.store.find(workflow_id)
        if execution is None:
            return
        try:
            self._apply(execution, command)
        except EngineError as error:
            execution.events.append(Event(self.clock.now(), "workflow.stuck", None, error.message))
            logger.warning("Workflow %s (%s) cannot go on: %s", execution.name, workflow_id, error.message)
        self._perform()

    def execution(self, workflow_id: str) -> Execution:
        """Raises ``NotFound``."""
        return self.store.get(workflow_id)

    def find_task(self, task_id: str) -> tuple[Execution, TaskRun] | None:
        return self.store.find_task(task_id)

    def task(self, task_id: str) -> tuple[Execution, TaskRun]:
        """Raises ``NotFound``."""
        return self.store.get_task(task_id)

    def remove(self, workflow_id: str) -> None:
        """Forget an execution. Raises ``NotFound``."""
        self.forget(self.store.get(workflow_id))

    def forget(self, execution: Execution) -> None:
        self.store.remove(execution.workflow_id)
        self.idempotency.removed(execution)
        self.followers.pop(execution.workflow_id, None)
        self.timers.cancel(("workflow", execution.workflow_id))
        for task_id in execution.by_id:
            self.queues.remove(task_id)
            self.timers.cancel(("task", task_id))
            self.timers.cancel(("queue", task_id))
            self.let_go(task_id)
            self.webhooks.forget(task_id)
        self.waiters.wake_all(("workflow", execution.workflow_id))
        self.give_up_slot(execution)
        self._perform()

    def give_up_slot(self, execution: Execution) -> None:
        """An execution works no longer; the next one that waits for its slot begins."""
        if execution.rate_limit_key is None:
            return
        self._begin_held_back(self.slots.give_up(execution))

    def limit_executions(self, name: str, limit: int | None) -> None:
        """At most so many executions of a workflow work at a time from now on (None: any number)."""
        for workflow_id in self.slots.set_limit(name, limit):
            self._begin_held_back(workflow_id)
        self._perform()

    def _begin_held_back(self, workflow_id: str | None) -> None:
        following = self.store.find(workflow_id or "")
        if following is None:
            return
        following.is_held_back = False
        following.on_wire = None
        try:
            self._apply(following, commands.Begin())
        except EngineError as error:  # nobody is there to be told
            self._apply(following, commands.Terminate(error.message))

    def without_secrets(self, value: Any) -> Any:
        """A value with its ``${workflow.secrets.NAME}`` filled in, for whoever does the work."""
        return self.services.without_secrets(value)

    # -- workers -----------------------------------------------------------------------------------------------------
    def poll(
        self, task_type: str, worker_id: str | None = None, domain: str | None = None, count: int = 1
    ) -> list[tuple[Execution, TaskRun]]:
        """Take tasks out of a queue, as many as are there, at most ``count``; never waits."""
        now = self.clock.now()
        self.poll_data.polled(task_type, domain, worker_id, now)
        taken: list[tuple[Execution, TaskRun]] = []
        for message in self.queues.ready(queue_name(task_type, domain)):
            if len(taken) >= count:
                break
            found = self._hand_out(message.task_id, worker_id)
            if found is not None:
                taken.append(found)
            elif message.task_id in self.queues:
                break  # a limit of its definition keeps it back, and so those behind it
        self._perform()
        return taken

    def hand_out(self, task_id: str, worker_id: str | None = None) -> tuple[Execution, TaskRun] | None:
        """Give one particular task to a worker; None if it is not in a queue, or a limit keeps it back."""
        found = self._hand_out(task_id, worker_id) if task_id in self.queues else None
        self._perform()
        return found

    def _hand_out(self, task_id: str, worker_id: str | None) -> tuple[Execution, TaskRun] | None:
        found = self.store.find_task(task_id)
        if found is None:
            self.queues.remove(task_id)
            return None
        execution, task = found
        if self.is_kept_back(task):
            return None
        self.queues.remove(task_id)
        if self._apply(execution, commands.PollTask(task_id, worker_id)) is None:
            return None
        self._hold(task)
        if Feature.TASK_RATE_LIMIT in self.flavor.features:
            self._count_in(task)
        return execution, task

    def is_kept_back(self, task: TaskRun) -> bool:
        """Whether a limit of its definition keeps a task that is ready from workers; until when, a timer knows."""
        return self._is_at_its_limit(task) or self._comes_too_soon(task)

    def _comes_too_soon(self, task: TaskRun) -> bool:
        """As many tasks of its definition were given out lately as rateLimitPerFrequency allows."""
        if Feature.TASK_RATE_LIMIT not in self.flavor.features:
            return False
        task_def = self.metadata.task_def(task.task_def_name or "")
        if task_def is None:
            return False
        now = self.clock.now()
        free_at = self.task_rates.free_at(task_def, now)
        if free_at <= now:
            return False
        queue = queue_name(task.task_type, task.domain)
        self.set_alarm(("rate", queue), free_at, lambda: self.waiters.wake_all(("queue", queue)))
        return True

    def _count_in(self, task: TaskRun) -> None:
        task_def = self.metadata.task_def(task.task_def_name or "")
        if task_def is not None:
            self.task_rates.given_out(task_def, self.clock.now())

    def _is_at_its_limit(self, task: TaskRun) -> bool:
        """As many attempts at its definition are in workers' hands as concurrentExecLimit allows."""
        task_def = self.metadata.task_def(task.task_def_name or "")
        limit = 0 if task_def is None else task_def.concurrent_exec_limit or 0
        return limit > 0 and self.held_count.get(task.task_def_name or "", 0) >= limit

    def _hold(self, task: TaskRun) -> None:
        name = task.task_def_name or ""
        if task.task_id not in self.held:
            self.held[task.task_id] = name
            self.held_count[name] = self.held_count.get(name, 0) + 1

    def let_go(self, task_id: str) -> None:
        """A task is no longer in a worker's hands; one that its limit kept back may be taken now."""
        name = self.held.pop(task_id, None)
        if name is None:
            return
        left = self.held_count[name] - 1
        if left:
            self.held_count[name] = left
        else:
            del self.held_count[name]
        task_def = self.metadata.task_def(name)
        if task_def is not None and task_def.concurrent_exec_limit:
            for queue in self.queues.of_type(name):
                self.waiters.wake_one(("queue", queue))

    # -- time --------------------------------------------------------------------------------------------------------
    def next_due(self) -> int | None:
        """The next moment (ms) at which something happens by itself; None if nothing ever will."""
        return self.timers.next_due()

    def run_due(self) -> int:
        """Let everything happen whose moment has come; how many moments that were.

        What that sets for the same moment has to wait for the next call: something endless leaves others a turn.
        """
        happened = 0
        for _ in range(len(self.timers)):
            key = self.timers.pop(self.clock.now())
            if key is None:
                break
            happened += 1
            self._fire(key)
        return happened

    def set_alarm(self, key: Any, due: int, action: Callable[[], None]) -> None:
        """Call ``action`` at a moment, by the same clock as everything else (schedules, timed reports)."""
        self.alarms[key] = action
        self.timers.set(("alarm", key), due)

    def cancel_alarm(self, key: Any) -> None:
        self.alarms.pop(key, None)
        self.timers.cancel(("alarm", key))

    def _fire(self, key: Any) -> None:
        kind, name = key
        if kind == "queue":
            queue = self.queues.release(name)
            if queue is not None:
                self.waiters.wake_one(("queue", queue))
            return
        if kind == "alarm":
            self.alarms.pop(name)()
            return
        workflow_id = self.store.directory.get(name, "") if kind == "task" else name
        self.submit_unheard(workflow_id, commands.TaskDue(name) if kind == "task" else commands.WorkflowDue())

    # -- the engine --------------------------------------------------------------------------------------------------
    def _apply(self, execution: Execution, command: commands.Command) -> Any:
        self.services.now = self.clock.now()
        effects: list[Effect] = []
        before = execution.version_tag
        try:
            reply = engine.apply(execution, command, self.services, effects)
        finally:
            self._effects.extend(effects)
            if execution.version_tag != before:
                self.changed(execution)
        if execution.rate_limit_key is not None and not execution.status.is_terminal and not execution.is_held_back:
            self.slots.works_again(execution)
        self._tell_listeners(execution, command)
        return reply

    def _tell_listeners(self, execution: Execution, command: commands.Command | None) -> None:
        if not execution.is_event_task:
            for listener in self.listeners:
                try:
                    listener(execution, command)
                except Exception:  # what is done is done, whoever could not hear of it
                    logger.exception("Workflow %s: %r, which listens, failed", execution.workflow_id, listener)

    def changed(self, execution: Execution) -> None:
        """Whoever waits for this execution may look again."""
        self.waiters.wake_all(("workflow", execution.workflow_id))

    def changed_elsewhere(self, execution: Execution) -> None:
        """A command sent to another execution has worked on this one: a parent revived, a child retried."""
        self.changed(execution)
        self._tell_listeners(execution, None)

    def _perform(self) -> None:
        """Perform effects until there are none; what they bring back is applied in between.

        Executions that start executions without end let everybody else have a turn after some of them. A fault in one
        effect keeps no other from being performed: the execution that asked for it tells of it, and the log.
        """
        if self._performing:
            return
        self._performing = True
        self.starts = 0
        perform = self._performer.perform
        try:
            while self._effects:
                kind = type(self._effects[0])
                if kind in STARTS:
                    self.starts += 1
                    if self.starts > MOST_STARTS:
                        self.set_alarm("effects", self.clock.now(), self._perform)
                        return
                effect = self._effects.popleft()
                try:
                    perform(effect)
                except EngineError:
                    raise
                except Exception as fault:  # noqa: BLE001 - what waits behind it belongs to others too
                    self._cannot_perform(effect, fault)
        finally:
            self._performing = False

    def _cannot_perform(self, effect: Effect, fault: Exception) -> None:
        said = f"{type(effect).__name__} failed in the emulator: {type(fault).__name__}: {fault}"
        workflow_id = getattr(effect, "workflow_id", "")
        execution = self.store.find(workflow_id)
        if execution is not None:
            execution.events.append(Event(self.clock.now(), "workflow.stuck", None, said))
        logger.error("Workflow %s: %s", workflow_id, said, exc_info=fault)


def _describe_briefly(execution: Execution) -> dict[str, Any]:
    return {
        "workflowId": execution.workflow_id,
        "workflowName": execution.name,
        "workflowVersion": execution.version,
        "status": execution.status.value,
        "reasonForIncompletion": execution.reason,
        "input": execution.input,
        "output": execution.output,
    }


def _no_event_queues(sink: str, payload: dict[str, Any]) -> Published:
    return Published()


def _at_once(work: Callable[[], Any], done: Callable[[Any], None]) -> None:
    try:
        result = work()
    except Exception as error:  # noqa: BLE001 - it is for whoever waits
        result = error
    done(result)
