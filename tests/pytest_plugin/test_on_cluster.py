from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from _pytest.outcomes import Skipped

from conductor_emulator.server.serving import BackgroundServer
from conductor_pytest import Conductor, Rule
from conductor_pytest.blockers import waiting_tasks
from conductor_pytest.errors import HarnessError, Stuck
from conductor_pytest.on_cluster import OnCluster
from conductor_sdk import ApiClient, NotFound, StartWorkflowRequest, Task, TaskStatus, Workflow
from conductor_sdk.events import Event, ResultReported
from tests.pytest_plugin.definitions import simple, system, task_def, workflow

HTTP = system("HTTP", "call", inputParameters={"uri": "http://127.0.0.1:1/"})


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundServer]:
    with BackgroundServer() as running:
        yield running


@pytest.fixture
def place(server: BackgroundServer) -> Iterator[OnCluster]:
    made = OnCluster(server.url, timeout=20, own_names=True)
    yield made
    made.close()


@pytest.fixture
def conductor(place: OnCluster) -> Conductor:
    return Conductor(place)


def test_names_are_the_tests_own(server: BackgroundServer, place: OnCluster, conductor: Conductor) -> None:
    conductor.register(workflow(simple("a")))
    [name] = {definition.name or "" for definition in server.runtime.metadata.workflow_defs()}
    assert name.startswith("order_ct")
    assert place.workflow_names() == ["order v1"]


def test_nothing_is_left_behind(server: BackgroundServer) -> None:
    place = OnCluster(server.url, timeout=20, own_names=True)
    conductor = Conductor(place)
    sub = system("SUB_WORKFLOW", "sub", subWorkflowParam={"name": "child"})
    conductor.register(task_def("a"), workflow(simple("a"), name="child"), workflow(sub))
    assert conductor.start("order").task("sub").sub_run.status == "RUNNING"
    place.close()
    metadata = server.runtime.metadata
    assert (metadata.workflow_defs(), metadata.task_defs(), len(server.runtime.store)) == ([], [], 0)


def test_what_another_program_starts_is_not_left_running() -> None:
    """Under names as they are written: all that began when the test had registered it, and nothing older."""
    start = {"startWorkflow": {"name": "child", "version": 1}}
    begins = system("START_WORKFLOW", "begin", inputParameters=start)
    with BackgroundServer() as server, ApiClient(server.url) as others:
        others.metadata.register_workflow(workflow(simple("a"), name="child"))
        others.metadata.register_workflow(workflow(simple("a"), name="order"))
        older = others.workflows.start(StartWorkflowRequest(name="order"))
        conductor = Conductor(OnCluster(server.url, timeout=20, own_names=False))
        conductor.register(task_def("b"), workflow(begins, simple("b")))
        assert conductor.runs_of("order") == []
        order = conductor.run_of(others.workflows.start(StartWorkflowRequest(name="order")))
        conductor.worker("b", lambda task: {"by": "worker"})
        assert conductor.wait_for(order).task("b").output == {"by": "worker"}
        conductor.wait_for(order, until=lambda run: run.task("begin").output["workflowId"])
        assert conductor.runs_of("order") == [order]
        conductor.close()
        assert [execution.workflow_id for execution in server.runtime.store] == [older]
        assert others.workflows.status(older).status == "RUNNING"


def test_what_was_there_before_is_put_back() -> None:
    actions = [{"action": "start_workflow", "start_workflow": {"name": "kept"}}]
    handler = {"name": "points", "event": "conductor:order:shipped", "active": True, "actions": actions}
    schedule = {"name": "daily", "cronExpression": "0 0 3 * * *", "startWorkflowRequest": {"name": "kept"}}
    with BackgroundServer() as server, ApiClient(server.url) as others:
        others.metadata.register_task(task_def("kept", retryCount=7))
        others.metadata.register_workflow(workflow(simple("kept"), name="kept"))
        others.request("POST", "/event", json=handler)
        others.request("POST", "/scheduler/schedules", json=schedule)
        conductor = Conductor(OnCluster(server.url, timeout=20, own_names=False))
        conductor.register(task_def("kept", retryCount=0), workflow(simple("a"), simple("b"), name="kept"))
        conductor.register(task_def("kept", retryCount=1), {**workflow(simple("a"), name="kept"), "version": 2})
        conductor.register({**handler, "event": "conductor:order:billed"})
        conductor.register({**schedule, "cronExpression": "0 0 4 * * *"})
        conductor.register(task_def("new"))
        conductor.client.metadata.delete_workflow("kept", 1)
        conductor.client.event_handlers.delete("points")
        conductor.close()
        assert [(task.name, task.retry_count) for task in others.metadata.list_tasks()] == [("kept", 7)]
        [kept] = others.metadata.list_workflows()
        assert (kept.version, [task["name"] for task in kept.to_dict()["tasks"]]) == (1, ["kept"])
        assert [one.event for one in others.event_handlers.list_all()] == ["conductor:order:shipped"]
        assert others.request("GET", "/scheduler/schedules/daily")["cronExpression"] == "0 0 3 * * *"


