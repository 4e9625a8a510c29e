"""Workers for processes: they have to stand at the top level of a module that another process can import."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from conductor_sdk import TaskLogHandler, TerminalError, task_context, worker

__all__ = ["TaskLogHandler", "boom", "crash", "hang", "leave", "refuse", "square", "strange"]


@worker("square", process=True)
def square(number: int) -> dict[str, int]:
    task_context().log(f"squaring {number}")
    return {"square": number * number, "pid": os.getpid()}


@worker("refuse", process=True)
def refuse() -> None:
    raise TerminalError("not today")


@worker("crash", process=True)
def crash() -> None:
    os._exit(3)


@worker("boom", process=True)
def boom() -> None:
    raise ValueError("no such card")


class Strange(Exception):
    """Cannot be made again from its text alone."""

    def __init__(self, code: int, *, why: str) -> None:
        super().__init__(f"{why} ({code})")


@worker("strange", process=True)
def strange() -> None:
    raise Strange(3, why="odd")


@worker("leave", process=True)
def leave() -> None:
    sys.exit("enough")


@worker("hang", process=True)
def hang(began: str, until: str = "") -> None:
    """Tells that it has begun by a file, and waits for another one, or for ever."""
    Path(began).touch()
    while not (until and Path(until).exists()):
        threading.Event().wait(0.005)
