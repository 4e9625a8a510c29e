from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from conductor_emulator.runtime.options import Options
from conductor_pytest import Conductor, ConductorServer
from conductor_pytest.errors import HarnessError, UnusedRules
from conductor_pytest.wire import WireFault, WireFaults
from conductor_sdk import (
    ApiClient,
    BadRequest,
    RequestTimedOut,
    ServerError,
    StartWorkflowRequest,
    TransportError,
    Unauthorized,
)
from tests.pytest_plugin.definitions import simple, workflow

START = StartWorkflowRequest(name="order")


@pytest.fixture(params=["in process", "behind a port"])
def conductor(request: pytest.FixtureRequest) -> Iterator[Conductor]:
    made = Conductor() if request.param == "in process" else ConductorServer()
    made.register(workflow(simple("a")))
    yield made
    made.close()


@pytest.fixture
def program(conductor: Conductor) -> ApiClient:
    """The client of the code under test."""
    return ApiClient(conductor.api_url) if isinstance(conductor, ConductorServer) else conductor.client


def count(conductor: Conductor) -> int:
    return len(conductor.place.unharmed.workflows.running("order"))


def test_an_error_status_is_answered_so_many_times(conductor: Conductor, program: ApiClient) -> None:
    conductor.faults.http(status=503, times=2)
    for _ in range(2):
        with pytest.raises(ServerError, match="503: Service Unavailable"):
            program.workflows.start(START)
    assert count(conductor) == 0
    program.workflows.start(START)
    assert count(conductor) == 1
    conductor.verify()


def test_what_may_be_read_again_is_read_again(conductor: Conductor, program: ApiClient) -> None:
    conductor.faults.http(status=503, times=2)
    assert program.metadata.get_workflow("order").name == "order"
    conductor.verify()


@pytest.mark.parametrize(("after_effect", "started"), [(False, 0), (True, 1)])
def test_a_connection_is_reset(conductor: Conductor, program: ApiClient, after_effect: bool, started: int) -> None:
    conductor.faults.reset(after_effect=after_effect).on("POST", "/workflow")
    with pytest.raises(TransportError):
        program.workflows.start(START)
    assert count(conductor) == started
    program.workflows.start(START)
    assert count(conductor) == started + 1


def test_a_slow_answer_is_not_waited_for(conductor: Conductor, program: ApiClient) -> None:
    conductor.faults.slow(timedelta(seconds=0.3))
    with pytest.raises(RequestTimedOut):
        program.request("POST", "/workflow", json={"name": "order"}, timeout=0.1)
    end = time.monotonic() + 20  # the client may have given up before the server was there
    while not count(conductor) and time.monotonic() < end:
        pass
    assert count(conductor) == 1


def test_a_slow_answer_comes_in_the_end(conductor: Conductor, program: ApiClient) -> None:
    conductor.faults.slow(timedelta(milliseconds=50))
    assert program.workflows.start(START)


def test_slowness_takes_virtual_time() -> None:
    harness = Conductor()
    before = harness.clock.now
    harness.faults.slow(timedelta(seconds=20))
    harness.client.metadata.list_workflows()
    assert harness.clock.now - before == timedelta(seconds=20)


def test_the_harness_goes_past_the_faults(conductor: Conductor, program: ApiClient) -> None:
    conductor.faults.http(status=500, times=None)
    conductor.stub("a").returns({})
    assert conductor.run("order").status == "COMPLETED"
    with pytest.raises(ServerError):
        program.workflows.start(START)


def test_a_client_without_a_key_is_told_that_its_token_has_expired(conductor: Conductor, program: ApiClient) -> None:
    conductor.faults.expired_token()
    with pytest.raises(Unauthorized, match="expired"):
        program.workflows.start(START)


def test_a_client_with_a_key_gets_another_token() -> None:
    options = Options(auth_key="key", auth_secret="secret")
    server = ConductorServer(options=options)
    try:
        with ApiClient(server.api_url, "key", "secret") as client:
            server.faults.expired_token().on(path="/metadata/workflow")
            assert client.metadata.list_workflows() == []
        server.verify()
    finally:
        server.close()


