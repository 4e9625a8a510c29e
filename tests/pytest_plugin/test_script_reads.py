from __future__ import annotations

import pytest

from conductor_pytest.script_reads import Read, reads_of


@pytest.mark.parametrize(
    ("script", "written"),
    [
        ("$.a + $['b'] + $[\"c\"]", ["$.a", "$['b']", '$["c"]']),
        ("$.a + $.a", ["$.a"]),
        ("my$.a + x.$.b", []),
        ("'$.a' + \"$.b\" + `$.c`", []),
        (r"'it\'s $.a' + $.b", ["$.b"]),
        ("`of ${$.a} and $.b`", ["$.a"]),
        ("$.a // $.b\n+ $.c /* $.d\n $.e */", ["$.a", "$.c"]),
        ("'http://x' + $.a", ["$.a"]),
        ("/'/.test($.a) + '$.b'", ["$.a"]),
        ("/[/']/.test($.a) + '$.b'", ["$.a"]),
        ("$.a / $.b / $.c", ["$.a", "$.b", "$.c"]),
        ("$.a = 1; $.a + $.b", ["$.b"]),
        ("$['a'] = 1; $.a", []),
        ("$.a ||= 1; $.b ??= 2; $.a + $.b", []),
        ("$.a == 1, $.b === 2", ["$.a", "$.b"]),
        ("$.a.b = 1", ["$.a"]),
        ("$.a += 1", ["$.a"]),
    ],
)
def test_what_is_read(script: str, written: list[str]) -> None:
    assert [read.written for read in reads_of(script)] == written


@pytest.mark.parametrize(
    "script",
    [
        "$.a ? 1 : 0",
        "$.a || 1",
        "$.a ?? 1",
        "$.a?.b",
        "$['a'] ? 1 : 0",
        "typeof $.a",
        "typeof($.a) == 'string'",
        "!$.a",
        "!!($.a)",
        "$.a && $.a.b",
        "$.a === undefined",
        "$.a != null",
        "if ($.a) { $.a.b }",
        "x = $.a || 1",
        "() => $.a || 1",
        "Boolean($.a)",
        "delete $.a",
        "'a' in $ ? $.a.b : 1",
        "$.hasOwnProperty('a') ? 1 : $.a.b",
        "Object.hasOwn($, 'a') ? 1 : $.a.b",
        "Object.assign($, made()); $.a",
        "for (var key of keys) { $[key] = 1 }; $.a",
    ],
)
def test_what_may_lack(script: str) -> None:
    assert {(read.name, read.is_needed) for read in reads_of(script)} == {("a", False)}


@pytest.mark.parametrize(
    "script",
    [
        "$.a",
        "$.a == 'x' ? 1 : 0",
        "1 < $.a && true",
        "x == $.a || y",
        "x >= $.a ? 1 : 0",
        "1 + $.a ? 1 : 0",
        "$.a.b ? 1 : 0",
        "f($.a)",
        "if (x > $.a) { 1 }",
        "if ($.a > 1) { 1 }",
        "'$.a ? 1 : 0' + $.a",
        "JSON.stringify($) + $.a",
    ],
)
def test_what_has_to_be_there(script: str) -> None:
    assert reads_of(script) == [Read("a", "$.a", is_needed=True)]
