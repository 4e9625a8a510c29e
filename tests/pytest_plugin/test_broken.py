"""Deliberately broken tests: each fails at once, and its first lines name the cause.

``broken/NAME.py.txt`` is the test, ``broken/NAME.approved.txt`` what pytest says to it. When a text is changed on
purpose, the test prints what to put there.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

FOLDER = Path(__file__).with_name("broken")
TESTS = sorted(FOLDER.glob("*.py.txt"))
#: What is another one in each run.
CHANGING = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}"), "ID"),
    (re.compile(r" at 0x[0-9a-f]+"), " at ADDRESS"),
    (re.compile(r"test_\w+\.py"), "test_order.py"),
)


def said(result: pytest.RunResult) -> str:
    """What pytest says to a failed test, without what changes from run to run."""
    text = "\n".join(line.rstrip() for line in result.outlines if line.strip(" ^~") or not line.strip())
    failure = re.search(r"(?ms)^_+ test_order _+$\n(.*?)^=+ short test summary", text)
    assert failure is not None, text
    told = failure[1]
    for pattern, name in CHANGING:
        told = pattern.sub(name, told)
    return told


class Stopwatch:
    """How much work a test is, from its set-up to its report; real time would tell what else the machine does."""

    spent = 0.0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        began = time.process_time()
        done = yield
        self.spent = time.process_time() - began
        return done


@pytest.mark.parametrize("test", TESTS, ids=lambda path: path.name.partition(".")[0])
def test_a_broken_test_says_why(inner: Callable[..., pytest.RunResult], test: Path) -> None:
    stopwatch = Stopwatch()
    result = inner(test.read_text(encoding="utf-8"), plugins=[stopwatch])
    result.assert_outcomes(failed=1)
    approved = test.with_name(test.name.replace(".py.txt", ".approved.txt"))
    told = said(result)
    assert told == (approved.read_text(encoding="utf-8") if approved.exists() else ""), f"{approved.name}:\n{told}"
    assert 0 < stopwatch.spent < 10


def test_nothing_else_is_approved() -> None:
    names = {path.name.partition(".")[0] for path in TESTS}
    assert {path.name.partition(".")[0] for path in FOLDER.glob("*.approved.txt")} == names
    assert len(names) == 9
