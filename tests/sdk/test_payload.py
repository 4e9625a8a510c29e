from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import json
import pathlib
import uuid
from typing import Any

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_sdk import PayloadError, Reference
from conductor_sdk.payload import dumps, to_json


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


@dataclasses.dataclass
class Point:
    x: int
    when: dt.date | None = None


class Order(pydantic.BaseModel):
    order_id: str = pydantic.Field(serialization_alias="orderId")
    points: list[Point] = []
    note: str | None = None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(json_values)
def test_what_is_json_stays_as_it_is(value: Any) -> None:
    assert to_json(value) == value
    assert json.loads(dumps(value)) == value


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        (Point(1, dt.date(2030, 1, 2)), {"x": 1, "when": "2030-01-02"}),
        (Order(order_id="A", points=[Point(2)]), {"orderId": "A", "points": [{"x": 2, "when": None}], "note": None}),
        (dt.datetime(2030, 1, 2, tzinfo=dt.UTC), "2030-01-02T00:00:00+00:00"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (decimal.Decimal("1.10"), "1.10"),
        (pathlib.PurePosixPath("/a"), "/a"),
        ((1, {"k": frozenset({2})}), [1, {"k": [2]}]),
        (Reference("a.output"), "${a.output}"),
        ({Colour.RED: 1, 2: 3}, {"red": 1, "2": 3}),
    ],
)
def test_python_values_have_a_form(value: Any, form: Any) -> None:
    assert to_json(value) == form
    assert json.loads(dumps(value)) == form


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [1, object()]}, r"value\.a\[1\] is of type object, which has no JSON form"),
        ({"a": float("nan")}, r"value\.a is nan"),
        (float("inf"), "value is inf"),
        ({"a": {(1, 2): 3}}, r"value\.a has the key \(1, 2\) of type tuple"),
        (b"raw", "of type bytes"),
        (Point, "of type type"),
        (lambda: 1, "of type function"),
    ],
)
def test_what_has_no_form_is_named_with_its_place(value: Any, text: str) -> None:
    with pytest.raises(PayloadError, match=text):
        to_json(value)
    with pytest.raises(PayloadError, match=text):
        dumps(value)


def test_a_value_that_contains_itself_is_refused() -> None:
    loop: dict[str, Any] = {}
    loop["self"] = loop
    with pytest.raises(PayloadError, match="does it contain itself"):
        to_json(loop)


def test_half_a_surrogate_pair_can_be_sent() -> None:
    assert json.loads(dumps({"text": "\ud800"})) == {"text": "\ud800"}
