"""ConductorWorkflow: a workflow definition written in Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self

from conductor_sdk.errors import ConfigurationError, DefinitionError
from conductor_sdk.models.enums import TimeoutPolicy
from conductor_sdk.models.workflow_def import WorkflowDef
from conductor_sdk.payload import to_json
from conductor_sdk.workflow.checks import problems_of
from conductor_sdk.workflow.fork_task import ForkTask
from conductor_sdk.workflow.reference import Reference
from conductor_sdk.workflow.stored_task import StoredTask
from conductor_sdk.workflow.sub_workflow_tasks import SubWorkflowTask
from conductor_sdk.workflow.task import Chain, WorkflowTask, chain_of, dicts_of, in_a_row, named_values

if TYPE_CHECKING:
    from conductor_sdk.executor import WorkflowExecutor


class ConductorWorkflow:
    """A workflow definition, built step by step: `ConductorWorkflow("greetings", version=1) >> greet`.

    No server is needed to build it; `to_dict()` gives the JSON object. With an executor, `ConductorWorkflow(executor)`,
    it can `register()` itself. Methods that set something give the workflow back, so they can be chained. `wf >> a >>
    b` adds tasks; a list forks: `wf >> [a, [b, c]]`.

    `executor_or_name`: one of the two
    `executor`: with which it registers itself
    `name`: by which it is registered and started
    `version`: 1, 2 …
    `description`: what it is for
    `reference_name`: of a task
    """

    def __init__(
        self,
        executor_or_name: WorkflowExecutor | str | None = None,
        /,
        *,
        name: str | None = None,
        version: int = 1,
        description: str | None = None,
        executor: WorkflowExecutor | None = None,
    ) -> None:
        if isinstance(executor_or_name, str):
            name = executor_or_name
        elif executor_or_name is not None:
            executor = executor_or_name
        self._executor = executor
        self._tasks: list[WorkflowTask] = []
        self._output: dict[str, Any] = {}
        self._document: dict[str, Any] = {"name": name or "", "version": version}
        #: What `to_dict` adds to what was set; a definition that was read has what it has.
        self._defaults: dict[str, Any] = {"schemaVersion": 2}
        if description is not None:
            self._document["description"] = description

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], executor: WorkflowExecutor | None = None) -> Self:
        """A workflow for a definition that was written elsewhere, or read from a server, to be looked at, changed and
        stored again. All fields are kept: `ConductorWorkflow.from_dict(d).to_dict() == d`. Raises DefinitionError for
        what is no definition.

        `document`: the definition as a JSON object
        """
        tasks = document.get("tasks") if isinstance(document, Mapping) else None
        if not isinstance(tasks, list) or not all(isinstance(task, Mapping) for task in tasks):
            raise DefinitionError("A workflow definition is a JSON object with a list of tasks; this is none.")
        workflow = cls(executor)
        workflow._document = {field: value for field, value in document.items() if field != "outputParameters"}
        workflow._tasks = [StoredTask(task) for task in tasks]
        workflow._output = dict(document.get("outputParameters") or {})
        workflow._defaults = {name: document[name] for name in ("outputParameters",) if name in document}
        return workflow

    @property
    def tasks(self) -> tuple[WorkflowTask, ...]:
        """The tasks, those in branches and loops excluded."""
        return tuple(self._tasks)

    def task(self, reference_name: str) -> WorkflowTask:
        """One of them by its reference name. Raises LookupError naming those that there are."""
        for task in self._tasks:
            if task.reference_name == reference_name:
                return task
        there = ", ".join(task.reference_name for task in self._tasks) or "none"
        raise LookupError(f"{self!r} has no task {reference_name!r} outside of branches; its tasks: {there}.")

    def rate_limit(self, key: str, executions: int) -> Self:
        """At most so many `executions` with the same `key` (an expression) at once; further ones wait. The open-source
        server (3.32) stores it, without effect.
        """
        return self._set("rateLimitConfig", {"rateLimitKey": key, "concurrentExecLimit": executions})

    def name(self, name: str) -> Self:
        """The name by which it is registered and started."""
        return self._set("name", name)

    def version(self, version: int) -> Self:
        """Its version; 1 if none is given."""
        return self._set("version", version)

    def description(self, text: str) -> Self:
        """What it is for, as `text`."""
        return self._set("description", text)

    def owner_email(self, email: str) -> Self:
        """Whom to ask about it: an `email` address."""
        return self._set("ownerEmail", email)

    def timeout_policy(self, policy: TimeoutPolicy, seconds: int) -> Self:
        """What happens when an execution runs longer than `seconds`: the `policy` TIME_OUT_WF ends it, ALERT_ONLY does
        not.
        """
        self._set("timeoutPolicy", policy)
        return self._set("timeoutSeconds", seconds)

    def failure_workflow(self, name: str, version: int | None = None) -> Self:
        """The workflow to start when this one fails, by its name.

        `name`, `version`: of that workflow; without a version the latest
        """
        if version is not None:
            self._set("failureWorkflowVersion", version)
        return self._set("failureWorkflow", name)

    def restartable(self, value: bool = True) -> Self:
        """Whether a completed execution may be restarted: `restartable(value)`."""
        return self._set("restartable", value)

    def input_parameters(self, *names: str) -> Self:
        """The `names` of its inputs, for documentation."""
        return self._set("inputParameters", list(names))

    def input_template(self, defaults: Mapping[str, Any]) -> Self:
        """Values for inputs that are missing or null at the start: `defaults` by name."""
        return self._set("inputTemplate", named_values(defaults, "The input template"))

    def variables(self, values: Mapping[str, Any]) -> Self:
        """Variables and their first `values`; SetVariableTask changes them."""
        return self._set("variables", named_values(values, "Variables"))

    def status_listener(self, sink: str | None = None) -> Self:
        """Tell the server's listener (or this `sink`) when an execution ends."""
        if sink is not None:
            self._set("workflowStatusListenerSink", sink)
        return self._set("workflowStatusListenerEnabled", True)

    def metadata(self, values: Mapping[str, Any]) -> Self:
        """Any `values` that are to be kept with the definition."""
        return self._set("metadata", named_values(values, "Metadata"))

    def output_parameters(self, outputs: Mapping[str, Any]) -> Self:
        """The workflow's output: values, `"${…}"` texts, or References such as `greet.output.greetings`; those that
        `outputs` does not name stay.
        """
        self._output.update(named_values(outputs, "The output parameters"))
        return self

    def output_parameter(self, key: str, value: Any) -> Self:
        """One field of the workflow's output: `key` and `value`."""
        self._output[key] = value
        return self

    @property
    def input(self) -> Reference:
        """The workflow's input: `wf.input.name`."""
        return Reference("workflow.input")

    @property
    def variable(self) -> Reference:
        """The workflow's variables: `wf.variable.total`."""
        return Reference("workflow.variables")

    def add(self, *tasks: Chain) -> Self:
        """Add `tasks`, to run one after the other; a list in their place is a chain of them."""
        for chain in tasks:
            self._tasks.extend(chain_of(chain))
        return self

    def __rshift__(self, step: WorkflowTask | ConductorWorkflow | Iterable[Chain]) -> Self:
        """`wf >> a >> b`. A list forks: `[a, b]` and `[[a, b], c]` have two branches. A workflow is a sub-workflow."""
        if isinstance(step, ConductorWorkflow):
            name = str(step._document.get("name")).replace(".", "_")  # a reference name has no dots
            return self.add(SubWorkflowTask(f"{name}_ref", step))
        if isinstance(step, WorkflowTask):
            return self.add(step)
        number = sum(isinstance(task, ForkTask) for task in self._tasks) + 1
        return self.add(ForkTask(f"fork_{number}", *in_a_row(step)))

    def to_dict(self) -> dict[str, Any]:
        """The definition as a JSON object. Pure: nothing is checked or sent."""
        document = {**self._defaults, **self._document, "tasks": dicts_of(self._tasks)}
        if self._output:
            document["outputParameters"] = self._output
        converted: dict[str, Any] = to_json(document, f"workflow {self._document.get('name')}")
        return converted

    def to_workflow_def(self) -> WorkflowDef:
        """The definition as a model."""
        return WorkflowDef.from_dict(self.to_dict())

    def validate(self) -> None:
        """Raise DefinitionError for what cannot be right: no name, no tasks, duplicate or dangling references."""
        problems = problems_of(self.to_dict())
        if problems:
            name = self._document.get("name") or "without a name"
            raise DefinitionError("\n  - ".join([f"Workflow {name} cannot be registered:", *problems]))

    def register(self, overwrite: bool = False) -> None:
        """Check the definition and store it on the server.

        Raises DefinitionError for what cannot be right, Conflict when this name and version exist and `overwrite` is
        false, BadRequest with the server's reasons when the server refuses it.
        """
        if self._executor is None:
            raise ConfigurationError(
                "This workflow has no executor to register it: write ConductorWorkflow(executor), "
                "or executor.register_workflow(workflow)."
            )
        self.validate()
        self._executor.register_workflow(self, overwrite=overwrite)

    def _set(self, field: str, value: Any) -> Self:
        self._document[field] = value
        return self

    def __repr__(self) -> str:
        return f"ConductorWorkflow({self._document.get('name')!r}, version={self._document.get('version')!r})"
