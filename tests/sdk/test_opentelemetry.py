from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from conductor_sdk import (
    ApiClient,
    ConductorWorkflow,
    ConfigurationError,
    InProgress,
    NotFound,
    SimpleTask,
    StartWorkflowRequest,
    SubWorkflowTask,
    Task,
    TaskDef,
    TaskRunner,
    WorkflowExecutor,
)
from conductor_sdk.events import Event, RequestEnded
from conductor_sdk.opentelemetry import TRACE_CONTEXT, OpenTelemetryTracing

Unique = Callable[[str], str]


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(exporter: InMemorySpanExporter) -> Iterator[TracerProvider]:
    made = TracerProvider()
    made.add_span_processor(SimpleSpanProcessor(exporter))
    yield made
    made.shutdown()


def spans(exporter: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in exporter.get_finished_spans() if span.name == name]


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_one_trace_leads_from_the_start_to_each_attempt(
    at_server: ApiClient, unique: Unique, provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    greet, greetings = unique("greet"), unique("greetings")
    at_server.metadata.register_task(TaskDef(greet, retry_count=1, retry_delay_seconds=0))
    at_server.metadata.register_workflow((ConductorWorkflow(greetings) >> SimpleTask(greet, "greet_ref")).to_dict())
    tracing = OpenTelemetryTracing(at_server, tracer_provider=provider)
    inside: list[int] = []

    def work(task: Task) -> dict[str, str]:
        inside.append(trace.get_current_span().get_span_context().span_id)
        if task.retry_count == 0:
            raise ValueError("lost my voice")
        return {"greetings": "Hello"}

    executor = WorkflowExecutor(at_server)
    tracer = trace.get_tracer("shop", tracer_provider=provider)
    with TaskRunner(at_server, worker_id="w7") as runner:
        runner.start_worker(greet, work, poll_interval=0.05)
        with tracer.start_as_current_span("order") as order:
            request = StartWorkflowRequest(name=greetings, version=1, correlation_id="c1", input={"name": "Ada"})
            workflow_id = executor.start_workflow(request)
        run = executor.wait_for(workflow_id, timeout=60)
    tracing.close()

    [start] = spans(exporter, f"start {greetings}")
    first, second = spans(exporter, f"process {greet}")
    trace_id = order.get_span_context().trace_id
    assert {span.context.trace_id for span in (start, first, second) if span.context} == {trace_id}
    assert start.parent is not None
    assert start.context is not None
    assert start.parent.span_id == order.get_span_context().span_id
    assert [span.parent.span_id for span in (first, second) if span.parent] == [start.context.span_id] * 2
    assert inside == [span.context.span_id for span in (first, second) if span.context]
    assert (start.kind, first.kind) == (SpanKind.PRODUCER, SpanKind.CONSUMER)
    assert attributes(start) == {
        "messaging.system": "conductor",
        "messaging.operation.name": "start",
        "messaging.operation.type": "send",
        "messaging.destination.name": greetings,
        "messaging.message.conversation_id": "c1",
        "conductor.workflow.type": greetings,
        "conductor.workflow.version": 1,
        "conductor.workflow.id": workflow_id,
    }
    assert attributes(first) == {
        "messaging.system": "conductor",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": greet,
        "messaging.message.id": run.tasks[0].task_id,
        "messaging.message.conversation_id": "c1",
        "conductor.workflow.type": greetings,
        "conductor.workflow.id": workflow_id,
        "conductor.task.type": greet,
        "conductor.task.id": run.tasks[0].task_id,
        "conductor.task.reference_name": "greet_ref",
        "conductor.task.attempt": 1,
        "conductor.task.poll_count": 1,
        "conductor.task.status": "FAILED",
        "conductor.worker.id": "w7",
    }
    assert (first.status.status_code, first.status.description) == (StatusCode.ERROR, "lost my voice")
    assert [event.name for event in first.events] == ["exception"]
    assert attributes(second)["conductor.task.attempt"] == 2
    assert attributes(second)["conductor.task.status"] == "COMPLETED"
    assert (second.status.status_code, second.events) == (StatusCode.UNSET, ())
    assert run.input["name"] == "Ada"
    assert request.input == {"name": "Ada"}


def test_what_a_worker_starts_and_sub_workflows_are_in_the_trace(
    at_server: ApiClient, unique: Unique, provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    outer, inner, other = unique("outer"), unique("inner"), unique("other")
    launch, greet = unique("launch"), unique("greet")
    at_server.metadata.register_tasks([TaskDef(launch), TaskDef(greet)])
    for workflow in (
        ConductorWorkflow(inner) >> SimpleTask(launch, "launch_ref"),
        ConductorWorkflow(outer) >> SubWorkflowTask("inner_ref", inner, 1),
        ConductorWorkflow(other) >> SimpleTask(greet, "greet_ref").input("name", "${workflow.input.name}"),
    ):
        at_server.metadata.register_workflow(workflow.to_dict())
    OpenTelemetryTracing(at_server, tracer_provider=provider)
    executor = WorkflowExecutor(at_server)

    async def greet_kindly(name: str) -> dict[str, int]:
        return {"span": trace.get_current_span().get_span_context().span_id}

    with TaskRunner(at_server) as runner:
        runner.start_worker(launch, lambda task: {"id": executor.start(other, name="Ada")}, poll_interval=0.05)
        runner.start_worker(greet, greet_kindly, poll_interval=0.05)
        run = executor.run(outer, timeout=60)
        child = at_server.workflows.get(run.tasks[0].sub_workflow_id or "")
        greeted = executor.wait_for(child.task("launch_ref").output_data["id"], timeout=60)

    [first] = spans(exporter, f"start {outer}")
    [launched] = spans(exporter, f"process {launch}")
    [second] = spans(exporter, f"start {other}")
    [last] = spans(exporter, f"process {greet}")
    chain = [first, launched, second, last]
    assert [span.parent and span.parent.span_id for span in chain] == [
        None,
        *(span.context.span_id for span in chain[:-1] if span.context),
    ]
    assert last.context is not None
    assert greeted.output["span"] == last.context.span_id


@pytest.mark.parametrize("way", ["inputParameters", "inputTemplate"])
def test_a_context_that_comes_with_the_task_saves_the_look(
    at_server: ApiClient, unique: Unique, provider: TracerProvider, exporter: InMemorySpanExporter, way: str
) -> None:
    greet, greetings = unique("greet"), unique("greetings")
    passed_on = {TRACE_CONTEXT: f"${{workflow.input.{TRACE_CONTEXT}}}"}
    at_server.metadata.register_task(TaskDef(greet, input_template=passed_on if way == "inputTemplate" else {}))
    task = SimpleTask(greet, "greet_ref")
    if way == "inputParameters":
        task.input(TRACE_CONTEXT, passed_on[TRACE_CONTEXT])
    at_server.metadata.register_workflow((ConductorWorkflow(greetings) >> task).to_dict())
    executor = WorkflowExecutor(at_server)
    with ApiClient(at_server.settings) as workers:
        looks: list[RequestEnded] = []

        def listen(event: Event) -> None:
            if isinstance(event, RequestEnded) and event.template == "/workflow/{}":
                looks.append(event)

        workers.events.subscribe(listen)
        OpenTelemetryTracing(workers, tracer_provider=provider)
        OpenTelemetryTracing(at_server, tracer_provider=provider)
        with TaskRunner(workers) as runner:
            runner.start_worker(greet, lambda task: {}, poll_interval=0.05)
            executor.run(greetings, timeout=60)
    assert looks == []
    [start], [process] = spans(exporter, f"start {greetings}"), spans(exporter, f"process {greet}")
    assert start.context is not None
    assert process.parent is not None
    assert process.parent.span_id == start.context.span_id


def test_spans_of_tasks_may_be_linked_instead(
    server: Any, client: ApiClient, polled: Any, provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    carrier = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    work_on(server, client, provider, [polled("greet", **{TRACE_CONTEXT: carrier})], lambda task: {}, links=True)
    [span] = spans(exporter, "process greet")
    assert span.parent is None
    assert [f"{link.context.trace_id:032x}" for link in span.links] == ["0af7651916cd43dd8448eb211c80319c"]


@pytest.mark.parametrize("known", [{}, {TRACE_CONTEXT: "text"}, {TRACE_CONTEXT: {"traceparent": 5}}])
def test_without_a_context_a_task_begins_a_trace(
    server: Any,
    client: ApiClient,
    polled: Any,
    provider: TracerProvider,
    exporter: InMemorySpanExporter,
    known: dict[str, Any],
) -> None:
    server.on("GET", "/workflow/w1", {"workflowId": "w1", "input": known})
    work_on(server, client, provider, [polled("greet", **known)], lambda task: InProgress(30))
    [span] = spans(exporter, "process greet")
    assert (span.parent, span.links) == (None, ())
    assert attributes(span)["conductor.task.status"] == "IN_PROGRESS"


@pytest.mark.parametrize("look_up", [True, False])
def test_a_workflow_that_cannot_be_read_stops_no_task(
    server: Any,
    client: ApiClient,
    polled: Any,
    provider: TracerProvider,
    exporter: InMemorySpanExporter,
    look_up: bool,
) -> None:
    work_on(server, client, provider, [polled("greet")], lambda task: {}, look_up=look_up)
    assert len(spans(exporter, "process greet")) == 1
    assert len(server.asked("GET", "/workflow/w1")) == look_up


def test_a_workflow_is_read_once(
    server: Any, client: ApiClient, polled: Any, provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    server.on("GET", "/workflow/w1", {"workflowId": "w1", "parentWorkflowId": "w0"})
    server.on("GET", "/workflow/w0", {"workflowId": "w0", "input": {}})
    tasks = [polled("greet", f"t{number}") for number in range(3)]
    work_on(server, client, provider, tasks, lambda task: {})
    assert len(spans(exporter, "process greet")) == 3
    assert [len(server.asked("GET", f"/workflow/{name}")) for name in ("w0", "w1")] == [1, 1]


def test_a_worker_in_a_process_has_its_span(
    server: Any,
    client: ApiClient,
    polled: Any,
    provider: TracerProvider,
    exporter: InMemorySpanExporter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "worker"))
    square = importlib.import_module("cpu_work").square
    work_on(server, client, provider, [polled("square", number=3)], square, process=True)
    [span] = spans(exporter, "process square")
    assert attributes(span)["conductor.task.status"] == "COMPLETED"


def test_a_start_that_fails_is_recorded(
    client: ApiClient, provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    OpenTelemetryTracing(client, tracer_provider=provider)
    with pytest.raises(NotFound):
        client.workflows.start(StartWorkflowRequest(name="greetings"))
    [span] = spans(exporter, "start greetings")
    assert span.status.status_code is StatusCode.ERROR
    assert [event.name for event in span.events] == ["exception"]


def test_starts_in_threads_and_starts_that_are_waited_for_are_in_the_callers_trace(
    server: Any, client: ApiClient, provider: TracerProvider, exporter: InMemorySpanExporter, answer: Any
) -> None:
    OpenTelemetryTracing(client, tracer_provider=provider)
    server.on("POST", "/workflow", answer(200, "w1", "text/plain"))
    server.on("POST", "/workflow/execute/greetings/1", {"targetWorkflowId": "w2"})
    request = StartWorkflowRequest(name="greetings", version=1)
    with trace.get_tracer("shop", tracer_provider=provider).start_as_current_span("order"):
        client.workflows.start_many([request, request])
        client.workflows.execute(request)
    started = spans(exporter, "start greetings")
    assert sorted(attributes(span)["conductor.workflow.id"] for span in started) == ["w1", "w1", "w2"]
    [order] = spans(exporter, "order")
    assert order.context is not None
    assert {span.parent.span_id for span in started if span.parent} == {order.context.span_id}


def test_a_program_without_an_sdk_sends_what_it_would(server: Any, client: ApiClient, answer: Any) -> None:
    OpenTelemetryTracing(client)
    server.on("POST", "/workflow", answer(200, "w1", "text/plain"))
    client.workflows.start(StartWorkflowRequest(name="greetings", input={"a": 1}))
    assert server.next("POST", "/workflow").body == {"name": "greetings", "input": {"a": 1}}


def test_spans_that_are_open_end_when_it_is_closed(
    server: Any, client: ApiClient, polled: Any, provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    tracing = OpenTelemetryTracing(client, tracer_provider=provider, look_up=False)
    busy, go_on = threading.Event(), threading.Event()

    def work(task: Task) -> None:
        busy.set()
        go_on.wait(20)

    server.serve_tasks("greet").tasks.put(polled("greet"))
    with TaskRunner(client) as runner:
        runner.start_worker("greet", work)
        assert busy.wait(20)
        tracing.close()
        assert len(spans(exporter, "process greet")) == 1
        go_on.set()
        server.tasks.put(polled("greet", "t2"))
        assert server.next("POST", "/tasks").body["taskId"] == "t1"
        assert server.next("POST", "/tasks").body["taskId"] == "t2"
    assert len(spans(exporter, "process greet")) == 1


def test_without_the_library_the_error_says_what_to_do(client: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(ConfigurationError, match=r"pip install .conductor-sdk\[opentelemetry\]."):
        OpenTelemetryTracing(client)


def work_on(
    server: Any, client: ApiClient, provider: TracerProvider, tasks: list[Any], worker: Any, **options: Any
) -> None:
    """Let a worker execute these tasks under a tracing."""
    process = options.pop("process", False)
    OpenTelemetryTracing(client, tracer_provider=provider, **options)
    task_type = tasks[0]["taskType"]
    server.serve_tasks(task_type)
    for task in tasks:
        server.tasks.put(task)
    with TaskRunner(client) as runner:
        runner.start_worker(task_type, worker, process=process)
        for _ in tasks:
            server.next("POST", "/tasks")
