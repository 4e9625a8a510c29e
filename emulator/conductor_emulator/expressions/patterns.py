"""Regular expressions that nobody has to wait for.

Python's engine tries all ways to divide a text among the parts of a pattern: with ``(a+)+$`` thirty letters take
minutes, in which no other thread does anything. So `Pattern` estimates first how long that could take. Where it is
soon done, as nearly always, Python's engine answers. Else the same syntax tree is followed here, with each place of the
pattern tried once at each place of the text: what has failed there once fails again. The findings are the same.

Back-references are the exception, as what fails then depends on what has been found before: they are given up after
`MOST_STEPS`, as is all else that takes so many (``TookTooLong``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from re import _constants, _parser  # type: ignore[attr-defined]  # as much a part of Python as its grammar
from typing import Any, Final, TypeAlias

from conductor_emulator.expressions.pattern_effort import ONE_CHARACTER, REPEATS, is_affordable, single

#: So many steps take about a second.
MOST_STEPS: Final = 1_000_000
#: So many more for each character, where each place of the pattern is tried once at each place of the text.
MOST_STEPS_PER_CHARACTER: Final = 16
#: A pattern that is larger when its counted repetitions are written out is not followed.
_LARGEST: Final = 50_000
_CHECK_EVERY: Final = 1024

#: One step of a program: what to do, with what, and where to go on.
_Step: TypeAlias = tuple[Any, ...]
_Check: TypeAlias = Callable[[], None]
_Moved: TypeAlias = tuple[int | None, int, tuple[int, ...]]


class TookTooLong(Exception):
    """The pattern was given up on this text."""


class Found:
    """Where a pattern has been found: as much of ``re.Match`` as is asked for."""

    __slots__ = ("_marks", "_text", "re")

    def __init__(self, pattern: Pattern, text: str, marks: tuple[int, ...]) -> None:
        self.re = pattern
        self._text = text
        self._marks = marks

    def start(self, group: int = 0) -> int:
        return self._marks[2 * group]

    def end(self, group: int = 0) -> int:
        return self._marks[2 * group + 1]

    def group(self, group: int = 0) -> str | None:
        return None if self.end(group) < 0 else self._text[self.start(group) : self.end(group)]

    def groups(self) -> tuple[str | None, ...]:
        return tuple(self.group(number) for number in range(1, self.re.groups + 1))

    def groupdict(self) -> dict[str, str | None]:
        return {name: self.group(number) for name, number in self.re.groupindex.items()}


class Pattern:
    """A compiled pattern; raises ``re.error``."""

    def __init__(self, source: str, flags: int = 0) -> None:
        self._pattern = re.compile(source, flags)
        self.source, self._flags = source, flags
        self.groups = self._pattern.groups
        self.groupindex = self._pattern.groupindex
        #: by whether it is searched: the longest text seen that takes few steps whatever it is, the shortest other
        self._short = [-1, -1]
        self._long: list[float] = [float("inf"), float("inf")]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and self._pattern == other._pattern

    def __hash__(self) -> int:
        return hash(self._pattern)

    def fullmatch(self, text: str) -> bool:
        """Whether the whole text is an instance of it. Raises ``TookTooLong``."""
        if self._is_soon_done(text, is_searched=False):
            return self._pattern.fullmatch(text) is not None
        return _Run(self._program, text, None, is_whole=True).at(0) is not None

    def search(self, text: str, check: _Check | None = None) -> re.Match[str] | Found | None:
        """Its first instance. ``check`` is called now and then and may raise; without one: ``TookTooLong``."""
        if self._is_soon_done(text, is_searched=True):
            return self._pattern.search(text)
        return next(self._follow(text, check), None)

    def finditer(self, text: str, check: _Check | None = None) -> Iterator[re.Match[str] | Found]:
        """All its instances, one behind the other. ``check`` as for `search`."""
        if self._is_soon_done(text, is_searched=True):
            return self._pattern.finditer(text)
        return self._follow(text, check)

    def _follow(self, text: str, check: _Check | None) -> Iterator[Found]:
        run = _Run(self._program, text, check)
        begin = 0
        while begin <= len(text):
            marks = run.at(begin)
            if marks is None:
                begin += 1
                continue
            yield Found(self, text, marks[: 2 * self.groups + 2])
            begin, run.not_empty_at = marks[1], marks[1] if marks[0] == marks[1] else -1
            run.forget()

    def _is_soon_done(self, text: str, *, is_searched: bool) -> bool:
        """Whether Python's engine may be asked."""
        length = len(text)
        if length <= self._short[is_searched]:
            return True
        if length < self._long[is_searched]:
            if is_affordable(self._tree, length, is_searched=is_searched):
                self._short[is_searched] = length
                return True
            self._long[is_searched] = length
        return is_affordable(self._tree, length, text, is_searched=is_searched)

    @cached_property
    def _tree(self) -> Any:
        return _parser.parse(self.source, self._flags)

    @cached_property
    def _program(self) -> _Program:
        return _Program(self._tree, self.groups)


