"""One step of a workflow, with the steps inside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self

from conductor_emulator.definitions import json_reader, records
from conductor_emulator.definitions.errors import BodyError
from conductor_emulator.definitions.json_reader import Reader
from conductor_emulator.definitions.parts import (
    IDEMPOTENCY_STRATEGIES,
    CacheConfig,
    IdempotencyStrategy,
    StateChangeEvent,
)
from conductor_emulator.definitions.records import Record, record_type
from conductor_emulator.definitions.task_def import TaskDef
from conductor_emulator.definitions.task_types import TASK_TYPES

if TYPE_CHECKING:
    from conductor_emulator.definitions.workflow_def import WorkflowDef

JoinMode = Literal["SYNC", "ASYNC"]

#: More tasks inside each other than this are refused: what walks over definitions would leave Python's stack. (The real
#: server ends at 1,000 brackets inside each other, which are 330 to 500 tasks.)
DEEPEST: Final = 100


def _read_workflow_definition(value: Any) -> WorkflowDef | str:
    from conductor_emulator.definitions.workflow_def import WorkflowDef  # the two hold each other

    if type(value) is dict:
        return WorkflowDef.from_wire(value)
    if type(value) is str:
        if value.startswith("${") and value.endswith("}"):
            return value
        raise BodyError(f"as text it must be an expression ${{...}}, got {json_reader.described(value)}")
    raise BodyError(f"expected a workflow definition or an expression, got {json_reader.described(value)}")


def _write_workflow_definition(value: WorkflowDef | str) -> Any:
    return value if isinstance(value, str) else value.to_wire()


@record_type
class SubWorkflowParams(Record):
    """Which workflow a SUB_WORKFLOW starts: by name and version, or by an embedded definition, which then names it."""

    name: str | None = records.text()
    version: int | None = records.optional_integer()
    task_to_domain: dict[str, str] | None = records.text_map(records.absent)
    workflow_definition: WorkflowDef | str | None = records.value_of(
        _read_workflow_definition, _write_workflow_definition
    )
    idempotency_key: str | None = records.text()
    idempotency_strategy: IdempotencyStrategy | None = records.enum(IDEMPOTENCY_STRATEGIES)
    #: A number, or an expression that gives one.
    priority: Any = records.anything()

    def _settle(self) -> None:
        embedded = self.workflow_definition
        if embedded is not None and not isinstance(embedded, str):
            self.name, self.version = embedded.name, embedded.version


@record_type
class WorkflowTask(Record):
    """A task in a workflow (Java: ``WorkflowTask``).

    ``type`` is text: a name that the server does not know is a task for workers, named by the type.
    """

    ALIASES: ClassVar[Mapping[str, tuple[str, Reader]]] = {
        "workflowTaskType": ("type", json_reader.enum(*TASK_TYPES)),
    }

    name: str | None = records.text()
    task_reference_name: str | None = records.text()
    description: str | None = records.text()
    input_parameters: dict[str, Any] = records.json_map()
    type: str = records.text("SIMPLE")
    dynamic_task_name_param: str | None = records.text()
    case_value_param: str | None = records.text()
    case_expression: str | None = records.text()
    script_expression: str | None = records.text()
    decision_cases: dict[str, list[WorkflowTask]] = records.value_of(
        json_reader.map_of(json_reader.list_of(records.read_record(lambda: WorkflowTask))),
        lambda cases: {case: None if tasks is None else records.write_records(tasks) for case, tasks in cases.items()},
        dict,
    )
    dynamic_fork_join_tasks_param: str | None = records.text()
    dynamic_fork_tasks_param: str | None = records.text()
    dynamic_fork_tasks_input_param_name: str | None = records.text()
    default_case: list[WorkflowTask] = records.record_list(lambda: WorkflowTask)
    fork_tasks: list[list[WorkflowTask]] = records.value_of(
        json_reader.list_of(json_reader.list_of(records.read_record(lambda: WorkflowTask))),
        lambda branches: [None if tasks is None else records.write_records(tasks) for tasks in branches],
        list,
    )
    #: Seconds.
    start_delay: int = records.integer()
    sub_workflow_param: SubWorkflowParams | None = records.record(lambda: SubWorkflowParams)
    join_on: list[str] = records.text_list()
    sink: str | None = records.text()
    optional: bool = records.boolean()
    task_definition: TaskDef | None = records.record(lambda: TaskDef)
    rate_limited: bool | None = records.optional_boolean()
    default_exclusive_join_task: list[str] = records.text_list()
    async_complete: bool = records.optional_boolean(False)
    loop_condition: str | None = records.text()
    loop_over: list[WorkflowTask] = records.record_list(lambda: WorkflowTask)
    items: str | None = records.text()
    #: None: as many retries as the task definition allows.
    retry_count: int | None = records.optional_integer()
    evaluator_type: str | None = records.text()
    expression: str | None = records.text()
    on_state_change: dict[str, list[StateChangeEvent]] = records.value_of(
        json_reader.map_of(json_reader.list_of(records.read_record(lambda: StateChangeEvent))),
        lambda events: {state: None if to is None else records.write_records(to) for state, to in events.items()},
        dict,
    )
    join_status: str | None = records.text()
    cache_config: CacheConfig | None = records.record(lambda: CacheConfig)
    permissive: bool = records.boolean()
    join_mode: JoinMode | None = records.enum(("SYNC", "ASYNC"))
    metadata: dict[str, Any] = records.json_map()

    #: How many tasks stand inside each other here, as far as they were read (1: none inside).
    depth: int = field(default=1, init=False, repr=False, compare=False)
    #: what ``with_task_definition`` made last
    _filled_in: WorkflowTask | None = field(default=None, init=False, repr=False, compare=False)

    def _settle(self) -> None:
        if not (
            self.decision_cases or self.fork_tasks or self.default_case or self.loop_over or self.sub_workflow_param
        ):
            return
        inner = max((task.depth for task in self._tasks_read_inside()), default=0)
        if inner >= DEEPEST:
            raise BodyError(f"tasks are nested too deeply, more than {DEEPEST} inside each other")
        self.depth = inner + 1

    def replace(self, **changes: Any) -> Self:
        """A copy with some attributes changed; raises ``BodyError`` if they nest too deeply."""
        copy = Record.replace(self, **changes)
        copy._settle()  # noqa: SLF001 - its own class; super() knows not the class that slots make
        return copy

    def with_task_definition(self, definition: TaskDef) -> WorkflowTask:
        """A copy with this task definition; the same one again while it is the same definition."""
        known = self._filled_in
        if known is None or known.task_definition is not definition:
            known = self._filled_in = self.replace(task_definition=definition)
        return known

    def _tasks_read_inside(self) -> Iterator[WorkflowTask]:
        param = self.sub_workflow_param
        embedded = None if param is None else param.workflow_definition
        lists: list[list[WorkflowTask]] = [
            *self.decision_cases.values(),
            *self.fork_tasks,
            self.default_case,
            self.loop_over,
            [] if embedded is None or isinstance(embedded, str) else embedded.tasks,
        ]
        for tasks in filter(None, lists):
            yield from filter(None, tasks)
