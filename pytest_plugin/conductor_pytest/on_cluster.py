"""A real server behind a URL: the same tests in real time, with the test's own names, cleaned up afterwards.

Workers and stubs of worker tasks run in the test's thread, which polls for them while the test waits. What only the
emulator can do (virtual time, faults, stubs of what the server does itself) skips the test and says so.
"""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, NoReturn

from conductor_pytest.assignment import Assignment, assign
from conductor_pytest.blockers import family_blockers, told_once, waiting_tasks
from conductor_pytest.budget import Budget
from conductor_pytest.chooser import Chooser, OldestFirst
from conductor_pytest.definitions import definition_of, put_back, remove
from conductor_pytest.driving import DrivingExecutor
from conductor_pytest.durations import span
from conductor_pytest.errors import Stuck, needs_emulator, shown_at_the_test
from conductor_pytest.own_names import computed_name, computed_workflow
from conductor_pytest.place import RunEvent, Server
from conductor_pytest.races import hasty_join
from conductor_pytest.renaming import RenamingTransport
from conductor_pytest.results import PATIENCE_MS, Results
from conductor_pytest.rules import RuleBook, Subject
from conductor_pytest.slowness import MORE_TIME, NotesSlowness
from conductor_pytest.starters import idle_starters
from conductor_pytest.system_tasks import SystemTasks
from conductor_pytest.timeline import Reader, timeline
from conductor_pytest.wire import WireFaults
from conductor_pytest.workers import WORKER_ID, Workers, perform
from conductor_sdk import (
    ApiClient,
    ConductorError,
    NotFound,
    Settings,
    Task,
    TaskResult,
    TransportResponse,
    Workflow,
    WorkflowDef,
    WorkflowExecutor,
    WorkflowStatus,
)
from conductor_sdk.settings import AUTH_KEY, AUTH_SECRET, DEFAULT_TIMEOUT
from conductor_sdk.transport import transport_for

__tracebackhide__ = shown_at_the_test

#: How often the test's thread looks again, in seconds.
_PAUSE = 0.02


