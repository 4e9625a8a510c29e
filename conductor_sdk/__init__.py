"""Conductor for Python: workers, workflows as code, and executions, on a cluster, a local server, or none at all."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

# Not by demand: as a submodule has the same name, it would be that submodule.
from conductor_sdk.worker.definition import worker

if TYPE_CHECKING:
    from conductor_sdk.client import (
        ApiClient,
    )
    from conductor_sdk.errors import (
        AnswerError,
        ApiError,
        BadRequest,
        ConductorError,
        ConfigurationError,
        Conflict,
        DefinitionError,
        NotFound,
        PayloadError,
        RequestTimedOut,
        Retry,
        ServerError,
        TerminalError,
        TransportError,
        Unauthorized,
        WaitTimedOut,
        WorkflowFailed,
    )
    from conductor_sdk.events import (
        Event,
        EventBus,
    )
    from conductor_sdk.executor import (
        WorkflowExecutor,
    )
    from conductor_sdk.models import (
        IdempotencyStrategy,
        RerunWorkflowRequest,
        RetryLogic,
        SkipTaskRequest,
        StartWorkflowRequest,
        Task,
        TaskDef,
        TaskExecLog,
        TaskResult,
        TaskStatus,
        TimeoutPolicy,
        Workflow,
        WorkflowDef,
        WorkflowStatus,
    )
    from conductor_sdk.settings import (
        Settings,
    )
    from conductor_sdk.transport import (
        Transport,
        TransportResponse,
    )
    from conductor_sdk.worker.context import (
        TaskContext,
        task_context,
    )
    from conductor_sdk.worker.definition import (
        WorkerDefinition,
        WorkerOptions,
    )
    from conductor_sdk.worker.execution import (
        execute,
        execute_async,
    )
    from conductor_sdk.worker.outcome import (
        InProgress,
    )
    from conductor_sdk.worker.runner import (
        TaskRunner,
    )
    from conductor_sdk.worker.task_logs import (
        TaskLogHandler,
    )
    from conductor_sdk.workflow import (
        AgentTask,
        CallMcpToolTask,
        CancelAgentTask,
        ConductorWorkflow,
        CustomTask,
        DecisionTask,
        DoWhileTask,
        DynamicForkTask,
        DynamicTask,
        EventTask,
        ExclusiveJoinTask,
        ForEachTask,
        ForkTask,
        GetAgentCardTask,
        HttpInput,
        HttpTask,
        HumanTask,
        InlineTask,
        JoinTask,
        JsonJQTask,
        KafkaPublishInput,
        KafkaPublishTask,
        LambdaTask,
        ListMcpToolsTask,
        LlmChatCompleteTask,
        LlmGenerateEmbeddingsTask,
        LlmGetEmbeddingsTask,
        LlmIndexTextTask,
        LlmSearchIndexTask,
        LlmStoreEmbeddingsTask,
        LlmTextCompleteTask,
        LoopTask,
        NoopTask,
        PullWorkflowMessagesTask,
        Reference,
        SetVariableTask,
        SimpleTask,
        StartWorkflowTask,
        SubWorkflowTask,
        SwitchTask,
        TerminateTask,
        WaitTask,
        WorkflowTask,
    )

__version__ = "0.1.0"

#: Where the public names are. They are imported when they are asked for: `import conductor_sdk` alone costs next to
#: nothing, and a program that only runs workers never loads what builds workflows.
_HOMES = {
    "client": ("ApiClient",),
    "errors": (
        "AnswerError",
        "ApiError",
        "BadRequest",
        "ConductorError",
        "ConfigurationError",
        "Conflict",
        "DefinitionError",
        "NotFound",
        "PayloadError",
        "RequestTimedOut",
        "Retry",
        "ServerError",
        "TerminalError",
        "TransportError",
        "Unauthorized",
        "WaitTimedOut",
        "WorkflowFailed",
    ),
    "events": ("Event", "EventBus"),
    "executor": ("WorkflowExecutor",),
    "models": (
        "IdempotencyStrategy",
        "RerunWorkflowRequest",
        "RetryLogic",
        "SkipTaskRequest",
        "StartWorkflowRequest",
        "Task",
        "TaskDef",
        "TaskExecLog",
        "TaskResult",
        "TaskStatus",
        "TimeoutPolicy",
        "Workflow",
        "WorkflowDef",
        "WorkflowStatus",
    ),
    "settings": ("Settings",),
    "transport": ("Transport", "TransportResponse"),
    "worker.context": ("TaskContext", "task_context"),
    "worker.definition": ("WorkerDefinition", "WorkerOptions"),
    "worker.execution": ("execute", "execute_async"),
    "worker.outcome": ("InProgress",),
    "worker.runner": ("TaskRunner",),
    "worker.task_logs": ("TaskLogHandler",),
    "workflow": (
        "AgentTask",
        "CallMcpToolTask",
        "CancelAgentTask",
        "ConductorWorkflow",
        "CustomTask",
        "DecisionTask",
        "DoWhileTask",
        "DynamicForkTask",
        "DynamicTask",
        "EventTask",
        "ExclusiveJoinTask",
        "ForEachTask",
        "ForkTask",
        "GetAgentCardTask",
        "HttpInput",
        "HttpTask",
        "HumanTask",
        "InlineTask",
        "JoinTask",
        "JsonJQTask",
        "KafkaPublishInput",
        "KafkaPublishTask",
        "LambdaTask",
        "ListMcpToolsTask",
        "LlmChatCompleteTask",
        "LlmGenerateEmbeddingsTask",
        "LlmGetEmbeddingsTask",
        "LlmIndexTextTask",
        "LlmSearchIndexTask",
        "LlmStoreEmbeddingsTask",
        "LlmTextCompleteTask",
        "LoopTask",
        "NoopTask",
        "PullWorkflowMessagesTask",
        "Reference",
        "SetVariableTask",
        "SimpleTask",
        "StartWorkflowTask",
        "SubWorkflowTask",
        "SwitchTask",
        "TerminateTask",
        "WaitTask",
        "WorkflowTask",
    ),
}

if not TYPE_CHECKING:  # a checker would take a module with __getattr__ to have any name

    def __getattr__(name: str) -> Any:
        for home, names in _HOMES.items():
            if name in names:
                value = getattr(import_module(f"{__name__}.{home}"), name)
                globals()[name] = value
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = [
    "AgentTask",
    "AnswerError",
    "ApiClient",
    "ApiError",
    "BadRequest",
    "CallMcpToolTask",
    "CancelAgentTask",
    "ConductorError",
    "ConductorWorkflow",
    "ConfigurationError",
    "Conflict",
    "CustomTask",
    "DecisionTask",
    "DefinitionError",
    "DoWhileTask",
    "DynamicForkTask",
    "DynamicTask",
    "Event",
    "EventBus",
    "EventTask",
    "ExclusiveJoinTask",
    "ForEachTask",
    "ForkTask",
    "GetAgentCardTask",
    "HttpInput",
    "HttpTask",
    "HumanTask",
    "IdempotencyStrategy",
    "InProgress",
    "InlineTask",
    "JoinTask",
    "JsonJQTask",
    "KafkaPublishInput",
    "KafkaPublishTask",
    "LambdaTask",
    "ListMcpToolsTask",
    "LlmChatCompleteTask",
    "LlmGenerateEmbeddingsTask",
    "LlmGetEmbeddingsTask",
    "LlmIndexTextTask",
    "LlmSearchIndexTask",
    "LlmStoreEmbeddingsTask",
    "LlmTextCompleteTask",
    "LoopTask",
    "NoopTask",
    "NotFound",
    "PayloadError",
    "PullWorkflowMessagesTask",
    "Reference",
    "RequestTimedOut",
    "RerunWorkflowRequest",
    "Retry",
    "RetryLogic",
    "ServerError",
    "SetVariableTask",
    "Settings",
    "SimpleTask",
    "SkipTaskRequest",
    "StartWorkflowRequest",
    "StartWorkflowTask",
    "SubWorkflowTask",
    "SwitchTask",
    "Task",
    "TaskContext",
    "TaskDef",
    "TaskExecLog",
    "TaskLogHandler",
    "TaskResult",
    "TaskRunner",
    "TaskStatus",
    "TerminalError",
    "TerminateTask",
    "TimeoutPolicy",
    "Transport",
    "TransportError",
    "TransportResponse",
    "Unauthorized",
    "WaitTask",
    "WaitTimedOut",
    "WorkerDefinition",
    "WorkerOptions",
    "Workflow",
    "WorkflowDef",
    "WorkflowExecutor",
    "WorkflowFailed",
    "WorkflowStatus",
    "WorkflowTask",
    "__version__",
    "execute",
    "execute_async",
    "task_context",
    "worker",
]

# The program that uses this package decides where its log goes.
logging.getLogger("conductor_sdk").addHandler(logging.NullHandler())
