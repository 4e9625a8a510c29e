"""Workers for processes: they have to stand at the top level of a module that another process can import."""

from __future__ import annotations

import os

from conductor_sdk import TaskLogHandler, TerminalError, task_context, worker

__all__ = ["TaskLogHandler", "crash", "refuse", "square"]


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
