from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conductor_pytest import Budget, Conductor, ConductorServer, Seeded
from conductor_pytest.errors import Endless, HarnessError, Stuck
from conductor_sdk import (
    ConductorWorkflow,
    EventHandler,
    InProgress,
    NotFound,
    SimpleTask,
    StartWorkflowRequest,
    Task,
    TaskDef,
    WorkflowDef,
    WorkflowFailed,
    WorkflowSchedule,
    worker,
)
from tests.pytest_plugin.definitions import simple, system, task_def, workflow

#: What the fixtures are: the same words in this thread and behind a port.
PLACES: dict[str, Callable[[], Conductor]] = {
    "in process": Conductor,
    "behind a port": ConductorServer,
}


@pytest.fixture(params=PLACES)
def harness(request: pytest.FixtureRequest) -> Iterator[Conductor]:
    made = PLACES[request.param]()
    yield made
    made.close()


@pytest.fixture(params=PLACES)
def impatient(request: pytest.FixtureRequest) -> Iterator[Conductor]:
    """Whoever is outside is not waited for: for tests that expect to be stuck."""
    made = ConductorServer(timeout=0.1) if PLACES[request.param] is ConductorServer else Conductor()
    yield made
    made.close()


@pytest.fixture
def in_process() -> Conductor:
    return Conductor()


HUMAN = workflow(system("HUMAN", "approve"), simple("ship"))
FORK = workflow(
    system("FORK_JOIN", "fork", forkTasks=[[simple("a")], [simple("b")], [simple("c")]]),
    system("JOIN", "join", joinOn=["a_ref", "b_ref", "c_ref"]),
)


@worker("greet")
def greet(name: str) -> dict[str, str]:
    return {"greetings": f"Hello, {name}"}


GREETINGS = workflow(simple("greet", inputParameters={"name": "${workflow.input.name}"}), name="greetings")


# What can be registered.


@pytest.mark.parametrize(
    "definition",
    [
        workflow(simple("charge")),
        WorkflowDef.from_dict(workflow(simple("charge"))),
        ConductorWorkflow().name("order").version(1).add(SimpleTask("charge", "charge_ref")),
    ],
    ids=["dict", "model", "builder"],
)
def test_a_workflow_is_registered(harness: Conductor, definition: Any) -> None:
    harness.register(definition)
    assert harness.client.metadata.get_workflow("order").name == "order"


def test_what_starts_workflows_is_registered_and_replaced(harness: Conductor) -> None:
    harness.register(workflow(simple("charge")), workflow(system("EVENT", "told", sink="conductor"), name="tell"))
    action = {"action": "start_workflow", "start_workflow": {"name": "order"}}
    handler = {"name": "on_told", "event": "conductor:tell:other", "actions": [action], "active": True}
    schedule = {"name": "daily", "cronExpression": "0 0 8 * * *", "startWorkflowRequest": {"name": "order"}}
    harness.register(handler, schedule)
    harness.register(EventHandler.from_dict({**handler, "event": "conductor:tell:told"}))
    harness.register(WorkflowSchedule.from_dict({**schedule, "cronExpression": "0 0 9 * * *"}))
    harness.stub("charge").returns({})
    harness.run("tell")
    harness.run_until_idle()
    harness.clock.advance(timedelta(hours=10))
    started = harness.client.workflows.search(query="workflowType = 'order'").results
    assert len(started) == 2
    assert [one.cron_expression for one in harness.client.scheduler.list_all()] == ["0 0 9 * * *"]


@pytest.mark.parametrize("definition", [{"name": "charge", "retryCount": 7}, TaskDef("charge", retry_count=7)])
def test_a_task_is_registered(harness: Conductor, definition: Any) -> None:
    harness.register(definition)
    assert harness.client.metadata.get_task("charge").retry_count == 7


@pytest.mark.parametrize("wrap", [lambda found: found, lambda found: found[0]], ids=["a list", "one"])
def test_a_file_is_registered(harness: Conductor, tmp_path: Path, wrap: Any) -> None:
    path = tmp_path / "order.json"
    path.write_text(json.dumps(wrap([workflow(simple("charge")), task_def("charge")])))
    harness.register(path)
    harness.register(str(path))
    assert harness.client.metadata.get_workflow("order").name == "order"


@pytest.mark.parametrize(
    ("content", "complaint"), [(None, "No such file"), ("{", "not JSON"), ("[3]", "expected definitions")]
)
def test_a_file_that_is_none_is_named(harness: Conductor, tmp_path: Path, content: str | None, complaint: str) -> None:
    path = tmp_path / "order.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(HarnessError, match=complaint) as told:
        harness.register(path)
    assert "order.json" in str(told.value)


