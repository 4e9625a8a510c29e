"""The agent as a workflow: think, use a tool, think again, until there is an answer."""

from __future__ import annotations

from conductor_sdk import (
    CallMcpToolTask,
    ConductorWorkflow,
    DoWhileTask,
    HumanTask,
    LlmChatCompleteTask,
    RetryLogic,
    SetVariableTask,
    SimpleTask,
    SwitchTask,
    TaskDef,
)

TASK_DEFS = [
    TaskDef("ask_model", retry_count=2, retry_logic=RetryLogic.FIXED, retry_delay_seconds=1),
    TaskDef("look_up_order", retry_count=0),
    TaskDef("pay_back", retry_count=0),
]

#: The assistant gives up after so many thoughts.
MOST_THOUGHTS = 6


def assistant() -> ConductorWorkflow:
    """Answers a customer's question. Its model is asked by a worker, `ask_model`."""
    wf = ConductorWorkflow("assistant", version=1).variables({"seen": []})
    think = SimpleTask("ask_model", "think").input("question", wf.input.question).input("seen", wf.variable.seen)
    look_up = SimpleTask("look_up_order", "look_up").input("order_id", think.output.arguments.order_id)
    remember_order = SetVariableTask("remember_order", {"seen": [look_up.output]})
    approve = HumanTask("approve").input("order_id", think.output.arguments.order_id)
    pay_back = (
        SimpleTask("pay_back", "pay_back")
        .input("order_id", think.output.arguments.order_id)
        .input("approved_by", approve.output.by)
    )
    remember_payment = SetVariableTask("remember_payment", {"seen": [pay_back.output]})
    act = (
        SwitchTask("act", think.output.tool)
        .switch_case("look_up_order", look_up, remember_order)
        .switch_case("pay_back", approve, pay_back, remember_payment)
    )
    talk = DoWhileTask("talk", f"!$.think.answer && $.talk.iteration < {MOST_THOUGHTS}", think, act)
    wf >> talk
    return wf.output_parameters({"answer": think.output.answer, "thoughts": talk.output.iteration})


def research() -> ConductorWorkflow:
    """A tool of an MCP server, then a summary by a model that the server calls itself."""
    wf = ConductorWorkflow("research", version=1)
    search = CallMcpToolTask(
        "search",
        {"mcpServer": "https://tools.example/mcp", "method": "search", "query": wf.input.topic},
    )
    summary = LlmChatCompleteTask(
        "summary",
        {
            "llmProvider": "openai",
            "model": "gpt-4o",
            "messages": [{"role": "user", "message": f"Sum up: {search.output.content}"}],
        },
    )
    wf >> search >> summary
    return wf.output_parameters({"summary": summary.output.result})
