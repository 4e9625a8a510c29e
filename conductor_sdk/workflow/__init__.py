"""Workflow definitions as code: ConductorWorkflow and one class for each task type."""

from conductor_sdk.workflow.ai_tasks import (
    AgentTask,
    CallMcpToolTask,
    CancelAgentTask,
    GenerateAudioTask,
    GenerateImageTask,
    GeneratePdfTask,
    GenerateVideoTask,
    GetAgentCardTask,
    GetDocumentTask,
    JdbcTask,
    ListApiToolsTask,
    ListMcpToolsTask,
    LlmChatCompleteTask,
    LlmGenerateEmbeddingsTask,
    LlmGetEmbeddingsTask,
    LlmIndexTextTask,
    LlmSearchEmbeddingsTask,
    LlmSearchIndexTask,
    LlmStoreEmbeddingsTask,
    LlmTextCompleteTask,
    PlanAndCompileTask,
)
from conductor_sdk.workflow.conductor_workflow import ConductorWorkflow
from conductor_sdk.workflow.dynamic_tasks import DynamicForkTask, DynamicTask
from conductor_sdk.workflow.fork_task import ForkTask
from conductor_sdk.workflow.http_task import HttpInput, HttpPollInput, HttpPollTask, HttpTask
from conductor_sdk.workflow.join_tasks import ExclusiveJoinTask, JoinTask
from conductor_sdk.workflow.loop_tasks import DoWhileTask, ForEachTask, LoopTask
from conductor_sdk.workflow.message_tasks import (
    EventTask,
    KafkaPublishInput,
    KafkaPublishTask,
    PullWorkflowMessagesTask,
)
from conductor_sdk.workflow.orkes_tasks import (
    GetWorkflowTask,
    TerminateWorkflowTask,
    UpdateSecretTask,
    UpdateTask,
    WaitForWebhookTask,
    YieldTask,
)
from conductor_sdk.workflow.reference import Reference
from conductor_sdk.workflow.script_tasks import InlineTask, JsonJQTask, LambdaTask
from conductor_sdk.workflow.simple_task import CustomTask, SimpleTask
from conductor_sdk.workflow.state_tasks import HumanTask, NoopTask, SetVariableTask, TerminateTask
from conductor_sdk.workflow.stored_task import StoredTask
from conductor_sdk.workflow.sub_workflow_tasks import StartWorkflowTask, SubWorkflowTask
from conductor_sdk.workflow.switch_task import DecisionTask, SwitchTask
from conductor_sdk.workflow.task import WorkflowTask
from conductor_sdk.workflow.wait_task import WaitTask

__all__ = [
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
    "GenerateAudioTask",
    "GenerateImageTask",
    "GeneratePdfTask",
    "GenerateVideoTask",
    "GetAgentCardTask",
    "GetDocumentTask",
    "GetWorkflowTask",
    "HttpInput",
    "HttpPollInput",
    "HttpPollTask",
    "HttpTask",
    "HumanTask",
    "InlineTask",
    "JdbcTask",
    "JoinTask",
    "JsonJQTask",
    "KafkaPublishInput",
    "KafkaPublishTask",
    "LambdaTask",
    "ListApiToolsTask",
    "ListMcpToolsTask",
    "LlmChatCompleteTask",
    "LlmGenerateEmbeddingsTask",
    "LlmGetEmbeddingsTask",
    "LlmIndexTextTask",
    "LlmSearchEmbeddingsTask",
    "LlmSearchIndexTask",
    "LlmStoreEmbeddingsTask",
    "LlmTextCompleteTask",
    "LoopTask",
    "NoopTask",
    "PlanAndCompileTask",
    "PullWorkflowMessagesTask",
    "Reference",
    "SetVariableTask",
    "SimpleTask",
    "StartWorkflowTask",
    "StoredTask",
    "SubWorkflowTask",
    "SwitchTask",
    "TerminateTask",
    "TerminateWorkflowTask",
    "UpdateSecretTask",
    "UpdateTask",
    "WaitForWebhookTask",
    "WaitTask",
    "WorkflowTask",
    "YieldTask",
]