@pytest.mark.parametrize("nothing", [3, {}, {"version": 1}])
def test_what_is_no_definition_is_refused(harness: Conductor, nothing: Any) -> None:
    with pytest.raises(HarnessError, match="takes a workflow"):
        harness.register(nothing)


def test_registering_again_replaces(harness: Conductor) -> None:
    harness.register(workflow(simple("a")), workflow(simple("b")))
    assert harness.client.metadata.get_workflow("order").tasks[0].name == "b"


# Workers.


@pytest.mark.parametrize("how", [("greet", greet), (greet,), ("greet", lambda task: greet(task.input_data["name"]))])
def test_a_worker_is_run(harness: Conductor, how: tuple[Any, ...]) -> None:
    run = harness.register(GREETINGS).worker(*how).run("greetings", {"name": "Ada"})
    assert run.task("greet").output == {"greetings": "Hello, Ada"}


def test_an_async_worker_is_run(harness: Conductor) -> None:
    async def slow(task: Task) -> dict[str, int]:
        return {"n": 1}

    assert harness.register(GREETINGS).worker("greet", slow).run("greetings").task("greet").output == {"n": 1}


@pytest.mark.parametrize(
    ("how", "complaint"), [((lambda: 1,), "is not decorated with @worker"), (("greet",), "lacks the function")]
)
def test_what_is_no_worker_is_refused(harness: Conductor, how: tuple[Any, ...], complaint: str) -> None:
    with pytest.raises(HarnessError, match=complaint):
        harness.worker(*how)


def test_a_worker_that_has_not_finished_is_called_again(harness: Conductor) -> None:
    def build(task: Task) -> Any:
        return {"built": True} if task.poll_count > 2 else InProgress(callback_after=300)

    run = harness.register(workflow(simple("build"))).worker("build", build).run("order")
    assert (run.status, run.elapsed, run.task("build").poll_count) == ("COMPLETED", timedelta(minutes=10), 3)


def test_a_worker_of_a_domain_serves_its_domain(harness: Conductor) -> None:
    harness.register(
        workflow(simple("a"), system("WAIT", "pause", inputParameters={"duration": "1 hour"}), simple("b"))
    )
    harness.worker("a", lambda task: {"by": "domain"}, domain="blue")
    harness.worker("a", lambda task: {"by": "all"})
    harness.worker("b", lambda task: {"by": "domain"}, domain="blue")
    run = harness.run("order", task_to_domain={"*": "blue, NO_DOMAIN"})
    assert [run.task(name).output for name in ("a", "b")] == [{"by": "domain"}, {"by": "domain"}]


def test_a_worker_may_use_the_client(harness: Conductor) -> None:
    harness.register(GREETINGS, workflow(simple("ask"))).worker(greet)

    def ask(task: Task) -> dict[str, Any]:
        return {"answer": harness.run("greetings", {"name": "Bob"}).task("greet").output}

    run = harness.worker("ask", ask).run("order")
    assert run.task("ask").output == {"answer": {"greetings": "Hello, Bob"}}


def test_a_worker_that_exits_fails_its_task(harness: Conductor) -> None:
    def leave(task: Task) -> None:
        raise SystemExit("gone")

    run = harness.register(workflow(simple("a"))).worker("a", leave).run("order")
    assert (run.attempts("a")[0].status, run.attempts("a")[0].reason) == ("FAILED", "gone")


def test_an_output_that_is_not_json_fails_the_task(harness: Conductor) -> None:
    run = harness.register(GREETINGS).worker("greet", lambda task: {"at": object()}).run("greetings")
    assert run.task("greet").status == "FAILED_WITH_TERMINAL_ERROR"
    assert "returned what cannot be sent" in (run.task("greet").reason or "")


# Who goes first.


def order_of(conductor: Conductor) -> list[str]:
    taken: list[str] = []
    conductor.register(FORK)
    for name in "abc":
        conductor.worker(name, lambda task: taken.append(task.task_type))
    conductor.run("order")
    return taken


def test_the_oldest_task_goes_first(harness: Conductor) -> None:
    assert order_of(harness) == ["a", "b", "c"]


def test_a_seed_gives_an_order_of_its_own_again_and_again() -> None:
    orders = []
    for seed in [*range(8)] * 2:
        conductor = Conductor()
        conductor.chooser = Seeded(seed)
        orders.append(tuple(order_of(conductor)))
    assert orders[:8] == orders[8:]
    assert len(set(orders)) > 1


