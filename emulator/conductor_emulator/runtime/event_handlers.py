"""Event handlers: what happens when a message comes to an event queue.

A message is handled a moment after it was published, by the runtime's own clock, as something that comes from outside;
an action that fails is logged and leaves the others alone, a condition that fails ends the handling: the handlers that
were registered later do not hear of the message (``DefaultEventProcessor``, ``SimpleActionProcessor``).

A condition that takes long is evaluated beside. Meanwhile the later messages of its event wait: their order stays.
"""

from __future__ import annotations

import json
import logging
import weakref
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator import scripting
from conductor_emulator.definitions import DefinitionError, StartWorkflowRequest
from conductor_emulator.definitions.parts import IDEMPOTENCY_STRATEGIES
from conductor_emulator.engine.commands import UpdateTask
from conductor_emulator.engine.effects import Published
from conductor_emulator.engine.errors import EngineError, NotFound, ServerFault
from conductor_emulator.engine.flavors import Feature
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.expressions import StaticScope, compile_template, java_text
from conductor_emulator.expressions.template import SECRETS_PREFIX, expression_spans
from conductor_emulator.runtime import event_actions
from conductor_emulator.runtime.event_records import EventRecords, Message
from conductor_emulator.runtime.virtual_time import CHANGED

if TYPE_CHECKING:
    from conductor_emulator.definitions import EventHandler
    from conductor_emulator.definitions.event_handler import Action, StartWorkflowAction, TaskAction
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.runtime.runtime import Runtime

_log = logging.getLogger("conductor_emulator.runtime")

_PAYLOAD: Final = "payload"


@dataclass(slots=True)
class _Handling:
    """A message on its way through the handlers of its event."""

    message: Message
    handlers: Iterator[EventHandler]
    #: the payload as the conditions see it: each expands what those of the next handlers look at
    looked_at: Any


