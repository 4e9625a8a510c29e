"""The list of what may differ from the real server only shrinks."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def load() -> ModuleType:
    file = Path(__file__).parents[2] / ".ci" / "conformance.py"
    spec = importlib.util.spec_from_file_location("ci_conformance", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


conformance = load()
scenarios, seeds = conformance.SUITES


def test_a_listed_name_may_carry_its_reason() -> None:
    text = "# why this list\n\none\ntwo  # by decision: a race\n"
    assert conformance.read_pending(text) == {"one": "one", "two": "two  # by decision: a race"}


@pytest.mark.parametrize(
    ("failed", "pending", "unexpected", "risen"),
    [
        (set(), set(), [], []),
        ({"a"}, {"a"}, [], []),
        ({"a", "b"}, {"a"}, ["b"], []),
        (set(), {"a"}, [], ["a"]),
        ({"b"}, {"a"}, ["b"], ["a"]),
    ],
)
def test_the_list_must_say_exactly_what_differs(
    failed: set[str], pending: set[str], unexpected: list[str], risen: list[str]
) -> None:
    verdict = conformance.judge(failed, pending)
    assert (verdict.unexpected, verdict.risen) == (unexpected, risen)
    assert verdict.good is (failed == pending)


def test_rewriting_drops_what_agrees_and_keeps_comments() -> None:
    text = "# head\nold\nstays  # by decision\n"
    assert conformance.rewrite_pending(text, {"stays", "new"}, allow_growth=False) == "# head\nstays  # by decision\n"


def test_rewriting_adds_names_only_when_growth_is_allowed() -> None:
    assert conformance.rewrite_pending("a\n", {"a", "c", "b"}, allow_growth=True) == "a\nb\nc\n"


def test_a_players_output_is_read_name_by_name() -> None:
    output = "DIFFERS one (0.1 s)\n  step 0: a\n  step 1: b\nDIFFERS two (0.2 s)\n  step 0: c\n7 passed, 2 failed\n"
    outcome = conformance.parse(scenarios, output)
    assert outcome.passed == 7
    assert outcome.failed == {
        "one": "DIFFERS one (0.1 s)\n  step 0: a\n  step 1: b",
        "two": "DIFFERS two (0.2 s)\n  step 0: c",
    }


def test_seeds_are_read_as_names() -> None:
    assert set(conformance.parse(seeds, "DIFFERS seed 7: a; b\n1 passed, 1 failed\n").failed) == {"7"}


@pytest.mark.parametrize("output", ["", "Traceback …\n", "DIFFERS one (0.1 s)\n3 passed, 2 failed\n"])
def test_a_player_that_broke_is_no_outcome(output: str) -> None:
    with pytest.raises(ValueError, match=r"play\.py"):
        conformance.parse(scenarios, output)
