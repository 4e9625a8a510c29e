"""Everything that a Conductor server knows beside its executions, around one runtime.

The runtime runs workflows. What else clients talk to a server about (search, event handlers, schedules, logs of tasks
that are not there) is kept here, each in a module of its own, listening to the runtime.
"""

from __future__ import annotations

import weakref
from functools import cached_property, partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from conductor_emulator.definitions.rules import Surroundings
from conductor_emulator.definitions.validation import check_start_request
from conductor_emulator.engine.commands import AddLog, Rerun, Restart
from conductor_emulator.engine.errors import BadRequest, ServerFault
from conductor_emulator.engine.flavors import Feature
from conductor_emulator.engine.queue_names import queue_name
from conductor_emulator.runtime.access_control import AccessControl
from conductor_emulator.runtime.event_handlers import EventHandlers
from conductor_emulator.runtime.gateway import Gateway
from conductor_emulator.runtime.human_tasks import HumanTasks
from conductor_emulator.runtime.integrations import Integrations
from conductor_emulator.runtime.mocked_runs import MockedRuns
from conductor_emulator.runtime.prompts import Prompts
from conductor_emulator.runtime.schedules import Schedules
from conductor_emulator.runtime.schema_registry import SchemaRegistry
from conductor_emulator.runtime.search_index import SearchIndex
from conductor_emulator.runtime.service_registry import ServiceRegistry
from conductor_emulator.runtime.tags import Tags
from conductor_emulator.runtime.webhook_configs import WebhookConfigs
from conductor_emulator.scripting import javascript_syntax_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conductor_emulator.definitions import StartWorkflowRequest
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.engine.status import WorkflowStatus
    from conductor_emulator.runtime.runtime import Runtime
    from conductor_emulator.runtime.store import Store
    from conductor_emulator.runtime.waiting import Waiters


