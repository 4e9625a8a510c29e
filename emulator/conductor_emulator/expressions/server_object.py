"""Objects of the server among the values of a workflow: there, and yet closed to paths and scripts."""

from __future__ import annotations

from typing import Any, TypeGuard


class ServerObject(dict[str, Any]):
    """A map that nothing leads into while it is closed.

    A failure workflow's first evaluation gets the execution that failed as the server's own object, not as the map that
    the store makes of it. The object is given whole (``${workflow.input.failedWorkflow}``), every path into it reads as
    null, a script finds methods and no fields on it, in text it is ``text``. jq reads its JSON, as ever.
    """

    __slots__ = ("is_closed", "text")

    def __init__(self, fields: dict[str, Any], text: str) -> None:
        super().__init__(fields)
        self.text = text
        self.is_closed = True


class ServerStatus(str):
    """The status of the running workflow as a script sees it: what ``${workflow.status}`` is on the server, an enum.

    It is a text everywhere else; only the input of a script has it.
    """

    __slots__ = ()


def is_closed(value: Any) -> TypeGuard[ServerObject]:
    """Whether the value is an object of the server that cannot be looked into."""
    return type(value) is ServerObject and value.is_closed
