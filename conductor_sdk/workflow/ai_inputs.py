"""The inputs of tasks for models, vector databases, tools and agents, as their keyword arguments spell them.

`vector_db` travels as `vectorDB`, everything else in camelCase. Each may be a Reference or a `"${…}"` text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from conductor_sdk.workflow.reference import Reference

Text = str | Reference
Whole = int | str | Reference
Number = float | str | Reference
Flag = bool | str | Reference
Texts = Sequence[str | Reference] | str | Reference
Object = Mapping[str, Any] | str | Reference
Objects = Sequence[Mapping[str, Any]] | str | Reference
Vector = Sequence[float] | str | Reference


class ChatMessage(TypedDict, total=False):
    """One message of a chat: `{"role": "user", "message": "Hello"}`."""

    role: Literal["user", "assistant", "system", "tool_call", "tool"]
    message: Text
    media: Texts
    mimeType: Text
    toolCalls: Objects


class ModelInputs(TypedDict, total=False):
    """Which model works, and how freely."""

    llm_provider: Text
    integration_name: Text
    integration_names: Object
    model: Text
    prompt: Text
    prompt_version: Whole
    prompt_variables: Object
    temperature: Number
    top_p: Number
    top_k: Whole
    frequency_penalty: Number
    presence_penalty: Number
    stop_words: Texts
    max_tokens: Whole
    max_results: Whole
    allow_raw_prompts: Flag


class TextInputs(ModelInputs, total=False):
    """`prompt_name` is a prompt that the server keeps."""

    prompt_name: Text
    json_output: Flag


class ChatInputs(ModelInputs, total=False):
    """`instructions` is the system prompt; `messages` or `user_input` what is said."""

    instructions: Text
    messages: Sequence[ChatMessage] | str | Reference
    user_input: Text
    participants: Object
    tools: Objects
    json_output: Flag
    input_schema: Object
    output_schema: Object
    output_mime_type: Text
    output_location: Text
    google_search_retrieval: Flag
    web_search: Flag
    code_interpreter: Flag
    file_search_vector_store_ids: Texts
    thinking_token_limit: Whole
    reasoning_effort: Text
    reasoning_summary: Text
    previous_response_id: Text
    voice: Text


class EmbeddingInputs(ModelInputs, total=False):
    """A text, and how long its vector is to be."""

    text: Text
    dimensions: Whole


class VectorInputs(TypedDict, total=False):
    """Where vectors are, and by which model texts become vectors there."""

    vector_db: Text
    integration_name: Text
    integration_names: Object
    index: Text
    namespace: Text
    embedding_model_provider: Text
    embedding_model: Text
    metadata: Object


class IndexInputs(VectorInputs, total=False):
    """A `text`, or a document at `url`; it is cut into chunks."""

    text: Text
    doc_id: Text
    url: Text
    media_type: Text
    chunk_size: Whole
    chunk_overlap: Whole
    dimensions: Whole


class StoreInputs(VectorInputs, total=False):
    """One vector and its id."""

    embeddings: Vector
    id: Text


class SearchInputs(VectorInputs, total=False):
    """What to look for: a text (`query`) or a vector (`embeddings`)."""

    query: Text
    embeddings: Vector
    dimensions: Whole
    max_results: Whole


class ImageInputs(ModelInputs, total=False):
    """`width` and `height` in pixels, or a `size`."""

    width: Whole
    height: Whole
    size: Text
    style: Text
    weight: Number
    n: Whole
    output_format: Text


class AudioInputs(ModelInputs, total=False):
    """A text and who reads it."""

    text: Text
    voice: Text
    speed: Number
    response_format: Text
    n: Whole


class VideoInputs(ModelInputs, total=False):
    """What a video shows, beside the prompt."""

    input_image: Text
    style: Text
    motion: Text
    seed: Whole
    guidance_scale: Number
    aspect_ratio: Text
    negative_prompt: Text
    person_generation: Text
    resolution: Text
    size: Text
    generate_audio: Flag
    thumbnail_timestamp: Whole
    max_duration_seconds: Whole
    max_cost_dollars: Number
    n: Whole


class PdfInputs(TypedDict, total=False):
    """A text in Markdown and where its PDF goes."""

    markdown: Text
    output_location: Text
    pdf_metadata: Object
    image_base_url: Text


class McpInputs(TypedDict, total=False):
    """An MCP server's URL."""

    mcp_server: Text
    headers: Object


class McpCallInputs(McpInputs, total=False):
    """The tool's name is `method`."""

    method: Text
    arguments: Object


class ApiToolsInputs(TypedDict, total=False):
    """The URL of an OpenAPI, Swagger or Postman description."""

    spec_url: Text
    headers: Object


class AgentCardInputs(TypedDict, total=False):
    """Which agent: one behind a URL (`agent_type` a2a), or one of the server's own (conductor)."""

    agent_type: Text
    agent_url: Text
    headers: Object


class AgentInputs(AgentCardInputs, total=False):
    """What the agent is told: `text`, or `parts`, or a whole `message`. Times are in seconds."""

    agent_name: Text
    agent_version: Whole
    text: Text
    parts: Objects
    message: Object
    prompt: Text
    context: Object
    context_id: Text
    task_id: Text
    session_id: Text
    run_id: Text
    execution_id: Text
    history_length: Whole
    poll_interval_seconds: Whole
    max_duration_seconds: Whole
    max_poll_failures: Whole
    streaming: Flag
    push_notification: Flag
    push_backstop_poll_seconds: Whole
    metadata: Object


class CancelAgentInputs(AgentCardInputs, total=False):
    """Which work of an agent."""

    task_id: Text
    execution_id: Text
    reason: Text


class PlanInputs(TypedDict, total=False):
    """A plan (`steps` with their `operations`), the tools it may use, and the name that its workflow gets."""

    plan_json: Object
    parent_name: Text
    parent_tools: Objects
    known_tool_names: Texts
    model: Text
    harness_timeout_seconds: Whole


class JdbcInputs(TypedDict, total=False):
    """A statement with `?` for each of its `parameters`, and the data source that the server has under this name."""

    connection_id: Text
    integration_name: Text
    schema_name: Text
    statement: Text
    parameters: Sequence[Any] | str | Reference
    type: Literal["SELECT", "UPDATE", "PROCEDURE"] | Reference
    expected_update_count: Whole


class DocumentInputs(TypedDict, total=False):
    """Where a document is and what it is."""

    url: Text
    media_type: Text
