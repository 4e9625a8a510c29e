"""The engine behind a port: whom time waits for, and who is told what. Its words are tested in ``test_harness``."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from conductor_emulator.runtime.options import Options
from conductor_pytest import Conductor, ConductorServer
from conductor_pytest.errors import Endless, Stuck
from conductor_sdk import ApiClient, ServerError, StartWorkflowRequest, Task
from tests.pytest_plugin.definitions import simple, system, task_def, workflow

#: A worker in another process: fails so many times, then completes, and says so. It may be told to wait in between.
WORKER = """
import sys
from conductor_sdk import ApiClient

url, failures, waits = sys.argv[1], int(sys.argv[2]), sys.argv[3:] == ["wait"]
with ApiClient(url) as client:
    done = 0
    while done <= failures:
        for task in client.tasks.poll_batch("a", worker_id="elsewhere", timeout_ms=2000):
            print("taken", flush=True)
            if waits:
                sys.stdin.readline()
            status = "FAILED" if done < failures else "COMPLETED"
            client.tasks.update_by_reference(task.workflow_instance_id, "a_ref", status, {"by": "another process"})
            done += 1
"""
#: A program that starts a workflow and looks until it has ended.
PROGRAM = """
import sys
from conductor_sdk import ApiClient, StartWorkflowRequest

with ApiClient(sys.argv[1]) as client:
    workflow_id = client.workflows.start(StartWorkflowRequest(name="order"))
    while not (status := client.workflows.status(workflow_id).status).is_terminal:
        pass
    print(status, workflow_id)
