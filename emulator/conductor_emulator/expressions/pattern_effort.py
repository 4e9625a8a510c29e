"""How long Python's regular expressions may take for a text, before they are asked.

The estimate follows the syntax tree: how many ways lead to each part, and how many steps the part takes in each. It
looks at the length of the text first; where that leaves too many steps, at what stands in the text (how long the runs
of a class of characters are, where a literal occurs), so that ordinary patterns stay ordinary on long texts.
"""

from __future__ import annotations

import re
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]  # as much a part of Python as its grammar
from typing import Any, Final

#: So many steps take Python's engine half a second at most.
MOST_STEPS: Final = 50_000_000
#: For a long text so many for each character: a scan that reads each place a few times.
_MOST_PER_CHARACTER: Final = 200
#: What a character in a run costs, of which its way back is most.
_STEPS_IN_RUN: Final = 1.2
#: What a round of any other repetition costs beside its body.
_STEPS_OF_ROUND: Final = 5
#: Shorter runs are not looked for.
_SHORT_RUN: Final = 8

ONE_CHARACTER: Final = frozenset({_constants.LITERAL, _constants.NOT_LITERAL, _constants.ANY, _constants.IN})
REPEATS: Final = frozenset({_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT})
_ENDS: Final = [(_constants.AT, _constants.AT_END), (_constants.AT, _constants.AT_END_STRING)]
_LOOKS: Final = frozenset({_constants.ASSERT, _constants.ASSERT_NOT})


def is_affordable(tree: Any, length: int, text: str | None = None, *, is_searched: bool) -> bool:
    """Whether Python's engine is done soon with a text of that length, or with this ``text``."""
    limit = max(MOST_STEPS, _MOST_PER_CHARACTER * length)
    facts = _Lengths(length) if text is None else _Texts(text, tree.state)
    return _Estimate(facts, limit, is_searched=is_searched).of(tree) <= limit


def single(items: list[Any], flags: int) -> re.Pattern[str]:
    """Some items of a syntax tree as a pattern."""
    compiled: re.Pattern[str] = _compiler.compile(_part(items, flags), flags)
    return compiled


class _Lengths:
    """What can be said of a text by its length: upper limits."""

    def __init__(self, length: int) -> None:
        self.length = length

    def runs(self, item: Any, flags: int) -> tuple[int, float]:
        """The longest run of such characters; the characters from each place to the end of its run, added up."""
        return self.length, self.length * (self.length + 1) / 2

    def always_fits(self, longest: int) -> bool:
        """Whether a run as long as that is the whole text."""
        return False

    def rounds(self, body: Any, flags: int) -> tuple[int, float]:
        """The most rounds of a body that fits in one way at most; the rounds from each place on, added up."""
        times = self.length // max(1, body.getwidth()[0])
        return times, (self.length + 1.0) * times

    def occurrences(self, row: list[Any], flags: int) -> float:
        return self.length + 1

    def are_apart(self, one: Any, other: Any, flags: int) -> bool:
        """Whether no character is both."""
        return False


class _Texts(_Lengths):
    def __init__(self, text: str, state: Any) -> None:
        super().__init__(len(text))
        self._text = text
        self._state = state
        self._alphabet = "".join(set(text))
        self._runs: dict[tuple[str, int], tuple[int, float]] = {}

    def runs(self, item: Any, flags: int) -> tuple[int, float]:
        key = (repr(item), flags)
        if key not in self._runs:
            repeated = (_constants.POSSESSIVE_REPEAT, (_SHORT_RUN, _constants.MAXREPEAT, _part([item], flags)))
            longest, places = _SHORT_RUN - 1, self.length * _SHORT_RUN / 2
            for found in single([repeated], flags).finditer(self._text):
                run = found.end() - found.start()
                longest = max(longest, run)
                places += run * (run + 1) / 2
            self._runs[key] = (min(longest, self.length), places)
        return self._runs[key]

    def always_fits(self, longest: int) -> bool:
        return longest == self.length

    def rounds(self, body: Any, flags: int) -> tuple[int, float]:
        if not body.getwidth()[0] or _refers_to_groups(body):
            return super().rounds(body, flags)
        repeated = (_constants.POSSESSIVE_REPEAT, (_SHORT_RUN, _constants.MAXREPEAT, body))
        one = self._with_groups([(_constants.ATOMIC_GROUP, body)], flags)
        most, places = _SHORT_RUN - 1, self.length * _SHORT_RUN / 2
        for found in self._with_groups([repeated], flags).finditer(self._text):
            # one that begins within this one may be as long again
            rounds = 2 * sum(1 for _ in one.finditer(self._text, *found.span()))
            most = max(most, rounds)
            places += rounds * (found.end() - found.start()) / 2
        return most, places

    def _with_groups(self, items: list[Any], flags: int) -> re.Pattern[str]:
        part = _part(items, flags)
        part.state.groupwidths = self._state.groupwidths
        compiled: re.Pattern[str] = _compiler.compile(part, flags)
        return compiled

    def occurrences(self, row: list[Any], flags: int) -> float:
        ahead = (_constants.ASSERT, (1, _part(row, flags)))
        return max(1, sum(1 for _ in single([ahead], flags).finditer(self._text)))

    def are_apart(self, one: Any, other: Any, flags: int) -> bool:
        return single([(_constants.ASSERT, (1, _part([one], flags))), other], flags).search(self._alphabet) is None


