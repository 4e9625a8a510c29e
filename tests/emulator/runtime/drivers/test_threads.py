from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from conductor_emulator.definitions.start_request import StartWorkflowRequest
from conductor_emulator.definitions.workflow_def import WorkflowDef
from conductor_emulator.engine import commands
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.runtime.drivers.threads import ThreadsDriver
from conductor_emulator.runtime.options import Options
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.runtime.waiting import Wait

_PATIENCE = 10.0


@pytest.fixture
def driver() -> Iterator[ThreadsDriver]:
    made = ThreadsDriver(Runtime(Options(sweep_lag_ms=0)))
    yield made
    made.close()


def _wait(reference: str, duration: str) -> dict[str, Any]:
    return {
        "name": reference,
        "taskReferenceName": reference,
        "type": "WAIT",
        "inputParameters": {"duration": duration},
    }


def _start(driver: ThreadsDriver, *tasks: dict[str, Any], name: str = "flow", **input: Any) -> str:
    def start() -> str:
        definition = WorkflowDef.from_wire({"name": name, "version": 1, "tasks": list(tasks)})
        driver.runtime.metadata.put_workflow_def(definition)
        return driver.runtime.start(StartWorkflowRequest(name=name, input=input))

    return driver.call(start)


def _ended(driver: ThreadsDriver, workflow_id: str) -> str:
    """Wait by the driver until an execution has ended; its status."""
    execution = driver.runtime.execution(workflow_id)
    return driver.carry_out(
        Wait(
            (("workflow", workflow_id),),
            lambda: execution.status.value if execution.status.is_terminal else None,
            int(_PATIENCE * 1000),
            lambda: f"still {execution.status}",
        )
    )


def test_time_passes_by_itself(driver: ThreadsDriver) -> None:
    assert _ended(driver, _start(driver, _wait("w", "1 second"))) == "COMPLETED"


def test_an_earlier_moment_wakes_the_clock_that_sleeps_for_a_later_one(driver: ThreadsDriver) -> None:
    _start(driver, _wait("w", "1 hour"), name="long")
    assert _ended(driver, _start(driver, _wait("w", "1 second"), name="short")) == "COMPLETED"


def test_a_workflow_that_cannot_go_on_does_not_stop_the_time_of_the_others(
    driver: ThreadsDriver, caplog: pytest.LogCaptureFixture
) -> None:
    broken = _start(driver, _wait("w", "1 second"), _wait("v", "${workflow.input.d}"), name="broken", d="nonsense")
    sound = _start(driver, _wait("w", "2 seconds"), name="sound")
    assert _ended(driver, sound) == "COMPLETED"
    execution = driver.runtime.execution(broken)
    assert execution.status == "RUNNING"
    assert execution.events[-1].rule == "Not valid duration: nonsense"
    assert "cannot go on: Not valid duration: nonsense" in caplog.text


def test_a_call_that_waits_is_woken_by_what_another_thread_does(driver: ThreadsDriver) -> None:
    workflow_id = _start(driver, {"name": "a", "taskReferenceName": "a", "type": "SIMPLE"})
    waits = threading.Event()

    def complete() -> None:
        assert waits.wait(_PATIENCE)

        def work() -> None:
            [(_, task)] = driver.runtime.poll("a")
            driver.runtime.submit(workflow_id, commands.UpdateTask(task.task_id, TaskStatus.COMPLETED))

        driver.call(work)

    worker = threading.Thread(target=complete)
    worker.start()
    execution = driver.runtime.execution(workflow_id)

    def attempt() -> str | None:
        waits.set()  # under the mutex: the worker comes in only when this call waits
        return execution.status.value if execution.status.is_terminal else None

    answer = driver.carry_out(Wait((("workflow", workflow_id),), attempt, int(_PATIENCE * 1000), lambda: "too late"))
    worker.join()
    assert answer == "COMPLETED"
    assert len(driver.runtime.waiters) == 0


def test_a_wait_that_breaks_leaves_no_waiter_behind(driver: ThreadsDriver) -> None:
    tries: list[int] = []

    def attempt() -> str | None:
        tries.append(1)
        if len(tries) > 1:
            raise KeyboardInterrupt
        return None

    with pytest.raises(KeyboardInterrupt):
        driver.carry_out(Wait((("queue", "q"),), attempt, 1, lambda: "too late"))
    assert len(driver.runtime.waiters) == 0


def test_slow_work_is_done_beside_and_its_result_comes_back_under_the_mutex(driver: ThreadsDriver) -> None:
    came_back = threading.Event()
    threads: list[str] = []

    def done(result: str) -> None:
        threads.append(result)
        came_back.set()

    driver.runtime.offload(lambda: threading.current_thread().name, done)
    assert came_back.wait(_PATIENCE)
    assert threads == ["conductor-emulator-work"]


