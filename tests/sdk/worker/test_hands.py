from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from conductor_sdk.worker import hands as module
from conductor_sdk.worker.hands import Hands, Job
from tests.patience import until


@pytest.fixture
def hands() -> Iterator[Hands]:
    made = Hands("test", polls=2)
    yield made
    made.close()


def _gather(done: threading.Semaphore, count: int) -> bool:
    return all(done.acquire(timeout=10) for _ in range(count))


def test_jobs_run_side_by_side_in_as_many_threads_as_there_are_jobs(hands: Hands) -> None:
    together, done = threading.Barrier(5), threading.Semaphore(0)

    def job() -> None:
        together.wait(10)
        done.release()

    for _ in range(5):
        hands.submit(job)
    assert _gather(done, 5)
    assert hands.threads == 5


def test_a_limit_bounds_the_threads_and_nothing_is_left_undone() -> None:
    hands = Hands("test", polls=2, limit=2)
    names: set[str] = set()
    done = threading.Semaphore(0)

    def job() -> None:
        names.add(threading.current_thread().name)
        done.release()

    for _ in range(50):
        hands.submit(job)
    assert _gather(done, 50)
    assert len(names) <= 2
    hands.close()


def test_spare_counts_what_could_start_at_once() -> None:
    hands = Hands("test", polls=1, limit=2)
    release, started = threading.Event(), threading.Semaphore(0)
    assert hands.spare == 2

    def job() -> None:
        started.release()
        release.wait(10)

    hands.submit(job)
    assert started.acquire(timeout=10)
    assert hands.spare == 1
    release.set()
    hands.close()


def test_polls_come_at_their_times_and_not_more_than_allowed_at_once(hands: Hands) -> None:
    lock, most, now, done = threading.Lock(), [0], [0], threading.Semaphore(0)
    started = time.monotonic()
    early: list[float] = []

    def poll_of(due: float) -> Job | None:
        early.append(min(0.0, time.monotonic() - due))
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        threading.Event().wait(0.002)
        with lock:
            now[0] -= 1
        done.release()
        return None

    for number in range(20):
        due = started + number % 5 * 0.01
        hands.poll_at(due, lambda due=due: poll_of(due))  # type: ignore[misc]
    assert _gather(done, 20)
    assert early == [0.0] * 20
    assert most[0] <= 2


def test_a_nearer_poll_is_not_kept_waiting_by_a_later_one(hands: Hands) -> None:
    done = threading.Event()
    hands.poll_at(time.monotonic() + 1000, lambda: None)
    hands.poll_at(time.monotonic() + 500, lambda: None)
    hands.poll_at(time.monotonic() + 0.01, done.set)
    assert done.wait(10)


def test_what_a_poll_brings_is_worked_on_by_its_thread_while_others_poll_on() -> None:
    hands = Hands("test", polls=1)
    release, polled = threading.Event(), threading.Event()
    worked: list[str] = []
    done = threading.Event()

    def work() -> None:
        worked.append(threading.current_thread().name)
        release.wait(10)
        done.set()

    names: list[str] = []

    def poll() -> Job:
        names.append(threading.current_thread().name)
        return work

    hands.poll_at(0, poll)
    hands.poll_at(0, polled.set)
    assert polled.wait(10)
    release.set()
    assert done.wait(10)
    assert worked == names
    hands.close()


def test_a_poll_that_hangs_can_be_replaced() -> None:
    hands = Hands("test", polls=1)
    release, stuck, polled = threading.Event(), threading.Event(), threading.Event()

    def hang() -> None:
        stuck.set()
        release.wait(10)

    hands.poll_at(0, hang)
    assert stuck.wait(10)
    hands.poll_at(0, polled.set)
    assert not polled.is_set()
    hands.allow_polls(1)
    assert polled.wait(10)
    release.set()
    hands.close()


def test_an_unexpected_error_costs_no_thread(hands: Hands, caplog: pytest.LogCaptureFixture) -> None:
    done = threading.Event()

    def boom() -> None:
        raise ValueError("boom")

    hands.submit(boom)
    hands.poll_at(0, boom)
    hands.poll_at(time.monotonic() + 0.01, done.set)
    assert done.wait(10)
    assert {"A worker thread met an unexpected error", "A poll failed in an unexpected way"} == {
        record.message for record in caplog.records
    }


def test_threads_without_work_end_but_one_watches_the_next_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.01)
    hands = Hands("test", polls=2)
    together, done = threading.Barrier(4), threading.Semaphore(0)

    def job() -> None:
        together.wait(10)
        done.release()

    for _ in range(4):
        hands.submit(job)
    assert _gather(done, 4)
    hands.poll_at(time.monotonic() + 0.2, done.release)
    until(lambda: hands.threads <= 1)
    assert _gather(done, 1)
    until(lambda: not hands.threads)
    hands.submit(done.release)
    assert _gather(done, 1)
    hands.close()


def test_without_new_threads_the_caller_works(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    ran = []
    Hands("test", polls=1).submit(lambda: ran.append(threading.current_thread()))
    assert ran == [threading.current_thread()]


def test_closing_drops_polls_and_finishes_work() -> None:
    hands = Hands("test", polls=1, limit=1)
    release, done = threading.Event(), threading.Semaphore(0)
    polled: list[int] = []

    def hold() -> None:
        release.wait(10)

    hands.submit(hold)
    hands.submit(done.release)
    hands.poll_at(0, lambda: polled.append(1))
    hands.close()
    release.set()
    assert _gather(done, 1)
    until(lambda: not hands.threads)
    assert polled == []
