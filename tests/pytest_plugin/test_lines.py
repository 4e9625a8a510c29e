"""Where things stand in a YAML text."""

from __future__ import annotations

import pytest

from conductor_pytest.errors import HarnessError
from conductor_pytest.lines import Path
from conductor_pytest.yaml_text import parse_with_lines

TEXT = """\
# a case
stubs: &all
  charge:
    - {attempt: 1,
       fails: declined}
    - returns: {}
cases:
  1:
    stubs: {<<: *all}
    expect: {status: COMPLETED}
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("stubs",), 2),
        (("stubs", "charge"), 3),
        (("stubs", "charge", "0", "fails"), 5),
        (("stubs", "charge", "1"), 6),
        (("stubs", "charge", "2", "fails"), 3),
        (("cases", "1", "expect", "status"), 10),
        (("cases", "1", "stubs", "charge"), 9),
        (("nowhere",), None),
        ((), None),
    ],
)
def test_keys_and_elements(path: Path, line: int | None) -> None:
    _, lines = parse_with_lines(TEXT, "here")
    assert lines.of(path) == line


def test_of_several_paths_the_one_that_is_there_counts() -> None:
    _, lines = parse_with_lines(TEXT, "here")
    assert lines.of(("cases", "1", "stubs", "charge", "1"), ("stubs", "charge", "1")) == 6


def test_a_text_may_be_empty_or_contain_itself() -> None:
    assert parse_with_lines("", "here")[0] is None
    value, lines = parse_with_lines("&a {b: *a}", "here")
    assert (value["b"] is value, lines.of(("b",))) == (True, 1)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: 1\nb: 2\na: 3\n", "^here:3: `a` stands here twice, first in line 1"),
        ("a:\n  - b: 1\n    b: 2\n", "^here:3: `b` stands here twice, first in line 2"),
    ],
)
def test_a_key_stands_once(text: str, complaint: str) -> None:
    with pytest.raises(HarnessError, match=complaint):
        parse_with_lines(text, "here")
