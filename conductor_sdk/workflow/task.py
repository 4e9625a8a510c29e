"""What all tasks of a workflow definition have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

from conductor_sdk.errors import DefinitionError
from conductor_sdk.models.enums import RetryLogic, TimeoutPolicy
from conductor_sdk.models.task_def import TaskDef
from conductor_sdk.payload import to_json
from conductor_sdk.workflow.reference import Reference, is_expression


class WorkflowTask:
    """One task of a workflow: its type, its reference name (unique in the workflow) and its inputs.

    Methods that set something give the task back, so they can be chained.

    `task_type`: SIMPLE, HTTP … as the server knows it
    `reference_name`: its name in this workflow, by which others read its output
    `name`: of its task definition; for workers' tasks the type that they poll for
    `inputs`: values, `"${…}"` texts, or References, by name
    `value`: False takes it back
    """

    def __init__(
        self, task_type: str, reference_name: str, *, name: str | None = None, inputs: Mapping[str, Any] | None = None
    ) -> None:
        if not isinstance(reference_name, str) or not reference_name:
            raise DefinitionError(f"A {task_type} task needs a reference name, not {reference_name!r}.")
        self.type = task_type
        self.reference_name = reference_name
        self.name: str = name or reference_name
        self._inputs: dict[str, Any] = named_values(inputs, f"The inputs of task {reference_name}")
        self._settings: dict[str, Any] = {}

    def input(self, key: str, value: Any) -> Self:
        """Set the input `key` to a `value`: anything that has a JSON form, a `"${…}"` text, or a Reference such as
        `other.output.email`.
        """
        self._inputs[key] = value
        return self

    def inputs(self, values: Mapping[str, Any]) -> Self:
        """Set several inputs; those that `values` does not name stay."""
        self._inputs.update(named_values(values, f"The inputs of task {self.reference_name}"))
        return self

    @property
    def output(self) -> Reference:
        """This task's output: `task.output.user.email`."""
        return Reference(f"{self.reference_name}.output")

    def output_ref(self, path: str = "") -> str:
        """The expression for a field of this task's output, `output_ref("user.email")`, or without a `path` for all of
        it.
        """
        return f"${{{self.reference_name}.output{'.' + path if path else ''}}}"

    def input_ref(self, path: str = "") -> str:
        """The expression for a field of this task's input: `input_ref(path)`."""
        return f"${{{self.reference_name}.input{'.' + path if path else ''}}}"

    def description(self, text: str) -> Self:
        """What the task is for, as `text`."""
        return self._set("description", text)

    def optional(self, value: bool = True) -> Self:
        """The workflow goes on when this task fails."""
        return self._set("optional", value)

    def permissive(self, value: bool = True) -> Self:
        """The workflow runs on while others can, and fails at its end when this task failed."""
        return self._set("permissive", value)

    def start_delay(self, seconds: int) -> Self:
        """Wait so many whole `seconds` before the first attempt."""
        return self._set("startDelay", seconds)

    def retry_count(self, count: int) -> Self:
        """So many retries of this task (`count`), in place of those of its task definition."""
        return self._set("retryCount", count)

    def async_complete(self, value: bool = True) -> Self:
        """The task stays IN_PROGRESS after its own work until it is updated from outside."""
        return self._set("asyncComplete", value)

    def cache(self, key: str, ttl_seconds: int) -> Self:
        """Reuse the output of an earlier task with the same `key` (an expression) that is at most `ttl_seconds` old.
        The open-source server (3.32) stores it, without effect.
        """
        return self._set("cacheConfig", {"key": key, "ttlInSecond": ttl_seconds})

    def retry(
        self,
        count: int,
        *,
        delay_seconds: int | None = None,
        logic: RetryLogic | None = None,
        max_delay_seconds: int | None = None,
        backoff_scale_factor: int | None = None,
    ) -> Self:
        """How often and when this task is tried again, in place of its registered definition. What is not given is the
        server's default: 60 s, FIXED.

        `count`: retries, beside the first attempt
        `delay_seconds`: before each of them
        `logic`: how the delay grows: FIXED, LINEAR_BACKOFF (times the attempt and `backoff_scale_factor`),
            EXPONENTIAL_BACKOFF (doubled each time)
        `max_delay_seconds`: the longest delay
        `backoff_scale_factor`: of LINEAR_BACKOFF
        """
        return self._define(
            retryCount=count,
            retryDelaySeconds=delay_seconds,
            retryLogic=logic,
            maxRetryDelaySeconds=max_delay_seconds,
            backoffScaleFactor=backoff_scale_factor,
        )

    def time_limits(
        self,
        *,
        timeout_seconds: int | None = None,
        response_seconds: int | None = None,
        poll_seconds: int | None = None,
        policy: TimeoutPolicy | None = None,
    ) -> Self:
        """How long things may take, in whole seconds, and what happens then; in place of the registered definition.
        What is not given is the server's default.

        `timeout_seconds`: an attempt, from its start (0: no limit)
        `response_seconds`: the silence of its worker, after which the task is offered again
        `poll_seconds`: the wait for a worker
        `policy`: TIME_OUT_WF ends the workflow, RETRY tries again, ALERT_ONLY does nothing
        """
        return self._define(
            timeoutSeconds=timeout_seconds,
            responseTimeoutSeconds=response_seconds,
            pollTimeoutSeconds=poll_seconds,
            timeoutPolicy=policy,
        )

    def limits(
        self, *, concurrent: int | None = None, per_frequency: int | None = None, frequency_seconds: int | None = None
    ) -> Self:
        """At most `concurrent` of these tasks at once, and `per_frequency` of them in `frequency_seconds`. The
        open-source server (3.32) stores the latter two, without effect.
        """
        return self._define(
            concurrentExecLimit=concurrent,
            rateLimitPerFrequency=per_frequency,
            rateLimitFrequencyInSeconds=frequency_seconds,
        )

    def _define(self, **fields: Any) -> Self:
        """Fields of the task definition that is embedded in the task."""
        so_far = self.to_dict().get("taskDefinition") or {"name": self.name}
        return self._set(
            "taskDefinition", {**so_far, **{field: value for field, value in fields.items() if value is not None}}
        )

    def task_definition(self, definition: TaskDef | Mapping[str, Any]) -> Self:
        """Retries, time-outs and limits for this task only: a `definition` in place of the registered one."""
        return self._set("taskDefinition", definition)

    def to_dict(self) -> dict[str, Any]:
        """The task as the server stores it."""
        document: dict[str, Any] = {
            "name": self.name,
            "taskReferenceName": self.reference_name,
            "type": self.type,
            "inputParameters": self._inputs,
            **self._settings,
            **self._structure(),
        }
        converted: dict[str, Any] = to_json(document, f"task {self.reference_name}")
        return converted

    def to_dicts(self) -> list[dict[str, Any]]:
        """The tasks of the definition that this one stands for: a fork brings its join along."""
        return [self.to_dict()]

    def _structure(self) -> dict[str, Any]:
        """What this task's type has beyond inputs: branches, conditions, a sub-workflow."""
        return {}

    def _set(self, field: str, value: Any) -> Self:
        self._settings[field] = value
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.reference_name!r})"


