from __future__ import annotations

import copy
from typing import Any

import pytest

from conductor_pytest import Conductor, Rule
from conductor_pytest.words import no_such_word
from tests.pytest_plugin.definitions import simple, workflow


@pytest.fixture
def owners(harness: Conductor) -> dict[str, Any]:
    harness.register(workflow(simple("a"))).stub("a").returns({})
    run = harness.run("order")
    return {"stub": harness.stub("b").optional(), "conductor": harness, "run": run, "task": run.task("a")}


@pytest.mark.parametrize(
    ("owner", "word", "said"),
    [
        ("stub", "return_value", "a stub or fault has no `return_value`; did you mean `returns`?"),
        ("stub", "returns_once", "a stub or fault has no `returns_once`; did you mean `returns`?"),
        ("stub", "fail", "a stub or fault has no `fail`; did you mean `fails`?"),
        ("stub", "raise_", "a stub or fault has no `raise_`; did you mean `raises`?"),
        ("stub", "side_effect", "a stub or fault has no `side_effect`; did you mean `returns`?"),
        ("stub", "times_aut", "a stub or fault has no `times_aut`; did you mean `times_out`?"),
        ("conductor", "stubs", "conductor has no `stubs`; did you mean `stub`?"),
        ("conductor", "wait_until", "conductor has no `wait_until`; did you mean `wait_for`?"),
        ("conductor", "clok", "conductor has no `clok`; did you mean `clock`?"),
        ("conductor", "zzzzz", "conductor has no `zzzzz`"),
        ("run", "outputs", "a run has no `outputs`; did you mean `output`?"),
        ("run", "state", "a run has no `state`; did you mean `status`?"),
        ("task", "output_dat", "a task has no `output_dat`; did you mean `output_data`?"),
        ("task", "retrycount", "a task has no `retrycount`; did you mean `retry_count`?"),
    ],
)
def test_a_word_that_is_nearly_right(owners: dict[str, Any], owner: str, word: str, said: str) -> None:
    with pytest.raises(AttributeError) as told:
        getattr(owners[owner], word)
    assert str(told.value) == said


def test_where_nothing_is_near_a_few_words_are_told_and_many_are_not() -> None:
    assert str(no_such_word("it", "zzzzz", ["a", "_b", "c"])) == "it has no `zzzzz`; there are a, c"
    assert str(no_such_word("it", "zzzzz", map(str, range(99)))) == "it has no `zzzzz`"


def test_every_word_of_a_rule_is_there() -> None:
    assert [word for word in Rule._words if not callable(getattr(Rule, word))] == []


def test_what_python_asks_for_itself_is_answered_as_ever(owners: dict[str, Any]) -> None:
    for owner in owners.values():
        assert not hasattr(owner, "__deepcopy__")
        assert not hasattr(owner, "nothing_of_the_kind")
    assert copy.copy(owners["run"]).id == owners["run"].id


def test_an_error_inside_of_a_property_stays_what_it_is(harness: Conductor) -> None:
    class Broken(Conductor):
        @property
        def broken(self) -> object:
            raise AttributeError("of its own")

    with pytest.raises(AttributeError, match="of its own"):
        _ = Broken().broken