# Waiting.


def test_a_run_that_cannot_end_fails_at_once(in_process: Conductor) -> None:
    in_process.register(workflow(simple("pick"), simple("ship"))).stub("pick").returns({})
    with pytest.raises(Stuck) as told:
        in_process.run("order")
    first, _, timeline = str(told.value).partition("\n\n")
    assert first == (
        "nothing can happen any more: task `ship_ref` waits for a worker of type `ship`, and none is registered; "
        'add conductor.worker("ship", …) or conductor.stub("ship").returns({…})'
    )
    assert timeline.splitlines() == [
        "order v1 RUNNING for 0 s",
        "  0 s  pick_ref  pick  COMPLETED",
        "  0 s  ship_ref  ship  SCHEDULED",
    ]


def test_waiting_for_a_moment_in_a_run(harness: Conductor) -> None:
    harness.register(workflow(simple("a"), simple("b")))
    for name in "ab":
        harness.stub(name).returns({}).delay(timedelta(minutes=1))
    run = harness.wait_for(harness.start("order"), until=lambda run: run.task("a").status == "COMPLETED")
    assert (run.status, run.elapsed) == ("RUNNING", timedelta(minutes=1))
    assert harness.wait_for(run.id).status == "COMPLETED"


def test_waiting_for_a_task_that_is_not_there_yet(harness: Conductor) -> None:
    harness.register(workflow(simple("a"), system("HUMAN", "approve"))).stub("a").returns({})
    run = harness.wait_for(harness.start("order"), until=lambda run: run.task("approve").status == "IN_PROGRESS")
    assert run.path == ["a_ref", "approve"]


def test_what_never_comes_is_no_endless_wait(impatient: Conductor) -> None:
    impatient.register(workflow(simple("a"))).stub("a").returns({})
    with pytest.raises(Stuck, match=r"any more, and `run.task\(\"ship\"\).status == .* has not come"):
        impatient.wait_for(impatient.start("order"), until=lambda run: run.task("ship").status == "COMPLETED")


def test_idle_is_when_only_somebody_outside_can_go_on(harness: Conductor) -> None:
    harness.register({**workflow(system("WAIT", "signal")), "timeoutSeconds": 3600, "timeoutPolicy": "TIME_OUT_WF"})
    run = harness.start("order")
    harness.run_until_idle()
    assert (run.status, harness.clock.now.hour) == ("RUNNING", 0)
    harness.run_until_idle(timeouts=True)
    assert (run.status, run.elapsed) == ("TIMED_OUT", timedelta(hours=1))


def test_idle_comes_after_delays_and_waits(harness: Conductor) -> None:
    harness.register(workflow(system("WAIT", "pause", inputParameters={"duration": "30 days"}), system("HUMAN", "ok")))
    run = harness.start("order")
    harness.run_until_idle()
    assert (run.path, run.elapsed) == (["pause", "ok"], timedelta(days=30))


@pytest.mark.parametrize(
    ("budget", "definition", "complaint"),
    [
        ({"attempts": 30}, task_def("a", retryCount=10_000), "`a_ref` was attempted 30 times and goes on"),
        ({"steps": 50}, task_def("a", retryCount=10_000), r"after 50 steps \(conductor.budget.steps\)"),
        ({"time": timedelta(hours=1)}, task_def("a", retryCount=10_000), r"after 1 h .*\(conductor.budget.time\)"),
    ],
)
def test_what_never_ends_is_stopped(
    harness: Conductor, budget: dict[str, Any], definition: dict[str, Any], complaint: str
) -> None:
    for limit, value in budget.items():
        setattr(harness.budget, limit, value)
    harness.register(definition, workflow(simple("a"))).stub("a").fails("again")
    with pytest.raises(Endless, match=complaint):
        harness.run("order")


def loop(*tasks: dict[str, Any]) -> dict[str, Any]:
    return workflow(
        system(
            "DO_WHILE", "loop", loopCondition="true", evaluatorType="graaljs", loopOver=list(tasks), inputParameters={}
        )
    )


def test_a_loop_that_never_ends_is_stopped(harness: Conductor) -> None:
    harness.budget.iterations = 20
    harness.register(loop(simple("a"))).stub("a").returns({})
    with pytest.raises(Endless, match=r"`loop` of workflow `order` went 20 times .* \(loopCondition: `true`\)"):
        harness.run("order")