#: One task, or several in a row.
Chain = WorkflowTask | Iterable[WorkflowTask]


def chain_of(tasks: Chain) -> list[WorkflowTask]:
    """The tasks of a chain. Raises DefinitionError for what is no task."""
    chain: list[WorkflowTask] = []
    for task in [tasks] if isinstance(tasks, WorkflowTask) else in_a_row(tasks):
        if not isinstance(task, WorkflowTask):
            raise _no_task(task)
        chain.append(task)
    return chain


def in_a_row(tasks: Iterable[Chain]) -> Iterable[Chain]:
    """The same. Raises DefinitionError for what holds no tasks."""
    if isinstance(tasks, (str, bytes, Mapping)) or not isinstance(tasks, Iterable):
        raise _no_task(tasks)
    return tasks


def _no_task(thing: object) -> DefinitionError:
    return DefinitionError(f"{thing!r} is no task: give a SimpleTask, a WaitTask or another task object.")


def named_values(values: object, what: str) -> dict[str, Any]:
    """A dict of its own. Raises DefinitionError for what is no mapping, an expression for all of them for example."""
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise DefinitionError(
            f"{what} must be a dict of names and values, not {values!r}; "
            'each value may be an expression: {"name": "${workflow.input.name}"}.'
        )
    return dict(values)


def values_or_expression(values: object, what: str) -> dict[str, Any] | str:
    """The same where the server also takes one expression that gives all of them."""
    if isinstance(values, (str, Reference)) and is_expression(values):
        return str(values)
    return named_values(values, what)


def dicts_of(tasks: Iterable[WorkflowTask]) -> list[dict[str, Any]]:
    """The definition's tasks for tasks in a row."""
    return [document for task in tasks for document in task.to_dicts()]


def script_reference(name: str) -> str:
    """`$.name` in a script, in brackets where the name is no identifier."""
    return f"$.{name}" if re.fullmatch(r"[A-Za-z_]\w*", name) else f"$['{name}']"


Document = Mapping[str, Any]


def walk(documents: Iterable[Document], place: str = "tasks") -> Iterator[tuple[str, Document]]:
    """Each task of a definition with its place, those in branches and loops included, sub-workflows excluded."""
    for index, task in enumerate(documents):
        here = f"{place}[{index}]"
        yield here, task
        for field, block in _blocks_of(task):
            yield from walk(block, f"{here}.{field}")


def walk_blocks(documents: Sequence[Document], place: str = "tasks") -> Iterator[tuple[str, Sequence[Document]]]:
    """Each list of tasks that follow one another with its place: the definition's own, branches, loops."""
    yield place, documents
    for index, task in enumerate(documents):
        for field, block in _blocks_of(task):
            yield from walk_blocks(block, f"{place}[{index}].{field}")


def _blocks_of(task: Document) -> Iterator[tuple[str, Sequence[Document]]]:
    for case, block in (task.get("decisionCases") or {}).items():
        yield f"decisionCases.{case}", block or ()
    for number, block in enumerate(task.get("forkTasks") or ()):
        yield f"forkTasks[{number}]", block or ()
    for field in ("defaultCase", "loopOver"):
        yield field, task.get(field) or ()
