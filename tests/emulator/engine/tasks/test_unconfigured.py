from __future__ import annotations

from typing import Any

import pytest

_FAILED, _FINAL = "FAILED", "FAILED_WITH_TERMINAL_ERROR"
_LLM = {"llmProvider": "nosuch", "model": "m"}
_DB = {"vectorDB": "pg", "index": "i"}
_MCP = {"mcpServer": "http://127.0.0.1:1/mcp", "method": "m"}
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


def test_a_failing_list_of_tools_shows_in_the_output(lab: Any) -> None:
    task = _run(lab, "LIST_API_TOOLS", {}).tasks[0]
    assert task.output == {"error": task.reason}


def test_a_plan_is_never_compiled(lab: Any) -> None:
    run = _run(lab, "PLAN_AND_COMPILE", {})
    assert (run.status, run.output["error"]) == ("COMPLETED", "Plan must be a JSON object")