class EventHandlers:
    """The registered handlers, and what they do with the messages of the workflows' EVENT tasks."""

    def __init__(self, runtime: Runtime) -> None:
        #: weakly: it publishes through these
        self._runtime: Runtime = weakref.proxy(runtime)
        self._handlers: dict[str, EventHandler] = {}
        #: event → names of its handlers, in the order of registration
        self._by_event: dict[str, dict[str, None]] = {}
        self._published = 0
        #: event → the messages behind one that waits for the answer of a condition
        self._behind: dict[str, deque[Message]] = {}
        self.records = EventRecords()

    # -- registration --------------------------------------------------------------------------------------------------
    def add(self, handler: EventHandler) -> None:
        """Register a new handler; its name must be new."""
        name = handler.name or ""
        if name in self._handlers:
            raise ServerFault(f"EventHandler with name {name} already exists!")
        self._put(name, handler)

    def update(self, handler: EventHandler) -> None:
        """Replace the handler of that name; its place among the others stays."""
        name = handler.name or ""
        former = self._known(name)
        self._put(name, handler)
        for event in {former.event or "", handler.event or ""}:
            names = {known: None for known, other in self._handlers.items() if (other.event or "") == event}
            if names:
                self._by_event[event] = names
            else:
                del self._by_event[event]

    def remove(self, name: str) -> None:
        """Forget a handler."""
        former = self._known(name)
        del self._handlers[name]
        names = self._by_event[former.event or ""]
        del names[name]
        if not names:
            del self._by_event[former.event or ""]

    def _known(self, name: str) -> EventHandler:
        handler = self._handlers.get(name)
        if handler is None:
            refusal = NotFound if Feature.UNKNOWN_DEFINITION_IS_404 in self._runtime.flavor.features else ServerFault
            raise refusal(f"EventHandler with name {name} not found!")
        return handler

    def _put(self, name: str, handler: EventHandler) -> None:
        if Feature.IDEMPOTENCY not in self._runtime.flavor.features:
            handler = handler.replace(actions=[_without_idempotency(action) for action in handler.actions])
        self._handlers[name] = handler
        self._by_event.setdefault(handler.event or "", {})[name] = None

    def find(self, name: str) -> EventHandler | None:
        """The handler of a name, or None."""
        return self._handlers.get(name)

    def all(self) -> list[EventHandler]:
        """Every handler."""
        return list(self._handlers.values())

    def of(self, event: str, active_only: bool) -> list[EventHandler]:
        """The handlers of one event."""
        found = [self._handlers[name] for name in self._by_event.get(event, ())]
        return [handler for handler in found if handler.active or not active_only]

    # -- messages ------------------------------------------------------------------------------------------------------
    def publish(self, event: str, payload: dict[str, Any]) -> Published:
        """A message has come to the queue of an event; it is handled at the next moment."""
        if event in self._by_event:
            self._published += 1
            now = self._runtime.clock.now()
            message = self.records.received(self._runtime.services.new_id(), event, payload, now)
            self._runtime.set_alarm(("event message", self._published), now, lambda: self._receive(message))
        else:
            self.records.unheard(event)
        return Published()

    def _receive(self, message: Message) -> None:
        behind = self._behind.get(message.event)
        if behind is None:
            self._handle(message)
        else:
            behind.append(message)

    def _handle(self, message: Message) -> None:
        handlers = self.of(message.event, active_only=True)
        self._go_on(_Handling(message, iter(handlers), message.payload))

    def _go_on(self, handling: _Handling) -> None:
        """Ask the handlers that have not been asked yet, up to one whose condition takes long."""
        for handler in handling.handlers:
            try:
                if handler.condition:
                    handling.looked_at = _expanded(handling.looked_at)
                answer = _condition(handler, handling.looked_at, scripting.FIRST_TRY)
            except scripting.BudgetExceeded:
                self._ask_beside(handling, handler)
                return
            except Exception as fault:  # noqa: BLE001 - the message is the other handlers', too
                handling.message.declined.append((handler, _fault_in(handler, "its condition", fault)))
                continue
            if not self._follow(handling.message, handler, answer):
                break
        self._end(handling.message)

    def _ask_beside(self, handling: _Handling, handler: EventHandler) -> None:
        """Let the driver evaluate a condition with the full limits; the message goes on with what it says."""
        message, runtime = handling.message, self._runtime
        limits = scripting.Limits(seconds=runtime.options.script_seconds)

        def done(answer: Any) -> None:
            runtime.beside.pop(message.message_id, None)
            if isinstance(answer, BaseException):
                message.declined.append((handler, _fault_in(handler, "its condition", answer)))
                self._go_on(handling)
            elif self._follow(message, handler, answer):
                self._go_on(handling)
            else:
                self._end(message)
            runtime.waiters.wake_all(CHANGED)

        self._behind.setdefault(message.event, deque())
        runtime.beside[message.message_id] = f"a message to {message.event} is being handled"
        runtime.offload(partial(_condition, handler, handling.looked_at, limits), done)

    def _end(self, message: Message) -> None:
        """All handlers have been asked: the next message of the event comes, if it had to wait."""
        event, message.is_handled = message.event, True
        behind = self._behind.get(event)
        if behind:
            next_one = partial(self._handle, behind.popleft())
            self._runtime.set_alarm(("event messages", event), self._runtime.clock.now(), next_one)
        elif behind is not None:
            del self._behind[event]

    def _follow(self, message: Message, handler: EventHandler, answer: scripting.ScriptAnswer) -> bool:
        """Do what the handler does where its condition says so; False if no other is to hear of the message."""
        if answer.error is not None:
            _log.warning(
                "event handler %s: its condition failed, handlers registered later do not hear of the message: %s",
                handler.name,
                answer.error,
            )
            message.declined.append((handler, answer.error))
            return False
        if not answer.value:
            message.declined.append((handler, None))
            return True
        for action in handler.actions:
            if action is None:
                _log.warning("event handler %s: one of its actions is null", handler.name)
                continue
            problem = None
            try:
                self._act(action, message.event, message.message_id, message.payload)
            except (EngineError, DefinitionError) as error:
                problem = error.message
                _log.warning("event handler %s: %s failed: %s", handler.name, action.action, problem)
            except Exception as fault:  # noqa: BLE001 - the message is the other actions' and handlers', too
                problem = _fault_in(handler, action.action, fault)
            message.actions.append((handler, action.action, problem))
        return True

    def _act(self, action: Action, event: str, message_id: str, payload: dict[str, Any]) -> None:
        if action.expand_inline_json:
            payload = _expanded(payload)
        origin = {"conductor.event.messageId": message_id, "conductor.event.name": event}
        if action.action == "start_workflow" and action.start_workflow is not None:
            self._start_workflow(action.start_workflow, origin, payload)
        elif action.action == "complete_task" and action.complete_task is not None:
            self._end_task(action.complete_task, TaskStatus.COMPLETED, origin, payload)
        elif action.action == "fail_task" and action.fail_task is not None:
            self._end_task(action.fail_task, TaskStatus.FAILED, origin, payload)
        elif not self._act_as_orkes(action, payload):
            raise ServerFault(f"Action not supported {action.action} for event {event}")

    def _act_as_orkes(self, action: Action, payload: dict[str, Any]) -> bool:
        """The actions of flavor ``orkes``; False if this is none."""
        if Feature.EVENT_ACTIONS not in self._runtime.flavor.features:
            return False
        if action.action == "terminate_workflow" and action.terminate_workflow is not None:
            event_actions.terminate_workflow(self._runtime, _replaced(action.terminate_workflow.to_wire(), payload))
        elif action.action == "update_workflow_variables" and action.update_workflow_variables is not None:
            fields = _replaced(action.update_workflow_variables.to_wire(), payload)
            event_actions.update_variables(self._runtime, fields)
        else:
            return False
        return True

    def _start_workflow(self, asked: StartWorkflowAction, origin: dict[str, str], payload: dict[str, Any]) -> None:
        domains = asked.task_to_domain
        if domains is None:
            given = payload.get("taskToDomain")
            domains = given if isinstance(given, dict) else {}
        correlation_id, key = _replaced([asked.correlation_id, asked.idempotency_key], payload)
        strategy = asked.idempotency_strategy
        request = StartWorkflowRequest(
            name=asked.name,
            version=asked.version,
            correlation_id=asked.correlation_id if correlation_id is None else java_text(correlation_id),
            input={**_replaced(asked.input, payload), **origin},
            task_to_domain=domains,
            idempotency_key=None if key is None else java_text(key),
            idempotency_strategy=strategy if strategy in IDEMPOTENCY_STRATEGIES else None,
        )
        self._runtime.start(request, event=origin["conductor.event.name"])

    def _end_task(self, asked: TaskAction, status: TaskStatus, origin: dict[str, str], payload: dict[str, Any]) -> None:
        fields = {
            "workflowId": asked.workflow_id,
            "taskId": asked.task_id,
            "taskRefName": asked.task_ref_name,
            "reasonForIncompletion": asked.reason_for_incompletion,
            **asked.output,
        }
        output = _replaced(fields, payload)
        found = self._find_task(output.get("taskId"), output.get("workflowId"), output.get("taskRefName"))
        if found is None:
            raise ServerFault(
                f"No task found with taskId: {output.get('taskId')}, reference name: {output.get('taskRefName')}, "
                f"workflowId: {output.get('workflowId')}"
            )
        execution, task = found
        reason = output.get("reasonForIncompletion")
        command = UpdateTask(
            task_id=task.task_id,
            status=status,
            output={**output, **origin},
            reason=task.reason if status.is_successful or reason is None else java_text(reason),
            worker_id=task.worker_id,
            callback_after_seconds=task.callback_after_seconds,
            sub_workflow_id=task.sub_workflow_id,
        )
        self._runtime.submit(execution.workflow_id, command)

    def _find_task(self, task_id: Any, workflow_id: Any, reference: Any) -> tuple[Execution, TaskRun] | None:
        if task_id:
            return self._runtime.find_task(str(task_id))
        if not workflow_id or not reference:
            return None
        execution = self._runtime.store.find(str(workflow_id))
        if execution is None:
            return None
        # Of a loop's iterations the last one; of attempts the first, even if others have followed.
        attempts = [task for task in execution.tasks if task.plain_reference == reference]
        task = max(attempts, key=lambda attempt: attempt.iteration, default=execution.by_reference.get(str(reference)))
        return None if task is None else (execution, task)


