from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.definitions import BodyError
from conductor_emulator.server.answer import encode
from conductor_emulator.server.body import parse_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_read_again(value: Any) -> None:
    assert parse_json(encode(value)) == value


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1} trailing', {"a": 1}),
        (b"[1] [2]", [1]),
        (b" \n {}", {}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"\xef\xbb\xbf{}", {}),
        ("{}".encode("utf-16"), {}),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b"-9223372036854775809", -9223372036854775809),
        (b'{"big": 18446744073709551616}', {"big": 18446744073709551616}),
        (b"null", None),
        (b"1" * 1000, int("1" * 1000)),
    ],
)
def test_lenient_reading(body: bytes, value: Any) -> None:
    assert parse_json(body) == value


@pytest.mark.parametrize(
    "body", [b"{", b'{"name":}', b'{"name":"x",}', b"{'a':1}", b"hello", b"NaN", b"[Infinity]", b"", b" ", b"1" * 1001]
)
def test_malformed_json(body: bytes) -> None:
    with pytest.raises(BodyError, match=r"^JSON parse error: "):
        parse_json(body)


@pytest.mark.parametrize("depth", [1_001, 1_010, 1_500, 200_000])
@pytest.mark.parametrize(
    ("opening", "closing"), [(b"[", b"]"), (b'{"k":[{"l":1}],"m":', b"}"), (b"[12345678901234567890,", b"]")]
)
def test_a_body_nested_beyond_what_the_server_reads_is_refused(depth: int, opening: bytes, closing: bytes) -> None:
    with pytest.raises(BodyError, match=r"Document nesting depth \(1001\) exceeds the maximum allowed \(1000"):
        parse_json(opening * depth + b"1" + closing * depth)


@pytest.mark.parametrize("depth", [200, 300, 997, 998])
def test_a_body_that_is_as_deep_as_may_be_is_read(depth: int) -> None:
    beside = b"[" + b"[]," * 1_000 + b"[]]"
    value, inner = parse_json(b'[%s,{"k":%s1%s}]' % (beside, b"[" * depth, b"]" * depth))
    assert value == [[]] * 1_001
    inner = inner["k"]
    for _ in range(depth):
        (inner,) = inner
    assert inner == 1


def test_text_of_another_charset() -> None:
    assert parse_json(json.dumps("ü", ensure_ascii=False).encode("latin-1"), "iso-8859-1") == "ü"
    with pytest.raises(BodyError, match="is not"):
        parse_json(b'"\xff"')
    assert parse_json(b"{}", "utf-16") == {}
    with pytest.raises(BodyError, match="nonsense"):
        parse_json(b"{}", "nonsense")