def test_what_slow_work_raises_comes_back_too(driver: ThreadsDriver) -> None:
    came_back = threading.Event()
    outcomes: list[object] = []

    def done(outcome: object) -> None:
        outcomes.append(outcome)
        came_back.set()

    driver.runtime.offload(lambda: 1 // 0, done)
    assert came_back.wait(_PATIENCE)
    assert isinstance(outcomes[0], ZeroDivisionError)


_FORKING = """
import os, sys, threading
from conductor_emulator.definitions.start_request import StartWorkflowRequest
from conductor_emulator.definitions.workflow_def import WorkflowDef
from conductor_emulator.runtime.drivers.threads import ThreadsDriver
from conductor_emulator.runtime.options import Options
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.runtime.waiting import Wait

driver = ThreadsDriver(Runtime(Options(sweep_lag_ms=0)))
runtime = driver.runtime
wait = {"name": "w", "taskReferenceName": "w", "type": "WAIT", "inputParameters": {"duration": "1 second"}}
work = {"name": "a", "taskReferenceName": "a", "type": "SIMPLE"}

def start(task):
    runtime.metadata.put_workflow_def(WorkflowDef.from_wire({"name": "flow", "version": 1, "tasks": [task]}))
    return runtime.execution(runtime.start(StartWorkflowRequest(name="flow")))

def ended(execution):
    attempt = lambda: execution.status.value if execution.status.is_terminal else None
    return driver.carry_out(Wait((("workflow", execution.workflow_id),), attempt, 20_000, lambda: "not ended"))

def polled(asked=lambda: None):
    def attempt():
        asked()
        return runtime.poll("a") or None
    return driver.carry_out(Wait((("queue", "a"),), attempt, 20_000, list))

def beside():
    done = threading.Event()
    driver.call(lambda: runtime.offload(lambda: None, lambda _: done.set()))
    return done.wait(20)

# all of its threads are there, and one of the program's waits
assert ended(driver.call(lambda: start(wait))) == "COMPLETED"
assert beside()
waits = threading.Event()
threading.Thread(target=polled, args=(waits.set,), daemon=True).start()
assert waits.wait(20)
inherited = driver.call(lambda: start(wait))

def use_it():
    assert ended(inherited) == "COMPLETED"
    assert ended(driver.call(lambda: start(wait))) == "COMPLETED"
    assert beside()
    taken, asked = [], threading.Event()
    poller = threading.Thread(target=lambda: taken.extend(polled(asked.set)))
    poller.start()
    assert asked.wait(20)
    driver.call(lambda: start(work))
    poller.join(10)
    assert len(taken) == 1, "woken was somebody who is not there"

child = os.fork()
if child == 0:
    code = 1
    try:
        use_it()
        code = 0
    finally:
        sys.excepthook(*sys.exc_info()) if code else None
        os._exit(code)
assert os.waitpid(child, 0)[1] == 0
assert ended(inherited) == "COMPLETED"
"""


_FORKING_DURING_SLOW_WORK = """
import os, sys, threading
from conductor_emulator.definitions import EventHandler
from conductor_emulator.definitions.workflow_def import WorkflowDef
from conductor_emulator.runtime.drivers.threads import ThreadsDriver
from conductor_emulator.runtime.event_handlers import EventHandlers
from conductor_emulator.runtime.options import Options
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.runtime.waiting import Wait

driver = ThreadsDriver(Runtime(Options(sweep_lag_ms=0, script_seconds=60)))
runtime = driver.runtime
handlers = EventHandlers(runtime)
parent, forked, begun = os.getpid(), threading.Event(), threading.Event()
offload = runtime.offload

def offload_until_the_fork(work, done):
    def held_up():
        begun.set()
        assert os.getpid() != parent or forked.wait(60)
        return work()
    offload(held_up, done)

def polled():
    return driver.carry_out(Wait((("queue", "a"),), lambda: runtime.poll("a") or None, 30_000, list))

def publish(n):
    driver.call(lambda: handlers.publish("paid", {"n": n}))

def use_it():
    publish(2)
    assert [task.input["n"] for _, task in polled() + polled()] == [1, 2]
    assert not runtime.beside

runtime.offload = offload_until_the_fork
task = {"name": "a", "taskReferenceName": "a", "type": "SIMPLE", "inputParameters": {"n": "${workflow.input.n}"}}
runtime.metadata.put_workflow_def(WorkflowDef.from_wire({"name": "flow", "version": 1, "tasks": [task]}))
handlers.add(EventHandler.from_wire({
    "name": "slow", "event": "paid", "active": True, "evaluatorType": "javascript",
    "condition": "var i = 0; while ($.n == 1 && i < 3000000) i++; true",
    "actions": [{"action": "start_workflow", "start_workflow": {"name": "flow", "input": {"n": "${n}"}}}],
}))
publish(1)
assert begun.wait(20)

child = os.fork()
if child == 0:
    code = 1
    try:
        assert threading.active_count() == 1, "slow work begins anew although nobody uses the runtime"
        use_it()
        code = 0
    finally:
        sys.excepthook(*sys.exc_info()) if code else None
        os._exit(code)
assert os.waitpid(child, 0)[1] == 0
forked.set()
use_it()
"""


@pytest.mark.parametrize("program", [_FORKING, _FORKING_DURING_SLOW_WORK], ids=["idle", "during slow work"])
def test_a_forked_child_has_a_clock_and_threads_of_its_own(program: str) -> None:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program]
    told = subprocess.run(command, timeout=120, check=False, stderr=subprocess.PIPE, text=True)
    assert (told.returncode, told.stderr) == (0, "")