def _without_idempotency(action: Action | None) -> Action | None:
    """The action without what the open-source server does not know, and drops."""
    asked = None if action is None else action.start_workflow
    if action is None or asked is None or (asked.idempotency_key is None and asked.idempotency_strategy is None):
        return action
    return action.replace(start_workflow=asked.replace(idempotency_key=None, idempotency_strategy=None))


def _condition(handler: EventHandler, payload: Any, limits: scripting.Limits) -> scripting.ScriptAnswer:
    """What the handler's condition says to the message; without one it is true of every message.

    Raises ``BudgetExceeded`` where the limits are a budget.
    """
    try:
        return scripting.event_condition(handler.condition, handler.evaluator_type, payload, limits)
    except scripting.BudgetExceeded:
        raise
    except scripting.ScriptError as error:
        return scripting.ScriptAnswer(error=str(error))


def _fault_in(handler: EventHandler, what: str | None, fault: BaseException) -> str:
    """A fault of the emulator's, in words; the log has it whole."""
    said = f"{type(fault).__name__} in the emulator: {fault}"
    _log.error("event handler %s: %s failed: %s", handler.name, what, said, exc_info=fault)
    return said


def _replaced(value: Any, payload: dict[str, Any]) -> Any:
    """The value with expressions over the payload replaced: ``${x}``, ``${m.k[0]}``, ``${$}`` for all of it."""
    template = compile_template(_below_payload(value))
    return template.resolve(StaticScope({_PAYLOAD: payload}))


def _below_payload(value: Any) -> Any:
    if isinstance(value, str):
        parts: list[str] = []
        done = 0
        for start, end in expression_spans(value):
            parts += (value[done : start + 2], _path_below_payload(value[start + 2 : end - 1]), "}")
            done = end
        return "".join((*parts, value[done:]))
    if isinstance(value, dict):
        return {key: _below_payload(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_below_payload(inner) for inner in value]
    return value


def _path_below_payload(path: str) -> str:
    inner = str(_below_payload(path))
    if not inner.strip() or inner.startswith(SECRETS_PREFIX):
        return inner
    return _PAYLOAD + (inner[1:] if inner == "$" or inner.startswith(("$.", "$[")) else "." + inner)


def _expanded(value: Any) -> Any:
    """The value with texts that are JSON objects or lists replaced by what they say (``JsonUtils#expand``).

    Those in maps are, those in lists and in what a text says are not.
    """
    if isinstance(value, dict):
        return {key: _said(inner) if isinstance(inner, str) else _expanded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_expanded(inner) for inner in value]
    return value


def _said(text: str) -> Any:
    if not text.strip().startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # inside one another more often than any parser follows
        return text
