from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from conductor_emulator.definitions import EventHandler
from conductor_emulator.engine.commands import Retry, UpdateTask
from conductor_emulator.engine.errors import Conflict, EngineError
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.runtime.event_handlers import EventHandlers
from conductor_emulator.runtime.event_records import MOST
from conductor_emulator.runtime.virtual_time import VirtualTime
from conductor_emulator.scripting import ScriptAnswer

EVENT = "conductor:flow:paid"


@pytest.fixture
def handlers(lab: Any) -> EventHandlers:
    found = EventHandlers(lab.runtime)
    lab.runtime.publish = found.publish
    return found


def handler(*actions: dict[str, Any], name: str = "h", **fields: Any) -> EventHandler:
    return EventHandler.from_wire({"name": name, "event": EVENT, "active": True, "actions": list(actions), **fields})


def starting(name: str, **fields: Any) -> dict[str, Any]:
    return {"action": "start_workflow", "start_workflow": {"name": name, **fields}}


def hold(reference: str = "hold") -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "WAIT"}


def publish(lab: Any, handlers: EventHandlers, **payload: Any) -> None:
    handlers.publish(EVENT, payload)
    lab.advance(0)


def test_names_are_unique_and_events_lead_to_their_handlers(handlers: EventHandlers) -> None:
    handlers.add(handler())
    with pytest.raises(EngineError, match="EventHandler with name h already exists!"):
        handlers.add(handler())
    handlers.add(handler(name="off", active=False))
    assert [found.name for found in handlers.of(EVENT, active_only=True)] == ["h"]
    assert [found.name for found in handlers.of(EVENT, active_only=False)] == ["h", "off"]
    handlers.update(handler(event="other"))
    assert [found.name for found in handlers.of(EVENT, active_only=False)] == ["off"]
    assert [found.name for found in handlers.of("other", active_only=True)] == ["h"]
    handlers.remove("h")
    assert [found.name for found in handlers.all()] == ["off"]
    with pytest.raises(EngineError, match="EventHandler with name h not found!"):
        handlers.remove("h")
    with pytest.raises(EngineError, match="EventHandler with name h not found!"):
        handlers.update(handler())


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("${n}", 5),
        ("${m.k[1]}", "b"),
        ("n is ${n}", "n is 5"),
        ("${$}", {"n": 5, "m": {"k": ["a", "b"]}, "key": "k"}),
        ("${$.n}", 5),
        ("${missing}", None),
        ("${ n }", None),
        ("${}${ }", ""),
        ("${n", "${n"),
        ("$${n} of ${n}", "${n} of 5"),
        ("${m.${key}[0]}", "a"),
        ("${['n']}", 5),
        ("${$..k[0]}", ["a"]),
        ("${workflow.secrets.key}", "${workflow.secrets.key}"),
        ({"list": ["${n}", 1]}, {"list": [5, 1]}),
        ("plain", "plain"),
    ],
)
def test_expressions_read_the_payload(lab: Any, handlers: EventHandlers, template: Any, value: Any) -> None:
    lab.workflow(hold(), name="begun")
    handlers.add(handler(starting("begun", input={"v": template}, correlationId="c-${n}")))
    publish(lab, handlers, n=5, m={"k": ["a", "b"]}, key="k")
    (execution,) = lab.runtime.store
    assert execution.input["v"] == value
    assert execution.input["conductor.event.name"] == execution.event == EVENT
    assert execution.correlation_id == "c-5"


def test_json_texts_are_expanded_only_on_demand(lab: Any, handlers: EventHandlers) -> None:
    lab.workflow(hold(), name="begun")
    wanted = starting("begun", input={"v": "${text.deep}"})
    handlers.add(handler({**wanted, "expandInlineJSON": True}, wanted))
    publish(lab, handlers, text='{"deep": [1]}')
    assert [execution.input["v"] for execution in lab.runtime.store] == [[1], None]


