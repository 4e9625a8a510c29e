"""Tasks for language models, vector databases, tools, agents and databases.

Their inputs are keyword arguments, in Python's spelling; what a later server knows goes in `inputs`, in the server's.
They need a server with such a service; in tests they are stubbed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Unpack

from conductor_sdk.workflow.ai_inputs import (
    AgentCardInputs,
    AgentInputs,
    ApiToolsInputs,
    AudioInputs,
    CancelAgentInputs,
    ChatInputs,
    DocumentInputs,
    EmbeddingInputs,
    ImageInputs,
    IndexInputs,
    JdbcInputs,
    McpCallInputs,
    McpInputs,
    PdfInputs,
    PlanInputs,
    SearchInputs,
    StoreInputs,
    TextInputs,
    VideoInputs,
)
from conductor_sdk.workflow.task import WorkflowTask

_Inputs = Mapping[str, Any] | None


class _ServiceTask(WorkflowTask):
    """What these tasks have in common; not a task by itself.

    `inputs`: what has no keyword, in the server's spelling
    `named`: the inputs by keyword
    """

    task_type: ClassVar[str]
    #: the keyword arguments
    named: ClassVar[type]

    def __init__(self, reference_name: str, inputs: _Inputs, given: Mapping[str, Any]) -> None:
        self._refuse_unknown(given)
        named = {_on_the_wire(name): value for name, value in given.items() if value is not None}
        super().__init__(self.task_type, reference_name, inputs={**named, **(inputs or {})})

    def _refuse_unknown(self, given: Mapping[str, Any]) -> None:
        known = list(self.named.__annotations__)  # those of its bases too
        for name in given:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known)}."
                raise TypeError(
                    f"{type(self).__name__} has no input {name!r}; {hint} What has no keyword goes in "
                    f'inputs={{"{_on_the_wire(name)}": …}}.'
                )


def _on_the_wire(name: str) -> str:
    return "vectorDB" if name == "vector_db" else re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


class LlmTextCompleteTask(_ServiceTask):
    """Completes a prompt. Output: `result`."""

    task_type = "LLM_TEXT_COMPLETE"
    named = TextInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[TextInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class LlmChatCompleteTask(_ServiceTask):
    """Answers in a chat. Output: `result`; `toolCalls` where the model wants tools to be called."""

    task_type = "LLM_CHAT_COMPLETE"
    named = ChatInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[ChatInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class LlmGenerateEmbeddingsTask(_ServiceTask):
    """Turns a text into a vector. Output: `result`."""

    task_type = "LLM_GENERATE_EMBEDDINGS"
    named = EmbeddingInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[EmbeddingInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class LlmIndexTextTask(_ServiceTask):
    """Puts a text or a document into a vector database."""

    task_type = "LLM_INDEX_TEXT"
    named = IndexInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[IndexInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class LlmSearchIndexTask(_ServiceTask):
    """Searches a vector database by a text (`query`). Output: `result`."""

    task_type = "LLM_SEARCH_INDEX"
    named = SearchInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[SearchInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class LlmStoreEmbeddingsTask(_ServiceTask):
    """Puts a vector into a vector database."""

    task_type = "LLM_STORE_EMBEDDINGS"
    named = StoreInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[StoreInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class LlmSearchEmbeddingsTask(_ServiceTask):
    """Searches a vector database by a vector (`embeddings`). Output: `result`."""

    task_type = "LLM_SEARCH_EMBEDDINGS"
    named = SearchInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[SearchInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class LlmGetEmbeddingsTask(_ServiceTask):
    """The older form of LlmSearchEmbeddingsTask. Deprecated by Conductor."""

    task_type = "LLM_GET_EMBEDDINGS"
    named = SearchInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[SearchInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class GenerateImageTask(_ServiceTask):
    """Draws a picture."""

    task_type = "GENERATE_IMAGE"
    named = ImageInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[ImageInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class GenerateAudioTask(_ServiceTask):
    """Reads a text aloud."""

    task_type = "GENERATE_AUDIO"
    named = AudioInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[AudioInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class GenerateVideoTask(_ServiceTask):
    """Makes a video."""

    task_type = "GENERATE_VIDEO"
    named = VideoInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[VideoInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class GeneratePdfTask(_ServiceTask):
    """Makes a PDF of a text in Markdown."""

    task_type = "GENERATE_PDF"
    named = PdfInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[PdfInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class ListMcpToolsTask(_ServiceTask):
    """Lists the tools of an MCP server. Output: `tools`."""

    task_type = "LIST_MCP_TOOLS"
    named = McpInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[McpInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class CallMcpToolTask(_ServiceTask):
    """Calls a tool of an MCP server."""

    task_type = "CALL_MCP_TOOL"
    named = McpCallInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[McpCallInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class ListApiToolsTask(_ServiceTask):
    """Reads the description of an API as tools. Output: `tools`, `baseUrl` and `format`."""

    task_type = "LIST_API_TOOLS"
    named = ApiToolsInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[ApiToolsInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class AgentTask(_ServiceTask):
    """Lets an agent work, and waits for it."""

    task_type = "AGENT"
    named = AgentInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[AgentInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class GetAgentCardTask(_ServiceTask):
    """Reads what a remote agent says of itself."""

    task_type = "GET_AGENT_CARD"
    named = AgentCardInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[AgentCardInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class CancelAgentTask(_ServiceTask):
    """Cancels the work of a remote agent."""

    task_type = "CANCEL_AGENT"
    named = CancelAgentInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[CancelAgentInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class PlanAndCompileTask(_ServiceTask):
    """Makes a workflow definition of a plan. Output: `workflowDef`, or `error`."""

    task_type = "PLAN_AND_COMPILE"
    named = PlanInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[PlanInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class GetDocumentTask(_ServiceTask):
    """Reads a document. A task for workers on servers that do not know the type."""

    task_type = "GET_DOCUMENT"
    named = DocumentInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[DocumentInputs]) -> None:
        super().__init__(reference_name, inputs, named)


class JdbcTask(_ServiceTask):
    """Runs a statement in a database. Output: `result` (rows) or `update_count`."""

    task_type = "JDBC"
    named = JdbcInputs

    def __init__(self, reference_name: str, inputs: _Inputs = None, **named: Unpack[JdbcInputs]) -> None:
        super().__init__(reference_name, inputs, named)
