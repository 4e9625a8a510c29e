"""The door of the engine: apply one command to one execution.

``start`` makes an execution, ``apply`` changes one. Both append what they ask of the outside to ``effects`` and either
take full effect or raise an ``EngineError``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conductor_emulator.engine import commands, control, jumping, payloads, rerun, tasks, updates, upgrading
from conductor_emulator.engine.effects import Effect
from conductor_emulator.engine.execution import Execution
from conductor_emulator.engine.flavors import Feature
from conductor_emulator.engine.masking import ALWAYS_MASKED
from conductor_emulator.engine.step import Step
from conductor_emulator.expressions import compile_template, hash_order, java_text

if TYPE_CHECKING:
    from conductor_emulator.engine.services import Services

__all__ = ["apply", "start"]

tasks.load()


def start(command: commands.StartWorkflow, services: Services, effects: list[Effect]) -> Execution:
    """A new execution, not yet evaluated: apply ``Begin`` to set it going once it can be found by its id.

    Raises ``ServerFault`` if its input is too large.
    """
    execution = Execution(command.workflow_id or services.new_id(), command.plan, services.now)
    definition = command.plan.definition
    workflow_input = command.input
    if command.failed_workflow is not None:
        workflow_input = {**workflow_input, "failedWorkflow": command.failed_workflow}
        workflow_input = {key: workflow_input[key] for key in hash_order(workflow_input)}
        execution.unread = command.failed_workflow
    if definition.input_template and workflow_input:
        missing = {k: v for k, v in definition.input_template.items() if workflow_input.get(k) is None}
        workflow_input = {**workflow_input, **missing}
    payloads.check_workflow_input(workflow_input, execution.workflow_id)
    execution.input = workflow_input
    execution.variables = dict(definition.variables)
    execution.correlation_id = command.correlation_id
    execution.priority = command.priority
    execution.task_to_domain = command.task_to_domain
    execution.event = command.event
    execution.created_by = command.created_by
    execution.external_input_path = command.external_input_path
    execution.parent_workflow_id = command.parent_workflow_id
    execution.parent_workflow_task_id = command.parent_workflow_task_id
    execution.is_event_task = command.is_event_task
    step = Step(execution, services, effects)
    if services.flavor.features:
        _take_on(step, command)
    step.note("workflow.started", "")
    step.await_time_out()
    return execution


def _take_on(step: Step, command: commands.StartWorkflow) -> None:
    """What an execution has by its flavor."""
    execution = step.execution
    definition = command.plan.definition
    if step.has(Feature.IDEMPOTENCY):
        execution.idempotency_key = command.idempotency_key
    if step.has(Feature.MASKED_FIELDS):
        execution.masked_fields = ALWAYS_MASKED.union(definition.masked_fields)
    limit = definition.rate_limit_config
    if not step.has(Feature.WORKFLOW_RATE_LIMIT):
        return
    if limit is not None and limit.concurrent_exec_limit > 0:
        key = step.resolve(compile_template(limit.rate_limit_key))
        execution.rate_limit_key = None if key is None or key == "" else java_text(key)
    elif step.services.execution_limit(execution.name) is not None:
        execution.rate_limit_key = execution.name


def apply(execution: Execution, command: commands.Command, services: Services, effects: list[Effect]) -> Any:
    """Apply a command; the reply is the task concerned for polls and updates, else None."""
    return _HANDLERS[type(command)](Step(execution, services, effects), command)


_HANDLERS: dict[type, Any] = {
    commands.PollTask: updates.poll,
    commands.UpdateTask: updates.update,
    commands.TaskDue: updates.due,
    commands.WorkflowDue: lambda step, _: updates.workflow_due(step),
    commands.Answered: updates.answered,
    commands.ChildEnded: updates.child_ended,
    commands.AddLog: updates.add_log,
    commands.Decide: lambda step, _: control.evaluate(step),
    commands.Begin: lambda step, _: control.begin(step),
    commands.Pause: lambda step, _: control.pause(step),
    commands.Resume: lambda step, _: control.resume(step),
    commands.Terminate: control.terminate,
    commands.Retry: control.retry,
    commands.Restart: lambda step, command: control.restart(step, command.plan),
    commands.Rerun: rerun.rerun,
    commands.SkipTask: control.skip,
    commands.Jump: jumping.jump,
    commands.Upgrade: upgrading.upgrade,
    commands.ResetCallbacks: lambda step, _: control.reset_callbacks(step),
    commands.SetVariables: updates.set_variables,
    commands.MessageReceived: updates.message_received,
    commands.FailureWorkflowStarted: updates.failure_workflow_started,
}
