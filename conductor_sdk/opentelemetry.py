"""OpenTelemetry spans from the start of a workflow to its workers: `pip install "conductor-sdk[opentelemetry]"`.

`OpenTelemetryTracing(client)` makes a span for each start of a workflow and one for each attempt of a task that a
runner of this client executes. The program's own SDK decides what becomes of them.

How a worker's span finds the start: the start puts the trace's context, in the form of the program's propagator, into
the workflow's input as `_traceContext`, which every server keeps. A worker takes it from its task's input where the
definition passes it on, else it reads the workflow's input once for each workflow, and the parent's for a sub-workflow.
`TaskDef("greet", input_template={"_traceContext": "${workflow.input._traceContext}"})` saves that request.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from conductor_sdk.errors import ConductorError, ConfigurationError
from conductor_sdk.events import Event, ExecutionEnded, ExecutionStarted, WorkflowStarted
from conductor_sdk.models.enums import TaskStatus

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, TracerProvider

    from conductor_sdk.client import ApiClient
    from conductor_sdk.models.requests import StartWorkflowRequest
    from conductor_sdk.models.task import Task

logger: logging.Logger = logging.getLogger("conductor_sdk.opentelemetry")

#: The key of a workflow's input under which the trace's context travels.
TRACE_CONTEXT = "_traceContext"

#: The contexts of so many workflows are remembered.
_REMEMBERED = 10_000
_FAILED = frozenset({TaskStatus.FAILED, TaskStatus.FAILED_WITH_TERMINAL_ERROR})

#: A trace's context as the propagator writes it: `{"traceparent": "00-…"}`.
Carrier = Mapping[str, str]


class OpenTelemetryTracing:
    """Makes spans from now on, by the program's own tracer provider or by `tracer_provider`.

    `start greetings` (a producer) has the workflow's type, version, id and correlation id. `process greet` (a consumer)
    has workflow type and id, task type, id and reference name, attempt (1, 2, …), poll count and status; what the
    worker raised is recorded. It is the current span inside the worker, so what the worker starts or calls belongs to
    the trace; a worker in a process of its own is in the trace, but has no current span.

    Raises ConfigurationError without the library.

    `client`: whose starts, and whose runners' executions
    `tracer_provider`: in place of the program's own
    `links`: spans of tasks begin traces of their own, linked to the start; for workflows that run for days
    `look_up`: read a workflow's input where the task's has no context
    """

    def __init__(
        self,
        client: ApiClient,
        *,
        tracer_provider: TracerProvider | None = None,
        links: bool = False,
        look_up: bool = True,
    ) -> None:
        try:
            from opentelemetry import context, propagate, trace
        except ImportError:
            raise ConfigurationError(
                'Traces need opentelemetry-api: pip install "conductor-sdk[opentelemetry]".'
            ) from None
        self._api, self._context, self._propagate = trace, context, propagate
        self._tracer = trace.get_tracer("conductor_sdk", tracer_provider=tracer_provider)
        self._links = links
        self._starts = _StartContexts(client, look_up=look_up)
        #: The span of a task in the hands of a worker, by the task's identity.
        self._open: dict[int, Context] = {}
        events = client.events
        self._endings = [events.subscribe(self._listen), events.wrap(start=self._start, execution=self._inside)]

    def close(self) -> None:
        """Make no more spans; those of tasks that are still worked on end now."""
        for end in self._endings:
            end()
        while self._open:
            self._api.get_current_span(self._open.popitem()[1]).end()

    @contextmanager
    def _start(self, request: StartWorkflowRequest) -> Iterator[StartWorkflowRequest]:
        """The span of a start; the request with the trace's context in its input."""
        attributes = _attributes("start", "send", request.name)
        attributes["conductor.workflow.type"] = request.name
        if request.version is not None:
            attributes["conductor.workflow.version"] = request.version
        if request.correlation_id:
            attributes["messaging.message.conversation_id"] = request.correlation_id
        with self._tracer.start_as_current_span(
            f"start {request.name}", kind=self._api.SpanKind.PRODUCER, attributes=attributes
        ):
            carrier: dict[str, str] = {}
            self._propagate.inject(carrier)
            if carrier:
                request = request.model_copy(update={"input": {**request.input, TRACE_CONTEXT: carrier}})
            yield request

    @contextmanager
    def _inside(self, task: Task) -> Iterator[None]:
        """The task's span as the current one."""
        current = self._open.get(id(task))
        if current is None:
            yield
            return
        token = self._context.attach(current)
        try:
            yield
        finally:
            self._context.detach(token)

    def _listen(self, event: Event) -> None:
        match event:
            case WorkflowStarted():
                self._api.get_current_span().set_attribute("conductor.workflow.id", event.workflow_id)
            case ExecutionStarted():
                self._begin(event.task_type, event.task)
            case ExecutionEnded():
                self._end(event)

    def _begin(self, task_type: str, task: Task) -> None:
        came_from = self._propagate.extract(self._starts.of(task), context=self._context.Context())
        start = self._api.get_current_span(came_from).get_span_context()
        linked = self._links and start.is_valid
        attributes = _attributes("process", "process", task_type) | {
            "messaging.message.id": task.task_id,
            "conductor.workflow.type": task.workflow_type,
            "conductor.workflow.id": task.workflow_instance_id,
            "conductor.task.type": task_type,
            "conductor.task.id": task.task_id,
            "conductor.task.reference_name": task.reference_task_name,
            "conductor.task.attempt": task.retry_count + 1,
            "conductor.task.poll_count": task.poll_count,
        }
        if task.correlation_id:
            attributes["messaging.message.conversation_id"] = task.correlation_id
        span = self._tracer.start_span(
            f"process {task_type}",
            context=self._context.Context() if linked else came_from,
            kind=self._api.SpanKind.CONSUMER,
            attributes=attributes,
            links=[self._api.Link(start)] if linked else None,
        )
        self._open[id(task)] = self._api.set_span_in_context(span, came_from)

    def _end(self, event: ExecutionEnded) -> None:
        current = self._open.pop(id(event.task), None)
        if current is None:
            return
        span: Span = self._api.get_current_span(current)
        span.set_attribute("conductor.task.status", str(event.result.status))
        if event.result.worker_id:
            span.set_attribute("conductor.worker.id", event.result.worker_id)
        if event.error is not None:
            span.record_exception(event.error)
        if event.result.status in _FAILED:
            span.set_status(self._api.StatusCode.ERROR, event.result.reason_for_incompletion)
        span.end()


