"""Workers: the functions that execute tasks, and the runner that brings them tasks."""

from conductor_sdk.worker.context import TaskContext, task_context
from conductor_sdk.worker.definition import WorkerDefinition, worker
from conductor_sdk.worker.execution import execute, execute_async
from conductor_sdk.worker.outcome import InProgress
from conductor_sdk.worker.runner import TaskRunner

__all__ = [
    "InProgress",
    "TaskContext",
    "TaskRunner",
    "WorkerDefinition",
    "execute",
    "execute_async",
    "task_context",
    "worker",
]
