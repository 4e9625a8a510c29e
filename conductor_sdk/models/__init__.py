"""The wire models, one class for each shape of Conductor's REST API."""

from conductor_sdk.models.answers import (
    BulkResponse,
    Consistency,
    EventHandler,
    ReturnStrategy,
    Tag,
    TaskSearchResult,
    TaskSummary,
    WorkflowRun,
    WorkflowSchedule,
)
from conductor_sdk.models.base import WireEnum, WireModel
from conductor_sdk.models.enums import IdempotencyStrategy, RetryLogic, TaskStatus, TimeoutPolicy, WorkflowStatus
from conductor_sdk.models.requests import RerunWorkflowRequest, SkipTaskRequest, StartWorkflowRequest
from conductor_sdk.models.task import PollData, Task, TaskExecLog, TaskResult
from conductor_sdk.models.task_def import SchemaDef, TaskDef
from conductor_sdk.models.workflow_def import CacheConfig, RateLimitConfig, SubWorkflowParams, WorkflowDef, WorkflowTask
from conductor_sdk.models.workflow_run import SearchResult, Workflow, WorkflowStatusView, WorkflowSummary

__all__ = [
    "BulkResponse",
    "CacheConfig",
    "Consistency",
    "EventHandler",
    "IdempotencyStrategy",
    "PollData",
    "RateLimitConfig",
    "RerunWorkflowRequest",
    "RetryLogic",
    "ReturnStrategy",
    "SchemaDef",
    "SearchResult",
    "SkipTaskRequest",
    "StartWorkflowRequest",
    "SubWorkflowParams",
    "Tag",
    "Task",
    "TaskDef",
    "TaskExecLog",
    "TaskResult",
    "TaskSearchResult",
    "TaskStatus",
    "TaskSummary",
    "TimeoutPolicy",
    "WireEnum",
    "WireModel",
    "Workflow",
    "WorkflowDef",
    "WorkflowRun",
    "WorkflowSchedule",
    "WorkflowStatus",
    "WorkflowStatusView",
    "WorkflowSummary",
    "WorkflowTask",
]
