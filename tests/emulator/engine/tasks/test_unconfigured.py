from __future__ import annotations

from typing import Any

import pytest

_FAILED, _FINAL = "FAILED", "FAILED_WITH_TERMINAL_ERROR"
_LLM = {"llmProvider": "nosuch", "model": "m"}
_DB = {"vectorDB": "pg", "index": "i"}
_MCP = {"mcpServer": "http://127.0.0.1:1/mcp", "method": "m"}
_AGENT = {"agentType": "Conductor", "name": "bob", "prompt": "hi"}
_NOT_CONFIGURED = "Task execution failed: no configuration found for: nosuch"


def _run(lab: Any, kind: str, given: dict[str, Any]) -> Any:
    return lab.run({"name": "t", "taskReferenceName": "t", "type": kind, "inputParameters": given})


@pytest.mark.parametrize(
    ("kind", "given", "status", "reason"),
    [
        ("LLM_TEXT_COMPLETE", _LLM, _FAILED, _NOT_CONFIGURED),
        ("LLM_TEXT_COMPLETE", {}, _FAILED, "Task execution failed: llmProvider not specified: null"),
        ("LLM_CHAT_COMPLETE", {**_LLM, "messages": [{"role": "user", "message": "hi"}]}, _FAILED, _NOT_CONFIGURED),
        ("LLM_GENERATE_EMBEDDINGS", {**_LLM, "text": "x"}, _FAILED, _NOT_CONFIGURED),
        ("LLM_GENERATE_EMBEDDINGS", {}, _FINAL, "Non-retryable error: No input text provided to generate embeddings"),
        ("LLM_STORE_EMBEDDINGS", _DB, _FINAL, "Non-retryable error: VectorDB not found: pg"),
        ("LLM_SEARCH_EMBEDDINGS", _DB, _FINAL, "Non-retryable error: VectorDB not found: pg"),
        ("LLM_INDEX_TEXT", {**_DB, "docId": "1", "embeddingModelProvider": "nosuch"}, _FAILED, _NOT_CONFIGURED),
        ("LLM_INDEX_TEXT", _DB, _FINAL, "Non-retryable error: docId is empty"),
        ("LLM_SEARCH_INDEX", {**_DB, **_LLM}, _FAILED, "Task execution failed: llmProvider not specified: null"),
        ("GENERATE_IMAGE", _LLM, _FAILED, _NOT_CONFIGURED),
        ("GENERATE_PDF", {}, _FINAL, "Non-retryable error: markdown input is required for GENERATE_PDF task"),
        (
            "LIST_MCP_TOOLS", _MCP, _FAILED,
            ("Task execution failed: Failed to list MCP tools from http://127.0.0.1:1/mcp: Failed to connect to "
            "/127.0.0.1:1 — caused by: Connection refused"),
        ),
        (
            "CALL_MCP_TOOL", _MCP, _FAILED,
            ("Task execution failed: Failed to call MCP tool 'm' on http://127.0.0.1:1/mcp: Failed to connect to "
            "/127.0.0.1:1 — caused by: Connection refused"),
        ),
        ("AGENT", {}, _FINAL, "AGENT requires 'agentUrl'"),
        ("AGENT", {"agentUrl": "http://a"}, _FINAL, "AGENT requires one of: message, parts, text, or prompt"),
        ("GET_AGENT_CARD", {}, _FINAL, "Non-retryable error: GET_AGENT_CARD requires 'agentUrl'"),
        ("CANCEL_AGENT", {}, _FINAL, "CANCEL_AGENT requires 'agentUrl'"),
        ("CANCEL_AGENT", {"agentUrl": "http://a"}, _FINAL, "CANCEL_AGENT requires 'taskId'"),
        ("AGENT", {"agentType": "other"}, _FINAL, "Unsupported agentType 'other' (supported: 'a2a', 'conductor')"),
        ("AGENT", {"agentType": "A2A"}, _FINAL, "AGENT requires 'agentUrl'"),
        ("AGENT", {"agentType": "conductor"}, _FINAL, "AGENT requires 'prompt'"),
        ("AGENT", _AGENT, _FAILED, "Conductor agent call failed: Agent not found: bob"),
        ("AGENT", {**_AGENT, "version": 2}, _FAILED, "Conductor agent call failed: Agent not found: bob v2"),
        (
            "AGENT", {**_AGENT, "name": ""}, _FINAL,
            "Agent start requires agentName or inline agent construction details",
        ),
        ("AGENT", {**_AGENT, "name": None, "version": 2}, _FINAL, "agentVersion requires agentName"),
        (
            "AGENT", {**_AGENT, "rawConfig": {}}, _FINAL,
            "Specify either agentName/agentVersion or inline agent construction details, not both",
        ),
        (
            "AGENT", {"agentType": "conductor", "executionId": "x"}, _FINAL,
            "AGENT (conductor) requires 'prompt' when resuming an execution",
        ),
        (
            "AGENT", {**_AGENT, "executionId": "x"}, _FAILED,
            "Conductor agent call failed: No such workflow found by id: x",
        ),
        (
            "GET_AGENT_CARD", {"agentType": "conductor"}, _FINAL,
            "Non-retryable error: Unsupported agentType 'conductor' (only 'a2a' is supported)",
        ),
        ("CANCEL_AGENT", {"agentType": "x"}, _FINAL, "Unsupported agentType 'x' (supported: 'a2a', 'conductor')"),
        ("CANCEL_AGENT", {"agentType": "conductor"}, _FINAL, "CANCEL_AGENT requires 'executionId'"),
        (
            "CANCEL_AGENT", {"agentType": "conductor", "executionId": "x"}, _FAILED,
            "Failed to cancel agent execution x: No such workflow found by id: x",
        ),
        ("JDBC", {}, _FINAL, "Missing JDBC statement"),
        ("JDBC", {"statement": "select 1"}, _FINAL, "No such datasource configured.  input: null"),
        ("LIST_API_TOOLS", {}, _FAILED, "Missing required input parameter 'specUrl'"),
    ],
)  # fmt: skip
def test_how_they_fail(lab: Any, kind: str, given: dict[str, Any], status: str, reason: str) -> None:
    first = _run(lab, kind, given).tasks[0]
    assert (first.task_type, first.status, first.reason) == (kind, status, reason)


