from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from conductor_sdk import Task, TaskLogHandler, TerminalError, execute


@pytest.fixture
def shop_log() -> Iterator[logging.Logger]:
    log, handler = logging.getLogger("shop.orders"), TaskLogHandler()
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    yield log
    log.removeHandler(handler)
    log.setLevel(logging.NOTSET)


def test_what_a_worker_logs_is_in_its_tasks_log(shop_log: logging.Logger) -> None:
    def charge(task: Task) -> None:
        shop_log.info("charging %s", 7)
        shop_log.debug("not for the task")
        raise TerminalError("no money")

    result = execute(charge, Task())
    assert [line.log for line in result.logs] == ["INFO shop.orders: charging 7"]
    assert result.logs[0].created_time is not None


def test_outside_of_a_worker_nothing_happens(shop_log: logging.Logger) -> None:
    shop_log.info("no task here")


def test_a_line_that_cannot_be_formatted_harms_nobody(
    shop_log: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)

    def work(task: Task) -> int:
        shop_log.info("%d", "no number")
        return 1

    assert execute(work, Task()).output_data == {"result": 1}