# -- what is followed --------------------------------------------------------------------------------------------------
class _Program:
    """A syntax tree as steps that point to one another, numbered for what is remembered of each."""

    def __init__(self, tree: Any, groups: int, *, first_register: int | None = None) -> None:
        self.steps: list[_Step] = []
        self.groups = groups
        #: so many repetitions of what may be empty stand around the part that is added
        self._open = 0
        self._first_register = 2 * groups + 2 if first_register is None else first_register
        #: as many places are remembered: two for each group, then where such repetitions have begun last
        self.registers = self._first_register
        #: whether what fails depends on nothing but the place
        self.is_plain = True
        self._add_all(tree, tree.state.flags)
        self._add(("found",))

    def _add(self, step: _Step) -> int:
        if len(self.steps) >= _LARGEST:
            raise TookTooLong("the pattern repeats too much")
        self.steps.append(step)
        return len(self.steps) - 1

    def _add_all(self, items: Any, flags: int) -> None:
        plain: list[Any] = []
        for item in items:
            if item[0] in ONE_CHARACTER or item[0] is _constants.AT:
                plain.append(item)
                continue
            self._add_plain(plain, flags)
            plain = []
            self._add_part(item[0], item[1], flags)
        self._add_plain(plain, flags)

    def _add_plain(self, items: list[Any], flags: int) -> None:
        """Characters and places in a row fit in one way or not at all: that is asked of Python's engine."""
        if items:
            self._add(("fits", single(items, flags).match))

    def _add_part(self, kind: Any, argument: Any, flags: int) -> None:
        if kind is _constants.BRANCH:
            self._add_branches(argument[1], flags)
        elif kind is _constants.SUBPATTERN:
            group, added, removed, body = argument
            if group is not None:
                self._add(("mark", 2 * group))
            if added & _parser.TYPE_FLAGS:  # one of (?a: (?u: instead of the other
                flags &= ~_parser.TYPE_FLAGS
            self._add_all(body, (flags | added) & ~removed)
            if group is not None:
                self._add(("mark", 2 * group + 1))
        elif kind is _constants.POSSESSIVE_REPEAT:
            self._add_look([(_constants.MAX_REPEAT, argument)], flags, moves=True)
        elif kind in REPEATS:
            least, most, body = argument
            self._add_repeat(least, most, body, flags, is_greedy=kind is _constants.MAX_REPEAT)
        elif kind is _constants.ATOMIC_GROUP:
            self._add_look(argument, flags, moves=True)
        elif kind in (_constants.ASSERT, _constants.ASSERT_NOT):
            direction, body = argument
            back = body.getwidth()[0] if direction < 0 else 0
            self._add_look(body, flags, back=back, wanted=kind is _constants.ASSERT)
        elif kind is _constants.GROUPREF:
            self.is_plain = False
            self._add(("again", argument, bool(flags & re.IGNORECASE)))
        elif kind is _constants.GROUPREF_EXISTS:
            group, yes, no = argument
            self._add_condition(group, yes, no, flags)
        else:  # what can never be
            self._add(("fails",))

    def _add_branches(self, branches: list[Any], flags: int) -> None:
        ends = []
        for branch in branches[:-1]:
            fork = self._add(())
            self._add_all(branch, flags)
            ends.append(self._add(()))
            self.steps[fork] = ("fork", fork + 1, len(self.steps))
        self._add_all(branches[-1], flags)
        for end in ends:
            self.steps[end] = ("go", len(self.steps))

    def _add_condition(self, group: int, yes: Any, no: Any, flags: int) -> None:
        self.is_plain = False
        fork = self._add(())
        self._add_all(yes, flags)
        end = self._add(())
        self.steps[fork] = ("if found", group, len(self.steps))
        if no is not None:
            self._add_all(no, flags)
        self.steps[end] = ("go", len(self.steps))

    def _add_repeat(self, least: int, most: Any, body: Any, flags: int, *, is_greedy: bool) -> None:
        for _ in range(least):
            self._add_all(body, flags)
        may_be_empty = body.getwidth()[0] == 0
        register = self._first_register + self._open
        if may_be_empty:
            self._open += 1
            self.registers = max(self.registers, register + 1)
        loops = most is _constants.MAXREPEAT
        places = []
        for _ in range(1 if loops else int(most) - least):
            fork = self._add(())
            if may_be_empty:
                self._add(("mark", register))
            self._add_all(body, flags)
            places.append((fork, self._add(())))
        for fork, after in places:  # after one that was empty there is no other
            on, past = fork if loops else after + 1, len(self.steps)
            self.steps[fork] = ("fork", fork + 1, past) if is_greedy else ("fork", past, fork + 1)
            self.steps[after] = ("go if moved", on, register, past) if may_be_empty else ("go", on)
        self._open -= may_be_empty

    def _add_look(self, items: Any, flags: int, *, back: int = 0, wanted: bool = True, moves: bool = False) -> None:
        """Something that is decided at once, with a program of its own: no other way through it is asked for."""
        state = _parser.State()
        state.flags = flags
        inner = _Program(
            _parser.SubPattern(state, list(items)), self.groups, first_register=self._first_register + self._open
        )
        self.registers = max(self.registers, inner.registers)
        self.is_plain = self.is_plain and inner.is_plain
        self._add(("look", inner, back, wanted, moves))