NOOP = system("NOOP", "n")
SCRIPT = system("INLINE", "n", inputParameters={"evaluatorType": "javascript", "expression": "1"})
SWITCH = system("SWITCH", "n", evaluatorType="value-param", expression="x", inputParameters={"x": 1}, decisionCases={})
PAUSE = system("WAIT", "n", inputParameters={"duration": "1 seconds"})
START_ITSELF = system("START_WORKFLOW", "n", inputParameters={"startWorkflow": {"name": "order", "version": 1}})
OTHER = system("SUB_WORKFLOW", "n", subWorkflowParam={"name": "other", "version": 1})


@pytest.mark.parametrize("inside", [NOOP, SCRIPT, SWITCH, PAUSE, OTHER], ids=lambda task: task["type"])
def test_a_loop_inside_the_server_that_never_ends_is_stopped(in_process: Conductor, inside: dict[str, Any]) -> None:
    in_process.budget.iterations = 40
    in_process.register(workflow(system("NOOP", "m"), name="other"), loop(inside))
    with pytest.raises(Endless, match=r"the loop `loop` .* 40 times round .* raise conductor.budget.iterations \(40\)"):
        in_process.run("order")
    run = in_process.runs[0]
    assert [run.status, run.path[-1], len(run.tasks)] == ["RUNNING", "n__41", 42]
    assert len(in_process.report().splitlines()) < 60


def test_a_loop_of_many_passes_is_stopped_by_the_budget_as_it_is_from_the_start(in_process: Conductor) -> None:
    in_process.register(loop(NOOP))
    with pytest.raises(Endless, match="went 2000 times round"):
        in_process.run("order")


def test_many_tasks_at_one_moment_are_stopped(harness: Conductor) -> None:
    harness.budget.steps = 50
    harness.register(loop(system("SET_VARIABLE", "keep", inputParameters={"a": 1})))
    with pytest.raises(Endless, match="workflow `order` began 51 tasks at one moment"):
        harness.run("order")


def test_a_workflow_that_starts_itself_is_stopped(in_process: Conductor) -> None:
    in_process.budget.iterations = 50
    in_process.register(workflow(START_ITSELF))
    run = in_process.start("order")
    with pytest.raises(Endless, match="51 START_WORKFLOW at one moment, and workflow `order` goes on"):
        in_process.run_until_idle()
    assert run.status == "COMPLETED"  # it knows nothing of those that follow


def test_a_workflow_inside_itself_ends_as_on_the_server(in_process: Conductor) -> None:
    in_process.register(workflow(system("SUB_WORKFLOW", "n", subWorkflowParam={"name": "order", "version": 1})))
    assert in_process.run("order").status == "FAILED"


def test_system_tasks_that_are_retried_without_end_are_stopped(in_process: Conductor) -> None:
    in_process.budget.attempts = 30
    script = {**SCRIPT, "name": "a", "inputParameters": {"evaluatorType": "javascript", "expression": "throw 1"}}
    in_process.register(task_def("a", retryCount=10_000), workflow(script))
    in_process.stub("n").fails("again")
    with pytest.raises(Endless, match="`n` was attempted 30 times and goes on"):
        in_process.run("order")


def test_what_is_counted_begins_anew_with_each_wait(in_process: Conductor) -> None:
    in_process.budget.steps = 50
    in_process.register(workflow(*(system("NOOP", f"n{number}") for number in range(30))))
    assert [in_process.run("order").status for _ in range(3)] == ["COMPLETED"] * 3


def test_a_budget_may_be_given_as_a_whole(harness: Conductor) -> None:
    harness.budget = Budget(attempts=7)
    assert (harness.budget.attempts, harness.budget.iterations) == (7, 2_000)
    complaint = r"several limits, not 2000: set one of conductor.budget.steps, .*conductor.budget.iterations"
    with pytest.raises(HarnessError, match=complaint):
        harness.budget = 2000


# The clock.


def test_time_passes_by_hand(impatient: Conductor) -> None:
    impatient.register(task_def("a", retryDelaySeconds=60), workflow(simple("a"))).stub("a").attempt(1).fails()
    impatient.stub("a").returns({})
    run = impatient.start("order")
    with impatient.clock.stopped():
        with pytest.raises(
            Stuck, match=r"the clock stands still .* `a_ref` is delayed until 2030-01-01 00:01:00 UTC, for 1 min"
        ):
            impatient.wait_for(run)
        impatient.clock.advance(timedelta(seconds=59))
        assert [task.status for task in run.tasks] == ["FAILED", "SCHEDULED"]
        impatient.clock.advance(1)
    assert (run.status, impatient.clock.auto_jump) == ("COMPLETED", True)


