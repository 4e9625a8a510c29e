"""The engine behind a real port, for programs in other processes or languages, in virtual time as in the test's own.

The server's event loop owns the runtime; what the harness does with it is done there. Time passes while the test
waits, and never over the work of somebody outside: not while a task is in the hands of another program's worker, waits
in a queue that one polls, or is for one to take before the awaited run can go on. All that is waited for in real time.
"""

from __future__ import annotations

from conductor_emulator.engine.execution import Execution, TaskRun
from conductor_emulator.engine.flavors import FlavorName
from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.options import Options
from conductor_emulator.server.serving import BackgroundServer
from conductor_pytest.driving import DrivingExecutor
from conductor_pytest.errors import shown_at_the_test
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

    _elsewhere = "worker in another program"

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
    def _is_alone(self) -> bool:
        return False

    def _is_taken_outside(self, task: TaskRun) -> bool:
        return task.worker_id != WORKER_ID

    def _is_polled_outside(self, task_type: str, domain: str | None) -> bool:
        polls = [poll for poll in self.runtime.poll_data.of(task_type) if poll.domain == domain]
        return any(poll.worker_id != WORKER_ID for poll in polls)

    def _may_be_polled_yet(self, execution: Execution, awaited: str | None) -> bool:
        """A program that starts late comes for the awaited run."""
        return awaited is not None and self._root(execution) == self._root(self.runtime.store.find(awaited))

    def _root(self, execution: Execution | None) -> str | None:
        """The id of the outermost of an execution's parents."""
        parent = execution
        while parent is not None:
            execution, parent = parent, self.runtime.store.find(parent.parent_workflow_id or "")
        return None if execution is None else execution.workflow_id

    def _longest_silence(self) -> float:
        return self._timeout

    def _silence(self, how_long: str) -> str:
        silence = f"nothing has come from outside for {how_long}"
        instead = self._alone(self._polled_instead)
        return f"{silence} ({instead})" if instead else silence

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