class OnCluster:
    """One test's view of a server."""

    is_emulator = False

    def __init__(
        self,
        url: str,
        *,
        timeout: float,
        own_names: bool,
        environ: dict[str, str] | None = None,
    ) -> None:
        import os

        env = os.environ if environ is None else environ
        key, secret = env.get(AUTH_KEY) or None, env.get(AUTH_SECRET) or None
        settings = Settings(url, key, secret, timeout=max(timeout, DEFAULT_TIMEOUT))
        self.url = settings.server_url
        self.workers = Workers()
        self.rules = RuleBook()
        self.budget = Budget()
        self.chooser: Chooser = OldestFirst()
        self.auto_jump = True
        self._timeout = timeout
        self._suffix = f"_ct{uuid.uuid4().hex[:10]}" if own_names else ""
        self._registered: dict[tuple[str, str, int], None] = {}
        #: what stood in a definition's place before the test wrote it
        self._before: dict[tuple[str, str, int], dict[str, Any]] = {}
        self._started: dict[str, None] = {}
        #: of definitions that the test has written, started by the server or by another program
        self._of_others: dict[str, None] = {}
        #: when a workflow whose name others may use was first written here, by the server's clock
        self._since: dict[tuple[str, int], int] = {}
        #: executions of such names that were not started by the test itself: whether they are younger than that
        self._is_younger: dict[str, bool] = {}
        #: tasks that no poll has given, once: their names are right
        self._looked_at: set[str] = set()
        #: what was asked for to start them, and the rules that were held against it
        self._requested: list[dict[str, Any]] = []
        self._rules_checked: tuple[int, int] = (0, 0)
        inner = NotesSlowness(transport_for(settings))
        #: for names as the server knows them
        self._plain = ApiClient(settings, transport=inner)
        self.client = self.unharmed = ApiClient(settings, transport=RenamingTransport(inner, self._suffix, self))
        self.executor: WorkflowExecutor = DrivingExecutor(self.client, self)
        self.faults = WireFaults()
        self._results = Results(self.unharmed)

    def writing(self, kind: str, name: str, version: int) -> None:
        """A definition is about to be written or deleted through the client: what is there is to be put back."""
        key = kind, name, version
        if self._suffix or key in self._registered:
            return  # under a name of the test's own nothing was there
        found = definition_of(self._plain, kind, name, version)
        if found is not None:
            self._before[key] = found

    def registered(self, kind: str, name: str, version: int) -> None:
        """A definition was written or deleted through the client: all is to be as it was."""
        self._registered[kind, name, version] = None
        if kind == "workflow" and not self._suffix and (name, version) not in self._since:
            written = definition_of(self._plain, kind, name, version) or {}
            times = [written.get(key) or 0 for key in ("createTime", "updateTime")]
            self._since[name, version] = max(times) or self.now()

    def starting(self, request: dict[str, Any]) -> None:
        """An execution is about to be started through the client: what it would do cannot be stubbed here."""
        self._requested.append(request)
        self._check_rules([request])

    def started(self, workflow_id: str) -> None:
        """An execution was started through the client: it is to be removed."""
        self._started[workflow_id] = None

    def meanwhile(self, send: Callable[[], TransportResponse]) -> TransportResponse:
        """Send a request that waits for an execution, and let what the test has started go on until it is answered.

        An execution that the request itself starts is seen only under a name of the test's own.
        """
        with ThreadPoolExecutor(1, thread_name_prefix="conductor-waits") as pool:
            answer = pool.submit(send)
            while not answer.done():
                if not self._work(None):
                    wait([answer], _PAUSE)
            return answer.result()

    # -- what there is -------------------------------------------------------------------------------------------------
    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def read(self, workflow_id: str) -> Workflow:
        return self.unharmed.workflows.get(workflow_id)

    def status(self, workflow_id: str) -> str:
        return self.unharmed.workflows.status(workflow_id).status

    def is_ended(self, workflow_id: str) -> bool:
        return self.unharmed.workflows.status(workflow_id).status.is_terminal

    def logs(self, task_id: str) -> list[str]:
        return [line.log for line in self.unharmed.tasks.logs(task_id)]

    def events(self, workflow_id: str) -> list[RunEvent]:
        needs_emulator("a real server does not tell the events of a run")

    def queued(self, task_type: str, domain: str | None) -> list[tuple[str, str]]:
        return [
            (one, task.task_id)
            for one in self._started
            for task in self.read(one).tasks
            if (task.task_type, task.domain or None, task.status) == (task_type, domain or None, "SCHEDULED")
            and not self.due_in(task)
        ]

    def clear_queue(self, task_type: str, domain: str | None) -> int:
        needs_emulator("a real server loses no task")

    def check_faults(self) -> None:
        needs_emulator("faults on the wire are made by its server")

    def open_workflows(self) -> Sequence[str]:
        return [i for i in self._started if not self.read(i).status.is_terminal]

    def server_of(self, task: Task) -> Server:
        assignment = self._assigned(task)
        if assignment is None:
            return ""
        return "stub" if assignment.is_stub else "worker"

    def kept_back(self, task: Task) -> str:
        try:
            limit = self.unharmed.metadata.get_task(task.task_def_name).concurrent_exec_limit or 0
        except NotFound:
            return ""
        if not limit:
            return ""
        tasks = [other for one in self._started for other in self.read(one).tasks]
        held = sum(other.task_def_name == task.task_def_name and other.status == "IN_PROGRESS" for other in tasks)
        if held < limit:
            return ""
        return f"{held} of `{task.task_def_name}` are in workers' hands, and concurrentExecLimit is {limit}"

    def is_lost(self, task: Task) -> bool:
        return False

    def cannot_go_on(self, workflow_id: str) -> str:
        return ""

    def workflow_names(self) -> list[str]:
        return sorted(
            f"{name.removesuffix(self._suffix)} v{version}"
            for kind, name, version in self._registered
            if kind == "workflow"
        )

    def definitions(self) -> list[WorkflowDef]:
        found = []
        for kind, name, version in self._registered:
            with contextlib.suppress(ConductorError):  # deleted meanwhile
                if kind == "workflow":
                    found.append(self.unharmed.metadata.get_workflow(name.removesuffix(self._suffix), version))
        return found

    def idle_starters(self) -> list[str]:
        own = {(kind, name.removesuffix(self._suffix)) for kind, name, _ in self._registered}
        if not any(kind in ("event handler", "schedule") for kind, _ in own):
            return []
        return idle_starters(self.unharmed, self.now(), lambda kind, name: (kind, name) in own)

    def unasked_runs(self) -> Sequence[str]:
        return list(dict.fromkeys([*self._started, *self._of_others]))

    def executions_of(self, name: str) -> Sequence[str]:
        known = [*self._started, *self._started_by_others(), *self._of_others, *self._ended()]
        pending = list(dict.fromkeys(known))
        found: dict[str, int] = {}
        for workflow_id in pending:
            with contextlib.suppress(NotFound):  # removed by the test
                workflow = self.read(workflow_id)
                pending += [child for child in _children(workflow) if child not in pending]
                if workflow.workflow_name == name:
                    found[workflow_id] = workflow.create_time
        return sorted(found, key=found.__getitem__)

    def due_in(self, task: Task) -> int | None:
        if not task.callback_after_seconds or task.callback_after_seconds >= 2**31 - 1:
            return None
        since = task.update_time or task.scheduled_time
        return max(0, since + task.callback_after_seconds * 1000 - self.now())

    def is_held(self, task: Task) -> str:
        return self._results.held.get(task.task_id, "")

    def remarks(self) -> list[str]:
        return [f"on {self.url}" + (f", where names end in {self._suffix}" if self._suffix else "")]

    def page(self, workflow_id: str, address: Callable[[str], str]) -> str | None:
        return None

    # -- waiting -------------------------------------------------------------------------------------------------------
    def wait(self, done: Callable[[], bool], workflow_id: str | None, waited_for: str) -> None:
        if self.rules.revision != self._rules_checked:
            self._check_rules(self._requested)
        end = time.monotonic() + self._timeout
        while not done():
            if time.monotonic() > end:
                self._skip_for_what_a_server_does(workflow_id)
                raise Stuck(self._why(waited_for, workflow_id))
            if self._work(workflow_id):
                continue
            self._skip_for_long_delays(workflow_id)
            time.sleep(_PAUSE)
        self._skip_for_what_a_server_does(workflow_id)

    def run_until_idle(self, *, timeouts: bool) -> None:
        needs_emulator("a real server does not tell when it is idle; wait_for(run, until=…) works on both")

    def go_on(self, stop: threading.Event, *, timeouts: bool) -> None:
        while not stop.is_set():
            if not self._work(None):
                stop.wait(_PAUSE)

    def step(self) -> bool:
        needs_emulator("a real server does not go step by step")

    def advance(self, milliseconds: int) -> None:
        needs_emulator("time on a real server cannot be moved")

    def jump(self) -> int | None:
        needs_emulator("time on a real server cannot be moved")

    def _why(self, waited_for: str, workflow_id: str | None) -> str:
        text = f"after {span(self._timeout * 1000)} still waiting for {waited_for}"
        if workflow_id is None:
            return f"{text}\n{MORE_TIME}"
        blockers = "; ".join(told_once(family_blockers(self, workflow_id)))
        text = f"{text}: {blockers}" if blockers else f"{text}, which has not come"
        text = "\n".join([text, *self.idle_starters(), MORE_TIME])
        return f"{text}\n\n{timeline(self.read(workflow_id), self.now(), Reader(self.read))}"

    def _skip_for_long_delays(self, workflow_id: str | None) -> None:
        """Nobody waits a minute for a retry: what is due so late is a test for virtual time."""
        ids = list(self._started) if workflow_id is None else [workflow_id]
        for one in ids:
            dues: list[tuple[int, str]] = []
            for task in waiting_tasks(self.read, one):
                due = self.due_in(task)
                if due is None or due <= PATIENCE_MS:
                    break
                dues.append((due, task.reference_task_name))
            else:
                if dues:
                    due, name = min(dues)
                    needs_emulator(f"task `{name}` goes on in {span(_in_seconds(due))}, which takes no time only there")

    def _skip_for_what_a_server_does(self, workflow_id: str | None) -> None:
        """A run that does not complete may owe it to a name that is nobody's there, or to chance."""
        if workflow_id is None or self.status(workflow_id) == WorkflowStatus.COMPLETED:
            return
        workflow = self._plain.workflows.get(workflow_id)
        if self._suffix:
            self._skip_for_computed_names(workflow)
        self._skip_for_races(workflow)

    def _skip_for_computed_names(self, workflow: Workflow) -> None:
        """``workflow`` is as the server knows it. It computes a name, and that is nobody's there."""
        for task in workflow.tasks:
            self._skip_for_computed_name(task)
        own = [name.removesuffix(self._suffix) for name, _ in self._own_workflows()]
        if name := computed_workflow(workflow.reason_for_incompletion, own):
            self._needs_names(f"workflow `{name}` is started", name)

    def _skip_for_races(self, workflow: Workflow) -> None:
        """It has failed by chance, or one of its sub-workflows has."""
        if found := hasty_join(workflow):
            join, attempt = (task.reference_task_name.replace(self._suffix, "") for task in found)
            needs_emulator(
                f"JOIN `{join}` has failed with an attempt of `{attempt}` that was to be retried: a race of the server"
            )
        for task in workflow.tasks:
            if task.sub_workflow_id and task.status == "FAILED":
                self._skip_for_races(self.read(task.sub_workflow_id))

    def _skip_for_computed_name(self, task: Task) -> None:
        """``task`` is as the server knows it."""
        if name := computed_name(task, self._suffix):
            self._needs_names(f"task `{task.reference_task_name.replace(self._suffix, '')}` is for `{name}`", name)

    def _needs_names(self, what: str, name: str) -> NoReturn:
        needs_emulator(
            f"{what} by a name that the workflow computes, and names on a server are the test's own "
            f"(`{name}{self._suffix}`): let the workflow's input, a worker's output, or plain text in a script give it"
        )

    def _check_rules(self, requests: Sequence[dict[str, Any]]) -> None:
        """Skip for stubs and faults of what the server itself does: it would do it all the same."""
        self._rules_checked = self.rules.revision
        if not self.rules.rules:
            return
        for request in requests:
            for task in SystemTasks(self.unharmed).of(request):
                rule = next((rule for rule in self.rules.rules if rule.target in task.names), None)
                if rule is not None:
                    does = "is a fault of" if rule.is_fault else "stands in for"
                    needs_emulator(f"{rule.name} {does} {_article(task.type)} {task.type} task")

    # -- working -------------------------------------------------------------------------------------------------------
    def _work(self, workflow_id: str | None) -> bool:
        """Take and do one of the tasks that wait, if there is one for which there is a worker or a stub."""
        if self._results.send_due():
            return True
        seen: set[str] = set()
        awaited = [] if workflow_id is None else [workflow_id]
        return self._work_on([*awaited, *self._started], seen) or self._work_on(self._started_by_others(), seen)

    def _work_on(self, workflow_ids: Iterable[str], seen: set[str]) -> bool:
        """The same for these executions and their sub-workflows, unless they have been ``seen``."""
        pending = [one for one in dict.fromkeys(workflow_ids) if one not in seen]
        seen.update(pending)
        while pending:
            workflow = self._open(pending.pop(0))
            for task in () if workflow is None else workflow.tasks:
                child = task.sub_workflow_id
                if child and child not in seen and not task.status.is_terminal:
                    seen.add(child)
                    pending.append(child)
                if task.status == "SCHEDULED" and not task.status.is_terminal and self._assigned(task) is not None:
                    taken = self.unharmed.tasks.poll(task.task_type, worker_id=WORKER_ID, domain=task.domain)
                    if taken is not None:
                        self._deliver(taken)
                        return True
                    if self._suffix and task.task_id not in self._looked_at:
                        self._looked_at.add(task.task_id)
                        self._skip_for_computed_name(self._plain.tasks.get(task.task_id))
        return False

    def _open(self, workflow_id: str) -> Workflow | None:
        try:
            workflow = self.read(workflow_id)
        except NotFound:
            return None  # removed by the test
        return None if workflow.status.is_terminal else workflow

    def _assigned(self, task: Task) -> Assignment | None:
        return assign(self.workers, self.rules, task.task_type, task.domain, lambda: Subject.of(task))

    def _deliver(self, task: Task) -> None:
        assignment = self._assigned(task)
        if assignment is None:
            return  # another task of this type; it will be offered again after its response time-out
        match = assignment.match
        match.use()
        if match.silence is not None:
            needs_emulator(f"{match.answer}: what comes after it is a time-out")
        work = assignment.work(task.task_type)

        def result() -> TaskResult:
            performed = match.check(perform(work, task, self.budget.work), task)
            performed.worker_id = performed.worker_id or WORKER_ID
            return performed

        self._results.send(result(), match.manner, result)

    # -- the end -------------------------------------------------------------------------------------------------------
    def close(self) -> None:
        """Leave nothing of the test: what starts executions, these, definitions. What cannot be removed stays.

        Definitions that were there before the test are put back as they were.
        """
        starts = [one for one in self._registered if one[0] in ("event handler", "schedule")]
        for one in starts:
            self._undo(one)
        pending = list(dict.fromkeys([*self._started, *self._started_by_others(), *self._of_others, *self._ended()]))
        for workflow_id in pending:
            with contextlib.suppress(ConductorError):
                workflow = self.read(workflow_id)
                pending += [child for child in _children(workflow) if child not in pending]
                if not workflow.status.is_terminal:
                    self.unharmed.workflows.terminate(workflow_id, "the test is over")
                self.unharmed.workflows.remove(workflow_id, archive=False)
        for one in self._registered:
            if one not in starts:
                self._undo(one)
        self.client.close()

    def _undo(self, definition: tuple[str, str, int]) -> None:
        """Put back what was there before the test, or remove what only the test has made."""
        with contextlib.suppress(ConductorError):
            if definition in self._before:
                put_back(self._plain, definition[0], self._before[definition])
            else:
                remove(self._plain, *definition)

    def _started_by_others(self) -> Iterator[str]:
        """What failures, events, schedules and other programs have started of the test's workflows, and runs still."""
        for name, version in self._own_workflows():
            with contextlib.suppress(ConductorError):
                for workflow_id in self._plain.workflows.running(name, version):
                    if self._is_of_this_test(workflow_id):
                        self._of_others[workflow_id] = None
                        yield workflow_id

    def _own_workflows(self) -> list[tuple[str, int]]:
        """Name and version of the workflows that the test has registered, as the server knows them."""
        return [(name, version) for kind, name, version in self._registered if kind == "workflow"]

    def _ended(self) -> Iterator[str]:
        """What has run of the test's workflows, as far as the server's index knows of it."""
        for name in dict(self._own_workflows()):
            with contextlib.suppress(ConductorError):
                found = self._plain.workflows.search(f"workflowType='{name}'", sort="startTime:DESC")
                yield from (one.workflow_id for one in found.results if self._is_of_this_test(one.workflow_id))

    def _is_of_this_test(self, workflow_id: str) -> bool:
        """An execution of one of its workflows that began when it had written the definition: under a name of the
        test's own each of them; under one that others may use, none that was there before."""
        if self._suffix or workflow_id in self._started:
            return True
        known = self._is_younger.get(workflow_id)
        if known is None:
            workflow = self.read(workflow_id)
            since = self._since.get((workflow.workflow_name, workflow.workflow_version))
            known = self._is_younger[workflow_id] = since is not None and workflow.create_time >= since
        return known


def _children(workflow: Workflow) -> list[str]:
    """The executions that its tasks have started: sub-workflows, and those of START_WORKFLOW tasks."""
    begun = [
        task.output_data.get("workflowId") if task.task_type == "START_WORKFLOW" else task.sub_workflow_id
        for task in workflow.tasks
    ]
    return [one for one in begun if isinstance(one, str) and one]


def _article(task_type: str) -> str:
    """As the type is read: an HTTP task, an INLINE task, a WAIT task."""
    return "an" if task_type[0] in "AEIO" or task_type.startswith(("HTTP", "LLM")) else "a"


def _in_seconds(milliseconds: int) -> int:
    return round(milliseconds / 1000) * 1000
