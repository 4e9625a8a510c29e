from __future__ import annotations

import asyncio
import functools
import signal
import socket
import threading
import time
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
#: Longer than any test; the alarm is raised, or armed, by who is to be interrupted.
LONG = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _a_free_alarm() -> Iterator[None]:
    """Whoever else limits tests by it gets it back."""
    before = signal.signal(signal.SIGALRM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGALRM, before)


def ring() -> None:
    signal.raise_signal(signal.SIGALRM)


def rings_soon() -> None:
    signal.setitimer(signal.ITIMER_REAL, SOON.total_seconds())


def waits(task: Task) -> None:
    rings_soon()
    try:
        threading.Event().wait(600)
    except Exception:  # noqa: BLE001 - as workers do
        return


def listens(task: Task) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        rings_soon()
        ours.recv(1)


async def waits_in_a_loop(task: Task) -> None:
    rings_soon()
    await asyncio.Event().wait()


def never(task: Task) -> None:
    threading.Event().wait(600)


@pytest.mark.parametrize("worker", [waits, listens, waits_in_a_loop])
def test_a_worker_that_blocks_fails_its_test(harness: Conductor, worker: Callable[..., Any]) -> None:
    harness.budget.work = LONG
    harness.register(workflow(simple("charge"))).worker("charge", worker)
    with pytest.raises(Stuck, match=r"^worker `charge` of task `charge_ref` has been at work for 1 h of real time"):
        harness.run("order")
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_the_budget_says_how_long_a_worker_may_take(harness: Conductor) -> None:
    harness.budget.work = SOON
    harness.register(workflow(simple("charge"))).worker("charge", never)
    with pytest.raises(Stuck, match=r"has been at work for 0\.05 s of real time"):
        harness.run("order")


def test_it_is_told_at_which_line_it_stands() -> None:
    with pytest.raises(Mistake, match=r": test_impatience\.py:\d+ in ring$"), no_longer_than(LONG, "it"):
        ring()


async def sleeps() -> None:
    asyncio.get_running_loop().call_soon(rings_soon)
    await asyncio.Event().wait()


async def _sleeps_further_inside(task: Task) -> None:
    beside = asyncio.create_task(asyncio.Event().wait())
    await sleeps()
    await beside


async def _sleeps_in_another_task(task: Task) -> None:
    await asyncio.gather(asyncio.create_task(sleeps()))


@pytest.mark.parametrize(
    ("worker", "where"), [(_sleeps_further_inside, "sleeps"), (_sleeps_in_another_task, "_sleeps_in_another_task")]
)
def test_a_coroutine_that_waits_stands_at_its_own_line(
    harness: Conductor, worker: Callable[..., Any], where: str
) -> None:
    harness.budget.work = LONG
    harness.register(workflow(simple("charge"))).worker("charge", worker)
    with pytest.raises(Stuck, match=rf": test_impatience\.py:\d+ in {where}$"):
        harness.run("order")


def test_the_line_of_the_test_is_not_the_workers(harness: Conductor) -> None:
    harness.budget.work = LONG
    harness.register(workflow(simple("charge")))
    harness.worker("charge", functools.partial(signal.raise_signal, signal.SIGALRM))
    with pytest.raises(Stuck, match=r"\(conductor\.budget\.work\)$"):
        harness.run("order")


def test_a_run_inside_of_a_worker_leaves_the_worker_its_limit(harness: Conductor) -> None:
    left: list[float] = []

    def outer(task: Task) -> None:
        harness.budget.work = timedelta(hours=2)
        harness.run("inner")
        left.append(signal.getitimer(signal.ITIMER_REAL)[0])
        ring()

    harness.budget.work = LONG
    harness.register(workflow(simple("a")), workflow(simple("b"), name="inner"))
    harness.worker("a", outer).worker("b", lambda task: {})
    with pytest.raises(Stuck, match=r"^worker `a` of task `a_ref` has been at work for 1 h"):
        harness.run("order")
    assert 0 < left[0] <= LONG.total_seconds()
    assert (no_longer_than.current, signal.getitimer(signal.ITIMER_REAL)) == (None, (0.0, 0.0))


def outlasts_its_limit_inside_of_another() -> None:
    with no_longer_than(LONG, "inner"):
        end = time.monotonic() + SOON.total_seconds()
        while time.monotonic() < end:
            pass
    never(Task())


def test_a_limit_that_passed_meanwhile_is_told_at_once() -> None:
    with pytest.raises(Mistake, match=r"^outer has been at work"), no_longer_than(SOON, "outer"):
        outlasts_its_limit_inside_of_another()


def test_the_alarm_is_given_back_with_the_harness(harness: Conductor) -> None:
    harness.register(workflow(simple("charge"))).worker("charge", lambda task: {})
    harness.run("order")
    assert signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL
    with no_longer_than(LONG, "it"):
        harness.close()
        assert signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL
    harness.close()
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


@pytest.mark.parametrize("whose", [signal.SIG_IGN, signal.default_int_handler])
def test_somebody_elses_alarm_is_not_given_back(harness: Conductor, whose: Any) -> None:
    signal.signal(signal.SIGALRM, whose)
    harness.close()
    assert signal.getsignal(signal.SIGALRM) is whose


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
    with no_longer_than(LONG, "it"):
        assert signal.getsignal(signal.SIGALRM) is signal.SIG_IGN


def test_who_stands_in_a_debugger_is_not_interrupted() -> None:
    code = compile("wait()", "pdb.py", "exec")
    with no_longer_than(LONG, "it"):
        exec(code, {"__name__": "pdb", "wait": ring})  # noqa: S102


def test_an_alarm_that_comes_too_late_does_nothing() -> None:
    with no_longer_than(LONG, "it"):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    ring()
