"""An agent is tested without its model: a stub says what the model would say, the tools are the real ones."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assistant import workers
from assistant.replies import answers, thinks, uses
from assistant.workflows import MOST_THOUGHTS, TASK_DEFS, assistant, research
from conductor_pytest import Conductor, Run

QUESTION = {"question": "Where is ORD-1?"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def desk(conductor: Conductor) -> Conductor:
    """The assistant with its tools, and no model yet."""
    conductor.register(*TASK_DEFS, assistant())
    return conductor.worker(workers.look_up_order).worker(workers.pay_back)


def is_asked(run: Run) -> bool:
    """Whether a person has to approve."""
    return bool(run.task("approve").status == "IN_PROGRESS")


def test_what_the_model_knows_it_answers_at_once(desk: Conductor) -> None:
    desk.stub("ask_model").returns(answers("We open at nine."))
    run = desk.run("assistant", {"question": "When do you open?"})
    assert run.output == {"answer": "We open at nine.", "thoughts": 1}


def test_a_tool_is_used_and_its_result_is_seen_by_the_next_thought(desk: Conductor) -> None:
    desk.stub("ask_model").returns(thinks(uses("look_up_order", order_id="ORD-1"), answers("It is lost.")))
    run = desk.run("assistant", QUESTION)
    assert run.status == "COMPLETED"
    assert run.output["answer"] == "It is lost."
    assert run.task("think").input["seen"] == [{"order_id": "ORD-1", "state": "lost", "amount": 40}]


@pytest.mark.parametrize(("order_id", "state"), [("ORD-2", "delivered"), ("ORD-9", "unknown")])
def test_the_tools_are_the_real_ones(desk: Conductor, order_id: str, state: str) -> None:
    desk.stub("ask_model").returns(thinks(uses("look_up_order", order_id=order_id), answers("…")))
    assert desk.run("assistant", QUESTION).task("look_up").output["state"] == state


def test_a_model_that_never_answers_is_given_up(desk: Conductor) -> None:
    desk.stub("ask_model").returns(uses("look_up_order", order_id="ORD-1"))
    run = desk.run("assistant", QUESTION)
    assert run.status == "COMPLETED"
    assert run.output == {"answer": None, "thoughts": MOST_THOUGHTS}


def test_a_tool_that_does_not_exist_changes_nothing(desk: Conductor) -> None:
    desk.stub("ask_model").returns(thinks(uses("sing"), answers("I can't sing.")))
    run = desk.run("assistant", QUESTION)
    assert run.output["answer"] == "I can't sing."
    assert "look_up__1" not in run.path


# Money needs a person.


def test_nothing_is_paid_before_a_person_approves(desk: Conductor) -> None:
    desk.stub("ask_model").returns(thinks(uses("pay_back", order_id="ORD-1"), answers("You get 40.")))
    run = desk.start("assistant", QUESTION)
    desk.wait_for(run, until=is_asked)
    assert "pay_back__1" not in run.path
    desk.complete_task(run, "approve__1", {"by": "Grace"})
    desk.wait_for(run)
    assert run.task("pay_back").output == {"order_id": "ORD-1", "paid_back": 40}


def test_an_approval_without_a_name_pays_nothing(desk: Conductor) -> None:
    desk.stub("ask_model").returns(uses("pay_back", order_id="ORD-1"))
    run = desk.start("assistant", QUESTION)
    desk.wait_for(run, until=is_asked)
    desk.complete_task(run, "approve__1", {"by": ""})
    assert desk.wait_for(run).status == "FAILED"
    assert "Nobody has approved" in str(run.reason)


def test_a_payment_that_is_refused_ends_the_talk(desk: Conductor) -> None:
    desk.stub("ask_model").returns(uses("pay_back", order_id="ORD-1"))
    run = desk.start("assistant", QUESTION)
    desk.wait_for(run, until=is_asked)
    desk.fail_task(run, "approve__1")
    assert desk.wait_for(run).status == "FAILED"


# The model's service has its days.


def test_a_busy_model_is_asked_again(desk: Conductor) -> None:
    desk.task("ask_model").attempt(1).fails("429 Too Many Requests")
    desk.stub("ask_model").returns(answers("Here I am."))
    run = desk.run("assistant", QUESTION)
    assert run.output["answer"] == "Here I am."
    assert run.task("think").attempt == 2


def test_a_busy_model_at_its_second_thought(desk: Conductor) -> None:
    desk.stub("ask_model").returns(thinks(uses("look_up_order", order_id="ORD-1"), answers("Lost.")))
    desk.task("ask_model").iteration(2).attempt(1).fails("429 Too Many Requests")
    run = desk.run("assistant", QUESTION)
    assert run.output == {"answer": "Lost.", "thoughts": 2}


def test_a_model_that_is_down_fails_the_talk(desk: Conductor) -> None:
    desk.stub("ask_model").fails("503 Service Unavailable")
    run = desk.run("assistant", QUESTION)
    assert run.status == "FAILED"
    assert len(run.attempts("think")) == 3


def test_a_slow_model_takes_its_time(desk: Conductor) -> None:
    desk.task("ask_model").delay(timedelta(seconds=90))
    desk.stub("ask_model").returns(answers("Hm."))
    assert desk.run("assistant", QUESTION).elapsed == timedelta(seconds=90)


@pytest.mark.anyio
async def test_many_may_talk_at_the_same_time(desk: Conductor) -> None:
    desk.stub("ask_model").returns(lambda task: answers(f"You ask: {task.input_data['question']}"))
    runs = [desk.start("assistant", {"question": f"{number}?"}) for number in range(5)]
    assert [desk.wait_for(run).output["answer"] for run in runs] == [f"You ask: {number}?" for number in range(5)]


# What the server does itself is stubbed by the same words.


def test_research_needs_no_service(conductor: Conductor) -> None:
    conductor.register(research())
    conductor.stub("CALL_MCP_TOOL").returns({"content": "bees dance"})
    conductor.stub("LLM_CHAT_COMPLETE").returns(
        lambda task: {"result": task.input_data["messages"][0]["message"].upper()}
    )
    assert conductor.run("research", {"topic": "bees"}).output == {"summary": "SUM UP: BEES DANCE"}


def test_research_without_its_tool_fails(conductor: Conductor) -> None:
    conductor.register(research())
    conductor.stub("search").fails_terminally("no such server")
    run = conductor.run("research", {"topic": "bees"})
    assert run.status == "FAILED"
    assert "summary" not in run.path
