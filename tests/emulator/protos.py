"""Writing protobuf messages, for tests that need compiled proto files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

#: number → values: integers, texts and messages
Fields: TypeAlias = Mapping[int, Sequence[int | str | bytes]]


def message(fields: Fields) -> bytes:
    """One message."""
    written = b""
    for number, values in fields.items():
        for value in values:
            if isinstance(value, int):
                written += _varint(number << 3) + _varint(value)
            else:
                data = value.encode() if isinstance(value, str) else value
                written += _varint(number << 3 | 2) + _varint(len(data)) + data
    return written


def _varint(value: int) -> bytes:
    written = b""
    while value > 0x7F:
        written += bytes([value & 0x7F | 0x80])
        value >>= 7
    return written + bytes([value])


def compiled_proto(*methods: str, service: str = "Greeter") -> bytes:
    """A compiled proto file with one service of package ``greet``; methods take ``In`` and give ``Out``."""
    described = [message({1: [name], 2: [".greet.In"], 3: [".greet.Out"]}) for name in methods]
    taken = message({1: ["In"], 2: [message({1: ["name"], 4: [1], 5: [9]})]})
    file: Fields = {2: ["greet"], 4: [taken], 6: [message({1: [service], 2: described})]}
    return message({1: [message(file)]})
