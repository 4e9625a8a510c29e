"""What a model answers, for tests: written down thought by thought."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conductor_sdk import Task

Reply = dict[str, Any]


def uses(tool: str, **arguments: Any) -> Reply:
    """The model wants a tool."""
    return {"tool": tool, "arguments": arguments, "answer": None}


def answers(text: str) -> Reply:
    """The model knows enough."""
    return {"tool": "none", "arguments": {}, "answer": text}


def thinks(*replies: Reply) -> Callable[[Task], Reply]:
    """One reply for each round of the loop; the last one is said again and again."""
    return lambda task: replies[min(task.iteration, len(replies)) - 1]
