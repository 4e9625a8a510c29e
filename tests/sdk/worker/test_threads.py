from __future__ import annotations

import threading

import pytest

from conductor_sdk.worker.threads import DaemonPool
from tests.patience import until


def test_jobs_run_at_once_up_to_the_size() -> None:
    pool = DaemonPool(3, "test")
    together = threading.Barrier(3)
    done = threading.Semaphore(0)

    def job() -> None:
        together.wait(10)
        done.release()

    for _ in range(6):
        pool.submit(job)
    for _ in range(6):
        assert done.acquire(timeout=10)
    assert pool._threads == 3
    pool.close()


def test_idle_threads_are_used_again() -> None:
    pool = DaemonPool(4, "test")
    names = []
    for _ in range(5):
        done = threading.Event()

        def job(done: threading.Event = done) -> None:
            names.append(threading.current_thread().name)
            done.set()

        until(lambda: pool._idle or not pool._threads)
        pool.submit(job)
        assert done.wait(10)
    assert set(names) == {"test-1"}
    pool.close()


def test_without_new_threads_the_caller_works(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    ran = []
    DaemonPool(2, "test").submit(lambda: ran.append(threading.current_thread()))
    assert ran == [threading.current_thread()]
