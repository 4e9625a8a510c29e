"""Whether a failed attempt is followed by another one, and after which delay (``DeciderService#retry``).

=================== =============================================================== n = retryCount of the failed attempt
FIXED               retryDelaySeconds
LINEAR_BACKOFF      retryDelaySeconds × backoffScaleFactor × (n + 1), 32 bit
EXPONENTIAL_BACKOFF retryDelaySeconds × 2ⁿ, 32 bit
=================== ===============================================================

An overflow of 32 bits becomes the greatest 32-bit number; maxRetryDelaySeconds caps each of them; up to backoffJitterMs
of chance come on top.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.errors import EndWorkflow
from conductor_emulator.engine.execution import TaskRun
from conductor_emulator.engine.status import STATUS_AFTER, TaskStatus, WorkflowStatus
from conductor_emulator.expressions import java_text

if TYPE_CHECKING:
    from conductor_emulator.definitions.task_def import TaskDef
    from conductor_emulator.engine.step import Step

_INT_MAX = 2_147_483_647


def delay_seconds(task_def: TaskDef, retry_count: int) -> int:
    """Seconds between a failed attempt (its ``retry_count``) and the next one."""
    delay = task_def.retry_delay_seconds
    if task_def.retry_logic == "LINEAR_BACKOFF":
        delay = _as_int(delay * task_def.backoff_scale_factor * (retry_count + 1))
    elif task_def.retry_logic == "EXPONENTIAL_BACKOFF":
        delay = _as_int(delay * min(2**retry_count, _INT_MAX))
    cap = task_def.max_retry_delay_seconds
    return cap if 0 < cap < delay else delay


def _as_int(value: int) -> int:
    """What is left of a product in 32 bits: a negative remainder counts as the greatest number."""
    wrapped = (value + 2**31) % 2**32 - 2**31
    return _INT_MAX if wrapped < 0 else wrapped


def next_attempt(step: Step, task: TaskRun) -> TaskRun | None:
    """The attempt that follows an unsuccessful one, not yet taken into the execution.

    None where the failure is tolerated (optional, permissive). Raises ``EndWorkflow`` where it is the end.
    """
    node = task.node
    task_def = step.services.task_def(task.task_def_name or "") if node is None else node.definition.task_definition
    allowed = 0
    if task_def is not None:
        own = None if node is None else node.definition.retry_count
        allowed = task_def.retry_count if own is None else own
    kind = step.kind_of(task)
    is_retried = task.status.is_retriable and (kind is None or kind.is_retried)
    if not is_retried or allowed <= task.retry_count:
        if task.is_optional or task.is_permissive:
            return None
        status = STATUS_AFTER.get(task.status, WorkflowStatus.FAILED)
        raise EndWorkflow(
            f"Task {task.task_id} failed with status: {status} and reason: '{java_text(task.reason)}'", status, task
        )
    assert task_def is not None  # noqa: S101 - no definition allows no attempt
    _check_total_time(step, task, task_def)

    delay = delay_seconds(task_def, task.retry_count)
    jitter = step.services.jitter(task_def.backoff_jitter_ms) if task_def.backoff_jitter_ms > 0 else 0
    step.note(
        "task.retry",
        f"retry: {task_def.retry_logic} {delay} s, attempt {task.retry_count + 2} of {allowed + 1}",
        task,
    )
    attempt = copy_for_retry(step, task)
    attempt.start_delay_seconds = delay
    attempt.callback_after_seconds = delay
    attempt.callback_after_ms = delay * 1000 + jitter
    attempt.reason = task.reason
    if node is not None:
        attempt.input = {**attempt.input, **step.input_of(node, attempt.task_id, with_template=True)}
    return attempt


def copy_for_retry(step: Step, task: TaskRun) -> TaskRun:
    """A fresh attempt at the same task: SCHEDULED, one retry more, nothing of the old result."""
    attempt = TaskRun(step.services.new_id(), task.reference, task.task_type, task.task_def_name, task.node)
    attempt.plain_reference = task.plain_reference
    attempt.retried_task_id = task.task_id
    attempt.retry_count = task.retry_count + 1
    attempt.input = {k: v for k, v in task.input.items() if k != "subWorkflowId"}
    attempt.executed = task.executed  # true for a permissive failure: what follows it has been scheduled already
    attempt.iteration = task.iteration
    attempt.domain = task.domain
    attempt.priority = task.priority
    attempt.response_timeout_seconds = task.response_timeout_seconds
    attempt.rate_limit_per_frequency = task.rate_limit_per_frequency
    attempt.rate_limit_frequency_seconds = task.rate_limit_frequency_seconds
    attempt.first_scheduled_time = task.first_scheduled_time
    attempt.parent_reference = task.parent_reference
    attempt.former_correlation = task.former_correlation
    return attempt


def _check_total_time(step: Step, task: TaskRun, task_def: TaskDef) -> None:
    """No further attempt once totalTimeoutSeconds is used up, whatever the policy."""
    if task_def.total_timeout_seconds <= 0 or not task.first_scheduled_time:
        return
    elapsed = (step.now - task.first_scheduled_time) // 1000
    if elapsed >= task_def.total_timeout_seconds:
        raise EndWorkflow(
            f"Task {task.task_id}/{task.task_def_name} exceeded total timeout of {task_def.total_timeout_seconds} "
            f"seconds (elapsed {elapsed} seconds across all attempts). No further retries will be attempted.",
            WorkflowStatus.TIMED_OUT if task.status is TaskStatus.TIMED_OUT else WorkflowStatus.FAILED,
            task,
        )
