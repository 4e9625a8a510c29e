"""A user's test, under mypy --strict and pyright (`make types`). An ignore that is not needed fails."""

from __future__ import annotations

from typing import assert_type

import pytest

from conductor_pytest import Conductor, Rule, Run


def test_words_that_are_not_there_are_seen(conductor: Conductor) -> None:
    assert_type(conductor.stub("a").returns({}).optional(), Rule)
    with pytest.raises(AttributeError):
        conductor.stub("a").return_value({})  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(AttributeError):
        conductor.stubs("a")  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    conductor.register({"name": "o", "version": 1, "tasks": [{"name": "n", "taskReferenceName": "n", "type": "NOOP"}]})
    run = conductor.run("o")
    assert_type(run, Run)
    with pytest.raises(AttributeError):
        _ = run.outputs  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    conductor.allow_unused()
