"""The wire models, one class for each shape of Conductor's REST API."""

from conductor_sdk.models.base import WireEnum, WireModel
from conductor_sdk.models.enums import IdempotencyStrategy, RetryLogic, TaskStatus, TimeoutPolicy, WorkflowStatus
from conductor_sdk.models.requests import RerunWorkflowRequest, SkipTaskRequest, StartWorkflowRequest
from conductor_sdk.models.task import PollData, Task, TaskExecLog, TaskResult
from conductor_sdk.models.task_def import SchemaDef, TaskDef
from conductor_sdk.models.workflow_def import CacheConfig, RateLimitConfig, SubWorkflowParams, WorkflowDef, WorkflowTask
from conductor_sdk.models.workflow_run import SearchResult, Workflow, WorkflowStatusView, WorkflowSummary

__all__ = [
    "CacheConfig",
    "IdempotencyStrategy",
    "PollData",
    "RateLimitConfig",
    "RerunWorkflowRequest",
    "RetryLogic",
    "SchemaDef",
    "SearchResult",
    "SkipTaskRequest",
    "StartWorkflowRequest",
    "SubWorkflowParams",
    "Task",
    "TaskDef",
    "TaskExecLog",
    "TaskResult",
    "TaskStatus",
    "TimeoutPolicy",
    "WireEnum",
    "WireModel",
    "Workflow",
    "WorkflowDef",
    "WorkflowStatus",
    "WorkflowStatusView",
    "WorkflowSummary",
    "WorkflowTask",
]
