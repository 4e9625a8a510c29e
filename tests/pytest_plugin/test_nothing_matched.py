from __future__ import annotations

from typing import Any

import pytest

from conductor_pytest import Conductor
from conductor_pytest.explaining import explanations
from tests.pytest_plugin.definitions import simple, workflow

ITEMS = [{"sku": "A", "value": 3}, {"sku": "B", "value": 5}]
OUTPUT = {"items": ITEMS, "none": [], "by": {"a": {"n": 1}}, "numbers": [1, 2], "rows": [{"items": []}]}


@pytest.mark.parametrize(
    ("expression", "said", "is_cause"),
    [
        ("a.output.items[?(@.sku == 'C')].value", "none of the 2 elements of `a.output.items` matches", False),
        ("a.output.items[?(@.value > 9)]", "none of the 2 elements of `a.output.items` matches", False),
        (
            "a.output.items[?(@.sku == 'A')].valu",
            "the one that matches has no `valu`; did you mean `value`?",
            True,
        ),
        ("a.output.items[?(@.value > 1)].colour", "the 2 that match have no `colour`", False),
        ("a.output.items[*].valu", "the 2 that match have no `valu`; did you mean `value`?", True),
        (
            "a.output.items[?(@.skv == 'A')].value",
            "no element of `a.output.items` has a `skv`; did you mean `sku`?",
            True,
        ),
        ("a.output.none[?(@.sku == 'A')]", "`a.output.none` is empty", False),
        ("workflow.input.items[?(@.sku == 'A')]", "the one element of `workflow.input.items` does not match", False),
    ],
)
def test_why_an_expression_has_found_nothing(harness: Conductor, expression: str, said: str, is_cause: bool) -> None:
    assert told(harness, expression) == [
        (f"input `x` of task `b` is []: `${{{expression}}}` finds nothing, {said}", is_cause)
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "a.output.items[?(@.sku == 'A')].value",  # it finds something
        "a.output.none",  # that is the list
        "a.output.nowhere[?(@.sku == 'A')]",
        "a.output.rows[*].items[*]",  # no filter, and both keys are there
        "none.output.items[?(@.sku == 'A')]",
    ],
)
def test_where_there_is_nothing_to_explain(harness: Conductor, expression: str) -> None:
    assert [sentence for sentence, _ in told(harness, expression) if "is []" in sentence] == []


def told(harness: Conductor, expression: str) -> list[tuple[str, bool]]:
    order: dict[str, Any] = workflow(
        simple("a", "a"),
        simple("none", "none", optional=True),
        simple("b", "b", inputParameters={"x": f"${{{expression}}}"}),
    )
    harness.register(order).stub("a").returns(OUTPUT)
    harness.stub("none").fails_terminally()
    harness.stub("b").returns({})
    run = harness.run("order", {"items": [{"sku": "Z"}]})
    return [(one.sentence, one.is_cause) for one in explanations(harness.place, run.id)]