class Emulator:
    """One server's worth of state. It belongs to the thread that owns the runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.search_index = SearchIndex(runtime.flavor)
        self.event_handlers = EventHandlers(runtime)
        #: lines for ids that are no tasks (any longer)
        self._stray_logs: dict[str, list[tuple[str, int]]] = {}
        #: workflow id → the correlation id of its start, if a rerun has given it another
        self._first_correlation_ids: dict[str, str | None] = {}
        #: ids that somebody wanted to have evaluated (``/admin/sweep``) → the status then, None for an unknown one
        self.swept: dict[str, WorkflowStatus | None] = {}
        #: templates of HUMAN tasks: (name, version) → template
        self.human_templates: dict[tuple[str, int], dict[str, Any]] = {}
        #: configurations of event queues: (type, name) → whatever was given
        self.event_queues: dict[tuple[str, str], Any] = {}
        runtime.listeners.append(partial(_changed, self.search_index, runtime.store, runtime.waiters))
        runtime.publish = self.event_handlers.publish
        for execution in runtime.store:
            self.search_index.changed(execution)

    @cached_property
    def surroundings(self) -> Surroundings:
        """What the rules of registration may ask of the server."""
        features = self.runtime.flavor.features
        return Surroundings(
            task_def=self.runtime.metadata.task_def,
            script_error=_unchecked if Feature.UNCHECKED_SCRIPTS in features else javascript_syntax_error,
            environment=self.runtime.options.parameters,
        )

    def new_id(self) -> str:
        """A new id, from the runtime's own source."""
        return self.runtime.services.new_id()

    # -- what many a server never needs, made when it is asked for; none of it holds this object -----------------------
    @cached_property
    def schedules(self) -> Schedules:
        here = weakref.proxy(self)
        return Schedules(self.runtime, lambda request: str(here.start(request)))

    @cached_property
    def mocked_runs(self) -> MockedRuns:
        return MockedRuns(self.runtime)

    # what flavor orkes has beside
    @cached_property
    def tags(self) -> Tags:
        return Tags(self.runtime.limit_executions)

    @cached_property
    def schemas(self) -> SchemaRegistry:
        return SchemaRegistry()

    @cached_property
    def webhook_configs(self) -> WebhookConfigs:
        return WebhookConfigs(weakref.proxy(self))

    @cached_property
    def human_tasks(self) -> HumanTasks:
        return HumanTasks(self.runtime)

    @cached_property
    def access(self) -> AccessControl:
        return AccessControl(self.runtime)

    @cached_property
    def prompts(self) -> Prompts:
        return Prompts(self.runtime.clock, self.tags)

    @cached_property
    def integrations(self) -> Integrations:
        return Integrations(self.runtime.clock, self.tags)

    @cached_property
    def service_registry(self) -> ServiceRegistry:
        return ServiceRegistry(self.runtime, self.schemas)

    @cached_property
    def gateway(self) -> Gateway:
        return Gateway(self.runtime.clock, self.tags)

    # -- executions ----------------------------------------------------------------------------------------------------
    def start(self, request: StartWorkflowRequest) -> str:
        """Check a request and start its workflow; the id of the execution."""
        check_start_request(request, self.surroundings)
        path = request.external_input_payload_storage_path
        if path and not path.isspace() and not request.input:
            if request.name or request.workflow_def is not None:
                self.runtime.plan_of(request)  # an unknown definition is told first
            raise ServerFault(f"Unable to download payload from external storage path: {path}")
        if request.workflow_def is None and not (request.name or "").strip():
            raise BadRequest("Workflow name must be specified when searching for a definition")
        existing = self.runtime.existing(request)
        if existing is not None:
            return existing.workflow_id
        return self.runtime.start(request)

    def remove(self, workflow_id: str, archive: bool = False) -> None:
        """Forget an execution; an archived one is still found by searches, and its tasks' logs stay.

        What a restart or a rerun has dropped of it stays in any case. Raises ``NotFound``.
        """
        execution = self.runtime.execution(workflow_id)
        self.runtime.remove(workflow_id)
        self._first_correlation_ids.pop(workflow_id, None)
        if not archive:
            self.search_index.removed(execution)
            return
        self.search_index.archived(execution)
        self._keep_logs(execution.tasks)

    def begin_again(self, execution: Execution, command: Restart | Rerun) -> None:
        """Carry out what drops tasks of an execution: they are still found by searches, and their logs stay."""
        self.search_index.enter_tasks(execution)
        tasks, correlation_id = list(execution.tasks), execution.correlation_id
        self.runtime.submit(execution.workflow_id, command)
        if execution.correlation_id != correlation_id:
            self._first_correlation_ids.setdefault(execution.workflow_id, correlation_id)
        self._keep_logs(task for task in tasks if task.task_id not in execution.by_id)

    def _keep_logs(self, tasks: Iterable[TaskRun]) -> None:
        for task in tasks:
            if task.logs:
                self._stray_logs.setdefault(task.task_id, []).extend(task.logs)

    def executions_with(self, field: str, value: str) -> list[Execution]:
        """The executions of a name or a correlation id, in the order of their starts."""
        found = (self.runtime.store.find(key) for key in self.search_index.workflows_with(field, value))
        return [execution for execution in found if execution is not None]

    def correlated(self, correlation_id: str) -> list[Execution]:
        """The executions that were started with a correlation id, oldest first, whatever a rerun has made of it."""
        first = self._first_correlation_ids
        found = [e for e in self.executions_with("correlation_id", correlation_id) if e.workflow_id not in first]
        others = {key for key, its_first in first.items() if its_first == correlation_id}
        if not others:
            return found
        others.update(execution.workflow_id for execution in found)
        return [execution for execution in self.runtime.store if execution.workflow_id in others]

    # -- tasks ---------------------------------------------------------------------------------------------------------
    def add_log(self, task_id: str, text: str) -> None:
        """One line for the log of a task; as on the real server any id may have a log."""
        found = self.runtime.find_task(task_id)
        now = self.runtime.clock.now()
        if found is None:
            self._stray_logs.setdefault(task_id, []).append((text, now))
        else:
            self.runtime.submit(found[0].workflow_id, AddLog(task_id, text, now))

    def logs(self, task_id: str) -> list[tuple[str, int]]:
        """The lines of a log as (text, created ms), in the order of their times."""
        found = self.runtime.find_task(task_id)
        own = [] if found is None else found[1].logs or []
        return sorted([*own, *self._stray_logs.get(task_id, ())], key=itemgetter(1))

    def open_tasks(self, task_type: str) -> list[tuple[Execution, TaskRun]]:
        """The tasks of a definition's name that have not ended."""
        return [
            (execution, task)
            for execution in filter(None, map(self.runtime.store.find, self.search_index.open_workflows()))
            for task in execution.open_in_order()
            if task.task_def_name == task_type
        ]

    def requeue(self, task_type: str) -> int:
        """Put every open worker task of a type back into its queue, polled ones too; how many that were.

        What is left of the time for which a task is held back goes on.
        """
        runtime = self.runtime
        now = runtime.clock.now()
        found = [(e, t) for e, t in self.open_tasks(task_type) if t.task_type == task_type]
        for execution, task in found:
            queue = queue_name(task.task_type, task.domain)
            seconds = max(0, max(0, task.callback_after_seconds) - (now - task.update_time) // 1000)
            runtime.let_go(task.task_id)
            if runtime.queues.push(
                queue, execution.workflow_id, task.task_id, execution.priority, now + seconds * 1000, now
            ):
                runtime.timers.cancel(("queue", task.task_id))
                runtime.waiters.wake_one(("queue", queue))
            else:
                runtime.timers.set(("queue", task.task_id), now + seconds * 1000)
        return len(found)


def _unchecked(_source: str) -> None:
    """No script is held to have an error."""


def _changed(index: SearchIndex, store: Store, waiters: Waiters, execution: Execution, _command: Any) -> None:
    index.changed(execution)
    # who waits for a workflow waits for what blocks its sub-workflows too
    parent_id = execution.parent_workflow_id
    while parent_id is not None:
        waiters.wake_all(("workflow", parent_id))
        parent = store.find(parent_id)
        parent_id = None if parent is None else parent.parent_workflow_id