def test_json_texts_in_maps_are_expanded_by_one_level(lab: Any, handlers: EventHandlers) -> None:
    lab.workflow(hold(), name="begun")
    handlers.add(handler({**starting("begun", input={"v": "${$}"}), "expandInlineJSON": True}))
    publish(lab, handlers, map={"t": ' {"in": "[1]"}'}, list=["[1]", {"t": "[1]"}], broken="{", plain="1")
    (execution,) = lab.runtime.store
    assert execution.input["v"] == {
        "map": {"t": {"in": "[1]"}},
        "list": ["[1]", {"t": [1]}],
        "broken": "{",
        "plain": "1",
    }


def test_a_correlation_id_that_is_not_there_stays_as_it_is_written(lab: Any, handlers: EventHandlers) -> None:
    lab.workflow(hold(), name="begun")
    handlers.add(handler(starting("begun", correlationId="${nosuch}"), starting("begun", correlationId="x${nosuch}")))
    publish(lab, handlers)
    assert [execution.correlation_id for execution in lab.runtime.store] == ["${nosuch}", "xnull"]


def test_each_condition_expands_what_those_after_it_look_at(lab: Any, handlers: EventHandlers) -> None:
    lab.workflow(hold(), name="begun")
    for name in ("once", "twice"):
        handlers.add(handler(starting("begun", correlationId=name), name=name, condition="$.outer.inner.n == 1"))
    publish(lab, handlers, outer='{"inner": "{\\"n\\": 1}"}')
    assert [execution.correlation_id for execution in lab.runtime.store] == ["twice"]


def test_a_condition_that_fails_ends_the_handling(lab: Any, handlers: EventHandlers) -> None:
    lab.workflow(hold(), name="begun")
    for name, condition in (("first", ""), ("broken", "$.nosuch.deep == 1"), ("last", "")):
        handlers.add(handler(starting("begun", correlationId=name), name=name, condition=condition))
    handlers.update(handler(starting("begun", correlationId="first"), name="first"))
    publish(lab, handlers)
    assert [execution.correlation_id for execution in lab.runtime.store] == ["first"]


@pytest.mark.parametrize(
    ("fields", "payload", "fires"),
    [
        ({}, {}, True),
        ({"condition": ""}, {}, True),
        ({"condition": "$.n > 3"}, {"n": 4}, True),
        ({"condition": "$.n > 3"}, {"n": 3}, False),
        ({"condition": "$.nested.x == 1"}, {"nested": '{"x": 1}'}, True),
        ({"condition": "$.nosuch.deep == 1"}, {}, False),
        ({"condition": "return $.n == 4", "evaluatorType": "nosuch"}, {"n": 4}, False),
        ({"active": False}, {}, False),
    ],
)
def test_conditions(
    lab: Any, handlers: EventHandlers, fields: dict[str, Any], payload: dict[str, Any], fires: bool
) -> None:
    lab.workflow(hold(), name="begun")
    handlers.add(handler(starting("begun"), **fields))
    publish(lab, handlers, **payload)
    assert len(list(lab.runtime.store)) == fires


@pytest.mark.parametrize(("action", "status"), [("complete_task", "COMPLETED"), ("fail_task", "FAILED")])
@pytest.mark.parametrize("by_id", [True, False])
def test_tasks_are_ended(lab: Any, handlers: EventHandlers, action: str, status: str, by_id: bool) -> None:
    execution = lab.run(hold())
    (task,) = execution.tasks
    names = {"taskId": "${id}"} if by_id else {"workflowId": "${workflow}", "taskRefName": "hold"}
    particulars = {**names, "output": {"seen": "${n}"}, "reasonForIncompletion": "because ${n}"}
    handlers.add(handler({"action": action, action: particulars}))
    publish(lab, handlers, id=task.task_id, workflow=execution.workflow_id, n=7)
    assert task.status.value == status
    assert task.output["seen"] == 7
    assert task.output["conductor.event.name"] == EVENT
    assert task.reason == (None if status == "COMPLETED" else "because 7")


def test_of_attempts_the_first_is_ended_and_of_iterations_the_last(lab: Any, handlers: EventHandlers) -> None:
    execution = lab.run(hold())
    (failed,) = execution.tasks
    lab.runtime.submit(execution.workflow_id, UpdateTask(task_id=failed.task_id, status=TaskStatus.FAILED))
    lab.runtime.submit(execution.workflow_id, Retry())
    named = {"workflowId": execution.workflow_id, "taskRefName": "hold"}
    handlers.add(handler({"action": "complete_task", "complete_task": named}))
    publish(lab, handlers)
    assert [task.status.value for task in execution.tasks] == ["FAILED", "IN_PROGRESS"]


