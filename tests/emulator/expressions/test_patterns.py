from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor_emulator.expressions import patterns
from conductor_emulator.expressions.pattern_effort import is_affordable
from conductor_emulator.expressions.patterns import Pattern, TookTooLong

_ATOMS = st.sampled_from(
    ["a", "b", ".", "[ab]", "[^a]", "\\w", "\\b", "^", "$", "ab", "(?=a)", "(?!ab)", "(?<=b)", "(?i:A)", "a{3,}"]
)
_TIMES = st.sampled_from(["", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "*+"])
_PATTERNS = st.recursive(
    st.builds("".join, st.lists(_ATOMS, min_size=1, max_size=3)),
    lambda inner: st.one_of(
        st.builds("({}){}".format, inner, _TIMES),
        st.builds("(?:{}){}".format, inner, _TIMES),
        st.builds("(?>{}){}".format, inner, _TIMES),
        st.builds("(?:{}|{})".format, inner, inner),
        st.builds("{}{}".format, inner, inner),
    ),
    max_leaves=4,
)


def followed(source: str, flags: int = 0) -> Pattern:
    """A pattern that never asks Python's engine for more than a row of characters."""
    pattern = Pattern(source, flags)
    pattern._is_soon_done = lambda text, *, is_searched: False  # type: ignore[method-assign]
    return pattern


@settings(derandomize=True, max_examples=200)
@given(_PATTERNS, st.text("abA\n", max_size=6))
def test_what_is_followed_is_found_where_pythons_engine_finds_it(source: str, text: str) -> None:
    known = re.compile(source)
    pattern = followed(source)
    for is_searched in (True, False):
        by_length, by_text = (is_affordable(pattern._tree, 6, t, is_searched=is_searched) for t in (None, text))
        assert by_text or not by_length
    assert pattern.fullmatch(text) == (known.fullmatch(text) is not None)
    assert [(f.start(), f.end()) for f in pattern.finditer(text)] == [f.span() for f in known.finditer(text)]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("(a+)(a*)b", "aaab"),
        ("(?P<word>\\w+)-(\\d+)?", "ab-12 c- d-7"),
        ("(a|ab)(c|bcd)(d*)", "abcd"),
        ("(x)|(y)", "xyx"),
        ("(?:(a)|(b))+", "abba"),
        ("(a)(?=(b+))", "abb ab"),
        ("(?<=(b))a", "ba"),
        ("(?>(a+))b", "aab"),
        ("(a)?(?(1)b|c)", "ab c a"),
        ("(\\w)\\1", "aabbc"),
        ("(?i)(\\w)\\1", "aAb"),
        ("(?m)^(\\w*)$", "a\n\nbc"),
        ("(?s).+?(?:\n|$)", "a\nb"),
        ("((a)|b)*?c", "abc"),
        ("", "ab"),
        ("a*", "baac"),
    ],
)
def test_groups(source: str, text: str) -> None:
    known = list(re.finditer(source, text))
    found = list(followed(source).finditer(text))
    assert [f.groups() for f in found] == [f.groups() for f in known]
    assert [f.groupdict() for f in found] == [f.groupdict() for f in known]
    assert [(f.start(), f.end(), f.group()) for f in found] == [(f.start(), f.end(), f.group()) for f in known]
    first = followed(source).search(text)
    assert (first is None) == (not known)
    assert first is None or first.start() == known[0].start()


@pytest.mark.parametrize(
    ("source", "text", "is_found"),
    [
        ("(a+)+$", "a" * 3000 + "b", False),
        ("(a+)+", "a" * 3000, True),
        ("(a|aa)+b", "a" * 3000, False),
        ("(.*,){20}x", "a," * 500, False),
        ("(\\w+\\s?)*!", "word " * 300, False),
        ("(a?){40}a{40}", "a" * 40, True),
        (".*.*.*.*=.*", "x" * 2000, False),
        ("(?=(a+)+b)a*", "a" * 300, False),
        ("(([a-z]{3,}-?)*;)*", "a" * 60, False),
    ],
)
def test_patterns_with_more_ways_than_anybody_can_try(source: str, text: str, is_found: bool) -> None:
    assert Pattern(source).fullmatch(text) is is_found
    assert (Pattern(f"^(?:{source})$").search(text) is not None) is is_found


def test_a_pattern_may_end_with_what_has_many_ways() -> None:
    found = Pattern("(([a-z]{3,}-?)*;)*").search("a" * 60)
    assert (found and found.group()) == ""


def test_the_longer_the_text_the_more_steps_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "MOST_STEPS", 1000)
    assert not followed("(?s).*fox.*").fullmatch("x" * 20_000)
    assert followed("(?s).*fox.*").fullmatch("x" * 20_000 + "fox")


def test_what_a_length_allows_is_estimated_once() -> None:
    pattern = Pattern("(a*)(b*)")
    assert pattern.fullmatch("a" * 100)
    assert (pattern._short[0], pattern._long[0]) == (100, float("inf"))
    assert pattern.fullmatch("a" * 50 + "b" * 90_000)
    assert pattern._long[0] == 90_050
    assert not pattern.fullmatch("b" * 90_050 + "a")


def test_what_takes_too_many_steps_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "MOST_STEPS", 20_000)
    with pytest.raises(TookTooLong, match="more than 20000 steps"):
        Pattern("(a+)+\\1b").fullmatch("a" * 3000)
    with pytest.raises(TookTooLong, match="repeats too much"):
        Pattern("((a{1,1000}){1,1000})*").fullmatch("a" * 3000)


def test_whoever_watches_the_time_is_asked() -> None:
    def check() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        list(Pattern("(a+)+\\1b").finditer("a" * 3000, check))
