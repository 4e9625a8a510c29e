from __future__ import annotations

import json
import math
from typing import Any

import pytest

from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.server.answer import (
    Answer,
    empty_answer,
    encode,
    fragment,
    html_answer,
    json_answer,
    text_answer,
    with_fragments,
)


@pytest.mark.parametrize(
    ("value", "body"),
    [
        ({"a": [1, 2.5, None, True, "ü"]}, '{"a":[1,2.5,null,true,"ü"]}'),
        (2**70, str(2**70)),
        ({"n": -(2**64)}, f'{{"n":{-(2**64)}}}'),
        (math.nan, '"NaN"'),
        ([math.inf, -math.inf, None], '["Infinity","-Infinity",null]'),
        ({1: "a"}, '{"1":"a"}'),
        (TaskStatus.COMPLETED, '"COMPLETED"'),
        ((1, 2), "[1,2]"),
    ],
)
def test_encoding(value: Any, body: str) -> None:
    assert encode(value).decode() == body


def test_values_nested_beyond_any_stack_are_written() -> None:
    value: Any = []
    for _ in range(50_000):
        value = [value]
    assert encode(value) == b"[" * 50_001 + b"]" * 50_001


def test_what_is_no_json_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="object is not JSON"):
        encode({"a": object()})


@pytest.mark.parametrize("slow", [2**70, 1])
def test_encoded_pieces_are_put_in_as_they_are(slow: int) -> None:
    assert json.loads(encode({"a": fragment({"b": [1]}), "n": slow})) == {"a": {"b": [1]}, "n": slow}


@pytest.mark.parametrize("reason", [None, "it broke", "half of a \ud800"])
@pytest.mark.parametrize(
    "payload", [{}, {"a": None}, {"a": math.nan}, {"a": [2**70, -math.inf, None]}, {"a": "\udc00", "n": 1.5}]
)
def test_named_values_hold_any_numbers(payload: Any, reason: str | None) -> None:
    value = {"input": payload, "reason": reason, "output": {"b": 1}, "end": 0}
    written = encode(value)
    assert with_fragments(value, ("input", "output")) == written


@pytest.mark.parametrize(
    ("answer", "status", "kind", "body"),
    [
        (json_answer([]), 200, "application/json", b"[]"),
        (text_answer("id"), 200, "text/plain;charset=UTF-8", b"id"),
        (html_answer("<p>", 404), 404, "text/html;charset=UTF-8", b"<p>"),
        (empty_answer(204), 204, None, b""),
    ],
)
def test_kinds_of_answers(answer: Answer, status: int, kind: str | None, body: bytes) -> None:
    assert (answer.status, answer.content_type, answer.body) == (status, kind, body)
