"""What ``wait_for(run, until=…)`` waits for: a function of the run, quoted when it never comes true."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from types import CodeType
from typing import TYPE_CHECKING, Final

from conductor_pytest.errors import NoSuchTask, Stuck
from conductor_pytest.shortened import one_line, shortened

if TYPE_CHECKING:
    from conductor_pytest.runs import Run

#: How it is said that a run is waited for, and nothing in particular.
THE_END: Final = "the end of run"

_LONGEST: Final = 120
_LAMBDA: Final = "<lambda>"


class Condition:
    """Asked after each step. What it looks at may not be there yet: a task, a key of an output."""

    def __init__(self, function: Callable[[Run], object], run: Run) -> None:
        self._function = function
        self._run = run
        self._error: LookupError | None = None
        self.text = f"`{quoted(function)}`"

    def is_true(self) -> bool:
        """Whether it is true now. What it raises is raised, unless it is a ``LookupError``."""
        try:
            found = bool(self._function(self._run))
        except LookupError as error:
            self._error = error
            return False
        self._error = None
        return found

    def never_came(self, stuck: Stuck) -> Stuck:
        """The complaint with what the function raised when it looked for the last time."""
        if self._error is None or (isinstance(self._error, NoSuchTask) and self._error.may_come):
            return stuck
        raised = f"at the last look it raised {type(self._error).__name__}: {one_line(str(self._error))}"
        return type(stuck)(str(stuck).replace(self.text, f"{self.text} ({raised})", 1))


def quoted(function: Callable[..., object]) -> str:
    """What a lambda says, where its source can be read; the name of another function."""
    code = getattr(function, "__code__", None)
    name = getattr(function, "__name__", None) or type(function).__name__
    if not isinstance(code, CodeType) or name != _LAMBDA:
        return name
    return shortened(" ".join(_body(code).split()), _LONGEST) or "until"


def _body(code: CodeType) -> str:
    """The source of an expression by the places of its instructions; empty where they are not known."""
    places = [place for place in code.co_positions() if None not in place and place[2] != place[3]]
    if not places:
        return ""
    first_line, first_column = min((line or 0, column or 0) for line, _, column, _ in places)
    last_line, last_column = max((line or 0, column or 0) for _, line, _, column in places)
    lines = [line.encode() for line in linecache.getlines(code.co_filename)[first_line - 1 : last_line]]
    if len(lines) != last_line - first_line + 1:
        return ""
    lines[-1] = lines[-1][:last_column]
    lines[0] = lines[0][first_column:]
    return b"".join(lines).decode(errors="replace")
