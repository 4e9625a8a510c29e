"""Which lines of a run tell something: iterations and attempts that look alike are told once, with their count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from conductor_pytest.rules import plain_reference
from conductor_pytest.task_names import nodes
from conductor_sdk import Task, TaskStatus, WorkflowDef

#: Of attempts that look alike the first and the last tell enough.
_ALIKE_SHOWN = 3
#: Of a long run the first and the last lines tell most, and the failures between them.
_FIRST_SHOWN = 20
_LAST_SHOWN = 20
_FAILURES_SHOWN = 5
_WELL = (TaskStatus.COMPLETED, TaskStatus.SKIPPED)
#: So many lines at least have to be saved.
_WORTH_IT = 2


class Row(NamedTuple):
    """What a line says: when a task was taken, its name with the attempt, its type, and the rest."""

    at: str
    name: str
    kind: str
    rest: str


class Entry(NamedTuple):
    """A task and its line."""

    task: Task
    row: Row

    @property
    def is_inside(self) -> bool:
        """It is in a loop; the loop's own task counts iterations, too."""
        return plain_reference(self.task) != self.task.reference_task_name

    @property
    def look(self) -> tuple[str, str, str]:
        """What it has in common with its like in other iterations."""
        suffix = f"__{self.task.iteration}"
        name, found, attempt = self.row.name.partition(suffix)
        return name + attempt if found else self.row.name, self.row.kind, self.row.rest


def folded(entries: Sequence[Entry], definition: WorkflowDef | None) -> list[Entry | str]:
    """The entries that tell something, and in words what is left out between them."""
    return _cut(_without_attempts(_without_iterations(entries, definition)))


def names(tasks: Iterable[Task]) -> list[str]:
    """The reference names of tasks, each once; those of a loop's iterations as one: ``look__1 … look__60``."""
    iterations: dict[str, list[str]] = {}
    for task in tasks:
        iterations.setdefault(plain_reference(task), []).append(task.reference_task_name)
    found = []
    for of_task in iterations.values():
        different = list(dict.fromkeys(of_task))
        found += different if len(different) <= _ALIKE_SHOWN else [f"{different[0]} … {different[-1]}"]
    return found


# -- iterations --------------------------------------------------------------------------------------------------------
def _without_iterations(entries: Sequence[Entry], definition: WorkflowDef | None) -> list[Entry | str]:
    told: list[Entry | str] = []
    loops: dict[str, str] | None = None
    for is_inside, group in groupby(entries, key=lambda entry: entry.is_inside):
        inside = list(group)
        if is_inside:
            loops = _loops(definition) if loops is None else loops
            shown = [line for loop in _by_loop(inside, loops) for line in _once(loop)]
            told += shown if len(shown) + _WORTH_IT <= len(inside) else inside
        else:
            told += inside
    return told


def _loops(definition: WorkflowDef | None) -> dict[str, str]:
    """The outermost loop around each task that is in one."""
    found: dict[str, str] = {}
    for node in nodes([] if definition is None else definition.tasks):  # an outer loop comes before those in it
        for inside in nodes(node.loop_over):
            found.setdefault(inside.task_reference_name, node.task_reference_name)
    return found


def _by_loop(entries: Sequence[Entry], loops: dict[str, str]) -> list[list[list[Entry]]]:
    """The iterations of each loop, each with its entries."""
    only = next(iter(loops.values())) if len(set(loops.values())) == 1 else ""
    found: dict[str, dict[int, list[Entry]]] = {}
    for entry in entries:
        loop = loops.get(plain_reference(entry.task), only)
        found.setdefault(loop, {}).setdefault(entry.task.iteration, []).append(entry)
    return [list(iterations.values()) for iterations in found.values()]


def _once(iterations: Sequence[Sequence[Entry]]) -> list[Entry | str]:
    """Each iteration that looks like none before it; of the others their numbers."""
    told: list[Entry | str] = []
    first: dict[tuple[tuple[str, str, str], ...], int] = {}
    looks = [tuple(entry.look for entry in iteration) for iteration in iterations]
    for look, group in groupby(zip(looks, iterations, strict=True), key=lambda pair: pair[0]):
        alike = [iteration for _, iteration in group]
        if look not in first:
            first[look] = alike[0][0].task.iteration
            told += alike.pop(0)
        if sum(map(len, alike)) < _WORTH_IT:
            told += [entry for iteration in alike for entry in iteration]
            continue
        begin, end = (alike[number][0].task.iteration for number in (0, -1))
        which = f"iteration {begin} is" if begin == end else f"iterations {begin} to {end} ({len(alike)}) are"
        told.append(f"… {which} like {first[look]} …")
    return told


# -- attempts, and the rest --------------------------------------------------------------------------------------------
def _without_attempts(entries: Sequence[Entry | str]) -> list[Entry | str]:
    told: list[Entry | str] = []
    for _, same in groupby(entries, key=_attempt):
        alike = list(same)
        left_out = len(alike) - 2
        told += alike if len(alike) <= _ALIKE_SHOWN else [alike[0], f"… {left_out} more like these …", alike[-1]]
    return told


def _attempt(entry: Entry | str) -> object:
    return entry if isinstance(entry, str) else (entry.task.reference_task_name, entry.row.kind, entry.row.rest)


def _cut(entries: list[Entry | str]) -> list[Entry | str]:
    """A long run without its middle, but for tasks that failed only there."""
    last = len(entries) - _LAST_SHOWN
    if last - _FIRST_SHOWN <= 1:
        return entries
    told, left_out = entries[:_FIRST_SHOWN], 0
    seen = {_failed(entry) for entry in (*told, *entries[last:])} | {""}
    most = len(seen) + _FAILURES_SHOWN
    for entry in entries[_FIRST_SHOWN:last]:
        if (failed := _failed(entry)) in seen or len(seen) == most:
            left_out += 1
            continue
        seen.add(failed)
        told += [f"… {left_out} more …", entry] if left_out else [entry]
        left_out = 0
    return [*told, *([f"… {left_out} more …"] if left_out else []), *entries[last:]]


def _failed(entry: Entry | str) -> str:
    """The reference name of a task that failed; else empty."""
    if isinstance(entry, str) or not entry.task.status.is_terminal or entry.task.status in _WELL:
        return ""
    return entry.task.reference_task_name
