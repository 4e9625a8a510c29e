"""Workers do on every server what the page about them says."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from conductor_sdk import (
    ApiClient,
    ConductorWorkflow,
    InProgress,
    Retry,
    SimpleTask,
    StartWorkflowRequest,
    Task,
    TaskDef,
    TaskExecLog,
    TaskResult,
    TaskRunner,
    TaskStatus,
    TerminalError,
    WorkflowExecutor,
    task_context,
)

Unique = Callable[[str], str]
Play = Callable[..., Task]


@dataclass
class Address:
    street: str
    city: str = "Berlin"


@pytest.fixture
def play(at_server: ApiClient, unique: Unique) -> Play:
    """Let a worker work on a task with this input until its workflow has ended; the task's last attempt."""

    def run(function: Any, *, retries: int = 0, domain: str | None = None, **input: Any) -> Task:
        name, task_type = unique("work"), unique("task")
        at_server.metadata.register_task(TaskDef(task_type, retry_count=retries, retry_delay_seconds=0))
        task = SimpleTask(task_type, "ref")
        for key in input:
            task.input(key, f"${{workflow.input.{key}}}")
        at_server.metadata.register_workflow((ConductorWorkflow(name) >> task).to_dict())
        executor = WorkflowExecutor(at_server)
        with TaskRunner(at_server, worker_id="w7") as runner:
            runner.start_worker(task_type, function, poll_interval=0.05, domain=domain)
            to_domain = {task_type: domain} if domain else None
            request = StartWorkflowRequest(name=name, version=1, input=input, task_to_domain=to_domain)
            ended = executor.monitor_execution(executor.start_workflow(request)).result(timeout=90)
        return ended.tasks[-1]

    return run


def in_thread(name: str, address: Address) -> dict[str, str]:
    return {"to": f"{name}, {address.street}, {address.city}"}


async def in_loop(name: str, address: Address) -> dict[str, str]:
    return await asyncio.to_thread(in_thread, name, address)


def whole(task: Task) -> dict[str, str]:
    return in_thread(task.input_data["name"], Address(**task.input_data["address"]))


@pytest.mark.parametrize("function", [in_thread, in_loop, whole])
def test_arguments_come_from_the_input(play: Play, function: Any) -> None:
    task = play(function, name="Ada", address={"street": "Rose Lane"})
    assert (task.status, task.output_data) == ("COMPLETED", {"to": "Ada, Rose Lane, Berlin"})
    assert (task.worker_id, task.retry_count, task.poll_count) == ("w7", 0, 1)


@pytest.mark.parametrize(
    ("value", "output"),
    [
        ({"a": 1}, {"a": 1}),
        (Address("x"), {"street": "x", "city": "Berlin"}),
        ([1, None], {"result": [1, None]}),
        (None, {}),
    ],
    ids=["dict", "dataclass", "value", "nothing"],
)
def test_what_is_returned_is_the_output(play: Play, value: Any, output: dict[str, Any]) -> None:
    assert play(lambda task: value).output_data == output


def test_a_result_by_hand(play: Play) -> None:
    def refuse(task: Task) -> TaskResult:
        return TaskResult(
            status=TaskStatus.FAILED_WITH_TERMINAL_ERROR,
            reason_for_incompletion="no stock",
            output_data={"left": 0},
            logs=[TaskExecLog("looked twice")],
        )

    task = play(refuse, retries=3)
    assert (task.status, task.reason_for_incompletion) == ("FAILED_WITH_TERMINAL_ERROR", "no stock")
    assert task.output_data == {"left": 0}


def test_what_is_raised_is_a_failure_and_is_tried_again(play: Play, at_server: ApiClient) -> None:
    def charge(task: Task) -> dict[str, int]:
        task_context().log(f"attempt {task.retry_count}")
        if task.retry_count < 2:
            raise ValueError("no card")
        return {"attempts": task.retry_count + 1}

    task = play(charge, retries=2)
    assert (task.status, task.output_data) == ("COMPLETED", {"attempts": 3})
    attempts = at_server.workflows.get(task.workflow_instance_id).tasks
    assert [attempt.reason_for_incompletion for attempt in attempts[:2]] == ["no card", "no card"]
    first = [line.log for line in at_server.tasks.logs(attempts[0].task_id)]
    assert first[0] == "attempt 0"
    assert "ValueError: no card" in first[1]


def test_a_terminal_error_is_not_tried_again(play: Play) -> None:
    def charge(task: Task) -> None:
        raise TerminalError("no such customer")

    task = play(charge, retries=3)
    assert (task.status, task.reason_for_incompletion) == ("FAILED_WITH_TERMINAL_ERROR", "no such customer")
    assert task.retry_count == 0


def test_input_that_does_not_fit_fails_for_good(play: Play) -> None:
    task = play(in_thread, retries=3, name="Ada")
    assert (task.status, task.retry_count) == ("FAILED_WITH_TERMINAL_ERROR", 0)
    assert "needs input 'address' (Address), which is missing" in (task.reason_for_incompletion or "")


@pytest.mark.parametrize("how", ["returned", "raised", "context"])
def test_a_task_goes_on_later(play: Play, how: str) -> None:
    def poll_job(task: Task) -> Any:
        if task.poll_count > 1:
            return {"polls": task.poll_count}
        if how == "raised":
            raise Retry("not yet", after=0)
        if how == "context":
            task_context().call_back_after(0)
            return {"so": "far"}
        return InProgress(0, {"so": "far"})

    task = play(poll_job)
    assert (task.status, task.output_data["polls"], task.retry_count) == ("COMPLETED", 2, 0)


def test_a_domain_has_its_own_workers(play: Play, unique: Unique) -> None:
    domain = unique("domain")
    task = play(lambda task: {"domain": task.domain}, domain=domain)
    assert (task.domain, task.output_data) == (domain, {"domain": domain})


def test_a_worker_sees_that_its_task_was_cancelled(at_server: ApiClient, unique: Unique) -> None:
    name, task_type = unique("work"), unique("task")
    at_server.metadata.register_task(TaskDef(task_type))
    at_server.metadata.register_workflow((ConductorWorkflow(name) >> SimpleTask(task_type, "ref")).to_dict())
    busy, saw = threading.Event(), threading.Event()

    def work(task: Task) -> None:
        context = task_context()
        assert not context.cancelled()
        busy.set()
        while not context.cancelled():
            saw.wait(0.05)
        saw.set()

    with TaskRunner(at_server) as runner:
        runner.start_worker(task_type, work, poll_interval=0.05)
        workflow_id = at_server.workflows.start(StartWorkflowRequest(name=name))
        assert busy.wait(30)
        at_server.workflows.terminate(workflow_id)
        assert saw.wait(30)


def test_many_tasks_are_done_once_each(at_server: ApiClient, unique: Unique) -> None:
    name, task_type = unique("work"), unique("task")
    at_server.metadata.register_task(TaskDef(task_type))
    task = SimpleTask(task_type, "ref").input("n", "${workflow.input.n}")
    at_server.metadata.register_workflow((ConductorWorkflow(name) >> task).to_dict())
    done: list[int] = []
    executor = WorkflowExecutor(at_server)
    with TaskRunner(at_server) as runner:
        runner.start_worker(task_type, lambda task: done.append(task.input_data["n"]), batch_size=10)
        ids = executor.start_workflows(StartWorkflowRequest(name=name, input={"n": n}) for n in range(60))
        runs = executor.wait_for_all(ids, timeout=90)
    assert [run.workflow_id for run in runs] == ids
    assert sorted(done) == list(range(60))