def test_some_requests_go_through_first(conductor: Conductor, program: ApiClient) -> None:
    conductor.faults.http(status=400, message="no").on("post", "/work*").after(1)
    program.metadata.list_workflows()
    program.workflows.start(START)
    with pytest.raises(BadRequest, match="no"):
        program.workflows.start(START)


@pytest.mark.parametrize(
    ("on", "request_", "is_hit"),
    [
        (("", ""), ("GET", "/workflow/x"), True),
        (("POST", ""), ("GET", "/workflow/x"), False),
        (("get", "/workflow/*"), ("GET", "/workflow/x"), True),
        (("", "/workflow"), ("GET", "/workflow/x"), False),
        (("", "*/x"), ("GET", "/workflow/x"), True),
        (("", ""), ("POST", "/token"), False),
    ],
)
def test_which_requests_are_hit(on: tuple[str, str], request_: tuple[str, str], is_hit: bool) -> None:
    faults = WireFaults()
    fault = faults.http().on(*on)
    assert faults.hitting(*request_) is (fault if is_hit else None)


def test_a_fault_that_hits_nothing_is_a_mistake(harness: Conductor) -> None:
    harness.faults.reset(after_effect=True).on("POST", "/tasks")
    harness.faults.slow(timedelta(seconds=1)).optional()
    with pytest.raises(UnusedRules) as told:
        harness.verify()
    [line, _] = str(told.value).splitlines()
    assert line.startswith("faults.reset(after_effect=True).on('POST', '/tasks') (test_wire.py:")
    assert ") was never used: no such request came; register(), run() and the workers of the harness go past" in line


@pytest.mark.parametrize(
    ("say", "told"),
    [
        (lambda fault: fault.on("GET", "/metadata/workflows"), "came, the nearest is GET /metadata/workflow; register"),
        (lambda fault: fault.on("POST", "/work*").after(3), "2 such requests came and went through, and after(3)"),
        (lambda fault: fault.on("GET", "/meta*").after(2), "1 such request came and went through, and after(2)"),
    ],
    ids=["misspelt", "two too early", "too early"],
)
def test_a_fault_that_hit_nothing_is_told_of_what_came(
    conductor: Conductor, program: ApiClient, say: Callable[[WireFault], object], told: str
) -> None:
    say(conductor.faults.reset())
    program.metadata.list_workflows()
    for _ in range(2):
        program.workflows.start(START)
    with pytest.raises(UnusedRules, match=re.escape(told)):
        conductor.verify()


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda faults: faults.http(status=200), "give an error status"),
        (lambda faults: faults.http(times=0), "give 1 or more"),
        (lambda faults: faults.reset().on(path="workflow"), "begins with a slash"),
        (lambda faults: faults.slow("soon"), "takes a timedelta"),
        (lambda faults: faults.reset().on("GET", "/api/tasks/poll/x"), r"as they are below /api: '/tasks/poll/x'"),
        (
            lambda faults: faults.reset().on("/tasks*"),
            r"that is no method; a path goes behind it, on\(path='/tasks\*'\)",
        ),
        (lambda faults: faults.reset().on("FETCH"), "there are GET, POST"),
        (lambda faults: faults.reset().on("GET", 5), "begins with a slash"),
        (lambda faults: faults.reset().after("2"), "give a number of requests"),
        (lambda faults: faults.http(headers={"Retry-After": 2}), "names and texts"),
        (lambda faults: faults.http(message=5), "give a text"),
    ],
    ids=[
        *("no error", "never", "no path", "no time", "below api", "path first", "no method", "path is none"),
        *("no number", "no header", "no message"),
    ],
)
def test_what_can_be_no_fault_is_refused(call: object, complaint: str) -> None:
    assert callable(call)
    with pytest.raises(HarnessError, match=complaint):
        call(WireFaults())


def test_nobody_waits_longer_than_the_time_out_for_a_slow_answer() -> None:
    faults = WireFaults(longest=60)
    faults.slow(timedelta(seconds=60))
    with pytest.raises(HarnessError, match=r"slow\(2 min\) would take that long in real time here, .* is 1 min:"):
        faults.slow(timedelta(minutes=2))