def test_what_never_rests_is_not_waited_for_longer(server: BackgroundServer) -> None:
    conductor = Conductor(OnCluster(server.url, timeout=0.5, own_names=True))
    loop = system("DO_WHILE", "loop", loopCondition="true", loopOver=[simple("a")])
    conductor.register(task_def("a"), workflow(loop)).worker("a", lambda task: {})
    with pytest.raises(Stuck, match=r"^after 0\.5 s still waiting for the end of run ") as told:
        conductor.run("order")
    assert "\n--conductor-timeout SECONDS gives it longer\n" in str(told.value)
    conductor.close()


def test_all_that_the_test_has_started_goes_on(conductor: Conductor) -> None:
    child = {"startWorkflow": {"name": "child", "version": 1}}
    conductor.register(
        task_def("a"),
        workflow(simple("a"), name="child"),
        workflow(system("START_WORKFLOW", "start", inputParameters=child), system("HUMAN", "approve")),
        workflow(simple("a"), name="other"),
    )
    conductor.worker("a", lambda task: {})
    order, other = conductor.start("order"), conductor.start("other")
    conductor.wait_for(order, until=lambda run: other.status == "COMPLETED")
    started = conductor.run_of(order.task("start").output["workflowId"])
    conductor.wait_for(order, until=lambda run: started.status == "COMPLETED")
    assert order.status == "RUNNING"


def test_what_has_no_blocker_is_said_without_one(server: BackgroundServer) -> None:
    conductor = Conductor(OnCluster(server.url, timeout=0.1, own_names=True))
    conductor.register(task_def("a"), workflow(simple("a"))).worker("a", lambda task: {})
    run = conductor.run_of(conductor.client.workflows.start(StartWorkflowRequest(name="order")))
    conductor.terminate(run)
    with pytest.raises(Stuck, match=r"^after 0\.1 s still waiting for `.*`, which has not come\n"):
        conductor.wait_for(run, until=lambda run: run.status == "COMPLETED")
    conductor.close()


def test_a_start_that_waits_is_served_and_removed(server: BackgroundServer) -> None:
    conductor = Conductor(OnCluster(server.url, timeout=20, own_names=True))
    conductor.register(task_def("a"), workflow(simple("a"))).worker("a", lambda task: {})
    request = StartWorkflowRequest(name="order", version=1)
    done = conductor.client.workflows.execute(request, wait_for_seconds=10)
    assert done.status == "COMPLETED"
    conductor.close()
    assert len(server.runtime.store) == 0


def test_the_executor_lets_workflows_run(conductor: Conductor) -> None:
    """Nobody but the test's own thread serves the tasks."""
    conductor.register(workflow(simple("a"), outputParameters={"said": "${a_ref.output.said}"}))
    conductor.worker("a", lambda task: {"said": "hello"})
    executor = conductor.executor
    assert executor.run("order", timeout=10).output == {"said": "hello"}
    started = executor.start("order")
    assert executor.monitor_execution(started).result(timeout=10).status == "COMPLETED"
    with pytest.raises(NotFound):
        executor.monitor_execution("nobody").result(timeout=10)


def test_a_signal_that_waits_lets_workers_work(conductor: Conductor) -> None:
    conductor.register(workflow(system("WAIT", "wait"), simple("a"), system("HUMAN", "approve")))
    conductor.worker("a", lambda task: {"by": "worker"})
    run = conductor.start("order")
    conductor.executor.signal_sync(run.id)
    assert run.task("a").output == {"by": "worker"}


