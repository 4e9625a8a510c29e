"""Tasks for language models, vector stores, tools and agents. Their inputs go by the names that the server knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from conductor_sdk.workflow.task import WorkflowTask


class _AiTask(WorkflowTask):
    task_type: ClassVar[str]

    def __init__(self, reference_name: str, inputs: Mapping[str, Any] | None = None) -> None:
        super().__init__(self.task_type, reference_name, inputs=inputs)


class LlmTextCompleteTask(_AiTask):
    """Completes a prompt: `llmProvider`, `model`, `promptName`, `promptVariables`."""

    task_type = "LLM_TEXT_COMPLETE"


class LlmChatCompleteTask(_AiTask):
    """Answers in a chat: `llmProvider`, `model`, `messages`, `instructions`."""

    task_type = "LLM_CHAT_COMPLETE"


class LlmIndexTextTask(_AiTask):
    """Puts a text into a vector store."""

    task_type = "LLM_INDEX_TEXT"


class LlmSearchIndexTask(_AiTask):
    """Searches a vector store by a text."""

    task_type = "LLM_SEARCH_INDEX"


class LlmGenerateEmbeddingsTask(_AiTask):
    """Turns a text into a vector."""

    task_type = "LLM_GENERATE_EMBEDDINGS"


class LlmStoreEmbeddingsTask(_AiTask):
    """Puts vectors into a vector store."""

    task_type = "LLM_STORE_EMBEDDINGS"


class LlmGetEmbeddingsTask(_AiTask):
    """Reads vectors from a vector store."""

    task_type = "LLM_GET_EMBEDDINGS"


class ListMcpToolsTask(_AiTask):
    """Lists the tools of an MCP server."""

    task_type = "LIST_MCP_TOOLS"


class CallMcpToolTask(_AiTask):
    """Calls a tool of an MCP server."""

    task_type = "CALL_MCP_TOOL"


class AgentTask(_AiTask):
    """Runs an agent."""

    task_type = "AGENT"


class GetAgentCardTask(_AiTask):
    """Reads the card of a remote agent."""

    task_type = "GET_AGENT_CARD"


class CancelAgentTask(_AiTask):
    """Cancels the work of a remote agent."""

    task_type = "CANCEL_AGENT"