def test_a_jump_goes_to_the_next_moment(harness: Conductor) -> None:
    harness.register(workflow(system("WAIT", "pause", inputParameters={"duration": "2 days"})))
    run = harness.start("order")
    before = harness.clock.now
    assert harness.clock.jump() == timedelta(days=2)
    assert (harness.clock.now - before, run.status) == (timedelta(days=2), "COMPLETED")
    assert harness.clock.jump() is None


def test_the_clock_moves_to_a_date(harness: Conductor) -> None:
    christmas = datetime(2031, 12, 24, 18, tzinfo=UTC)
    harness.clock.move_to(christmas.replace(tzinfo=None))
    assert harness.clock.now == christmas
    with pytest.raises(HarnessError, match="is past"):
        harness.clock.move_to(datetime(1999, 1, 1, tzinfo=UTC))


def test_step_by_step(harness: Conductor) -> None:
    harness.register(workflow(simple("a"), system("WAIT", "pause", inputParameters={"duration": "2 days"})))
    harness.stub("a").returns({})
    run = harness.start("order")
    seen = [list(run.path)]
    while harness.step():
        seen.append(list(run.path))
    assert seen == [["a_ref"], ["a_ref", "pause"], ["a_ref", "pause"]]
    assert (run.status, run.elapsed) == ("COMPLETED", timedelta(days=2))


def test_a_month_takes_no_time(harness: Conductor) -> None:
    harness.register(
        task_def("a", retryCount=40, retryDelaySeconds=86_400),
        workflow(simple("a"), system("WAIT", "pause", inputParameters={"until": "2030-03-01"})),
    )
    harness.stub("a").attempt(*range(1, 31)).fails("not yet")
    harness.stub("a").returns({})
    run = harness.run("order")
    assert (run.status, run.task("a").attempt, run.elapsed) == ("COMPLETED", 31, timedelta(days=59))


def test_a_schedule_starts_its_workflow_as_virtual_time_passes(harness: Conductor) -> None:
    daily = {"name": "daily", "cronExpression": "0 0 8 * * *", "startWorkflowRequest": {"name": "order"}}
    harness.register(workflow(simple("a")), daily).stub("a").returns({})
    harness.clock.advance(timedelta(days=30))
    found = harness.client.workflows.search('workflowType = "order"')
    assert (found.total_hits, {one.status for one in found.results}) == (30, {"COMPLETED"})


# A hand in it.


def test_a_task_is_completed_from_outside(impatient: Conductor) -> None:
    impatient.register(HUMAN).stub("ship").returns({})
    run = impatient.start("order")
    with pytest.raises(
        Stuck, match=r'`approve` \(HUMAN\) waits for somebody .*: conductor.complete_task\(run, "approve"'
    ):
        impatient.wait_for(run)
    impatient.complete_task(run, "approve", {"by": "Ada"})
    assert impatient.wait_for(run).task("approve").output == {"by": "Ada"}


def test_a_task_is_failed_from_outside(harness: Conductor) -> None:
    run = harness.register(HUMAN).start("order")
    harness.fail_task(run, "approve")
    assert run.task("approve").status == "FAILED"


def test_a_task_that_is_not_open_cannot_be_completed(harness: Conductor) -> None:
    run = harness.register(HUMAN).start("order")
    with pytest.raises(
        HarnessError, match=r"has no open task `ship_ref` to be COMPLETED: task `approve` .* waits for somebody"
    ):
        harness.complete_task(run, "ship_ref")


def test_a_wait_is_signalled(harness: Conductor) -> None:
    harness.register(workflow(system("WAIT", "pause", inputParameters={})))
    run = harness.start("order")
    harness.signal(run, {"go": True})
    assert (run.status, run.task("pause").output) == ("COMPLETED", {"go": True})


@pytest.mark.parametrize("flavor", ["oss", "orkes"])
def test_a_human_task_takes_no_signal(flavor: Any) -> None:
    conductor = Conductor(flavor=flavor)
    conductor.register(workflow(system("HUMAN", "approve")))
    run = conductor.start("order")
    conductor.executor.signal(run.id)
    assert run.task("approve").status == "IN_PROGRESS"
    with pytest.raises(HarnessError, match=r'stands at no WAIT .*complete_task\(run, "approve"'):
        conductor.signal(run)
    conductor.executor.update_task(run.id, "approve")
    assert run.status == "COMPLETED"