def test_a_server_needs_nothing_that_the_emulator_needs() -> None:
    """The test's own side of a cluster is at home where the emulator's own dependencies are not installed."""
    program = """
import sys
sys.modules.update(dict.fromkeys(("orjson", "starlette", "uvicorn", "uvloop", "httptools", "quickjs"), None))
from conductor_pytest import Conductor, Rule
from conductor_pytest.kinds import kind_of
from conductor_pytest.on_cluster import OnCluster
assert kind_of("WAIT") and not kind_of("charge")
Conductor(OnCluster("http://127.0.0.1:1/api", timeout=1, own_names=True)).worker("a", print).stub("b").returns({})
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_workers_and_stubs_serve(conductor: Conductor) -> None:
    conductor.register(task_def("a", retryDelaySeconds=0), workflow(simple("a"), simple("b")))
    conductor.worker("a", lambda task: {"by": "worker"})
    conductor.task("a").attempt(1).fails("no")
    conductor.stub("b_ref").returns({"by": "stub"}).duplicate()
    run = conductor.run("order")
    assert [run.task(name).output for name in "ab"] == [{"by": "worker"}, {"by": "stub"}]


@pytest.mark.parametrize(
    ("say", "reason"),
    [
        (lambda c: c.stub("call").returns({}), r"stub\('call'\) stands in for an HTTP task"),
        (lambda c: c.stub("HTTP").returns({}), r"stub\('HTTP'\) stands in for an HTTP task"),
        (lambda c: c.task("call").fails(), r"task\('call'\) is a fault of an HTTP task"),
    ],
    ids=["by reference", "by type", "a fault"],
)
def test_what_the_server_does_is_not_stubbed(conductor: Conductor, say: object, reason: str) -> None:
    assert callable(say)
    conductor.register(workflow(simple("a"), HTTP))
    started = conductor.start("order")
    say(conductor)
    with pytest.raises(Skipped, match=f"needs the emulator: {reason}"):
        conductor.wait_for(started)
    with pytest.raises(Skipped, match=f"needs the emulator: {reason}"):
        conductor.start("order")
    assert conductor.runs == [started]


def test_a_stub_of_another_task_does_no_harm(conductor: Conductor) -> None:
    conductor.register(workflow(simple("a"), {**HTTP, "optional": True})).stub("a").returns({})
    assert conductor.start("order").status == "RUNNING"


@pytest.mark.parametrize(
    ("say", "reason"),
    [
        (lambda c: c.stub("a").never_answers(), "is in the hands|never_answers"),
        (lambda c: c.stub("a").returns({}).late(), "late"),
        (lambda c: c.stub("a").returns({}).delay(timedelta(minutes=1)), "delay"),
    ],
    ids=["silence", "late", "a long delay"],
)
def test_what_takes_virtual_time_is_skipped(conductor: Conductor, say: object, reason: str) -> None:
    assert callable(say)
    say(conductor)
    with pytest.raises(Skipped, match=f"needs the emulator: .*{reason}"):
        conductor.register(task_def("a"), workflow(simple("a"))).run("order")


@pytest.mark.parametrize(
    ("say", "reports"),
    [
        (lambda rule: rule, 1),
        (lambda rule: rule.duplicate(), 2),
        (lambda rule: rule.lose_response(), 2),
        (lambda rule: rule.lose_request(), 1),
        (lambda rule: rule.delay(timedelta(milliseconds=50)), 1),
    ],
    ids=["at once", "duplicate", "lose response", "lose request", "delay"],
)
def test_results_arrive_as_the_test_says(
    conductor: Conductor, place: OnCluster, say: Callable[[Rule], Rule], reports: int
) -> None:
    told: list[Event] = []
    place.unharmed.events.subscribe(told.append)
    conductor.register(workflow(simple("a"), system("HUMAN", "approve")))
    say(conductor.stub("a").returns({"by": "stub"}))
    run = conductor.start("order")
    conductor.wait_for(run, until=lambda _: len([one for one in told if isinstance(one, ResultReported)]) == reports)
    assert (run.task("a").output, run.task("a").status) == ({"by": "stub"}, "COMPLETED")


def test_who_waits_for_a_result_hears_of_it(server: BackgroundServer) -> None:
    conductor = Conductor(OnCluster(server.url, timeout=0.5, own_names=True))
    conductor.register(workflow(simple("a"))).stub("a").returns({}).delay(timedelta(seconds=10))
    with pytest.raises(Stuck, match="task `a_ref` is being worked on for 10 s"):
        conductor.run("order")
    conductor.close()


def test_a_delay_that_nobody_waits_for_is_skipped(conductor: Conductor) -> None:
    conductor.register(task_def("a", retryDelaySeconds=3600), workflow(simple("a"))).stub("a").fails()
    with pytest.raises(Skipped, match=r"task `a_ref` goes on in (1 h|59 min)"):
        conductor.run("order")


JOINED = (
    system("FORK_JOIN", "fork", forkTasks=[[simple("a"), simple("c")], [simple("b")]]),
    system("JOIN", "join", joinOn=["c_ref", "b_ref"]),
)
AROUND = {
    "fork": JOINED,
    "loop": (system("DO_WHILE", "loop", loopCondition="false", loopOver=[*JOINED]),),
    "sub-workflow": (
        system("SUB_WORKFLOW", "sub", subWorkflowParam={"name": "child", "workflowDefinition": workflow(*JOINED)}),
    ),
    "switch": (
        system(
            "SWITCH",
            "switch",
            evaluatorType="value-param",
            expression="x",
            inputParameters={"x": "fork"},
            decisionCases={"fork": [*JOINED]},
        ),
    ),
}


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_what_waits_for_such_a_delay_waits_as_long(conductor: Conductor, around: tuple[dict[str, Any], ...]) -> None:
    conductor.register(task_def("a", retryDelaySeconds=3600), workflow(*around)).stub("a").fails()
    conductor.stub("b").returns({})
    with pytest.raises(Skipped, match=r"task `a_ref(__1)?` goes on in (1 h|59 min)"):
        conductor.run("order")


def open_task(kind: str, reference: str, status: str = "IN_PROGRESS", **fields: Any) -> Task:
    return Task(task_type=kind, reference_task_name=reference, status=TaskStatus(status), **fields)


@pytest.mark.parametrize(
    ("tasks", "waiting"),
    [
        ([open_task("JOIN", "j", input_data={"joinOn": ["a"]}), open_task("a", "a")], ["a"]),
        ([open_task("JOIN", "j", input_data={"joinOn": ["a"]}), open_task("a", "a", "COMPLETED")], ["j"]),
        ([open_task("DO_WHILE", "l", iteration=1), open_task("a", "a__1", iteration=1)], ["a__1"]),
        ([open_task("DO_WHILE", "l", iteration=1), open_task("a", "a__1", "COMPLETED", iteration=1)], ["l"]),
        ([open_task("SUB_WORKFLOW", "s")], ["s"]),
    ],
    ids=["join", "join that goes on", "loop", "loop that goes on", "child to start"],
)
def test_what_goes_on_by_itself_waits_for_nobody(tasks: list[Task], waiting: list[str]) -> None:
    found = waiting_tasks(lambda _: Workflow(tasks=tasks), "")
    assert [task.reference_task_name for task in found] == waiting


def test_a_reached_limit_is_a_blocker(conductor: Conductor) -> None:
    conductor.register(task_def("a", concurrentExecLimit=1), workflow(simple("a"))).worker("a", lambda task: {})
    runs = [conductor.start("order") for _ in range(2)]
    ready = "task `a_ref` is ready for its worker"
    assert [conductor.blockers(run) for run in runs] == [[ready], [ready]]
    taken = conductor.client.tasks.poll("a")
    assert taken is not None
    [waiting] = [run for run in runs if run.id != taken.workflow_instance_id]
    assert conductor.blockers(waiting) == [
        "task `a_ref` waits for its worker: 1 of `a` are in workers' hands, and concurrentExecLimit is 1"
    ]


@pytest.mark.parametrize(
    "call",
    [
        lambda place: place.advance(1),
        lambda place: place.jump(),
        lambda place: place.step(),
        lambda place: place.run_until_idle(timeouts=False),
        lambda place: place.events("x"),
    ],
    ids=["advance", "jump", "step", "run until idle", "events"],
)
def test_what_a_server_cannot_do(place: OnCluster, call: object) -> None:
    assert callable(call)
    with pytest.raises(Skipped, match="needs the emulator"):
        call(place)


FORK = system(
    "FORK_JOIN_DYNAMIC",
    "fork",
    dynamicForkTasksParam="tasks",
    dynamicForkTasksInputParamName="inputs",
    inputParameters={"tasks": "${workflow.input.tasks}", "inputs": "${workflow.input.inputs}"},
)
BRANCHES = [{"name": "a", "taskReferenceName": name, "type": "SIMPLE"} for name in ("a1", "a2")]


@pytest.fixture
def forking(conductor: Conductor) -> Conductor:
    conductor.register(task_def("a", retryCount=0))
    return conductor.worker("a", lambda task: {"sent": task.input_data["to"]})


def script(expression: str) -> dict[str, Any]:
    """A task ``make`` that gives what the script does."""
    return system("INLINE", "make", inputParameters={"evaluatorType": "javascript", "expression": expression})


def made_by(source: dict[str, Any]) -> dict[str, Any]:
    """A workflow whose fork is made of what a task gives."""
    inputs = {"tasks": "${make.output.result}", "inputs": "${workflow.input.inputs}"}
    return workflow(source, {**FORK, "inputParameters": inputs}, system("JOIN", "join"))


@pytest.mark.parametrize(
    ("definition", "tasks"),
    [
        (workflow(FORK, system("JOIN", "join")), BRANCHES),
        (made_by(simple("make", "make")), None),
        (
            made_by(script("['a1', 'a2'].map(r => ({name: 'a', taskReferenceName: r, type: 'SIMPLE'}))")),
            None,
        ),
    ],
    ids=["input", "a worker's output", "a script"],
)
def test_a_dynamic_fork_makes_tasks_of_the_tests_own(
    forking: Conductor, definition: dict[str, Any], tasks: list[dict[str, Any]] | None
) -> None:
    forking.register(definition).worker("make", lambda task: {"result": BRANCHES})
    run = forking.run("order", {"tasks": tasks, "inputs": {"a1": {"to": "Ada"}, "a2": {"to": "Bob"}}})
    assert run.status == "COMPLETED"
    assert run.task("join").output == {"a1": {"sent": "Ada"}, "a2": {"sent": "Bob"}}
    assert run.task("a1").type == "a"


def test_a_dynamic_task_is_the_tests_own(forking: Conductor) -> None:
    named = {"run": "${workflow.input.channel}", "to": "Ada"}
    forking.register(workflow(system("DYNAMIC", "send", dynamicTaskNameParam="run", inputParameters=named)))
    assert forking.run("order", {"channel": "a"}).task("send").output == {"sent": "Ada"}


def test_a_sub_workflow_by_an_expression_is_the_tests_own(forking: Conductor) -> None:
    sub = system("SUB_WORKFLOW", "sub", subWorkflowParam={"name": "${workflow.input.flow}", "version": 1})
    forking.register(workflow(simple("a", inputParameters={"to": "Ada"}), name="child"), workflow(sub))
    assert forking.run("order", {"flow": "child"}).task("sub").sub_run.name == "child"


def of_one_task(name: str) -> dict[str, Any]:
    """A workflow that forks this task for each element of a list, and refers to the branches."""
    inputs = {"forkTaskName": name, "forkTaskInputs": [{"to": "Ada"}, {"to": "Bob"}]}
    return workflow(
        system("FORK_JOIN_DYNAMIC", "fork", inputParameters=inputs),
        system("JOIN", "join"),
        outputParameters={"first": "${_a_0.output.sent}", "second": "${join.output._a_1.sent}"},
    )


@pytest.mark.parametrize("name", ["a", "${workflow.input.what}"])
def test_branches_of_one_task_are_referred_to(forking: Conductor, name: str) -> None:
    run = forking.register(of_one_task(name)).run("order", {"what": "a"})
    assert run.output == {"first": "Ada", "second": "Bob"}
    assert run.path == ["fork", "_a_0", "_a_1", "join"]


@pytest.mark.parametrize("name", ["a", "${workflow.input.what}"])
def test_branches_of_one_task_are_completed_from_outside(conductor: Conductor, name: str) -> None:
    run = conductor.register(task_def("a"), of_one_task(name)).start("order", {"what": "a"})
    for branch in ("_a_0", "_a_1"):
        conductor.complete_task(run, branch, {"sent": branch})
    with pytest.raises(HarnessError, match="has no open task `_a_2`"):
        conductor.complete_task(run, "_a_2")
    assert conductor.wait_for(run).output == {"first": "_a_0", "second": "_a_1"}


def test_a_type_of_the_workers_own_is_the_tests_own(conductor: Conductor) -> None:
    conductor.register(workflow({**simple("a"), "type": "my_type"})).worker("my_type", lambda task: {"by": "worker"})
    assert conductor.run("order").output == {"by": "worker"}


def test_a_workflow_that_is_started_as_the_input_says_is_the_tests_own(conductor: Conductor) -> None:
    wanted = {"name": "child", "version": 1, "input": {"to": "Ada"}, "correlationId": "c1"}
    start = system("START_WORKFLOW", "start", inputParameters={"startWorkflow": "${workflow.input.request}"})
    conductor.register(workflow(system("HUMAN", "approve"), name="child"), workflow(start))
    started = conductor.run("order", {"request": wanted}).task("start").output["workflowId"]
    child = conductor.client.workflows.get(started)
    assert (child.workflow_name, child.input, child.correlation_id) == ("child", {"to": "Ada"}, "c1")


def test_a_name_that_a_script_computes_is_skipped_and_says_what_to_do(forking: Conductor) -> None:
    forking.register(made_by(script("[{name: ['a'][0], taskReferenceName: 'a1', type: 'SIMPLE'}]")))
    says = (
        r"needs the emulator: task `a1` is for `a` by a name that the workflow computes, and names on a server are the "
    )
    with pytest.raises(Skipped, match=says):
        forking.run("order", {"inputs": {"a1": {"to": "Ada"}}})


def test_a_sub_workflow_that_a_script_names_is_skipped(forking: Conductor) -> None:
    branch = "{name: 'x', taskReferenceName: 's1', type: 'SUB_WORKFLOW', subWorkflowParam: {name: ['child'][0]}}"
    forking.register(workflow(simple("a"), name="child"), made_by(script(f"[{branch}]")))
    with pytest.raises(
        Skipped, match="needs the emulator: workflow `child` is started by a name that the workflow computes"
    ):
        forking.run("order", {"inputs": {}})


def test_a_status_is_asked_for_without_the_tasks(
    place: OnCluster, conductor: Conductor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = conductor.register(workflow(system("HUMAN", "approve"))).start("order")
    with monkeypatch.context() as patched:
        patched.setattr(place, "read", lambda _id: pytest.fail("the whole execution is read"))
        assert (run.status == "RUNNING", run.status.is_terminal) == (True, False)


def test_a_run_that_has_failed_by_chance_is_skipped(
    place: OnCluster, conductor: Conductor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run is one of a sub-workflow's, as a server has shown it."""
    attempt = {"referenceTaskName": "r1", "taskType": "a", "status": "FAILED", "retried": True}
    canceled = {**attempt, "status": "CANCELED", "retried": False, "retryCount": 1}
    join = {"referenceTaskName": "join", "taskType": "JOIN", "status": "FAILED"}
    hasty = Workflow.from_dict({"workflowId": "child", "status": "FAILED", "tasks": [attempt, join, canceled]})
    sub = {"referenceTaskName": "sub", "taskType": "SUB_WORKFLOW", "status": "FAILED", "subWorkflowId": "child"}
    parent = Workflow.from_dict({"workflowId": "parent", "status": "FAILED", "tasks": [sub]})
    run = conductor.register(workflow(simple("a"))).start("order")
    conductor.terminate(run)
    monkeypatch.setattr(place._plain.workflows, "get", lambda _id: parent)
    monkeypatch.setattr(place, "read", lambda _id: hasty)
    with pytest.raises(Skipped, match="JOIN `join` has failed with an attempt of `r1` that was to be retried"):
        conductor.wait_for(run)
