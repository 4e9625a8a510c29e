"""The engine behind a real port, for programs in other processes or languages, in virtual time as in the test's own.

The server's event loop owns the runtime; what the harness does with it is done there. Time passes while the test
waits, and never over the work of somebody outside: not while a task is in the hands of another program's worker, waits
in a queue that one polls, or is for one to take before the awaited run can go on. All that is waited for in real time.
"""

from __future__ import annotations

from conductor_emulator.engine.execution import Execution
from conductor_emulator.engine.flavors import FlavorName
from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.options import Options
from conductor_emulator.server.serving import BackgroundServer
from conductor_pytest.driving import DrivingExecutor
from conductor_pytest.durations import span
from conductor_pytest.errors import Stuck, shown_at_the_test
from conductor_pytest.given import check_flavor
from conductor_pytest.harness import Conductor
from conductor_pytest.in_process import Engine, InProcess
from conductor_pytest.on_cluster import OnCluster
from conductor_pytest.outsiders import in_vain, polled_instead, said_of
from conductor_pytest.owner import OnItsLoop
from conductor_pytest.wire import WireFaults
from conductor_pytest.wire_server import Answered, FaultyApplication
from conductor_pytest.workers import WORKER_ID
from conductor_sdk import ApiClient

__tracebackhide__ = shown_at_the_test

#: Reports from outside that have hit no task: the last ones.
_IN_VAIN_TOLD = 5


class Served(InProcess):
    """An engine that others reach through a port. ``timeout``: how long (s) nothing may come from them."""

    def __init__(self, options: Options | None = None, *, timeout: float = 60.0) -> None:
        faults = WireFaults(longest=timeout)
        self._server = BackgroundServer(
            options or Options(seed=0),
            VirtualClock(),
            around=lambda app: FaultyApplication(app, faults, self._asked_from_outside, self._answered),
        )
        self._timeout = timeout
        #: reports from outside that have hit no task, in words
        self._in_vain: dict[str, None] = {}
        super().__init__(engine=Engine(self._server.runtime, self._server.api, OnItsLoop(self._server.driver)))
        self.faults = faults
        self.url = self._server.url
        self.client = ApiClient(self.url, self.runtime.options.auth_key, self.runtime.options.auth_secret)
        self.executor = DrivingExecutor(self.client, self)
        self._server.start()

    def remarks(self) -> list[str]:
        return [*self._told_in_vain(), *super().remarks(), f"the server is {self.url}"]

    def jump(self) -> int | None:
        while self._outsiders_go_on(None):
            self.advance(0)
        return super().jump()

    def close(self) -> None:
        self.client.close()
        self._server.stop()

    def _asked_from_outside(self) -> None:
        """On the event loop, before a request of a program is carried out."""
        self._stand_in.begin_wait()

    def _answered(self, answered: Answered) -> None:
        """On the event loop, when it has been."""
        self._recent.append(said_of(answered))
        if sentence := in_vain(answered, self.runtime.store.find):
            self._in_vain[sentence] = None

    # -- those outside -------------------------------------------------------------------------------------------------
    def _is_anybody_at_it(self, workflow_id: str | None) -> bool:
        return self._alone(lambda: self._is_at_work_outside() or self._is_to_be_taken_outside(workflow_id))

    def _is_at_work_outside(self) -> bool:
        """Somebody else's worker holds a task, or the server does slow work beside."""
        runtime = self.runtime
        held = [found for task_id in runtime.held if (found := runtime.find_task(task_id)) is not None]
        return bool(runtime.beside) or any(task.worker_id != WORKER_ID for _, task in held)

    def _is_to_be_taken_outside(self, workflow_id: str | None) -> bool:
        """A task waits that nobody here takes, in a queue that others poll, or for the awaited run to go on."""
        runtime = self.runtime
        awaited = None if workflow_id is None else self._root(runtime.store.find(workflow_id))
        for queue in runtime.queues.sizes():
            for message in runtime.queues.ready(queue):
                found = runtime.find_task(message.task_id)
                if found is None or self._deliveries.assigned(*found) is not None:
                    continue
                execution, task = found
                polls = [poll for poll in runtime.poll_data.of(task.task_type) if poll.domain == task.domain]
                if any(poll.worker_id != WORKER_ID for poll in polls):
                    return True
                if awaited is not None and self._root(execution) == awaited:
                    return True
        return False

    def _root(self, execution: Execution | None) -> str | None:
        """The id of the outermost of an execution's parents."""
        parent = execution
        while parent is not None:
            execution, parent = parent, self.runtime.store.find(parent.parent_workflow_id or "")
        return None if execution is None else execution.workflow_id

    def _outsiders_go_on(self, workflow_id: str | None) -> bool:
        seen = self._changes
        if not self._is_anybody_at_it(workflow_id):
            return False
        if not self._wait_for_change(seen, self._timeout):
            silence = f"nothing has come from outside for {span(self._timeout * 1000)}"
            instead = self._alone(self._polled_instead)
            raise Stuck(self._why(f"{silence} ({instead})" if instead else silence, workflow_id))
        return True

    def _polled_instead(self) -> str:
        queues = [(task.task_type, task.domain) for task in self._deliveries.unserved()]
        return polled_instead(queues, self.runtime.poll_data.all())

    def _causes(self) -> list[str]:
        return [*self._told_in_vain(), *super()._causes()]

    def _told_in_vain(self) -> list[str]:
        return list(self._in_vain)[-_IN_VAIN_TOLD:]

    def _outsiders_come(self, seen: int) -> bool:
        return self._wait_for_change(seen, self._timeout)


class ConductorServer(Conductor):
    """A harness whose server has a port: the same words, and others may use it, too.

    ``ConductorServer()`` starts an emulator; with a URL it is that server, in real time and with names as they are
    written (other programs know no others), so that it is one test's at a time. It is cleaned up but not stopped.
    ``timeout``: how long (s) others may take.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        timeout: float = 60.0,
        options: Options | None = None,
        flavor: FlavorName = "oss",
    ) -> None:
        check_flavor(flavor)
        options = options or Options(seed=0, flavor=flavor)
        super().__init__(
            Served(options, timeout=timeout) if url is None else OnCluster(url, timeout=timeout, own_names=False)
        )

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return self.place.url

    @property
    def api_url(self) -> str:
        """The same with ``/api``: what CONDUCTOR_SERVER_URL is to be."""
        return f"{self.url}/api"
