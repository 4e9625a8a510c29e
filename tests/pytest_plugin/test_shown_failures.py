"""How pytest shows what failed: at which line, with which engines."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Inner = Callable[..., pytest.RunResult]


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        ('conductor.register("none.json")', "none.json: No such file or directory; looked in *"),
        ('conductor.register("bad.json")', "bad.json: not JSON: *"),
        ("conductor.clock.move_to(datetime(2020, 1, 1))", "it is 2030-01-01T00:00:00+00:00 already; 2020-*"),
        ("conductor.clock.advance(-1)", "advance() takes a span of time from now on, not -1"),
        ("conductor.worker(print)", "<built-in function print> is not decorated with @worker: *"),
        ('conductor.run("order", [1])', "a workflow's input is an object (a dict), not [[]1[]]"),
    ],
)
def test_a_mistake_in_a_call_is_shown_at_its_line(
    inner: Inner, pytester: pytest.Pytester, mistake: str, told: str
) -> None:
    (pytester.path / "bad.json").write_text("{")
    result = inner(f"from datetime import datetime\n\ndef test_order(conductor):\n    {mistake}\n")
    result.stdout.fnmatch_lines(
        [f">       {mistake}".replace("[1]", "[[]1[]]"), f"E *HarnessError: {told}", "*py:4: HarnessError"]
    )
    assert not any("conductor_pytest/" in line for line in result.outlines)


def test_a_condition_that_raises_is_shown_at_its_line(inner: Inner) -> None:
    result = inner(
        """
def test_order(conductor):
    task = {"name": "a", "taskReferenceName": "a_ref", "type": "SIMPLE"}
    conductor.register({"name": "order", "version": 1, "tasks": [task]})
    conductor.stub("a").when(lambda task: task.input_data["amount"] > 1).returns({})
    conductor.run("order")
"""
    )
    result.stdout.fnmatch_lines(
        [
            '>       conductor.run("order")',
            "E   KeyError: 'amount'",
            "E   raised by when() of stub('a').when(…).returns({}) (*.py:*), asked about task `a_ref`",
        ]
    )
    assert not any("conductor_pytest/" in line for line in result.outlines)


def test_a_report_that_cannot_be_made_hides_no_failure(inner: Inner) -> None:
    result = inner(
        """
        def test_order(conductor):
            conductor.report = lambda: 1 / 0
            assert "this" == "that"
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["E * assert 'this' == 'that'", "what the workflows did cannot be told: ZeroDivisionError('division by zero')"]
    )


OWN_ENGINES = """
import unittest
import pytest
from conductor_pytest import Conductor

def engine(why):
    made = Conductor()
    task = {"name": "charge", "taskReferenceName": "charge", "type": "SIMPLE"}
    made.register({"name": "order", "version": 1, "tasks": [task]}).stub("charge").fails_terminally(why)
    return made

class TestOverridden:
    @pytest.fixture(scope="class")
    @classmethod
    def conductor(cls):
        yield engine("by a wider fixture")

    def test_order(self, conductor):
        assert conductor.run("order").status == "COMPLETED"

class TestCase(unittest.TestCase):
    def setUp(self):
        self.shop = engine("by a set up")

    def test_order(self):
        self.assertEqual(self.shop.run("order").status, "COMPLETED")

def test_two(conductor):
    first, second = engine("by hand"), engine("by another hand")
    first.run("order")
    assert second.run("order").status == "COMPLETED"
"""


def test_engines_of_the_tests_own_are_shown(inner: Inner, pytester: pytest.Pytester) -> None:
    result = inner(OWN_ENGINES, "--conductor-artifacts", "pages")
    result.assert_outcomes(failed=3)
    for why in ("by a wider fixture", "by a set up", "by hand", "by another hand"):
        result.stdout.fnmatch_lines([f"  0 s  charge  charge  FAILED_WITH_TERMINAL_ERROR: {why}"])
    assert len(list((pytester.path / "pages").iterdir())) == 4


def test_a_worker_that_another_plugin_interrupts_has_its_task(inner: Inner) -> None:
    result = inner(
        """
        import pytest

        def test_order(conductor):
            task = {"name": "charge", "taskReferenceName": "charge", "type": "SIMPLE"}
            conductor.register({"name": "order", "version": 1, "tasks": [task]})
            conductor.worker("charge", lambda task: pytest.fail("time is up"))
            conductor.run("order")
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["  waits: task `charge` is in the hands of its worker, which has not come back; it *"])


@pytest.mark.parametrize(
    ("wrong", "shown"),
    [
        ('conductor.run("order")', "NotFound: POST /workflow answered 404*"),
        ('conductor.runs_of("order")', "HarnessError: no workflow 'order' is reg*"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_the_summary_begins_with_what_is_wrong(
    inner: Inner, monkeypatch: pytest.MonkeyPatch, wrong: str, shown: str
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    result = inner(f"def test_order(conductor):\n    {wrong}\n")
    result.stdout.fnmatch_lines([f"FAILED *::test_order - {shown}"])


def test_what_a_failed_test_knows_is_not_asked_what_it_is(inner: Inner) -> None:
    result = inner(
        """
        class Gone:
            @property
            def __class__(self):
                raise ReferenceError("what it stood for exists no longer")

        def test_order(conductor):
            gone = Gone()
            assert "this" == "that"
        """
    )
    result.assert_outcomes(failed=1)
