from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from conductor_pytest import Conductor, Stuck
from conductor_pytest.impatience import no_longer_than
from conductor_pytest.rules import Mistake
from conductor_sdk import Task
from tests.pytest_plugin.definitions import simple, workflow

SOON = timedelta(milliseconds=50)


@pytest.fixture(autouse=True)
def _a_free_alarm() -> Iterator[None]:
    """Whoever else limits tests by it gets it back."""
    before = signal.signal(signal.SIGALRM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGALRM, before)


def waits(task: Task) -> None:
    try:
        threading.Event().wait(600)
    except Exception:  # noqa: BLE001 - as workers do
        return


def listens(task: Task) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.recv(1)


async def waits_in_a_loop(task: Task) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("worker", [waits, listens, waits_in_a_loop])
def test_a_worker_that_blocks_fails_its_test(harness: Conductor, worker: Callable[..., Any]) -> None:
    harness.budget.work = SOON
    harness.register(workflow(simple("charge"))).worker("charge", worker)
    with pytest.raises(Stuck, match=r"^worker `charge` of task `charge_ref` has been at work for 0\.05 s of real time"):
        harness.run("order")
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_it_is_told_at_which_line_it_stands() -> None:
    with pytest.raises(Mistake, match=r": test_impatience\.py:\d+ in waits$"), no_longer_than(SOON, "it"):
        waits(Task())


def test_a_worker_in_a_thread_is_not_interrupted() -> None:
    done: list[bool] = []

    def work() -> None:
        with no_longer_than(timedelta(microseconds=1), "it"):
            done.append(signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]


def test_an_alarm_of_somebody_else_is_left_alone() -> None:
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    with no_longer_than(SOON, "it"):
        assert signal.getsignal(signal.SIGALRM) is signal.SIG_IGN


def test_who_stands_in_a_debugger_is_not_interrupted() -> None:
    code = compile("wait()", "pdb.py", "exec")
    with no_longer_than(SOON, "it"):
        exec(code, {"__name__": "pdb", "wait": lambda: signal.raise_signal(signal.SIGALRM)})  # noqa: S102


def test_an_alarm_that_comes_too_late_does_nothing() -> None:
    with no_longer_than(timedelta(hours=1), "it"):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    signal.raise_signal(signal.SIGALRM)
