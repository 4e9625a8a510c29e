from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from conductor_emulator.runtime.drivers.pool import Pool


def test_work_is_done_beside_and_at_the_same_time() -> None:
    pool, together, done = Pool(2), threading.Barrier(3, timeout=10), threading.Semaphore(0)

    def work() -> None:
        together.wait()
        done.release()

    pool.submit(work)
    pool.submit(work)
    together.wait()
    assert all(done.acquire(timeout=10) for _ in range(2))
    pool.close()


def test_more_work_than_threads_is_done_in_its_order() -> None:
    pool, order, done = Pool(1), list[int](), threading.Event()
    for number in range(5):
        pool.submit(lambda n=number: order.append(n))  # type: ignore[misc]
    pool.submit(done.set)
    assert done.wait(10)
    assert order == [0, 1, 2, 3, 4]
    pool.close()


@pytest.mark.parametrize("error", [RecursionError, SystemExit])
def test_work_that_fails_costs_no_thread(error: type[BaseException], caplog: pytest.LogCaptureFixture) -> None:
    pool, done = Pool(1), threading.Event()

    def fail() -> None:
        raise error

    for _ in range(3):
        pool.submit(fail)
    pool.submit(done.set)
    assert done.wait(10)
    assert pool._threads == 1
    assert [record.message for record in caplog.records] == ["Slow work failed"] * 3
    pool.close()


def test_after_close_nothing_is_taken_any_more() -> None:
    pool, begun = Pool(), threading.Event()
    pool.close()
    pool.submit(begun.set)
    assert pool._threads == 0
    assert not begun.is_set()


def test_a_program_may_end_while_slow_work_goes_on() -> None:
    program = """
import threading
from conductor_emulator.runtime.drivers.pool import Pool
begun = threading.Event()
Pool().submit(lambda: (begun.set(), threading.Event().wait()))
assert begun.wait(10)
"""
    assert subprocess.run([sys.executable, "-c", program], timeout=30, check=False).returncode == 0
