"""What happens, while it happens: lines that redraw themselves on a terminal, plain ones elsewhere."""

from __future__ import annotations

import shutil
import threading
from collections import deque
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TextIO

from conductor_pytest.durations import span
from conductor_pytest.shortened import one_line

if TYPE_CHECKING:
    from conductor_emulator.engine.events import Event
    from conductor_emulator.engine.execution import Execution

#: Seconds between two looks, and how many of the last lines are seen on a terminal.
_REDRAWN_EVERY: Final = 0.1
_LINES: Final = 10
_UNTOLD: Final = frozenset(
    {"task.scheduled", "task.polled", "task.script", "task.poll_again", "task.handed_over", "task.lease"}
)
_GOOD: Final = ("completed", "completed_with_errors")
_BAD: Final = ("failed", "failed_with_terminal_error", "timed_out", "terminated", "canceled")


class Progress:
    """Listens to a runtime. ``with progress:`` around what may take long."""

    def __init__(self, stream: TextIO, *, is_terminal: bool) -> None:
        self._stream = stream
        self._is_terminal = is_terminal
        self._mutex = threading.Lock()
        self._lines: deque[str] = deque(maxlen=_LINES)
        #: how many events of an execution were told
        self._told: dict[str, int] = {}
        self._at_work: dict[str, str] = {}
        self._begin: int | None = None
        self._drawn: list[str] = []
        self._over = threading.Event()
        self._drawer: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self._is_terminal:
            self._drawer = threading.Thread(target=self._draw_again, name="progress", daemon=True)
            self._drawer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._drawer is not None:
            self._drawer.join()
            self._draw([])

    def listen(self, execution: Execution, _command: object) -> None:
        """Told by the runtime after each command."""
        events = execution.events
        first = self._told.get(execution.workflow_id, 0)
        if self._begin is None:
            self._begin = execution.create_time
        with self._mutex:
            for event in events[first:]:
                self._take(execution, event)
        self._told[execution.workflow_id] = len(events)

    def _take(self, execution: Execution, event: Event) -> None:
        task = execution.by_id.get(event.task_id or "")
        name = execution.name if task is None else task.reference
        if task is not None and execution.parent_workflow_id is not None:
            name = f"{execution.name}/{name}"
        what = event.kind.partition(".")[2]
        if task is not None and event.kind == "task.polled":
            self._at_work[task.task_id] = name
        elif event.task_id is not None and what not in ("scheduled", "polled"):
            self._at_work.pop(event.task_id, None)
        if event.kind in _UNTOLD:
            return
        at = span(event.at - (self._begin or event.at))
        said = event.rule if event.rule.startswith(what) else ": ".join(filter(None, (what, event.rule)))
        line = f"{at:>10}  {_mark(what)} {name} {one_line(said.replace('_', ' ', what.count('_')))}"
        if self._is_terminal:
            self._lines.append(line)
        else:
            print(line, file=self._stream, flush=True)

    # -- on a terminal -------------------------------------------------------------------------------------------------
    def _draw_again(self) -> None:
        while not self._over.wait(_REDRAWN_EVERY):
            self._draw(self._seen())

    def _seen(self) -> list[str]:
        """What a terminal shows now: the last lines, and who is at work."""
        with self._mutex:
            return [*self._lines, *(f"{'':>10}  ▸ {name} …" for name in self._at_work.values())]

    def _draw(self, lines: list[str]) -> None:
        """Put these lines in place of those that were drawn before."""
        if lines == self._drawn:
            return
        width = shutil.get_terminal_size().columns - 1
        back = f"\x1b[{len(self._drawn)}A" if self._drawn else ""
        self._stream.write(back + "\x1b[J" + "".join(f"{line[:width]}\n" for line in lines))
        self._stream.flush()
        self._drawn = lines


def _mark(what: str) -> str:
    return "✓" if what in _GOOD else "✗" if what in _BAD else "·"
