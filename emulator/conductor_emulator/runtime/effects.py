"""Performs what the engine asks for: queues and timers on the spot, slow things through the driver."""

from __future__ import annotations

import hashlib
import uuid
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from conductor_emulator import scripting
from conductor_emulator.definitions.errors import DefinitionError
from conductor_emulator.definitions.start_request import StartWorkflowRequest
from conductor_emulator.definitions.workflow_def import WorkflowDef
from conductor_emulator.engine import commands, effects
from conductor_emulator.engine.errors import Conflict, EngineError
from conductor_emulator.engine.flavors import Feature
from conductor_emulator.engine.status import WorkflowStatus
from conductor_emulator.engine.tasks.sub_workflow import failure_reason
from conductor_emulator.expressions import ServerObject
from conductor_emulator.runtime import other_workflows
from conductor_emulator.runtime.call_slots import CallSlots
from conductor_emulator.runtime.event_tasks import publish_state_change

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution
    from conductor_emulator.runtime.outgoing_http import OutgoingHttp
    from conductor_emulator.runtime.runtime import Runtime


#: How deep sub-workflows may stand inside each other, and how many failure workflows may fail one after another. (The
#: real server goes on until something breaks.)
DEEPEST = 100

#: What makes new executions: many of them in a row may be a workflow that starts itself over and over.
STARTS = frozenset({effects.StartChild, effects.LaunchWorkflow, effects.StartFailureWorkflow, effects.Publish})


def child_id_of(workflow_id: str, task_id: str, attempt: int) -> str:
    """The id of a sub-workflow, which follows from the task that starts it (``IDGenerator#generateSubWorkflowId``)."""
    name = f"subworkflow:{workflow_id}:{task_id}:{attempt}".encode()
    return str(uuid.UUID(bytes=hashlib.md5(name, usedforsecurity=False).digest(), version=3))


