"""SIGTERM while a program works: what runs is finished and reported, the exit status is 0, and there is a limit."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

TASKS = 4

PROGRAM = """
    import asyncio, sys, threading
    from conductor_sdk import ApiClient, TaskRunner
    from conductor_sdk.worker import runner as module

    module._GRACE = 60.0  # none of this is about how long tasks may be given back
    url, stop_timeout, asynchronous = sys.argv[1], float(sys.argv[2]), sys.argv[3] == "True"
    released = threading.Event()

    def work(task):
        print("working", flush=True)
        released.wait()
        return {"finished": task.task_id}

    async def work_in_the_loop(task):
        print("working", flush=True)
        while not released.is_set():
            await asyncio.sleep(0.01)
        return {"finished": task.task_id}

    def release():
        sys.stdin.readline()
        released.set()

    threading.Thread(target=release, daemon=True).start()
    runner = TaskRunner(ApiClient(url), stop_timeout=stop_timeout)
    runner.start_worker("greet", work_in_the_loop if asynchronous else work, batch_size=4)
    runner.wait_workers()
    print("over", flush=True)
"""


@contextmanager
def at_work(server: Any, polled: Any, *, stop_timeout: float, asynchronous: bool) -> Iterator[subprocess.Popen[str]]:
    """A program with four tasks in its hands, when SIGTERM has been sent to it."""
    server.serve_tasks("greet")
    for number in range(TASKS):
        server.tasks.put(polled(task_id=f"t{number}"))
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), server.url, str(stop_timeout), str(asynchronous)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert [process.stdout.readline() for _ in range(TASKS)] == ["working\n"] * TASKS
            process.send_signal(signal.SIGTERM)
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("asynchronous", [False, True])
def test_all_that_run_are_finished_and_reported(server: Any, polled: Any, asynchronous: bool) -> None:
    with at_work(server, polled, stop_timeout=30, asynchronous=asynchronous) as process:
        out, _ = process.communicate("go on\n", timeout=30)
    assert (out, process.returncode) == ("over\n", 0)
    sent = [request.body for request in server.asked("POST", "/tasks")]
    assert {body["outputData"]["finished"] for body in sent} == {f"t{number}" for number in range(TASKS)}
    assert {body["status"] for body in sent} == {"COMPLETED"}


@pytest.mark.parametrize("asynchronous", [False, True])
def test_what_does_not_end_holds_nobody_up(server: Any, polled: Any, asynchronous: bool) -> None:
    with at_work(server, polled, stop_timeout=0.2, asynchronous=asynchronous) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "over\n"
        assert process.wait(30) == 0
    # A coroutine can be cancelled, and its task be given back; a thread cannot, and the server takes its task back.
    given_back = [(request.body["status"]) for request in server.asked("POST", "/tasks")]
    assert given_back == (["IN_PROGRESS"] * TASKS if asynchronous else [])