def test_what_fails_is_logged_and_leaves_the_others_alone(
    lab: Any, handlers: EventHandlers, caplog: pytest.LogCaptureFixture
) -> None:
    lab.workflow(hold(), name="begun")
    lost = {"action": "complete_task", "complete_task": {"workflowId": "ghost", "taskRefName": "x"}}
    handlers.add(handler(starting("ghost"), lost, {"action": "complete_task"}, starting("begun")))
    with caplog.at_level(logging.WARNING):
        publish(lab, handlers)
    assert [execution.name for execution in lab.runtime.store] == ["begun"]
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 3
    assert "No such workflow defined. name=ghost" in said[0]
    assert "reference name: x" in said[1]


def test_a_fault_in_an_action_is_recorded_and_leaves_the_others_alone(
    lab: Any, handlers: EventHandlers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lab.workflow(hold(), name="begun")
    start = lab.runtime.start

    def broken_start(request: Any, **fields: Any) -> str:
        if request.name == "broken":
            raise RecursionError("too deep")
        return str(start(request, **fields))

    monkeypatch.setattr(lab.runtime, "start", broken_start)
    handlers.add(handler(starting("broken"), starting("begun", correlationId="same")))
    handlers.add(handler(starting("begun", correlationId="next"), name="next"))
    publish(lab, handlers)
    assert [execution.correlation_id for execution in lab.runtime.store] == ["same", "next"]
    [message] = handlers.records.all()
    assert [problem for _, _, problem in message.actions] == ["RecursionError in the emulator: too deep", None, None]
    assert message.is_handled
    assert "event handler h: start_workflow failed" in caplog.text


def test_a_fault_in_a_condition_leaves_the_other_handlers_alone(
    lab: Any, handlers: EventHandlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.workflow(hold(), name="begun")
    handlers.add(handler(starting("begun"), condition="true", evaluatorType="value-param"))
    handlers.add(handler(starting("begun", correlationId="next"), name="next"))

    def evaluator(name: str) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr("conductor_emulator.scripting.uses.evaluator", evaluator)
    publish(lab, handlers)
    assert [execution.correlation_id for execution in lab.runtime.store] == ["next"]
    [message] = handlers.records.all()
    assert [error for _, error in message.declined] == ["RuntimeError in the emulator: broken"]


def test_a_text_that_only_looks_like_json_stays_a_text(lab: Any, handlers: EventHandlers) -> None:
    lab.workflow(hold(), name="begun")
    handlers.add(handler({**starting("begun", input={"given": "${x}"}), "expandInlineJSON": True}))
    publish(lab, handlers, x="[" * 5000)
    [execution] = lab.runtime.store
    assert execution.input["given"] == "[" * 5000


def test_a_condition_that_takes_long_is_evaluated_beside_and_messages_stay_in_order(
    lab: Any, handlers: EventHandlers
) -> None:
    beside: list[tuple[Any, Any]] = []
    lab.runtime.offload = lambda work, done: beside.append((work, done))
    lab.workflow(hold(), name="begun")
    long = "if ($.n == 1) for (var i = 0; i < 5000000; i++); true"
    handlers.add(handler(starting("begun", correlationId="${n}"), condition=long))
    handlers.add(handler(starting("begun", correlationId="next ${n}"), name="next"))
    for number in (1, 2, 3):
        publish(lab, handlers, n=number)
    assert list(lab.runtime.store) == []
    with pytest.raises(Conflict, match=f"Time is not skipped while a message to {EVENT} is being handled"):
        VirtualTime(lab.runtime).jump()
    [(work, done)] = beside
    done(work())
    lab.advance(0)
    begun = [execution.correlation_id for execution in lab.runtime.store]
    assert begun == ["1", "next 1", "2", "next 2", "3", "next 3"]
    assert not lab.runtime.beside
    publish(lab, handlers, n=4)
    assert len(lab.runtime.store) == 8


@pytest.mark.parametrize(
    ("answer", "begun"),
    [
        (lambda: RuntimeError("broken"), ["next"]),
        (lambda: ScriptAnswer(False), ["next"]),
        (lambda: ScriptAnswer(error="too long"), []),
    ],
)
def test_what_a_condition_that_took_long_says(
    lab: Any, handlers: EventHandlers, answer: Callable[[], Any], begun: list[str]
) -> None:
    lab.runtime.offload = lambda work, done: done(answer())
    lab.workflow(hold(), name="begun")
    handlers.add(handler(starting("begun", correlationId="h"), condition="while (true);"))
    handlers.add(handler(starting("begun", correlationId="next"), name="next"))
    publish(lab, handlers)
    assert [execution.correlation_id for execution in lab.runtime.store] == begun
    [message] = handlers.records.all()
    assert message.is_handled


def test_a_message_is_handled_a_moment_after_it_was_published(lab: Any, handlers: EventHandlers) -> None:
    lab.workflow(hold(), name="begun")
    handlers.add(handler(starting("begun")))
    handlers.publish(EVENT, {})
    handlers.publish("conductor:nobody:listens", {})
    assert not list(lab.runtime.store)
    lab.advance(0)
    assert len(list(lab.runtime.store)) == 1


@pytest.mark.parametrize(
    ("strategy", "starts"), [("RETURN_EXISTING", 2), ("FAIL", 2), (None, 2), ("FAIL_ON_RUNNING", 3)]
)
def test_an_idempotency_key_of_the_payload(orkes: Any, strategy: str | None, starts: int) -> None:
    handlers = EventHandlers(orkes.runtime)
    orkes.workflow({"name": "v", "taskReferenceName": "v", "type": "SET_VARIABLE"})
    fields = {"idempotencyKey": "order ${n}", "idempotencyStrategy": strategy}
    handlers.add(handler(starting("flow", **fields)))
    for n in (1, 2, 1):
        publish(orkes, handlers, n=n)
    keys = [execution.idempotency_key for execution in orkes.runtime.store]
    assert keys == ["order 1", "order 2", "order 1"][:starts]


def test_the_open_source_server_drops_idempotency_keys(lab: Any, handlers: EventHandlers) -> None:
    lab.workflow({"name": "v", "taskReferenceName": "v", "type": "SET_VARIABLE"})
    handlers.add(handler(starting("flow", idempotencyKey={"any": 1}, idempotencyStrategy="FAIL")))
    (kept,) = handlers.all()
    assert kept.to_wire()["actions"][0]["start_workflow"] == {"name": "flow", "input": {}}
    for _ in range(2):
        publish(lab, handlers)
    assert len(lab.runtime.store) == 2


def test_an_action_that_is_null_leaves_the_others_alone(lab: Any, handlers: EventHandlers) -> None:
    lab.workflow({"name": "v", "taskReferenceName": "v", "type": "SET_VARIABLE"})
    handlers.add(handler(None, starting("flow")))  # type: ignore[arg-type]
    publish(lab, handlers)
    assert len(lab.runtime.store) == 1


def test_what_came_is_remembered_with_whom_it_did_not_concern(lab: Any, handlers: EventHandlers) -> None:
    handlers.add(handler(starting("nobody"), condition="$.n > 3"))
    handlers.add(handler(starting("nobody"), name="broken", condition="(("))
    handlers.publish("conductor:other", {})
    handlers.publish(EVENT, {"n": 1})
    [message] = handlers.records.all()
    before = message.is_handled
    lab.advance(0)
    assert (before, message.is_handled) == (False, True)
    assert [(declined.name, error is None) for declined, error in message.declined] == [("h", True), ("broken", False)]
    assert list(handlers.records.without_handlers) == ["conductor:other"]


def test_of_events_without_handlers_the_newest_are_remembered(handlers: EventHandlers) -> None:
    for number in (*range(MOST + 1), 1):
        handlers.publish(f"conductor:{number}", {})
    known = list(handlers.records.without_handlers)
    assert (len(known), known[0], known[-1]) == (MOST, "conductor:2", "conductor:1")