class _StartContexts:
    """Where the workflow of a task was started."""

    def __init__(self, client: ApiClient, *, look_up: bool) -> None:
        self._client = client
        self._look_up = look_up
        # What raises is not remembered, and asked again for the next task.
        self._of_workflow: Callable[[str], Carrier] = functools.lru_cache(_REMEMBERED)(self._read)

    def of(self, task: Task) -> Carrier:
        """The context that came with the task or with its workflow; empty if there is none."""
        carrier = _carrier(task.input_data)
        if carrier is not None:
            return carrier
        if not (self._look_up and task.workflow_instance_id):
            return {}
        try:
            return self._of_workflow(task.workflow_instance_id)
        except ConductorError as error:
            logger.info("The trace of workflow %s is not known: %s", task.workflow_instance_id, error)
            return {}

    def _read(self, workflow_id: str) -> Carrier:
        workflow = self._client.workflows.get(workflow_id, include_tasks=False)
        carrier = _carrier(workflow.input)
        if carrier is None and workflow.parent_workflow_id:
            carrier = self._of_workflow(workflow.parent_workflow_id)
        return carrier or {}


def _carrier(input: Mapping[str, Any]) -> Carrier | None:
    found = input.get(TRACE_CONTEXT)
    if not isinstance(found, Mapping):
        return None
    return {str(name): value for name, value in found.items() if isinstance(value, str)}


def _attributes(name: str, kind: str, destination: str) -> dict[str, str | int]:
    """What OpenTelemetry's conventions for messages ask for."""
    return {
        "messaging.system": "conductor",
        "messaging.operation.name": name,
        "messaging.operation.type": kind,
        "messaging.destination.name": destination,
    }
