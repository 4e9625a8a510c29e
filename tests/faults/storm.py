"""Thousands of tasks while everything goes wrong between a runner and its server. `run(tasks)` gives what came of it.

The server is an emulator in a process of its own whose time stands still; a FaultyProxy is between it and the runner.
What a poll or an `update-v2` hands out with an answer that is lost on its way, nobody works on: the server offers it
again, as another attempt, when its response time-out is over. Time is moved to that point only while the runner has
nothing in its hands. So an attempt is never executed twice, and the effect of a task comes exactly once. (In real time
there is one way to a second execution, on any server: a worker that is slower than the response time-out.)
"""

from __future__ import annotations

import collections
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from conductor_sdk import (
    ApiClient,
    ConductorError,
    ConductorWorkflow,
    SimpleTask,
    StartWorkflowRequest,
    Task,
    TaskDef,
    TaskResult,
    TaskRunner,
)
from conductor_sdk.worker.health import Backoff
from tests.faults.faulty_proxy import Fault, FaultyProxy, by_chance

KEY, SECRET = "storm", "storm-secret"
RESPONSE_TIMEOUT = 60
_LOOK_AGAIN = 0.01
#: Seconds after which something must have got on.
_PATIENCE = 120.0


@dataclass
class Outcome:
    """What the server and the workers saw."""

    #: Number of each task → how often its work was done.
    effects: collections.Counter[int] = field(default_factory=collections.Counter)
    #: Ids of executed attempts → how often.
    executed: collections.Counter[str] = field(default_factory=collections.Counter)
    #: Ids of the attempts that the server has as COMPLETED.
    completed: set[str] = field(default_factory=set)
    #: Status of each workflow, by the number of its task.
    workflows: dict[int, str] = field(default_factory=dict)
    #: What the server has as output, by the number of the task.
    outputs: dict[int, object] = field(default_factory=dict)
    lost: list[tuple[TaskResult, ConductorError]] = field(default_factory=list)
    faults: dict[Fault, int] = field(default_factory=dict)
    requests: int = 0
    restarts: int = 0
    #: How often time had to pass for what was handed out and never arrived.
    handed_out_again: int = 0
    seconds: float = 0.0


@contextmanager
def emulator() -> Iterator[str]:
    """A server with tokens, whose time stands still; its URL."""
    command = [sys.executable, "-m", "conductor_emulator", "serve", "--port", "0", "--virtual-clock"]
    command += ["--auth-key", KEY, "--auth-secret", SECRET, "--token-seconds", "30"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if found := re.search(r"http://[\w.]+:\d+", line):
                    break
            else:
                raise RuntimeError("the emulator ended without printing its URL")
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield f"{found[0]}/api"
        finally:
            process.terminate()


def run(tasks: int, *, share: float = 0.05, restarts: int = 2, seed: int = 1, asynchronous: bool = False) -> Outcome:
    """Do so many tasks, with a fault at this share of the requests and so many restarts of what the runner talks to."""
    outcome = Outcome()
    began = time.monotonic()
    with emulator() as url:
        proxy = FaultyProxy(url, by_chance(share, seed))
        with ApiClient(url, KEY, SECRET) as directly, ApiClient(proxy.url, KEY, SECRET) as client:
            numbers = _start(directly, tasks)
            _work(directly, client, proxy, numbers, outcome, restarts=restarts, asynchronous=asynchronous)
            _look(directly, numbers, outcome)
        proxy.close()
    outcome.faults, outcome.requests, outcome.restarts = dict(proxy.done), proxy.requests, proxy.restarts
    outcome.seconds = time.monotonic() - began
    return outcome


def _start(client: ApiClient, tasks: int) -> dict[str, int]:
    definition = TaskDef("work", retry_count=50, retry_delay_seconds=0, response_timeout_seconds=RESPONSE_TIMEOUT)
    client.metadata.register_task(definition)
    flow = ConductorWorkflow("flow").add(SimpleTask("work", "work_ref").input("number", "${workflow.input.number}"))
    client.metadata.update_workflows([flow.to_dict()])
    requests = (StartWorkflowRequest(name="flow", input={"number": number}) for number in range(tasks))
    return {workflow_id: number for number, workflow_id in enumerate(client.workflows.start_many(requests))}


def _work(
    directly: ApiClient,
    client: ApiClient,
    proxy: FaultyProxy,
    numbers: dict[str, int],
    outcome: Outcome,
    *,
    restarts: int,
    asynchronous: bool,
) -> None:
    lock, tasks = threading.Lock(), len(numbers)
    at = collections.deque(tasks * (n + 1) // (restarts + 1) for n in range(restarts))

    def work(task: Task) -> dict[str, int]:
        number = task.input_data["number"]
        with lock:
            outcome.executed[task.task_id] += 1
            outcome.effects[number] += 1
            restart_now = bool(at) and outcome.effects.total() >= at[0]
            if restart_now:
                at.popleft()
        if restart_now:
            proxy.go_away()
            threading.Timer(0.2, proxy.come_back).start()
        return {"doubled": number * 2}

    async def work_later(task: Task) -> dict[str, int]:
        return work(task)

    with TaskRunner(
        client, on_result_lost=lambda *what: outcome.lost.append(what), poll_backoff=Backoff(0.05, 0.5)
    ) as runner:
        runner.start_worker("work", work_later if asynchronous else work, batch_size=16)
        while True:
            _until(lambda: _is_idle(directly, runner), f"{outcome.effects.total()} of {tasks} tasks")
            open_ones = directly.workflows.search("status = RUNNING", size=1).total_hits
            if not open_ones:
                return
            # What is left was handed out in answers that never arrived. Nobody polls while time passes.
            runner.pause()
            _until(lambda: _has_nothing(runner), "the last polls")
            if directly.tasks.queue_size("work") == 0:
                directly.request("POST", "/emulator/clock/advance", params={"milliseconds": RESPONSE_TIMEOUT * 1001})
                outcome.handed_out_again += 1
            runner.resume()


def _is_idle(directly: ApiClient, runner: TaskRunner) -> bool:
    return directly.tasks.queue_size("work") == 0 and _has_nothing(runner, but_polls=True)


def _has_nothing(runner: TaskRunner, *, but_polls: bool = False) -> bool:
    pollers = runner._pollers.values()
    return all(p.running == 0 and (but_polls or p._asking_since is None) for p in pollers)


def _until(condition: object, what: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    pause = threading.Event()
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not within {_PATIENCE:g} s: {what}")
        pause.wait(_LOOK_AGAIN)


def _look(client: ApiClient, numbers: dict[str, int], outcome: Outcome) -> None:
    for workflow_id, number in numbers.items():
        workflow = client.workflows.get(workflow_id)
        outcome.workflows[number] = str(workflow.status)
        for task in workflow.tasks:
            if task.status == "COMPLETED":
                outcome.completed.add(task.task_id)
                outcome.outputs[number] = task.output_data
