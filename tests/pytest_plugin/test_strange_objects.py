"""A test's own objects may be anything: the plugin fails for none of them, and hides no failure."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from conductor_pytest import Conductor
from conductor_pytest.errors import raised_by_the_test, shown_at_the_test

Inner = Callable[..., pytest.RunResult]

BEGINNING = """
import sys
import pytest
from conductor_pytest import Conductor

FLOW = {"name": "flow", "tasks": [{"name": "a", "taskReferenceName": "a_ref", "type": "SIMPLE"}]}

class Odd:
    def __eq__(self, other):
        return False
    def __str__(self):
        raise RuntimeError("no text")

@pytest.fixture
def run(conductor):
    return conductor.register(FLOW).start("flow")
"""

#: what fails, and what pytest says of it
FAILING = [
    (
        """
        class Half(Conductor):
            def __init__(self):
                raise ValueError("half made")

        def test_odd():
            Half()
        """,
        "ValueError: half made",
    ),
    (
        """
        def test_odd():
            raise type("Nameless", (Exception,), {"__module__": None})("no module")
        """,
        "*Nameless: no module",
    ),
    (
        """
        class Mute(Exception):
            def __repr__(self):
                raise RuntimeError("no text")

        def test_odd(conductor):
            def report():
                raise Mute
            conductor.report = report
            pytest.fail("seen")
        """,
        "Failed: seen",
    ),
    (
        """
        class Greedy(Exception):
            def __getattr__(self, name):
                if name.startswith("__"):
                    raise AttributeError(name)
                raise KeyError(name)

        def test_odd(conductor, run):
            def until(run):
                raise Greedy("seen")
            conductor.wait_for(run, until=until)
        """,
        "*Greedy: seen",
    ),
    (
        """
        class TestOdd:
            def __getattribute__(self, name):
                if name == "__dict__" and sys._getframe(1).f_globals["__name__"] == "conductor_pytest.plugin":
                    raise RuntimeError("nothing inside")
                return object.__getattribute__(self, name)

            def test_odd(self):
                pytest.fail("seen")
        """,
        "Failed: seen",
    ),
    (
        """
        class Names(dict):
            def values(self):
                raise RuntimeError("no values")

        class Meta(type):
            @classmethod
            def __prepare__(cls, name, bases):
                return Names()

        def test_odd():
            class Made(metaclass=Meta):
                pytest.fail("seen")
        """,
        "Failed: seen",
    ),
    ('\ndef test_odd():\n    exec("1 / 0", {"__name__": Odd()})\n', "ZeroDivisionError: division by zero"),
    ("\ndef test_odd(run):\n    assert run.status == Odd()\n", "AssertionError: assert 'RUNNING' == *"),
    (
        """
        def test_odd(run, monkeypatch):
            assert run.status == "RUNNING"
            monkeypatch.setattr(type(run.place), "read", lambda *_: 1 / 0)
            assert run.status == "COMPLETED"
        """,
        "AssertionError: assert 'RUNNING' == 'COMPLETED'",
    ),
    (
        """
        def test_odd(monkeypatch):
            monkeypatch.setitem(sys.modules, "conductor_sdk", object())
            monkeypatch.setitem(sys.modules, "conductor_pytest.runs", object())
            assert 1 == 2
        """,
        "assert 1 == 2",
    ),
]


@pytest.mark.parametrize(("code", "told"), FAILING, ids=range(len(FAILING)))
def test_what_fails_is_told_as_it_is(inner: Inner, code: str, told: str) -> None:
    indent = "        " if code.startswith("\n        ") else ""
    lines = "\n".join(line.removeprefix(indent) for line in code.splitlines())
    result = inner(BEGINNING + lines)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"E *{told}"])


def test_what_passes_passes(inner: Inner) -> None:
    result = inner(
        BEGINNING
        + """
def test_property(record_property):
    record_property(Odd(), 1)

def test_running(run, monkeypatch):
    monkeypatch.setattr(type(run.place), "is_ended", lambda *_: 1 / 0)
"""
    )
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        ["*::test_running: what it leaves running cannot be told: ZeroDivisionError('division by zero')"]
    )


def test_a_directory_that_cannot_be_made_hides_no_report(inner: Inner, pytester: pytest.Pytester) -> None:
    (pytester.path / "file").write_text("")
    result = inner(f"{BEGINNING}\ndef test_odd(run):\n    assert 0\n", "--conductor-artifacts", "file/pages")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["run *", "no pages: *Error(*"])


@dataclasses.dataclass(frozen=True)
class Frozen(Exception):
    number: int


def test_an_error_that_cannot_be_written_to_is_marked_all_the_same() -> None:
    error = Frozen(1)
    for _ in range(2):
        raised_by_the_test(error, "raised by it")
    assert error.__notes__ == ["raised by it"]
    for raised, is_shown in ((error, True), (Frozen(2), False)):
        with pytest.raises(Frozen) as told:
            raise raised
        assert shown_at_the_test(told) is is_shown


def test_such_an_error_of_a_stub_fails_its_test(harness: Conductor) -> None:
    harness.register({"name": "flow", "tasks": [{"name": "a", "taskReferenceName": "a_ref", "type": "SIMPLE"}]})

    def give(_task: object) -> None:
        raise Frozen(1)

    harness.stub("a").returns(give)
    with pytest.raises(Frozen):
        harness.run("flow")
