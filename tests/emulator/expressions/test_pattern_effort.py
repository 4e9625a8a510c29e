from __future__ import annotations

import re

import pytest

from conductor_emulator.expressions.patterns import Pattern

_WORDS = 'the quick brown fox jumps over "the": lazy dog 12345 order-77 mail a.b@example.com\n' * 2000


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("\\s+", " " * 100_000),
        ("(\\d+)", "1" * 100_000),
        ("^a.*b$", "a" * 100_000),
        ("foo|bar", "f" * 100_000),
        ("(\\w+)-(\\d+)", _WORDS),
        ("(\\w+)-(\\d+)", _WORDS + "a" * 4000),
        ("\\s+;", _WORDS),
        ("[\\w.]+@[\\w.]+\\.com", _WORDS),
        ('"([^"]*)":\\s*(\\w+)', _WORDS),
        ("\\b(\\w+)\\s+\\1\\b", _WORDS),
        ("^\\s+|\\s+$", _WORDS),
        ("(?:\\w+ )+\\d", _WORDS),
        ("(a|b|c)+d", _WORDS),
        (".*fox.*", _WORDS),
        ("(?=.*x)y", "a" * 3000),
    ],
)
def test_ordinary_patterns_are_searched_by_pythons_engine(source: str, text: str) -> None:
    assert Pattern(source)._is_soon_done(text, is_searched=True)
    assert [f.span() for f in re.finditer(source, text)] == [
        (f.start(), f.end()) for f in Pattern(source).finditer(text)
    ]


@pytest.mark.parametrize(
    ("source", "text", "is_found"),
    [
        ("(?s).*fox.*", "x" * 340_000 + " fox ", True),
        ("(?s)^.*fox.*$", "x" * 340_000 + "\n", False),
        (".*fox.*\n", "x\n" + _WORDS, False),
    ],
)
def test_ordinary_patterns_are_compared_by_pythons_engine(source: str, text: str, is_found: bool) -> None:
    assert Pattern(source)._is_soon_done(text, is_searched=False)
    assert Pattern(source).fullmatch(text) is is_found


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("\\w+-", "a" * 100_000),
        (".*.*=", "a" * 3000),
        ("(?:\\w+ )+\\d", "ab " * 20_000),
        ("(?:(?=.*x)a)*", "a" * 100_000),
        ("(\\w+) \\1-", "a" * 100_000),
        ("(?:a|ab?)+(?(1)b|c)()", "a" * 50),
    ],
)
def test_other_patterns_are_not(source: str, text: str) -> None:
    assert not Pattern(source)._is_soon_done(text, is_searched=True)
