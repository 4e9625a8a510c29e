"""``Conductor``: what a test does with workflows, whether they run in the emulator or on a cluster."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from conductor_pytest.blockers import family_blockers, takes_signals, told_once
from conductor_pytest.budget import Budget
from conductor_pytest.chooser import Chooser
from conductor_pytest.clock import Clock
from conductor_pytest.condition import THE_END, Condition
from conductor_pytest.documents import (
    definitions_in,
    is_event_handler,
    is_schedule,
    is_workflow,
    read_document,
    refuse_misspelt_kind,
)
from conductor_pytest.endless import StepsInARow
from conductor_pytest.errors import Endless, HarnessError, Stuck, UnusedRules, shown_at_the_test
from conductor_pytest.given import as_object, check_chooser, check_flavor, refuse_workflow, registered_first
from conductor_pytest.impatience import give_back_alarm
from conductor_pytest.misspelt import misspelt_references, refused_values
from conductor_pytest.near_names import did_you_mean, nearest
from conductor_pytest.rules import Rule
from conductor_pytest.runs import Run
from conductor_pytest.shortened import shown
from conductor_pytest.task_queue import TaskQueue
from conductor_pytest.unregistered import unregistered
from conductor_pytest.unused import unused
from conductor_pytest.waits import readable_durations
from conductor_pytest.wire import WireFaults
from conductor_pytest.words import Worded
from conductor_sdk import (
    ApiClient,
    ConductorError,
    ConductorWorkflow,
    EventHandler,
    NotFound,
    StartWorkflowRequest,
    TaskDef,
    TaskStatus,
    WorkerDefinition,
    Workflow,
    WorkflowDef,
    WorkflowExecutor,
    WorkflowSchedule,
)

if TYPE_CHECKING:
    from conductor_pytest.place import Place

__tracebackhide__ = shown_at_the_test

#: A UUID's, as text.
_LENGTH_OF_AN_ID: Final = 36

Definition = (
    ConductorWorkflow | WorkflowDef | TaskDef | EventHandler | WorkflowSchedule | Mapping[str, Any] | str | Path
)


class Conductor(Worded):
    """Definitions, workers, stubs, faults, runs and the clock of one test.

    ``Conductor()`` is an engine of its own, as the fixture ``conductor`` is; a test may make several.

    `place`: where it runs; an engine in this process by default
    `flavor`: which server that engine is to be like
    `definitions`: what `Definition` lists
    `name`: a task type or a reference name
    `workflow`: a registered one's name, a definition that need not be registered, or a whole request
    `input`: the workflow's input
    `version`: of the definition; without it the latest
    `correlation_id`: a name of your own, by which executions are found
    `priority`: 0 to 99; tasks of what is higher are polled earlier
    `task_to_domain`: to which domain the tasks of a type go
    `run`: as ``start`` and ``run`` give it, or the execution's id
    `reference`: the task's reference name
    `output`: of the task
    `domain`: of the workers; without one, those of none
    """

    _what = "conductor"

    def __init__(self, place: Place | None = None, *, flavor: Literal["oss", "orkes"] = "oss") -> None:
        if isinstance(place, str):
            raise HarnessError(
                f"Conductor({place!r}): an engine of its own takes no name; tests run on a server by --conductor-url "
                "URL, and like Orkes by flavor='orkes'"
            )
        self._place = _new_engine(flavor) if place is None else place
        self._allow_unused = False
        self._runs: dict[str, Run] = {}
        #: the definitions that were registered as they are written
        self._written: list[Mapping[str, Any]] = []
        self._queues: list[TaskQueue] = []
        self._steps = StepsInARow()
        #: The time of this test.
        self.clock: Clock = Clock(self._place)

    # -- where it runs -------------------------------------------------------------------------------------------------
    @property
    def client(self) -> ApiClient:
        """The SDK's client of this server."""
        return self._place.client

    @property
    def executor(self) -> WorkflowExecutor:
        """The SDK's executor of this server. Its waiting lets workflows run as ``run`` does."""
        return self._place.executor

    @property
    def is_emulator(self) -> bool:
        """False on a real cluster."""
        return self._place.is_emulator

    @property
    def budget(self) -> Budget:
        """How much may happen while the test waits: ``conductor.budget.iterations = 5_000``."""
        return self._place.budget

    @budget.setter
    def budget(self, budget: object) -> None:
        if not isinstance(budget, Budget):
            limits = ", ".join(f"conductor.budget.{limit.name}" for limit in fields(Budget))
            raise HarnessError(f"a budget has several limits, not {budget!r}: set one of {limits}")
        for limit in fields(Budget):
            setattr(self._place.budget, limit.name, getattr(budget, limit.name))

    @property
    def chooser(self) -> Chooser:
        """Who goes first among tasks that could all be worked on; ``conductor.chooser = Seeded(7)`` shuffles them."""
        return self._place.chooser

    @chooser.setter
    def chooser(self, chooser: Chooser) -> None:
        check_chooser(chooser)
        self._place.chooser = chooser

    # -- what there is to run ------------------------------------------------------------------------------------------
    def register(self, *definitions: Definition) -> Self:
        """Register workflows and tasks: ``ConductorWorkflow``, ``WorkflowDef``, ``TaskDef``, a dict (one with ``tasks``
        is a workflow), or the path of a JSON or YAML file with one of them or a list. What exists is replaced.

        An ``EventHandler`` (as a dict: with ``event``) and a ``WorkflowSchedule`` (with ``cronExpression``), too."""
        try:
            for definition in definitions:
                self._register(definition)
        except ConductorError as refused:
            raise refused.with_traceback(None) from None  # the way through the client tells the test's author nothing
        return self

    def _register(self, definition: Definition) -> None:
        if isinstance(definition, str | Path):
            self._register_file(Path(definition))
            return
        if isinstance(definition, Mapping):
            self._written.append(definition)
        if isinstance(definition, ConductorWorkflow):
            definition.validate()
            self._register_workflow(definition.to_dict())
        elif isinstance(definition, WorkflowDef) or (isinstance(definition, Mapping) and is_workflow(definition)):
            self._register_workflow(definition)
        elif isinstance(definition, EventHandler | WorkflowSchedule):
            self._register_start(definition)
        elif isinstance(definition, Mapping) and is_event_handler(definition):
            self._register_start(EventHandler.from_dict(definition))
        elif isinstance(definition, Mapping) and is_schedule(definition):
            self._register_start(WorkflowSchedule.from_dict(definition))
        elif isinstance(definition, TaskDef):
            self._register_task(definition)
        elif isinstance(definition, Mapping) and "name" in definition:
            refuse_misspelt_kind(definition, "register()")
            self._register_task(definition)
        else:
            raise HarnessError(
                f"register() takes a workflow (with `tasks`), a task definition (with `name`), or the path of a file "
                f"of them, not {definition!r}{'; call it' if callable(definition) else ''}"
            )

    def _register_task(self, definition: TaskDef | Mapping[str, Any]) -> None:
        try:
            self._place.unharmed.metadata.register_task(definition)
        except ConductorError as refused:
            for note in refused_values(str(refused), definition):
                refused.add_note(note)
            raise

    def _register_start(self, definition: EventHandler | WorkflowSchedule) -> None:
        """Something that starts workflows."""
        if isinstance(definition, WorkflowSchedule):
            self._place.unharmed.scheduler.save(definition)
            return
        handlers = self._place.unharmed.event_handlers
        exists = any(other.name == definition.name for other in handlers.list_all())
        (handlers.update if exists else handlers.create)(definition)

    def _register_workflow(self, definition: WorkflowDef | Mapping[str, Any]) -> None:
        try:
            self._place.unharmed.metadata.register_workflow(definition, overwrite=True)
        except ConductorError as refused:
            for note in (*misspelt_references(str(refused), definition), *readable_durations(str(refused))):
                refused.add_note(note)
            raise

    def _register_file(self, path: Path) -> None:
        for definition in definitions_in(read_document(path), str(path)):
            self._register(definition)

    def worker(
        self,
        task_type: str | Callable[..., Any] | WorkerDefinition,
        function: Callable[..., Any] | None = None,
        *,
        domain: str | None = None,
    ) -> Self:
        """A real worker, run in the test's own thread: ``worker("greet", greet)``, or ``worker(greet)`` if ``@worker``
        decorates it. A later one of the same type replaces it.

        `task_type`: the name that tasks have
        `function`: as for ``TaskRunner.start_worker``
        """
        self._place.workers.add(task_type, function, domain)
        return self

    def stub(self, name: str) -> Rule:
        """Stand in for whoever does the work of tasks of this type or reference name: ``stub("ship").returns({…})``."""
        return self._place.rules.add("stub", name)

    def task(self, name: str) -> Rule:
        """A fault for tasks of this type or reference name: ``task("charge").attempt(1).crash()``."""
        return self._place.rules.add("task", name)

    @property
    def faults(self) -> WireFaults:
        """Faults on the wire: ``conductor.faults.http(status=503, times=2)``. They hit ``client`` and ``executor``, and
        with ``conductor_server`` other programs, too."""
        self._place.check_faults()
        return self._place.faults

    def allow_unused(self) -> None:
        """Stubs and faults that no task met are no mistake in this test."""
        self._allow_unused = True

    def verify(self) -> None:
        """Raise ``UnusedRules`` for stubs and faults that no task met; the fixture does so after a test that passed."""
        problems = [] if self._allow_unused else [*unused(self._place), *self._place.faults.problems()]
        if problems:
            raise UnusedRules(
                "\n".join([*problems, "(.optional() allows it for one of them, conductor.allow_unused() for all)"])
            )

    # -- running -------------------------------------------------------------------------------------------------------
    def start(
        self,
        workflow: str | ConductorWorkflow | StartWorkflowRequest,
        input: Mapping[str, Any] | None = None,
        *,
        version: int | None = None,
        correlation_id: str | None = None,
        priority: int | None = None,
        task_to_domain: Mapping[str, str] | None = None,
    ) -> Run:
        """Start a workflow by its name (or one that need not be registered) without waiting for anything."""
        given = as_object(input, "a workflow's input")
        if isinstance(workflow, StartWorkflowRequest):
            request = workflow
        elif not isinstance(workflow, str | ConductorWorkflow | WorkflowDef):
            raise refuse_workflow(workflow)
        else:
            name = workflow if isinstance(workflow, str) else str(workflow.to_dict()["name"])
            request = StartWorkflowRequest(
                name=name,
                version=version,
                input=given,
                correlation_id=correlation_id,
                priority=priority,
                task_to_domain=None if task_to_domain is None else dict(task_to_domain),
                workflow_def=None if isinstance(workflow, str) else workflow.to_dict(),
            )
        try:
            workflow_id = self._place.unharmed.workflows.start(request)
        except ConductorError as refused:
            for note in self._about_refused_start(request.name, refused):
                refused.add_note(note)
            raise refused.with_traceback(None) from None
        self._steps.forget()
        return self.run_of(workflow_id)

    def _about_refused_start(self, name: str, refused: ConductorError) -> list[str]:
        if isinstance(refused, NotFound):
            return [registered_first(name) or self._registered_instead(name)]
        newest = [definition for definition in self._place.definitions() if definition.name == name][-1:]
        notes = [note for one in newest for note in unregistered(self._place, one, after_failure=False)]
        return [*notes, *readable_durations(str(refused))]

    def _registered_instead(self, name: str) -> str:
        there = self._place.workflow_names()
        near = nearest(name, (one.rpartition(" ")[0] for one in there))
        hint = f"did you mean `{near}`? " if near else ""
        return f"{hint}registered: {', '.join(there) or 'no workflow at all'}"

    def run(
        self,
        workflow: str | ConductorWorkflow | StartWorkflowRequest,
        input: Mapping[str, Any] | None = None,
        *,
        version: int | None = None,
        correlation_id: str | None = None,
        priority: int | None = None,
        task_to_domain: Mapping[str, str] | None = None,
    ) -> Run:
        """Start a workflow and let everything happen until it has ended, however it ends.

        Raises ``Stuck`` as soon as it can't end, with what it waits for.
        """
        run = self.start(
            workflow,
            input,
            version=version,
            correlation_id=correlation_id,
            priority=priority,
            task_to_domain=task_to_domain,
        )
        return self.wait_for(run)

    def run_of(self, workflow: str | Workflow | Run) -> Run:
        """The run of an execution that was started in another way, by its id.

        `workflow`: its id, or the SDK's model
        """
        workflow_id = workflow if isinstance(workflow, str) else _id_of(workflow)
        if len(workflow_id) != _LENGTH_OF_AN_ID and workflow_id not in self._runs:
            self._refuse_name(workflow_id)
        return self._runs.setdefault(workflow_id, Run(self._place, workflow_id))

    def _refuse_name(self, name: str) -> None:
        """A workflow's name is no execution's id."""
        if name in (one.rpartition(" ")[0] for one in self._place.workflow_names()):
            raise HarnessError(
                f"{name!r} is the name of a workflow, and a run is wanted, as conductor.start({name!r}) gives it, or "
                f"an execution's id; conductor.runs_of({name!r}) are the runs of that name"
            )

    def runs_of(self, name: str) -> list[Run]:
        """Every execution of a workflow, by its name, in the order of their starts, whoever has started them: the test,
        an event handler, a schedule, a START_WORKFLOW task, a failure, a parent.

        On a cluster they are this test's own. Nothing is waited for: ``run_until_idle()``, or
        ``wait_for(run, until=lambda run: conductor.runs_of("loyalty"))``, lets them begin. Raises ``HarnessError``
        where no such workflow is registered.

        `name`: the workflow's
        """
        if not isinstance(name, str):
            raise HarnessError(f"runs_of() takes a workflow's name, not {name!r}")
        found = self._place.executions_of(name)
        if not found and name not in (one.rpartition(" ")[0] for one in self._place.workflow_names()):
            raise HarnessError(f"no workflow {name!r} is registered; {self._registered_instead(name)}")
        return [self.run_of(one) for one in found]

    def wait_for(self, run: Run | str, until: Callable[[Run], object] | None = None) -> Run:
        """Let everything happen until the run has ended, or until this function of the run is true.

        What the function looks at may not be there yet: a task, a key of an output (its ``LookupError`` is no answer).
        Raises ``Stuck`` as soon as that can't come, with what ``until`` says.

        `until`: a function of the run
        """
        watched = self.run_of(run)
        self._steps.forget()
        if until is None:
            self._place.wait(lambda: self._place.is_ended(watched.id), watched.id, f"{THE_END} {watched.id}")
            return watched
        if not callable(until):
            raise HarnessError(f"wait_for(until=…) takes a function of the run, not {until!r}: until=lambda run: …")
        condition = Condition(until, watched)
        try:
            self._place.wait(condition.is_true, watched.id, condition.text)
        except Stuck as stuck:
            raise condition.never_came(stuck) from None
        return watched

    def run_until_idle(self, *, timeouts: bool = False) -> None:
        """Let everything happen that happens without anybody outside: workers, delays, waits. Time-outs that nobody
        prevents are left to come, unless ``timeouts`` says that they shall."""
        self._steps.forget()
        self._place.run_until_idle(timeouts=timeouts)

    @contextlib.contextmanager
    def in_background(self, *, timeouts: bool = False) -> Iterator[Self]:
        """Inside of this ``with`` everything happens in a thread of its own, while the test waits for something else: a
        program, a thread. Time-outs that nobody prevents are left to come, unless ``timeouts``."""
        stop = threading.Event()
        mistakes: list[BaseException] = []

        def go_on() -> None:
            try:
                self._place.go_on(stop, timeouts=timeouts)
            except BaseException as mistake:  # noqa: BLE001 - it is the test's
                mistakes.append(mistake)

        thread = threading.Thread(target=go_on, name="conductor-in-background")
        thread.start()
        try:
            yield self
        except BaseException as consequence:
            stop.set()
            thread.join()
            if mistakes:
                raise consequence from mistakes[0]
            raise
        finally:
            stop.set()
            thread.join()
        if mistakes:
            raise mistakes[0]

    def step(self) -> bool:
        """Let one thing happen: a task worked on, or the next timer, be it a schedule's. False if nothing can; with a
        schedule that never comes. Steps in a row have the ``budget`` of one wait."""
        mistake = self._steps.begin(self._place.now(), self.budget)
        if mistake is not None:
            raise self._about_endless_steps(mistake)
        happened = self._place.step()
        self._steps.end(self._place.now(), happened=happened)
        return happened

    def _about_endless_steps(self, endless: Endless) -> Endless:
        with contextlib.suppress(ConductorError):
            for schedule in self._place.unharmed.scheduler.list_all():
                endless.add_note(f"schedule `{schedule.name}` is due again and again")
        return endless

    def blockers(self, run: Run | str | None = None) -> list[str]:
        """What a run (or any that has not ended) waits for now, in words."""
        ids = self._place.open_workflows() if run is None else [self.run_of(run).id]
        return list(dict.fromkeys(sentence for one in ids for sentence in family_blockers(self._place, one)))

    def queue(self, task_type: str, *, domain: str | None = None) -> TaskQueue:
        """What waits for workers of a type: to look at (``peek``), to take by hand (``drain``), to lose (``clear``).

        `task_type`: the name that workers poll for
        """
        queue = TaskQueue(self._place, task_type, domain)
        self._queues.append(queue)
        return queue

    @property
    def runs(self) -> list[Run]:
        """The runs that this test has started or looked at."""
        return list(self._runs.values())

    # -- a hand in it --------------------------------------------------------------------------------------------------
    # None of these waits: ``wait_for(…)``, which takes what they give, lets the run go on.

    def pause(self, run: Run | str) -> Run:
        """Schedule nothing new until ``resume``."""
        watched = self.run_of(run)
        self._place.unharmed.workflows.pause(watched.id)
        return watched

    def resume(self, run: Run | str) -> Run:
        """Go on after ``pause``."""
        watched = self.run_of(run)
        self._place.unharmed.workflows.resume(watched.id)
        return watched

    def terminate(self, run: Run | str, reason: str | None = None) -> Run:
        """End a run as TERMINATED.

        `reason`: kept and shown
        """
        watched = self.run_of(run)
        self._place.unharmed.workflows.terminate(watched.id, reason)
        return watched

    def retry(self, run: Run | str, *, resume_subworkflow_tasks: bool = False) -> Run:
        """Schedule the failed task again; ``wait_for(conductor.retry(run))`` goes on to the end.

        `resume_subworkflow_tasks`: when a sub-workflow failed, go on inside of it, instead of starting it anew
        """
        watched = self.run_of(run)
        self._place.unharmed.workflows.retry(watched.id, resume_subworkflow_tasks=resume_subworkflow_tasks)
        return watched

    def restart(self, run: Run | str, *, use_latest_definitions: bool = False) -> Run:
        """Begin an ended run again; ``wait_for(conductor.restart(run))`` goes on to the end.

        `use_latest_definitions`: by the newest version of its definition, not by the one that it was started with
        """
        watched = self.run_of(run)
        self._place.unharmed.workflows.restart(watched.id, use_latest_definitions=use_latest_definitions)
        return watched

    def complete_task(self, run: Run | str, reference: str, output: Mapping[str, Any] | None = None) -> Run:
        """Complete an open task (a WAIT or HUMAN one) from outside. Raises ``HarnessError`` if there is none."""
        return self._update(run, reference, TaskStatus.COMPLETED, output)

    def fail_task(self, run: Run | str, reference: str, output: Mapping[str, Any] | None = None) -> Run:
        """Fail an open task from outside; its definition's retries apply."""
        return self._update(run, reference, TaskStatus.FAILED, output)

    def signal(self, run: Run | str, output: Mapping[str, Any] | None = None, *, status: str = "COMPLETED") -> Run:
        """Report for the WAIT that the run, or a sub-workflow of it, stands at. Raises ``HarnessError`` if there is
        none.

        `status`: as which the task ends
        """
        given = as_object(output, "the output that signal() gives a task")
        statuses = [str(one) for one in TaskStatus]
        if status not in statuses:
            hint = did_you_mean(str(status), statuses) or f"; there are {', '.join(statuses)}"
            raise HarnessError(f"signal(status={status!r}): no task has that status{hint}")
        watched = self.run_of(run)
        if not takes_signals(self._place, watched.id):
            stands = "; ".join(told_once(self.blockers(watched))) or "it has ended"
            raise HarnessError(f"{watched!r} stands at no WAIT that could be signalled: {stands}")
        self._place.unharmed.request("POST", f"/tasks/{watched.id}/{status}/signal", json=given)
        return watched

    def _update(self, run: Run | str, reference: str, status: TaskStatus, output: Mapping[str, Any] | None) -> Run:
        given = as_object(output, f"the output of task {reference!r}")
        if not isinstance(reference, str):
            raise HarnessError(f"a task is called by its reference name, not {reference!r}")
        watched = self.run_of(run)
        if self._place.unharmed.tasks.update_by_reference(watched.id, reference, status, given) is None:
            stands = "; ".join(told_once(self.blockers(watched))) or "it has ended"
            still_open = [task.reference for task in watched.tasks if not task.status.is_terminal]
            hint = did_you_mean(reference, still_open) or did_you_mean(reference, watched.path)
            raise HarnessError(f"{watched!r} has no open task `{reference}` to be {status}{hint}: {stands}")
        return watched

    # -- the end -------------------------------------------------------------------------------------------------------
    def report(self) -> str:
        """Everything about this test's runs that helps to see why it failed."""
        from conductor_pytest.report import report_of

        return report_of(self)

    def misspelt_fields(self) -> list[str]:
        """The fields of its definitions that are nearly called as one that a server reads, in words."""
        from conductor_pytest.misspelt_fields import misspelt_fields

        return [sentence for definition in self._written for sentence in misspelt_fields(definition)]

    def misdirected_queues(self) -> list[str]:
        """The queues that were looked into in vain, while what was looked for is elsewhere, in words."""
        return [told for queue in self._queues if (told := queue.misdirected())]

    def left_running(self) -> list[str]:
        """The runs that this test, or what it has registered, leaves behind before their end: what they wait for, and
        the event handlers and schedules that did nothing about it."""
        names = []
        for one in dict.fromkeys([*self._runs, *self._place.unasked_runs()]):
            with contextlib.suppress(ConductorError):  # removed by the test
                if not self._place.is_ended(one):
                    run = Run(self._place, one)
                    waits_for = told_once(family_blockers(self._place, one))
                    names.append(": ".join([f"{run.name} ({run.status})", *waits_for[:1]]))
        return [*names, *self._place.idle_starters()] if names else []

    @property
    def place(self) -> Place:
        """Where it runs: for what is built on the harness."""
        return self._place

    def close(self) -> None:
        """The test is over; on a cluster, what it has left there is removed."""
        give_back_alarm()
        self._place.close()

    def __repr__(self) -> str:
        return f"<Conductor {self._place.url}, {len(self._runs)} runs>"


def _new_engine(flavor: Literal["oss", "orkes"]) -> Place:
    from conductor_pytest.in_process import InProcess

    check_flavor(flavor)
    return InProcess(flavor=flavor)


def _id_of(run: Any) -> str:
    if isinstance(run, Run):
        return run.id
    if isinstance(run, Workflow):
        return run.workflow_id
    raise HarnessError(f"a run is wanted, as conductor.start(…) gives it, or an execution's id, not {shown(run)}")