class _Run:
    """One program over one text. It remembers where what was tried in vain, from one beginning to the next."""

    def __init__(
        self,
        program: _Program,
        text: str,
        check: _Check | None,
        *,
        is_whole: bool = False,
        made: list[int] | None = None,
    ) -> None:
        self._program = program
        self._text = text
        self._check = check
        self._is_whole = is_whole
        #: an instance that begins there is not empty
        self.not_empty_at = -1
        self._tried: dict[int, set[int]] = {}
        self._first_loop = 2 * program.groups + 2
        #: how many steps have been made, by all parts of one search
        self._made = [0] if made is None else made
        self._most = MOST_STEPS + (MOST_STEPS_PER_CHARACTER * len(text) if program.is_plain else 0)

    def forget(self) -> None:
        """What has led to an instance has not been in vain."""
        self._tried = {}

    def at(self, begin: int, marks: tuple[int, ...] | None = None) -> tuple[int, ...] | None:
        """The registers of the instance that begins there, or None."""
        steps, text, is_plain = self._program.steps, self._text, self._program.is_plain
        own = (begin, *(marks or (-1,) * self._program.registers)[1:])
        own += (-1,) * (self._program.registers - len(own))
        waiting: list[tuple[int, int, tuple[int, ...]]] = [(0, begin, own)]
        while waiting:
            number, place, own = waiting.pop()
            while True:
                self._made[0] += 1
                if self._made[0] % _CHECK_EVERY == 0:
                    self._look_up()
                step = steps[number]
                kind = step[0]
                if kind == "fits":
                    fitting = step[1](text, place)
                    if fitting is None:
                        break
                    place = fitting.end()
                    number += 1
                elif kind == "fork":
                    if is_plain and self._was_tried(number, place, own):
                        break
                    waiting.append((step[2], place, own))
                    number = step[1]
                elif kind == "go":
                    number = step[1]
                elif kind == "found":
                    if (self._is_whole and place < len(text)) or place == begin == self.not_empty_at:
                        break
                    return (own[0], place, *own[2:])
                else:
                    moved = self._other(step, place, own)
                    if moved is None:
                        break
                    ahead, place, own = moved
                    number = number + 1 if ahead is None else ahead
        return None

    def _was_tried(self, number: int, place: int, own: tuple[int, ...]) -> bool:
        """Whether the search has been here before.

        Here is the step, the place, and which repetitions have not moved since they began: nothing else counts.
        """
        here = place
        for begun in own[self._first_loop :]:
            here = 2 * here + (begun == place)
        tried = self._tried.get(number)
        if tried is None:
            tried = self._tried[number] = set()
        if here in tried:
            return True
        tried.add(here)
        return False

    def _other(self, step: _Step, place: int, own: tuple[int, ...]) -> _Moved | None:
        """The step to go on with (None: the next), place and registers; None if it fails."""
        kind = step[0]
        if kind == "mark":
            return None, place, (*own[: step[1]], place, *own[step[1] + 1 :])
        if kind == "go if moved":
            return step[1] if own[step[2]] != place else step[3], place, own
        if kind == "if found":
            return None if own[2 * step[1] + 1] >= 0 else step[2], place, own
        if kind == "look":
            _, inner, back, wanted, moves = step
            return self._look(inner, back, wanted, moves, place, own)
        return self._again(step[1], step[2], place, own) if kind == "again" else None

    def _look(
        self, inner: _Program, back: int, wanted: bool, moves: bool, place: int, own: tuple[int, ...]
    ) -> _Moved | None:
        run = _Run(inner, self._text, self._check, made=self._made)
        marks = None if place < back else run.at(place - back, own)
        if (marks is not None) is not wanted:
            return None
        return (None, place, own) if marks is None else (None, marks[1] if moves else place, (*own[:2], *marks[2:]))

    def _again(self, group: int, ignores_case: bool, place: int, own: tuple[int, ...]) -> _Moved | None:
        begin, end = own[2 * group], own[2 * group + 1]
        if end < 0:
            return None
        said, here = self._text[begin:end], self._text[place : place + end - begin]
        is_same = said.lower() == here.lower() if ignores_case else said == here
        return (None, place + end - begin, own) if is_same else None

    def _look_up(self) -> None:
        if self._check is not None:
            self._check()
        elif self._made[0] > self._most:
            raise TookTooLong(f"more than {self._most} steps")
