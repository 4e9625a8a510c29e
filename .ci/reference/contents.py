"""Which page of the reference shows what."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any

import conductor_sdk
from conductor_sdk import ApiClient, ConductorError, WorkflowExecutor, WorkflowTask
from conductor_sdk.events import Event
from conductor_sdk.models import WireModel


@dataclass(frozen=True)
class Item:
    """Something that a page shows."""

    module: str
    name: str
    #: how its calls are written: `client.tasks`
    written: str = ""
    #: calls and attributes for the project itself
    hidden: frozenset[str] = frozenset()
    #: finds the object whose calls are requests
    of: Callable[[ApiClient], Any] | None = None

    @cached_property
    def value(self) -> Any:
        return getattr(import_module(self.module), self.name, None)

    @property
    def title(self) -> str:
        return self.written or self.name


@dataclass(frozen=True)
class Contents:
    """One page."""

    file: str
    title: str
    about: str
    items: list[Item] = field(default_factory=list)


def _public(*names: str) -> list[Item]:
    return [Item(getattr(conductor_sdk, name).__module__, name) for name in names]


def _items(module: str, *names: str, hidden: str = "") -> list[Item]:
    return [Item(module, name, hidden=frozenset(hidden.split())) for name in names]


def _resources(*names: str) -> list[Item]:
    found = []
    for name in names:
        kind = type(getattr(ApiClient("memory://"), name))
        found.append(
            Item(kind.__module__, kind.__name__, f"client.{name}", of=lambda client, name=name: getattr(client, name))
        )
    return found


def resources() -> list[str]:
    """The names of the client's resources."""
    return [name for name, value in vars(ApiClient).items() if isinstance(value, cached_property)]


def _executor() -> Item:
    hidden = frozenset({"client"})
    return Item("conductor_sdk.executor", "WorkflowExecutor", "", hidden, WorkflowExecutor)


def _kinds(base: type, *, but: type | None = None, hidden: str = "") -> list[Item]:
    """The public classes of a kind; `init` hides how they are made."""
    found = [getattr(conductor_sdk, name) for name in conductor_sdk.__all__]
    kinds = [k for k in found if isinstance(k, type) and issubclass(k, base) and k is not but]
    return [Item(kind.__module__, kind.__name__, hidden=frozenset(hidden.split())) for kind in sorted(kinds, key=_line)]


def _line(kind: type) -> tuple[str, int]:
    """Where it stands in the sources, whose order has a sense."""
    return kind.__module__, inspect.getsourcelines(kind)[1]


def _errors() -> list[Item]:
    """With how it is made only what programs raise themselves."""
    kinds = _kinds(ConductorError, hidden="init")
    raised = {"Retry", "TerminalError"}
    return [Item(i.module, i.name) if i.name in raised else i for i in kinds]


def _tasks(*modules: str) -> list[Item]:
    """Their classes, module by module."""
    homes = [f"conductor_sdk.workflow.{module}" for module in modules]
    found = [i for i in _kinds(WorkflowTask, but=WorkflowTask, hidden="to_dicts") if i.module in homes]
    return sorted(found, key=lambda item: homes.index(item.module))


def _models() -> list[Item]:
    from conductor_sdk import models

    names = [name for name in models.__all__ if name not in ("WireModel", "WireEnum")]
    enums = sorted((n for n in names if not issubclass(getattr(models, n), WireModel)), key=str)
    return _items("conductor_sdk.models", *[n for n in names if n not in enums], *enums, "WireModel", hidden="init")


def _events() -> list[Item]:
    from conductor_sdk import events

    kinds = [k.__name__ for k in vars(events).values() if isinstance(k, type) and issubclass(k, Event)]
    return _items("conductor_sdk.events", *kinds)


_AI = "ai_tasks"
_INPUTS = (
    "ModelInputs TextInputs ChatInputs ChatMessage EmbeddingInputs VectorInputs IndexInputs StoreInputs SearchInputs "
    "ImageInputs AudioInputs VideoInputs PdfInputs McpInputs McpCallInputs ApiToolsInputs AgentCardInputs AgentInputs "
    "CancelAgentInputs PlanInputs JdbcInputs DocumentInputs"
)
_OF_THE_HARNESS = "init place report verify misspelt_fields misdirected_queues left_running close"
_OF_RULES = (
    "init fits why_not answers asks says_something rank used work silence manner is_fault is_optional revision name "
    "delay_ms target place attempts iterations"
)

