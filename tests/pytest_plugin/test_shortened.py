from __future__ import annotations

import pytest

from conductor_pytest.shortened import one_line, shortened, shown


@pytest.mark.parametrize(("longest", "text"), [(5, "abcde"), (6, "abcde"), (4, "abc…"), (1, "…")])
def test_a_text_is_no_longer_than_it_may_be(longest: int, text: str) -> None:
    assert shortened("abcde", longest) == text


def test_a_value_is_shown_as_python_writes_it() -> None:
    assert shown({"a": None}) == "{'a': None}"
    assert shown("x" * 80) == "'" + "x" * 58 + "…"


def test_a_reason_stands_in_one_line() -> None:
    assert one_line("it\n\tis  so ") == "it is so"
    assert len(one_line("word " * 200)) == 300