"""
DAY = timedelta(days=1)


@pytest.fixture
def server() -> Iterator[ConductorServer]:
    made = ConductorServer()
    yield made
    made.close()


@pytest.fixture
def impatient() -> Iterator[ConductorServer]:
    """Nobody outside is expected."""
    made = ConductorServer(timeout=0.1)
    yield made
    made.close()


def elsewhere(program: str, server: ConductorServer, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, server.api_url, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def pause(duration: str, reference: str = "pause") -> dict[str, object]:
    return system("WAIT", reference, inputParameters={"duration": duration})


def test_a_month_with_a_worker_in_another_process(server: ConductorServer) -> None:
    server.register(
        task_def("a", retryCount=3, retryDelaySeconds=86_400), workflow(pause("26 days"), simple("a"), simple("b"))
    )
    server.stub("b").returns({"by": "stub"})
    with elsewhere(WORKER, server, "3") as process:
        run = server.run("order")
        assert process.communicate()[0].split() == ["taken"] * 4
    assert (run.status, run.elapsed) == ("COMPLETED", 29 * DAY)
    assert run.task("a").output == {"by": "another process"}
    assert [task.worker_id for task in run.attempts("a")] == ["elsewhere"] * 4


def test_time_is_never_skipped_while_a_remote_worker_holds_a_task(server: ConductorServer) -> None:
    fork = system("FORK_JOIN", "fork", forkTasks=[[simple("a")], [pause("1 day")]])
    server.register(workflow(fork, system("JOIN", "join", joinOn=["a_ref", "pause"])))
    began = server.clock.now
    with elsewhere(WORKER, server, "0", "wait") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        run = server.start("order")
        assert process.stdout.readline() == "taken\n"
        with server.in_background():
            for _ in range(20):
                assert server.client.workflows.status(run.id).status == "RUNNING"
            assert server.clock.now == began
            assert server.blockers(run)[0].startswith("task `a_ref` is in the hands of worker elsewhere; it times out")
            process.stdin.write("go on\n")
            process.stdin.flush()
            process.communicate()
        server.wait_for(run)
    assert run.elapsed == DAY


def test_a_program_is_waited_for_while_everything_goes_on_in_the_background(server: ConductorServer) -> None:
    server.register(task_def("a"), workflow(simple("a"), pause("30 days")))
    server.worker("a", lambda task: {})
    server.task("a").attempt(1).fails("not yet")
    with server.in_background(), elsewhere(PROGRAM, server) as process:
        status, workflow_id = process.communicate()[0].split()
    assert status == "COMPLETED"
    assert server.run_of(workflow_id).elapsed == 30 * DAY + timedelta(minutes=1)


def test_somebody_who_does_not_come_is_named(impatient: ConductorServer) -> None:
    impatient.register(workflow(simple("a"), timeoutSeconds=60, timeoutPolicy="TIME_OUT_WF"))
    began = impatient.clock.now
    with pytest.raises(
        Stuck,
        match=r"^nothing has come from outside for 0.1 s \(no client has polled for `a`.*\): task `a_ref` waits",
    ):
        impatient.run("order")
    assert impatient.clock.now == began


def test_a_worker_that_polls_for_another_type_is_named(impatient: ConductorServer) -> None:
    impatient.register(workflow(simple("charge")))
    run = impatient.start("order")
    with ApiClient(impatient.api_url) as client:
        client.tasks.poll("chrage", worker_id="host-1")
        with pytest.raises(
            Stuck, match=r"^nothing .* \(nobody polls for `charge`; polled were: `chrage` by worker host-1\): task"
        ):
            impatient.wait_for(run)
        client.tasks.poll("charge", worker_id="host-1", domain="eu")
        with pytest.raises(Stuck, match=r"polled were: `charge` in domain `eu` by worker host-1, `chrage` by worker"):
            impatient.wait_for(run)


def test_a_report_that_hits_no_task_is_told(impatient: ConductorServer) -> None:
    impatient.register(workflow(simple("charge")))
    run = impatient.start("order")
    with ApiClient(impatient.api_url) as client:
        client.tasks.update_by_reference(run.id, "chrage_ref", "COMPLETED", {})
    said = (
        f"report from outside in vain: POST /api/tasks/{run.id}/chrage_ref/COMPLETED → 200, with an empty body; "
        "workflow `order` has no task `chrage_ref`; did you mean `charge_ref`?"
    )
    with pytest.raises(Stuck) as stuck:
        impatient.wait_for(run)
    assert str(stuck.value).splitlines()[1] == said
    assert impatient.report().splitlines()[0] == said


def test_a_worker_that_never_answers_is_named_and_time_passes_by_hand(impatient: ConductorServer) -> None:
    impatient.register(task_def("a", retryCount=0), workflow(simple("a")))
    run = impatient.start("order")
    with ApiClient(impatient.api_url) as client:
        assert client.tasks.poll("a", worker_id="w1") is not None
    for wait in (lambda: impatient.wait_for(run), impatient.run_until_idle, impatient.step, impatient.clock.jump):
        with pytest.raises(Stuck, match="task `a_ref` is in the hands of worker w1; it times out in 10 min"):
            wait()
    impatient.clock.advance(timedelta(minutes=10))
    assert (run.status, run.task("a").status, run.elapsed) == ("TIMED_OUT", "TIMED_OUT", timedelta(minutes=10))


def test_tasks_of_other_runs_are_nobodys_business(impatient: ConductorServer) -> None:
    impatient.register(workflow(simple("a"), name="left"), workflow(pause("1 day")))
    impatient.start("left")
    assert impatient.run("order").elapsed == DAY


def test_a_sub_workflow_belongs_to_its_parent(impatient: ConductorServer) -> None:
    sub = system("SUB_WORKFLOW", "sub", subWorkflowParam={"name": "child"})
    fork = system("FORK_JOIN", "fork", forkTasks=[[sub], [pause("1 day")]])
    impatient.register(
        workflow(simple("a"), name="child"), workflow(fork, system("JOIN", "join", joinOn=["sub", "pause"]))
    )
    began = impatient.clock.now
    with pytest.raises(Stuck, match="nothing has come from outside"):
        impatient.run("order")
    assert impatient.clock.now == began


def test_a_person_may_come_from_outside(server: ConductorServer) -> None:
    server.register(workflow(system("HUMAN", "approve")))
    run = server.start("order")

    def approve() -> None:
        with ApiClient(server.api_url) as client:
            client.tasks.update_by_reference(run.id, "approve", "COMPLETED", {"by": "Ada"})

    person = threading.Timer(0.05, approve)
    person.start()
    assert server.wait_for(run).task("approve").output == {"by": "Ada"}
    person.join()


def test_what_the_server_does_beside_is_waited_for(server: ConductorServer) -> None:
    call = system("HTTP", "call", inputParameters={"uri": f"{server.url}/health", "method": "GET"})
    server.register(workflow(call, pause("1 day")))
    run = server.run("order")
    assert run.task("call").output["response"]["statusCode"] == 200
    assert run.elapsed == DAY


def test_an_error_on_the_servers_loop_comes_without_the_way_there(server: ConductorServer) -> None:
    server.register(task_def("a", retryCount=9), workflow(simple("a"))).stub("a").fails("no")
    server.budget.attempts = 3
    with pytest.raises(Endless) as told:
        server.run("order")
    assert "ask" not in {entry.name for entry in told.traceback}


def test_a_mistake_in_the_background_is_the_tests(server: ConductorServer) -> None:
    asked = threading.Event()

    def condition(task: Task) -> bool:
        asked.set()
        raise ZeroDivisionError("a mistake of the test")

    server.register(workflow(simple("a"))).stub("a").when(condition).returns({})
    server.start("order")
    with pytest.raises(ZeroDivisionError, match="a mistake of the test"), server.in_background():
        asked.wait(20)


def test_a_mistake_in_the_background_is_the_cause_of_what_fails_meanwhile(server: ConductorServer) -> None:
    asked = threading.Event()

    def condition(task: Task) -> bool:
        asked.set()
        raise ZeroDivisionError("a mistake of the test")

    def test() -> None:
        asked.wait(20)
        raise LookupError("a consequence")

    server.register(workflow(simple("a"))).stub("a").when(condition).returns({})
    server.start("order")
    with pytest.raises(LookupError, match="a consequence") as told, server.in_background():
        test()
    assert "a mistake of the test" in str(told.value.__cause__)


def test_time_outs_come_in_the_background_if_they_are_wanted(server: ConductorServer) -> None:
    server.register(task_def("a", retryCount=0), workflow(simple("a"))).task("a").crash()
    with server.in_background(timeouts=True), elsewhere(PROGRAM, server) as process:
        assert process.communicate()[0].split()[0] == "TIMED_OUT"


def test_requests_from_outside_are_among_the_last_ones(server: ConductorServer) -> None:
    server.register(workflow(simple("a"))).faults.http(status=503)
    with ApiClient(server.api_url) as client:
        with pytest.raises(ServerError):
            client.workflows.start(StartWorkflowRequest(name="order"))
        client.tasks.poll("a")
    requests, address = server.place.remarks()[-2:]
    assert requests.endswith("; POST /api/workflow → 503 (a fault)")
    assert address == f"the server is {server.url}"


def test_a_server_may_ask_for_a_token() -> None:
    made = ConductorServer(options=Options(auth_key="key", auth_secret="secret"))
    assert made.register(workflow(simple("a"))).client.metadata.get_workflow("order").name == "order"
    made.close()


def test_after_its_end_it_can_still_be_looked_at() -> None:
    made = ConductorServer()
    run = made.register(workflow(simple("a"))).start("order")
    made.close()
    [left] = made.left_running()
    assert (run.status, left.partition(": ")[0]) == ("RUNNING", "order (RUNNING)")


def test_servers_do_not_know_each_other(server: ConductorServer) -> None:
    other = ConductorServer()
    server.register(workflow(simple("a")))
    assert (other.url != server.url, other.client.metadata.list_workflows()) == (True, [])
    other.close()


def test_the_engine_in_process_goes_on_in_the_background_too() -> None:
    conductor = Conductor()
    conductor.register(workflow(simple("a"), pause("1 day"))).stub("a").returns({})
    run = conductor.start("order")
    with conductor.in_background():
        while run.status == "RUNNING":
            pass
    assert run.elapsed == DAY