def test_tasks_of_models_are_retried_three_times(lab: Any) -> None:
    run = _run(lab, "LLM_TEXT_COMPLETE", _LLM)
    lab.advance(60)
    assert (run.status, [t.status for t in run.tasks]) == ("FAILED", ["FAILED"] * 4)


def test_a_chat_without_a_prompt_ends_the_workflow(lab: Any) -> None:
    run = _run(lab, "LLM_CHAT_COMPLETE", _LLM)
    assert (run.status, run.tasks) == ("FAILED", [])
    assert run.reason.startswith("No non-empty user prompt or media was available")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (_AGENT, ["agentStartTime"]),
        ({"agentUrl": "http://a", "text": "hi"}, ["a2aStartedAt"]),
        ({"agentUrl": "http://a", "message": "a text is no message"}, []),
        ({}, []),
    ],
)
def test_an_agent_shows_when_it_was_called(lab: Any, given: dict[str, Any], shown: list[str]) -> None:
    task = _run(lab, "AGENT", given).tasks[0]
    assert task.output == dict.fromkeys(shown, task.end_time)


def test_a_failing_list_of_tools_shows_in_the_output(lab: Any) -> None:
    task = _run(lab, "LIST_API_TOOLS", {}).tasks[0]
    assert task.output == {"error": task.reason}


def test_a_plan_is_never_compiled(lab: Any) -> None:
    run = _run(lab, "PLAN_AND_COMPILE", {})
    assert (run.status, run.output["error"]) == ("COMPLETED", "Plan must be a JSON object")
