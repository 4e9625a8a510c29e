"""Virtual time behind a port: programs outside say when it passes, and it never passes over their work.

While a task is in the hands of a worker, while slow work (an HTTP call, a long script) is done beside, or while a task
waits in a queue that somebody polls, the next thing to happen is not a timer: nothing is skipped then. What a limit
keeps from those who poll waits for time itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING, Final

from conductor_emulator.engine.errors import Conflict
from conductor_emulator.runtime.clock import VirtualClock

if TYPE_CHECKING:
    from conductor_emulator.runtime.runtime import Runtime

#: Woken after each command: whoever waits for rest looks again.
CHANGED: Final = ("virtual time", "changed")
#: So many moments without anybody outside are no way to rest.
_MOST_JUMPS: Final = 10_000


class VirtualTime:
    """The clock of a runtime, moved by request. Raises ``Conflict`` where the clock is the machine's."""

    def __init__(self, runtime: Runtime) -> None:
        if not isinstance(runtime.clock, VirtualClock):
            raise Conflict("The clock of this server is the machine's: start it with --virtual-clock to move it")
        self._runtime = runtime
        self._clock = runtime.clock
        self._jumps = 0

    def advance(self, milliseconds: int) -> None:
        """Let time pass, whatever workers do meanwhile; everything due on the way happens at its own moment."""
        end = self._clock.now() + milliseconds
        while (due := self._runtime.next_due()) is not None and due <= end:
            self._go_to(due)
        self._clock.move_to(end)

    def jump(self) -> int | None:
        """Go to the next moment; how many ms that was, None if there is none. Raises ``Conflict`` over work."""
        occupied = next(self.occupied(), None)
        if occupied is not None:
            raise Conflict(f"Time is not skipped while {occupied}")
        due = self._runtime.next_due()
        return None if due is None else self._go_to(due)

    def settle(self, *, timeouts: bool) -> bool:
        """Go from moment to moment until only somebody outside can go on; False while somebody does.

        Time-outs and schedules are left to come, unless ``timeouts``.
        """
        while next(self.occupied(), None) is None:
            due = self._runtime.next_due()
            if due is None or not (timeouts or goes_on_by_itself(self._runtime, lambda _: False)):
                return True
            self._jumps += 1
            if self._jumps > _MOST_JUMPS:
                raise Conflict(f"After {_MOST_JUMPS} moments there is no rest yet: a loop or retries without end?")
            self._go_to(due)
        return False

    def occupied(self) -> Iterator[str]:
        """What somebody outside is at, in words."""
        runtime = self._runtime
        for task_id in runtime.held:
            known = runtime.find_task(task_id)
            if known is not None:
                yield f"task {known[1].reference} of {known[0].workflow_id} is in the hands of {known[1].worker_id}"
        for task_id, words in runtime.beside.items():
            known = runtime.find_task(task_id)
            if words is not None:
                yield words
            elif known is not None:
                yield f"task {known[1].reference} of {known[0].workflow_id} is being carried out"
        for queue in runtime.queues.sizes():
            message = next(runtime.queues.ready(queue), None)
            known = None if message is None else runtime.find_task(message.task_id)
            if known is not None:
                task = known[1]
                is_polled = any(poll.domain == task.domain for poll in runtime.poll_data.of(task.task_type))
                if is_polled and not runtime.is_kept_back(task):
                    yield f"task {task.reference} of {known[0].workflow_id} waits for a worker, and {queue} is polled"

    def _go_to(self, due: int) -> int:
        passed = max(0, due - self._clock.now())
        self._clock.move_to(due)
        self._runtime.run_due()
        return passed


def goes_on_by_itself(runtime: Runtime, is_own: Callable[[Hashable], bool]) -> bool:
    """Whether a moment is to come that is more than somebody's time-out. Alarms count that ``is_own`` knows by name."""
    for due, key in runtime.timers.upcoming():
        assert isinstance(key, tuple)  # noqa: S101 - every timer's key is a kind and a name
        kind, name = key
        if kind == "queue" or (kind == "alarm" and is_own(name)):
            return True
        if kind == "task":
            found = runtime.find_task(name)
            if found is not None and found[1].wake_at == due:
                return True
    return False


def announce_changes(runtime: Runtime) -> None:
    """Wake whoever waits for rest after each command."""
    waiters = runtime.waiters
    runtime.listeners.append(lambda _execution, _command: waiters.wake_all(CHANGED))
