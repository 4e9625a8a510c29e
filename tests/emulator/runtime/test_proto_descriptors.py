"""Methods in compiled proto files, written here byte by byte."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.engine.errors import BadRequest
from conductor_emulator.runtime.proto_descriptors import methods_of
from tests.emulator.protos import Fields, message

STRING, INT32, MESSAGE, BOOL, DOUBLE, ENUM = 9, 5, 11, 8, 1, 14
REPEATED = 3


def field(name: str, kind: int, type_name: str = "", *, label: int = 1, json_name: str = "") -> Fields:
    return {1: [name], 4: [label], 5: [kind], 6: [type_name] if type_name else [], 10: [json_name] if json_name else []}


def method(name: str, *, client: int = 0, server: int = 0, takes: str = ".shop.In", gives: str = ".shop.Out") -> Fields:
    return {1: [name], 2: [takes], 3: [gives], 5: [client], 6: [server]}


def file(*methods: Fields, messages: tuple[Fields, ...] = (), package: str = "shop") -> bytes:
    service: Fields = {1: ["Orders"], 2: [message(one) for one in methods]}
    inner = [message(one) for one in messages]
    return message({1: [message({1: ["a.proto"], 2: [package] if package else [], 4: inner, 6: [message(service)]})]})


@pytest.mark.parametrize(
    ("client", "server", "kind"),
    [(0, 0, "UNARY"), (0, 1, "SERVER_STREAMING"), (1, 0, "CLIENT_STREAMING"), (1, 1, "BIDIRECTIONAL_STREAMING")],
)
def test_a_method(client: int, server: int, kind: str) -> None:
    assert methods_of(file(method("Buy", client=client, server=server))) == [
        {
            "operationName": "shop.Orders",
            "methodName": "Buy",
            "methodType": kind,
            "inputType": "shop.In",
            "outputType": "shop.Out",
            "requestParams": [],
            "deprecated": False,
        }
    ]


def test_several_files_and_no_package() -> None:
    data = file(method("Buy"), method("Sell")) + file(method("Rest"), package="")
    found = [(one["operationName"], one["methodName"]) for one in methods_of(data)]
    assert found == [("shop.Orders", "Buy"), ("shop.Orders", "Sell"), ("Orders", "Rest")]


@pytest.mark.parametrize(
    ("fields", "example"),
    [
        ([], None),
        ([field("a", STRING), field("b", INT32), field("c", BOOL), field("d", DOUBLE), field("e", ENUM, ".x.E")],
         {"a": "", "b": 0, "c": False, "d": 0.0, "e": 0}),
        ([field("a_b", STRING, json_name="aB"), field("l", STRING, label=REPEATED)], {"aB": "", "l": []}),
        ([field("inner", MESSAGE, ".shop.In.Part")], {"inner": {"x": ""}}),
        ([field("map", MESSAGE, ".shop.In.Entry", label=REPEATED)], {"map": {}}),
        ([field("self", MESSAGE, ".shop.In"), field("there", MESSAGE, ".other.Unknown")],
         {"self": {"self": {}, "there": {}}, "there": {}}),
    ],
)  # fmt: skip
def test_an_example_of_the_input(fields: list[Fields], example: dict[str, Any] | None) -> None:
    part = message({1: ["Part"], 2: [message(field("x", STRING))]})
    entry = message({1: ["Entry"], 7: [message({7: [1]})]})
    messages: Fields = {1: ["In"], 2: [message(one) for one in fields], 3: [part, entry]}
    assert methods_of(file(method("Buy"), messages=(messages,)))[0].get("exampleInput") == example


def wide_messages(fields: int) -> tuple[Fields, ...]:
    """Messages each of which refers so many times to the next one."""
    return tuple(
        {1: [f"M{n}"], 2: [message(field(f"f{i}", MESSAGE, f".shop.M{n + 1}")) for i in range(fields)]}
        for n in range(6)
    )


def test_an_example_stays_small_where_messages_refer_to_each_other_many_times() -> None:
    data = file(*[method(f"Buy{n}", takes=".shop.M0") for n in range(200)], messages=wide_messages(18))
    examples = [one.get("exampleInput") for one in methods_of(data)]
    first = examples[0]
    # outer messages are filled first
    assert first is not None
    assert {len(inner) for inner in first.values()} == {18}
    assert {len(inmost) for inner in first.values() for inmost in inner.values()} == {0, 18}
    assert len(json.dumps(first)) < 100_000
    assert examples[1] == first
    assert len(json.dumps(examples)) < 4_000_000


def test_a_message_that_is_too_large_is_left_empty() -> None:
    large: Fields = {1: ["Large"], 2: [message(field("x" * 100_000, STRING))]}
    inside: Fields = {1: ["In"], 2: [message(field("large", MESSAGE, ".shop.Large")), message(field("a", STRING))]}
    methods = methods_of(file(method("Buy"), method("Sell", takes=".shop.Large"), messages=(large, inside)))
    assert [one.get("exampleInput") for one in methods] == [{"large": {}, "a": ""}, None]


@pytest.mark.parametrize(("depth", "is_read"), [(100, True), (101, False), (3000, False)])
def test_how_deep_messages_may_be_declared_inside_each_other(depth: int, is_read: bool) -> None:
    nested = b""
    for _ in range(depth):
        nested = message({1: ["A"], 3: [nested] if nested else []})
    data = message({1: [message({4: [nested]})]})
    if is_read:
        assert methods_of(data) == []
    else:
        with pytest.raises(BadRequest, match="at most 100 deep inside each other"):
            methods_of(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x08\x96\x01\x12\x04\x08\x02\x10\x03", b"\x09" + bytes(8), b"\x0d" + bytes(4)],
)
def test_fields_of_another_type_are_passed_over(data: bytes) -> None:
    assert methods_of(data) == []


@pytest.mark.parametrize(
    "data",
    [b"syntax = proto3;", b"\x0a", b"\x0a\x05ab", b"\x09ab", b"\x0b", b"\x08" + b"\xff" * 11, b"\x08\x80"],
)
def test_what_is_no_descriptor_is_refused(data: bytes) -> None:
    with pytest.raises(BadRequest, match="no compiled proto file"):
        methods_of(data)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(BadRequest):
        assert isinstance(methods_of(data), list)
