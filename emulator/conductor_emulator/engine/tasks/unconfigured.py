"""The types that need what a plain server does not have: models, vector databases, MCP servers, agents, data sources.

The server registers them; without configuration their tasks fail, each with a text of its own, and so they do here
(scenarios ``tasks_unconfigured_*``). Nothing is ever called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from conductor_emulator.engine.errors import EndWorkflow
from conductor_emulator.engine.status import TaskStatus, WorkflowStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.expressions import java_text

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step

#: How a task of such a type ends, from its input.
_Outcome = tuple[TaskStatus, str]
_Rule = Callable[[dict[str, Any]], _Outcome]

_NO_PROMPT = (
    "No non-empty user prompt or media was available for the LLM call. The execution started with an empty prompt or "
    "an upstream step produced empty output."
)

#: The types of agents that are called by the agent-to-agent protocol: that, or none.
_REMOTE = ("", "a2a")


class Unconfigured(TaskKind):
    """One of these types; its rule says how its tasks end."""

    is_asynchronous = True
    is_cacheable = True

    def __init__(self, name: str, rule: _Rule, *, is_model: bool) -> None:
        self.name = name  # type: ignore[misc]
        self.rule = rule
        #: tasks of models are retried three times where their definition says nothing of it (``AIModelTaskMapper``)
        self.is_model = is_model

    def schedule(self, step: Step, node: Node, iteration: int) -> list[TaskRun]:
        definition = node.definition
        task_def = definition.task_definition
        if self.is_model and task_def is not None and task_def.retry_count < 1:
            with_retries = task_def.replace(retry_count=3, retry_delay_seconds=2, retry_logic="LINEAR_BACKOFF")
            node = node.standing_for(definition.replace(task_definition=with_retries))
        tasks = super().schedule(step, node, iteration)
        if self.name == "LLM_CHAT_COMPLETE" and not _has_prompt(tasks[0].input):
            raise EndWorkflow(_NO_PROMPT, WorkflowStatus.FAILED)
        return tasks

    def fill(self, step: Step, node: Node, task: TaskRun) -> None:
        super().fill(step, node, task)
        definition = node.definition
        if self.is_model:
            task.task_def_name = self.name
        task.start_delay_seconds = task.callback_after_seconds = definition.start_delay
        task_def = definition.task_definition
        if task_def is not None:
            task.response_timeout_seconds = task_def.response_timeout_seconds
            self.limit(task, task_def)

    def begin(self, step: Step, task: TaskRun) -> None:
        task.poll_count += 1
        status, reason = self.rule(task.input)
        step.finish(task, status, reason)


class ApiTools(Unconfigured):
    """LIST_API_TOOLS shows its failure in the output too."""

    def begin(self, step: Step, task: TaskRun) -> None:
        super().begin(step, task)
        task.output = {"error": task.reason}


class Agent(Unconfigured):
    """AGENT shows when the call was begun, once its input can be read."""

    def begin(self, step: Step, task: TaskRun) -> None:
        super().begin(step, task)
        given = task.input
        agent_type = _text(given, "agentType").lower()
        if agent_type == "conductor":
            task.output = {"agentStartTime": step.now}
        elif agent_type in _REMOTE and given.get("agentUrl") and not isinstance(given.get("message"), str):
            task.output = {"a2aStartedAt": step.now}


class PlanAndCompile(TaskKind):
    """PLAN_AND_COMPILE never fails: what is wrong stands in its output."""

    name = "PLAN_AND_COMPILE"
    is_asynchronous = True

    def begin(self, step: Step, task: TaskRun) -> None:
        task.output = {
            "workflowDef": None,
            "workflowName": "pe_plan_plan",
            "error": "Plan must be a JSON object",
            "warnings": [],
            "stats": {},
        }
        step.finish(task, TaskStatus.COMPLETED)


def _failed(problem: str) -> _Outcome:
    return TaskStatus.FAILED, f"Task execution failed: {problem}"


def _refused(problem: str) -> _Outcome:
    return TaskStatus.FAILED_WITH_TERMINAL_ERROR, f"Non-retryable error: {problem}"


def _final(problem: str) -> _Outcome:
    return TaskStatus.FAILED_WITH_TERMINAL_ERROR, problem


def _has_prompt(given: dict[str, Any]) -> bool:
    return bool(given.get("messages") or given.get("userInput") or given.get("media"))


def _model(key: str = "llmProvider") -> _Rule:
    def rule(given: dict[str, Any]) -> _Outcome:
        provider = given.get(key)
        if provider is None:
            return _failed("llmProvider not specified: null")
        return _failed(f"no configuration found for: {provider}")

    return rule


def _embeddings(given: dict[str, Any]) -> _Outcome:
    if not given.get("text"):
        return _refused("No input text provided to generate embeddings")
    return _model()(given)


def _vector_db(given: dict[str, Any]) -> _Outcome:
    database = given.get("vectorDB")
    return _failed("no vectorDB given") if database is None else _refused(f"VectorDB not found: {database}")


def _index_text(given: dict[str, Any]) -> _Outcome:
    return _model("embeddingModelProvider")(given) if given.get("docId") else _refused("docId is empty")


def _mcp(what: str) -> _Rule:
    def rule(given: dict[str, Any]) -> _Outcome:
        server = given.get("mcpServer")
        doing = f"{what} {java_text(server)}".replace("METHOD", java_text(given.get("method")))
        if server is None:
            missing = "Parameter specified as non-null is null: method okhttp3.Request$Builder.url, parameter url"
            return _failed(f"{doing}: {missing} — caused by: {missing}")
        return _failed(f"{doing}: Failed to connect to /{urlsplit(str(server)).netloc} — caused by: Connection refused")

    return rule


def _agent(given: dict[str, Any]) -> _Outcome:
    agent_type = _text(given, "agentType").lower()
    if agent_type == "conductor":
        return _conductor_agent(given)
    if agent_type not in _REMOTE:
        return _final(f"Unsupported agentType '{given['agentType']}' (supported: 'a2a', 'conductor')")
    if not given.get("agentUrl"):
        return _final("AGENT requires 'agentUrl'")
    if not any(given.get(key) for key in ("message", "parts", "text", "prompt")):
        return _final("AGENT requires one of: message, parts, text, or prompt")
    return TaskStatus.FAILED, f"the agent {given['agentUrl']} is not called by an emulator"


def _conductor_agent(given: dict[str, Any]) -> _Outcome:
    """An agent of the server itself (``ConductorAgentDelegate``, ``AgentService#start``), of which there is none."""
    name, version = java_text(given.get("name") or ""), given.get("version")
    execution_id = _text(given, "executionId").strip()
    if not _text(given, "prompt"):
        resuming = "AGENT (conductor) requires 'prompt' when resuming an execution"
        return _final(resuming if execution_id else "AGENT requires 'prompt'")
    is_inline = bool(given.get("framework")) or any(
        given.get(key) is not None for key in ("agentConfig", "rawConfig", "skillRef")
    )
    if execution_id:
        problem = f"No such workflow found by id: {execution_id}"
    elif version is not None and not name:
        return _final("agentVersion requires agentName")
    elif name and is_inline:
        return _final("Specify either agentName/agentVersion or inline agent construction details, not both")
    elif name:
        problem = f"Agent not found: {name}" + ("" if version is None else f" v{java_text(version)}")
    elif is_inline:
        problem = "an emulator runs no agents"
    else:
        return _final("Agent start requires agentName or inline agent construction details")
    return TaskStatus.FAILED, f"Conductor agent call failed: {problem}"


def _agent_card(given: dict[str, Any]) -> _Outcome:
    if _text(given, "agentType").lower() not in _REMOTE:
        return _refused(f"Unsupported agentType '{given['agentType']}' (only 'a2a' is supported)")
    if not given.get("agentUrl"):
        return _refused("GET_AGENT_CARD requires 'agentUrl'")
    return _failed(f"the agent {given['agentUrl']} is not called by an emulator")


def _cancel_agent(given: dict[str, Any]) -> _Outcome:
    agent_type = _text(given, "agentType").lower()
    if agent_type == "conductor":
        execution_id = _text(given, "executionId").strip()
        if not execution_id:
            return _final("CANCEL_AGENT requires 'executionId'")
        problem = f"Failed to cancel agent execution {execution_id}: No such workflow found by id: {execution_id}"
        return TaskStatus.FAILED, problem
    if agent_type not in _REMOTE:
        return _final(f"Unsupported agentType '{given['agentType']}' (supported: 'a2a', 'conductor')")
    for key in ("agentUrl", "taskId"):
        if not given.get(key):
            return _final(f"CANCEL_AGENT requires '{key}'")
    return TaskStatus.FAILED, f"the agent {given['agentUrl']} is not called by an emulator"


def _text(given: dict[str, Any], key: str) -> str:
    """A text of the input; empty if there is none, or it is blank."""
    value = given.get(key)
    text = "" if value is None else java_text(value)
    return text if text.strip() else ""


def _jdbc(given: dict[str, Any]) -> _Outcome:
    if not given.get("statement"):
        return _final("Missing JDBC statement")
    return _final(f"No such datasource configured.  input: {java_text(given.get('connectionId'))}")


def _pdf(given: dict[str, Any]) -> _Outcome:
    if not given.get("markdown"):
        return _refused("markdown input is required for GENERATE_PDF task")
    return _refused("an emulator writes no PDF")


def _api_tools(given: dict[str, Any]) -> _Outcome:
    url = given.get("specUrl")
    if not url:
        return TaskStatus.FAILED, "Missing required input parameter 'specUrl'"
    return TaskStatus.FAILED, f"Could not retrieve a valid API spec from {url} (also tried well-known paths)"


_MODELS: dict[str, _Rule] = {
    "LLM_TEXT_COMPLETE": _model(),
    "LLM_CHAT_COMPLETE": _model(),
    "LLM_GENERATE_EMBEDDINGS": _embeddings,
    "LLM_STORE_EMBEDDINGS": _vector_db,
    "LLM_GET_EMBEDDINGS": _vector_db,
    "LLM_INDEX_TEXT": _index_text,
    "LLM_SEARCH_INDEX": _model("embeddingModelProvider"),
    "GENERATE_IMAGE": _model(),
    "GENERATE_AUDIO": _model(),
    "GENERATE_VIDEO": _model(),
    "GENERATE_PDF": _pdf,
    "LIST_MCP_TOOLS": _mcp("Failed to list MCP tools from"),
    "CALL_MCP_TOOL": _mcp("Failed to call MCP tool 'METHOD' on"),
}

_OTHERS: dict[str, _Rule] = {
    "LLM_SEARCH_EMBEDDINGS": _vector_db,
    "GET_AGENT_CARD": _agent_card,
    "CANCEL_AGENT": _cancel_agent,
    "JDBC": _jdbc,
}

for _name, _rule in _MODELS.items():
    register(Unconfigured(_name, _rule, is_model=True))
for _name, _rule in _OTHERS.items():
    register(Unconfigured(_name, _rule, is_model=False))
register(Agent("AGENT", _agent, is_model=True))
register(ApiTools("LIST_API_TOOLS", _api_tools, is_model=False))
register(PlanAndCompile())
