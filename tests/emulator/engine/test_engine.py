from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import Lab


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"b": 5, "a": 6}, {"b": 5, "a": 6, "c": 3}),
        ({"z": 9, "c": None}, {"z": 9, "c": 3, "a": 1, "b": 2}),
        ({"a": False}, {"a": False, "b": 2, "c": 3}),
        ({}, {}),
    ],
)
def test_the_template_gives_what_the_input_lacks_and_comes_after_it(
    lab: Lab, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    begun = lab.run(
        {"name": "n", "taskReferenceName": "n", "type": "NOOP"}, input=given, inputTemplate={"a": 1, "b": 2, "c": 3}
    )
    assert list(begun.input.items()) == list(expected.items())