def test_pause_and_resume(impatient: Conductor) -> None:
    impatient.register(workflow(simple("a"), simple("b")))
    impatient.stub("a").returns({})
    impatient.stub("b").returns({})
    run = impatient.start("order")
    impatient.pause(run)
    with pytest.raises(Stuck, match="workflow `order` is paused: resume it"):
        impatient.wait_for(run)
    impatient.resume(run)
    assert impatient.wait_for(run).status == "COMPLETED"


def test_terminate_and_restart(harness: Conductor) -> None:
    harness.register(workflow(simple("a"))).stub("a").returns({})
    run = harness.start("order")
    harness.terminate(run, "cancelled")
    assert (run.status, run.reason) == ("TERMINATED", "cancelled")
    assert harness.restart(run).status == "RUNNING"
    assert harness.wait_for(run).status == "COMPLETED"


def test_retry(harness: Conductor) -> None:
    harness.register(workflow(simple("a")))
    harness.stub("a").times(1).fails_terminally("no")
    harness.stub("a").returns({})
    run = harness.run("order")
    assert run.status == "FAILED"
    assert harness.retry(run).status == "RUNNING"
    assert harness.wait_for(run).status == "COMPLETED"


# The SDK on it.


def test_the_executor_lets_workflows_run(harness: Conductor) -> None:
    harness.register(GREETINGS).worker(greet)
    workflow_id = harness.executor.start_workflow(StartWorkflowRequest(name="greetings", input={"name": "Ada"}))
    assert harness.executor.monitor_execution(workflow_id).result(timeout=1).status == "COMPLETED"
    assert harness.executor.run("greetings", name="Bob").task("greet_ref").output_data == {"greetings": "Hello, Bob"}


def test_the_executor_says_what_it_cannot_wait_for(impatient: Conductor) -> None:
    impatient.register(HUMAN)
    with pytest.raises(Stuck, match="nothing can happen any more"):
        impatient.executor.run("order")
    with pytest.raises(NotFound):
        impatient.executor.monitor_execution("nobody").result(timeout=1)


def test_the_executor_raises_for_a_failure(harness: Conductor) -> None:
    harness.register(workflow(simple("a"))).stub("a").fails_terminally("no")
    with pytest.raises(WorkflowFailed, match="no"):
        harness.executor.run("order")


def test_a_request_that_waits_lets_workers_work(in_process: Conductor) -> None:
    in_process.register(GREETINGS).worker(greet)
    answer = in_process.client.request(
        "POST",
        "/workflow/execute/greetings/1",
        params={"waitForSeconds": 5},
        json={"name": "greetings", "version": 1, "input": {"name": "Ada"}},
    )
    assert answer["status"] == "COMPLETED"


def test_a_long_poll_waits_in_virtual_time(in_process: Conductor) -> None:
    in_process.register(task_def("a", retryDelaySeconds=3), workflow(simple("a")))
    run = in_process.start("order")
    [first] = in_process.client.tasks.poll_batch("a", timeout_ms=100)
    in_process.client.tasks.update_by_reference(run.id, "a_ref", "FAILED")
    assert in_process.client.tasks.poll_batch("a", timeout_ms=100) == []
    [second] = in_process.client.tasks.poll_batch("a", timeout_ms=5000)
    assert (first.retry_count, second.retry_count, run.elapsed) == (0, 1, timedelta(seconds=3))


def test_a_workflow_that_is_not_registered_can_be_run(harness: Conductor) -> None:
    unregistered = ConductorWorkflow().name("order").version(1).add(SimpleTask("a", "a_ref"))
    harness.stub("a").returns({"n": 1})
    assert harness.run(unregistered).task("a").output == {"n": 1}


def test_engines_do_not_know_each_other(harness: Conductor) -> None:
    harness.register(GREETINGS)
    with pytest.raises(NotFound):
        Conductor().run("greetings")


def test_several_threads_may_use_one_engine(harness: Conductor) -> None:
    at_the_same_time = threading.Barrier(3, timeout=10)

    def meet(task: Task) -> dict[str, str]:
        at_the_same_time.wait()
        return {"thread": threading.current_thread().name}

    harness.register(workflow(simple("meet"))).worker("meet", meet)
    outcomes: list[Any] = []

    def work() -> None:
        outcomes.append(harness.run("order"))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert [run.status for run in outcomes] == ["COMPLETED"] * 3
    assert len({run.task("meet").output["thread"] for run in outcomes}) == 3