class Performer:
    """One method an effect; called by the runtime in the order in which the engine asked."""

    def __init__(self, runtime: Runtime) -> None:
        #: weakly: it holds the performer
        self._runtime: Runtime = weakref.proxy(runtime)
        self._http: OutgoingHttp | None = None
        self._call_slots = CallSlots()

    def perform(self, effect: effects.Effect) -> None:
        """Do what the engine asked for."""
        self.BY_TYPE[type(effect)](self, effect)

    # -- queues and timers -------------------------------------------------------------------------------------------
    def _enqueue(self, effect: effects.Enqueue) -> None:
        runtime = self._runtime
        runtime.let_go(effect.task_id)
        key = ("queue", effect.task_id)
        ready = runtime.queues.push(
            effect.queue, effect.workflow_id, effect.task_id, effect.priority, effect.due, runtime.clock.now()
        )
        if ready:
            runtime.timers.cancel(key)
            runtime.waiters.wake_one(("queue", effect.queue))
        else:
            runtime.timers.set(key, effect.due)

    def _dequeue(self, effect: effects.Dequeue) -> None:
        self._runtime.queues.remove(effect.task_id)
        self._runtime.timers.cancel(("queue", effect.task_id))

    def _free_place(self, effect: effects.FreePlace) -> None:
        runtime = self._runtime
        task_id = runtime.queues.hurry(effect.queue, runtime.clock.now())
        if task_id is not None:
            runtime.timers.cancel(("queue", task_id))
            runtime.waiters.wake_one(("queue", effect.queue))

    def _wake_task(self, effect: effects.WakeTask) -> None:
        runtime, task_id = self._runtime, effect.task_id
        if effect.due:
            runtime.timers.set(("task", task_id), effect.due)
            return
        runtime.timers.cancel(("task", task_id))
        if task_id in runtime.held:
            found = runtime.find_task(task_id)
            if found is None or found[1].status.is_terminal:
                runtime.let_go(task_id)

    def _wake_workflow(self, effect: effects.WakeWorkflow) -> None:
        key = ("workflow", effect.workflow_id)
        if effect.due:
            self._runtime.timers.set(key, effect.due)
        else:
            self._runtime.timers.cancel(key)

    def _go_on(self, effect: effects.GoOn) -> None:
        runtime = self._runtime
        runtime.set_alarm(
            ("go on", effect.workflow_id),
            runtime.clock.now(),
            lambda: runtime.submit_unheard(effect.workflow_id, commands.Begin()),
        )

    def _changed(self, effect: effects.Changed) -> None:
        execution = self._runtime.store.find(effect.workflow_id)
        if execution is not None:
            self._runtime.changed_elsewhere(execution)

    def _ended(self, effect: effects.Ended) -> None:
        execution = self._runtime.store.find(effect.workflow_id)
        if execution is None:
            return
        self._runtime.changed(execution)
        for task_id, workflow_id in self._runtime.followers.pop(effect.workflow_id, {}).items():
            self._tell(workflow_id, task_id, execution)
        self._runtime.give_up_slot(execution)

    def _hand_over(self, effect: effects.HandOver) -> None:
        found = self._runtime.find_task(effect.task_id)
        stand_in = self._runtime.services.stand_in
        if found is not None and stand_in is not None:
            stand_in.take(*found)

    # -- slow work ---------------------------------------------------------------------------------------------------
    def _call_http(self, effect: effects.CallHttp) -> None:
        found = self._runtime.find_task(effect.task_id)
        name = "" if found is None else found[1].task_def_name or ""
        task_def = self._runtime.metadata.task_def(name)
        limit = 0 if task_def is None else task_def.concurrent_exec_limit or 0
        if limit > 0:
            self._call_slots.call(name, limit, partial(self._make_call, effect, name))
        else:
            self._make_call(effect)

    def _make_call(self, effect: effects.CallHttp, slot: str | None = None) -> None:
        """Make a call, unless its task has ended while it waited for others of its definition."""
        from conductor_emulator.runtime.outgoing_http import OutgoingHttp  # loaded when the first call is made

        found = self._runtime.find_task(effect.task_id)
        if slot is not None and (found is None or found[1].status.is_terminal):
            self._call_slots.ended(slot)
            return
        request = self._runtime.without_secrets(effect.request)
        has_breakers = Feature.CIRCUIT_BREAKER in self._runtime.flavor.features
        breaker = self._runtime.breakers.for_call(effect.service) if has_breakers else None
        if breaker is not None and not breaker.may_call(self._runtime.clock.now()):
            self._answer(effect.workflow_id, effect.task_id, breaker.refusal(self._runtime.clock.now()))
            if slot is not None:
                self._call_slots.ended(slot)
            return
        if self._http is None:
            in_virtual_time = self._runtime.clock.is_virtual  # then nobody waits before a call is repeated
            self._http = OutgoingHttp(sleep=lambda _: None) if in_virtual_time else OutgoingHttp.shared()
        self._beside(
            effect.workflow_id,
            effect.task_id,
            partial(
                self._http.call, request, may_accept=Feature.ACCEPTED_STATUS_CODES in self._runtime.flavor.features
            ),
            lambda error: effects.HttpAnswer(error=f"Failed to invoke HTTP task due to: {error}"),
            None if slot is None else partial(self._call_slots.ended, slot),
            None if breaker is None else breaker.watch(self._runtime.clock.now),
        )

    def _run_script(self, effect: effects.RunScript) -> None:
        limits = scripting.Limits(seconds=self._runtime.options.script_seconds)
        script = scripting.Script(effect.evaluator, effect.source)
        self._beside(
            effect.workflow_id,
            effect.task_id,
            partial(scripting.run, script, effect.bindings, limits),
            lambda error: scripting.ScriptAnswer(error=str(error)),
        )

    def _beside(
        self,
        workflow_id: str,
        task_id: str,
        work: Callable[[], Any],
        failed: Callable[[BaseException], Any],
        then: Callable[[], None] | None = None,
        heard: Callable[[Any], None] | None = None,
    ) -> None:
        """Let the driver do slow work; its result goes to the task. Whatever it raises is an answer too.

        ``heard`` has the answer before the task has it, ``then`` is called after that.
        """

        def guarded() -> Any:
            try:
                return work()
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a task that nobody answers would be open for ever
                return failed(error)

        def done(answer: Any) -> None:
            self._runtime.beside.pop(task_id, None)
            if heard is not None:
                heard(answer)
            self._answer(workflow_id, task_id, answer)
            if then is not None:
                then()

        self._runtime.beside[task_id] = None
        self._runtime.offload(guarded, done)

    def _answer(self, workflow_id: str, task_id: str, answer: Any) -> None:
        self._runtime.submit_unheard(workflow_id, commands.Answered(task_id, answer))

    # -- other executions --------------------------------------------------------------------------------------------
    def _start_child(self, effect: effects.StartChild) -> None:
        runtime = self._runtime
        try:
            existing = self._existing_child(effect)
            if existing is not None:
                self._follow(effect, existing)
                return
            self._check_depth(effect)
            if effect.definition is not None:
                plan = runtime.metadata.compile(WorkflowDef.from_wire(effect.definition))
            else:
                plan = runtime.metadata.plan(effect.name, effect.version)
            found = runtime.find_task(effect.task_id)
            child_id = child_id_of(effect.workflow_id, effect.task_id, 0 if found is None else found[1].retry_count)
            former = runtime.store.find(child_id)
            if former is not None and (former.status is WorkflowStatus.COMPLETED or not former.status.is_terminal):
                self._rejoin(effect, former)
                return
            child = runtime.create_execution(
                commands.StartWorkflow(
                    plan,
                    input=effect.input,
                    correlation_id=effect.correlation_id,
                    priority=effect.priority,
                    task_to_domain=effect.task_to_domain,
                    parent_workflow_id=effect.workflow_id,
                    parent_workflow_task_id=effect.task_id,
                    idempotency_key=effect.idempotency_key,
                    workflow_id=child_id if former is None else None,
                )
            )
        except (EngineError, DefinitionError) as error:
            self._answer(effect.workflow_id, effect.task_id, effects.ChildStarted(error=error.message))
            return
        is_added_to = effect.definition is None and child.input is not effect.input
        answer = effects.ChildStarted(child.workflow_id, input=child.input if is_added_to else None)
        self._answer(effect.workflow_id, effect.task_id, answer)
        self._begin_child(child)

    def _rejoin(self, effect: effects.StartChild, child: Execution) -> None:
        """A task that begins again has its former child back, unless that ended badly (``SubWorkflow#start``)."""
        self._answer(effect.workflow_id, effect.task_id, effects.ChildStarted(child.workflow_id))
        if child.status.is_terminal:
            self._tell(effect.workflow_id, effect.task_id, child)

    def _check_depth(self, effect: effects.StartChild) -> None:
        """Sub-workflows inside each other without end would leave time for nothing else."""
        depth, parent = 0, self._runtime.store.find(effect.workflow_id)
        while parent is not None and parent.parent_workflow_id is not None:
            depth += 1
            parent = self._runtime.store.find(parent.parent_workflow_id)
        if depth >= DEEPEST:
            raise Conflict(
                f"{effect.name} would be the {depth + 1}th sub-workflow inside another: does a workflow start itself? "
                f"More than {DEEPEST} levels are refused."
            )

    def _existing_child(self, effect: effects.StartChild) -> Execution | None:
        """The execution that the task's idempotency key stands for already."""
        if Feature.IDEMPOTENCY not in self._runtime.flavor.features:
            return None
        return self._runtime.idempotency.existing(effect.name, effect.idempotency_key, effect.idempotency_strategy)

    def _follow(self, effect: effects.StartChild, child: Execution) -> None:
        """Let a SUB_WORKFLOW task end as an execution that is not its own child."""
        self._answer(effect.workflow_id, effect.task_id, effects.ChildStarted(child.workflow_id))
        if child.status.is_terminal:
            self._tell(effect.workflow_id, effect.task_id, child)
        else:
            self._runtime.followers.setdefault(child.workflow_id, {})[effect.task_id] = effect.workflow_id

    def _begin_child(self, child: Execution) -> None:
        try:
            self._runtime.begin(child)
        except EngineError as error:
            parent = self._runtime.store.find(child.parent_workflow_id or "")
            if parent is not None and child.parent_workflow_task_id is not None:
                self._answer(
                    parent.workflow_id, child.parent_workflow_task_id, effects.ChildStarted(error=error.message)
                )

    def _launch_workflow(self, effect: effects.LaunchWorkflow) -> None:
        try:
            request = StartWorkflowRequest.from_wire(effect.request)
            workflow_id = self._runtime.start(request)
        except (EngineError, DefinitionError) as error:
            self._answer(effect.workflow_id, effect.task_id, effects.ChildStarted(error=error.message))
            return
        self._answer(effect.workflow_id, effect.task_id, effects.ChildStarted(workflow_id))

    def _start_failure_workflow(self, effect: effects.StartFailureWorkflow) -> None:
        runtime = self._runtime
        failed = runtime.store.find(effect.workflow_id)
        if failed is None:
            return
        as_text = f"{failed.name}.{failed.version}/{failed.workflow_id}.{failed.status.value}"
        try:
            runtime.starts += _failures_before(effect, failed)  # it carries them all, and each takes its time
            started = runtime.start_execution(
                commands.StartWorkflow(
                    runtime.metadata.plan(effect.name, effect.version),
                    input=effect.input,
                    correlation_id=effect.correlation_id,
                    task_to_domain=effect.task_to_domain,
                    failed_workflow=ServerObject(runtime.describe(failed), as_text),
                )
            )
        except EngineError as error:
            outcome = f"Error workflow {effect.name} failed to start.  reason: {error.message}"
        else:
            outcome = started.workflow_id
        runtime.submit_unheard(effect.workflow_id, commands.FailureWorkflowStarted(outcome))

    def _tell_parent(self, effect: effects.TellParent) -> None:
        child = self._runtime.store.find(effect.child_id)
        if child is not None and child.status.is_terminal:
            self._tell(effect.parent_workflow_id, effect.parent_task_id, child)

    def _tell(self, parent_id: str, task_id: str, child: Execution) -> None:
        """Let a SUB_WORKFLOW task know how the execution that it waits for has ended."""
        command = commands.ChildEnded(task_id, child.workflow_id, child.status, child.output, failure_reason(child))
        self._runtime.submit_unheard(parent_id, command)

    def _terminate_child(self, effect: effects.TerminateChild) -> None:
        child = self._runtime.store.find(effect.child_id)
        if child is not None and not child.status.is_terminal and child.parent_workflow_task_id == effect.task_id:
            self._runtime.submit_unheard(effect.child_id, commands.Terminate(effect.reason, by_parent=True))

    def _publish(self, effect: effects.Publish) -> None:
        self._answer(effect.workflow_id, effect.task_id, self._runtime.publish(effect.sink, effect.payload))

    def _keep_output(self, effect: effects.KeepOutput) -> None:
        cache = self._runtime.services.output_cache
        cache.keep(effect.name, effect.key, effect.output, effect.until, self._runtime.clock.now())

    def _put_secret(self, effect: effects.PutSecret) -> None:
        self._runtime.secrets[effect.name] = self._runtime.without_secrets(effect.value)

    def _await_webhook(self, effect: effects.AwaitWebhook) -> None:
        self._runtime.webhooks.wait(effect.workflow_id, effect.task_id, effect.matches)

    def _forget_webhook(self, effect: effects.ForgetWebhook) -> None:
        self._runtime.webhooks.forget(effect.task_id)

    def _publish_state_change(self, effect: effects.PublishStateChange) -> None:
        publish_state_change(self._runtime, effect)

    def _read_workflow(self, effect: effects.ReadWorkflow) -> None:
        self._answer(effect.workflow_id, effect.task_id, other_workflows.read(self._runtime, effect))

    def _terminate_others(self, effect: effects.TerminateOthers) -> None:
        self._answer(effect.workflow_id, effect.task_id, other_workflows.terminate(self._runtime, effect))

    def _update_other(self, effect: effects.UpdateOther) -> None:
        self._answer(effect.workflow_id, effect.task_id, other_workflows.update(self._runtime, effect))

    #: How an effect is performed.
    BY_TYPE: ClassVar[Mapping[type, Callable[[Performer, Any], None]]] = {
        effects.Enqueue: _enqueue,
        effects.Dequeue: _dequeue,
        effects.FreePlace: _free_place,
        effects.WakeTask: _wake_task,
        effects.WakeWorkflow: _wake_workflow,
        effects.HandOver: _hand_over,
        effects.CallHttp: _call_http,
        effects.RunScript: _run_script,
        effects.StartChild: _start_child,
        effects.LaunchWorkflow: _launch_workflow,
        effects.StartFailureWorkflow: _start_failure_workflow,
        effects.TellParent: _tell_parent,
        effects.TerminateChild: _terminate_child,
        effects.Publish: _publish,
        effects.PublishStateChange: _publish_state_change,
        effects.KeepOutput: _keep_output,
        effects.PutSecret: _put_secret,
        effects.ReadWorkflow: _read_workflow,
        effects.TerminateOthers: _terminate_others,
        effects.UpdateOther: _update_other,
        effects.AwaitWebhook: _await_webhook,
        effects.ForgetWebhook: _forget_webhook,
        effects.Changed: _changed,
        effects.GoOn: _go_on,
        effects.Ended: _ended,
    }


def _failures_before(effect: effects.StartFailureWorkflow, failed: Execution) -> int:
    """How many failure workflows have failed in a row, each with one of its own: every one carries all before it.

    Raises ``Conflict`` where they are too many.
    """
    depth, before = 0, failed.input.get("failedWorkflow")
    while isinstance(before, dict) and depth < DEEPEST:
        depth += 1
        inner = before.get("input")
        before = inner.get("failedWorkflow") if isinstance(inner, dict) else None
    if depth >= DEEPEST:
        raise Conflict(
            f"{effect.name} would be the {depth + 1}th failure workflow in a row: is a workflow its own failure "
            f"workflow? More than {DEEPEST} are refused."
        )
    return depth