PAGES = [
    Contents(
        "client.md",
        "Clients",
        "Where a program meets a server: the client, its settings, and how requests travel.",
        [
            *_public("ApiClient", "AsyncApiClient", "Settings"),
            *_items("conductor_sdk.retrying", "RetryPolicy"),
            *_public("Transport", "TransportResponse"),
        ],
    ),
    Contents(
        "executions.md",
        "Executions",
        "Start workflows, wait for them, look at them, control them.",
        [_executor(), *_resources("workflows", "bulk")],
    ),
    Contents("tasks.md", "Tasks", "Poll, report, log, and look into the queues.", _resources("tasks")),
    Contents(
        "definitions.md",
        "Definitions",
        "What the server keeps about workflows and tasks.",
        _resources("metadata", "schemas", "tags"),
    ),
    Contents(
        "events-and-schedules.md",
        "Events and schedules",
        "What starts workflows by itself.",
        _resources("event_handlers", "scheduler", "webhooks"),
    ),
    Contents(
        "server.md",
        "The server",
        "Its health and version, its secrets and environment variables.",
        _resources("server", "secrets", "environment"),
    ),
    Contents(
        "people.md",
        "People and access",
        "Work for people, and who may do what.",
        _resources("human_tasks", "applications", "users", "groups", "roles", "authorization"),
    ),
    Contents(
        "integrations.md",
        "Integrations",
        "Models, prompts and services that tasks call.",
        _resources("integrations", "prompts", "service_registry"),
    ),
    Contents(
        "workers.md",
        "Workers",
        "Functions that do the work of tasks, and what runs them. How to write one: [workers](../workers.md).",
        [
            *_public("worker", "WorkerOptions", "TaskRunner", "task_context", "TaskContext", "InProgress"),
            *_public("execute", "execute_async", "input_schema", "output_schema", "TaskLogHandler"),
            Item("conductor_sdk.worker.definition", "WorkerDefinition", hidden=frozenset({"binding", "lone_is_task"})),
            *_items("conductor_sdk.worker.health", "Backoff"),
        ],
    ),
    Contents(
        "workflows.md",
        "Workflows as code",
        "A definition built in Python. A tour: [workflows](../workflows.md).",
        [
            Item("conductor_sdk.workflow.conductor_workflow", "ConductorWorkflow"),
            *_public("WorkflowTask", "Reference"),
            *_items("conductor_sdk.workflow.task", "Chain"),
        ],
    ),
    Contents(
        "task-types.md",
        "Task types",
        "One class for each. All have the methods of [WorkflowTask](workflows.md#workflowtask).",
        [
            *_tasks("simple_task", "script_tasks", "state_tasks", "wait_task", "switch_task", "fork_task"),
            *_tasks("join_tasks", "loop_tasks", "dynamic_tasks", "sub_workflow_tasks", "stored_task"),
            *_public("HttpTask", "HttpInput", "HttpPollTask", "HttpPollInput"),
            *_tasks("message_tasks"),
            *_public("KafkaPublishInput"),
            *_tasks("orkes_tasks"),
        ],
    ),
    Contents(
        "ai-tasks.md",
        "Task types for models and tools",
        "Language models, vector databases, documents, tools, agents, databases. They need a server with such a "
        "service; in tests they are stubbed. Each input is a keyword argument, given as a value, a `Reference` or a "
        "`${…}` text; on the wire its name is in camelCase (`vector_db` is `vectorDB`). What a later server knows goes "
        "into `inputs`, in the server's spelling.",
        [*_tasks(_AI), *_items("conductor_sdk.workflow.ai_inputs", *_INPUTS.split())],
    ),
    Contents(
        "models.md",
        "Models",
        "The shapes of the REST API. In Python fields are in snake_case, on the wire in camelCase (`retry_count` is "
        "`retryCount`).",
        _models(),
    ),
    Contents(
        "errors.md",
        "Errors",
        "Everything that the SDK raises. What to do about each: [errors](../errors.md).",
        [*_errors(), *_items("conductor_sdk.errors", "ValidationError")],
    ),
    Contents(
        "observability.md",
        "Observability",
        "What a program can be told of requests, polls, executions and starts, as events, metrics or traces.",
        [
            *_public("EventBus"),
            *_items("conductor_sdk.events", "Listener", "AroundStart", "AroundExecution"),
            *_items("conductor_sdk.prometheus", "PrometheusMetrics"),
            *_items("conductor_sdk.opentelemetry", "OpenTelemetryTracing"),
            *_events(),
        ],
    ),
    Contents(
        "pytest.md",
        "The pytest plugin",
        "Fixtures, what they give, and options. How to test with them: [testing](../testing.md).",
        [
            Item("conductor_pytest.harness", "Conductor", "conductor", frozenset(_OF_THE_HARNESS.split())),
            *_items("conductor_pytest.harness", "Definition"),
            Item("conductor_pytest.served", "ConductorServer", "conductor_server"),
            *_items("conductor_pytest.runs", "Run", "RunTask", "Status", hidden="init place explanation run owner"),
            *_items("conductor_pytest.place", "RunEvent"),
            *_items("conductor_pytest.rules", "Rule", hidden=_OF_RULES),
            *_items(
                "conductor_pytest.wire",
                "WireFaults",
                "WireFault",
                hidden=f"init hits hitting why_unused problems after_effect {_OF_RULES}",
            ),
            *_items("conductor_pytest.clock", "Clock", hidden="init"),
            *_items("conductor_pytest.budget", "Budget"),
            *_items("conductor_pytest.task_queue", "TaskQueue", hidden="init misdirected"),
            *_items("conductor_pytest.chooser", "Chooser", "OldestFirst", "Seeded"),
            *_items("conductor_pytest.errors", "HarnessError", "Stuck", "Endless", "NoSuchTask", "UnusedRules"),
        ],
    ),
    Contents(
        "emulator.md",
        "The emulator",
        "The command line, and the same from Python. More about it: [emulator](../emulator.md).",
        [
            *_items("conductor_emulator.server.serving", "BackgroundServer", hidden="runtime api driver"),
            *_items("conductor_emulator.runtime.options", "Options"),
            *_items("conductor_emulator.runtime.clock", "VirtualClock"),
        ],
    ),
]