def _part(items: list[Any], flags: int) -> Any:
    state = _parser.State()
    state.flags = flags
    return _parser.SubPattern(state, items)


class _Estimate:
    """The steps for one tree. ``ways`` are counted over all beginnings of a search at once.

    They are apart while each has come to another place: then the runs behind them add up to no more than the text has.
    """

    def __init__(self, facts: _Lengths, limit: float, *, is_searched: bool) -> None:
        self._facts = facts
        self._limit = limit
        self._is_searched = is_searched
        self._steps = 0.0
        #: the longest that a group may be: by the text where it holds one run, by the pattern
        self._widths: dict[int, int] = {}
        self._group_widths: list[Any] = []

    def of(self, tree: Any) -> float:
        flags = tree.state.flags
        self._group_widths = tree.state.groupwidths
        at_once = tree and tree[0] == (_constants.AT, _constants.AT_BEGINNING) and not flags & re.MULTILINE
        is_apart = self._is_searched and not at_once
        self._steps = 0.0
        items = list(tree)
        while items and not self._is_searched and items[-1] in _ENDS:
            items.pop()
        self._all(items, flags, [], self._facts.length + 1.0 if is_apart else 1.0, is_apart, is_last=True)
        return self._steps

    def _all(
        self, items: Any, flags: int, behind: list[Any], ways: float, is_apart: bool, *, is_last: bool
    ) -> tuple[float, bool]:
        """The ways out of these parts, and whether they are still apart. ``is_last``: behind them is the end."""
        in_row = False
        for number, (kind, argument) in enumerate(items):
            if self._steps > self._limit:
                break
            self._steps += ways
            if kind in ONE_CHARACTER:
                if is_apart and not in_row:
                    ways = min(ways, self._facts.occurrences(_row(items[number:], []), flags))
                in_row = True
                continue
            in_row = False
            row = _row(items[number + 1 :], behind)
            last = is_last and number == len(items) - 1
            ways, is_apart = self._part(kind, argument, flags, row, ways, is_apart, is_last=last)
        self._steps += ways
        return ways, is_apart

    def _part(
        self, kind: Any, argument: Any, flags: int, row: list[Any], ways: float, is_apart: bool, *, is_last: bool
    ) -> tuple[float, bool]:
        """The same for one part that is more than a character."""
        if kind is _constants.SUBPATTERN:
            group, added, removed, body = argument
            if len(body) == 1 and body[0][0] in REPEATS and _is_one(body[0][1][2]):
                self._note_width(group, body[0][1], flags)
            inner = (flags & ~_parser.TYPE_FLAGS if added & _parser.TYPE_FLAGS else flags) | added
            behind = [] if added or removed else row
            return self._all(body, inner & ~removed, behind, ways, is_apart, is_last=is_last)
        if kind is _constants.BRANCH:
            ways = sum(self._all(branch, flags, row, ways, is_apart, is_last=is_last)[0] for branch in argument[1])
        elif kind in _LOOKS:
            self._all(argument[1], flags, [], ways, is_apart, is_last=False)
            return ways, is_apart
        elif kind is _constants.ATOMIC_GROUP:
            self._all(argument, flags, [], ways, is_apart, is_last=False)
        elif kind is _constants.GROUPREF:
            width = self._widths.get(argument, self._facts.length)
            self._steps += ways * min(width, self._group_widths[argument][1])
        elif kind is _constants.GROUPREF_EXISTS:
            branches = [branch for branch in argument[1:] if branch is not None]
            ways += sum(self._all(branch, flags, [], ways, False, is_last=False)[0] for branch in branches)
        elif kind in REPEATS and _is_one(argument[2]):
            ways = self._run(kind, argument, flags, row, ways, is_apart, is_last=is_last)
        elif kind in REPEATS:
            ways = self._rounds(kind, argument, flags, ways, is_apart, is_last=is_last)
        return ways, is_apart and kind is _constants.AT

    def _note_width(self, group: int | None, repeat: Any, flags: int) -> None:
        if group is not None:
            self._widths[group] = min(int(repeat[1]), self._facts.runs(repeat[2][0], flags)[0])

    def _run(
        self, kind: Any, argument: Any, flags: int, row: list[Any], ways: float, is_apart: bool, *, is_last: bool
    ) -> float:
        """One character, repeated."""
        least, most, (item,) = argument
        longest, places = self._facts.runs(item, flags)
        least, times = int(least), min(int(most), longest)
        if is_last and self._is_searched:  # nothing behind it asks for another way, and the search goes on there
            self._steps += ways * min(least, times)
            return ways
        if is_last and least == 0 and most is _constants.MAXREPEAT and self._facts.always_fits(longest):
            return ways  # it always comes to the end
        walked = min(ways * times, places) if is_apart else ways * times
        self._steps += walked * _STEPS_IN_RUN
        if kind is _constants.POSSESSIVE_REPEAT or (row and self._facts.are_apart(item, row[0], flags)):
            return ways
        out = min(ways * (max(times - least, 0) + 1), walked + ways)
        return min(out, ways * self._facts.occurrences(row, flags)) if row else out

    def _rounds(self, kind: Any, argument: Any, flags: int, ways: float, is_apart: bool, *, is_last: bool) -> float:
        """Anything else, repeated."""
        least, most, body = int(argument[0]), int(argument[1]), argument[2]
        before, self._steps = self._steps, 0.0
        of_one, _ = self._all(body, flags, [], 1.0, False, is_last=False)
        steps_of_one, self._steps = self._steps + _STEPS_OF_ROUND, before
        if is_last and self._is_searched and of_one == 1:
            self._steps += ways * max(1, least) * steps_of_one
            return ways
        if of_one > 1:
            times = min(most, max(least, self._facts.length // max(1, body.getwidth()[0])))
            out = ways * self._power(of_one, times)
            self._steps += out * steps_of_one
        else:
            # looking at the text takes some rounds at each place, too
            is_cheap = self._facts.length * steps_of_one * _SHORT_RUN <= 2 * self._limit
            rounds, places = (self._facts if is_cheap else _Lengths(self._facts.length)).rounds(body, flags)
            times = min(most, max(least, rounds))
            walked = min(ways * times, places) if is_apart else ways * times
            self._steps += walked * steps_of_one
            out = min(ways * (times - least + 1), walked + ways)
        return ways if kind is _constants.POSSESSIVE_REPEAT else out

    def _power(self, base: float, exponent: int) -> float:
        power = 1.0
        for _ in range(exponent):
            power *= base
            if power > self._limit:
                break
        return power


def _row(items: Any, behind: list[Any]) -> list[Any]:
    """The characters that come first in these parts, or behind them where they have none but these."""
    row: list[Any] = []
    for kind, argument in items:
        if kind in ONE_CHARACTER:
            row.append((kind, argument))
        elif kind is _constants.SUBPATTERN and not argument[1] and not argument[2]:
            body = argument[3]
            row += _row(body, [])
            if not all(inner[0] in ONE_CHARACTER for inner in body):
                return row
        else:
            if kind in REPEATS and argument[0] and _is_one(argument[2]):
                row.append(argument[2][0])
            return row
    return row + behind


def _is_one(items: Any) -> bool:
    return len(items) == 1 and items[0][0] in ONE_CHARACTER


def _refers_to_groups(items: Any) -> bool:
    return "GROUPREF" in repr(items)
