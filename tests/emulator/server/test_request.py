from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conductor_emulator.definitions import BodyError, TaskDef
from conductor_emulator.engine.errors import BadRequest, ServerFault
from conductor_emulator.server.request import NO_QUERY, Query, Request

JSON = {"content-type": "application/json"}


def with_query(*pairs: tuple[str, str]) -> Request:
    return Request("GET", "/", Query(pairs))


def with_body(body: bytes, kind: str | None = "application/json", method: str = "POST") -> Request:
    return Request(method, "/", NO_QUERY, {} if kind is None else {"content-type": kind}, body)


@pytest.mark.parametrize("word", ["true", "TRUE", "True", "yes", "on", "1", " true "])
def test_words_for_true(word: str) -> None:
    assert with_query(("b", word)).boolean("b") is True


@pytest.mark.parametrize("word", ["false", "False", "no", "off", "0"])
def test_words_for_false(word: str) -> None:
    assert with_query(("b", word)).boolean("b", default=True) is False


def test_an_empty_boolean_is_the_default() -> None:
    assert with_query(("b", "")).boolean("b", default=True) is True
    assert with_query().optional_boolean("b") is None


@pytest.mark.parametrize(
    ("read", "word", "tail"),
    [
        (lambda r: r.boolean("x"), "maybe", "required type 'boolean'; Invalid boolean value [maybe]"),
        (lambda r: r.integer("x", 1), "some", "required type 'int'; For input string: \"some\""),
        (lambda r: r.integer("x", 1), "2147483648", 'For input string: "2147483648"'),
        (lambda r: r.integer("x", 1), "1.5", 'For input string: "1.5"'),
        (lambda r: r.optional_integer("x"), "two", "required type 'Integer'; For input string: \"two\""),
        (lambda r: r.optional_long("x"), "yesterday", "required type 'Long'; For input string: \"yesterday\""),
        (lambda r: r.choice("x", ("A", "B"), "A"), "C", "[C] is none of A, B"),
    ],
)
def test_values_that_cannot_be_converted(read: Any, word: str, tail: str) -> None:
    with pytest.raises(ServerFault) as refused:
        read(with_query(("x", word)))
    assert refused.value.message is not None
    assert refused.value.message.startswith("Method parameter 'x': Failed to convert value of type ")
    assert refused.value.message.endswith(tail)


@pytest.mark.parametrize(
    ("text", "number"), [("5", 5), ("-5", -5), ("+5", 5), (" 5 ", 5), ("0x10", 16), ("-0x10", -16), ("#A", 10), ("", 7)]
)
def test_numbers(text: str, number: int) -> None:
    assert with_query(("n", text)).integer("n", 7) == number


def test_of_several_values_numbers_take_the_first_and_texts_all() -> None:
    request = with_query(("v", "1"), ("v", "2"))
    assert request.optional_integer("v") == 1
    assert request.text("v") == "1,2"


@pytest.mark.parametrize("kind", ["integer", "long", "boolean"])
def test_an_empty_value_before_others_has_no_default(kind: str) -> None:
    with pytest.raises(ServerFault, match=",2"):
        getattr(with_query(("v", ""), ("v", "2")), kind)("v", False)


def test_an_empty_text_counts_as_missing_where_there_is_a_default() -> None:
    request = with_query(("t", ""))
    assert request.text("t", "*") == "*"
    assert request.text("t") == ""


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([], None),
        ([("s", "a")], ["a"]),
        ([("s", "a, b")], ["a", "b"]),
        ([("s", "a"), ("s", "b,c")], ["a", "b,c"]),
        ([("s", "")], []),
    ],
)
def test_lists(pairs: list[tuple[str, str]], found: list[str] | None) -> None:
    assert with_query(*pairs).texts("s") == found


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([("s[]", "a"), ("s[]", "b")], ["a", "b"]),
        ([("s[]", "a"), ("s", "b")], ["b"]),
        ([("s", ""), ("s[]", "b")], []),
        ([("s[]", "")], []),
        ([("s[0]", "a"), ("s[][]", "a")], None),
    ],
)
def test_a_name_with_brackets_counts_where_there_is_none_without(
    pairs: list[tuple[str, str]], found: list[str] | None
) -> None:
    """Faraday and others write lists so; the server answers as asked with ``tasks/queue/sizes?taskType%5B%5D=a``."""
    assert with_query(*pairs).texts("s") == found


def test_a_missing_text_that_is_required() -> None:
    with pytest.raises(ServerFault, match="Required request parameter 'path' for method parameter type String is not"):
        with_query().required("path")


@pytest.mark.parametrize(
    ("read", "kind"),
    [
        (lambda request: request.path_integer("v"), "Integer"),
        (lambda request: request.path_choice("v", ["A"]), "Status"),
    ],
    ids=["integer", "choice"],
)
def test_a_blank_part_of_the_path(read: Callable[[Request], Any], kind: str) -> None:
    request = with_query()
    request.params = {"v": " "}
    with pytest.raises(ServerFault, match=f"'v' for method parameter type {kind} is present but converted to null"):
        read(request)


# -- bodies ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "kind", "method", "message"),
    [
        (b"", None, "POST", "Required request body is missing"),
        (b"", "application/json", "POST", "Required request body is missing"),
        (b"null", "application/json", "POST", "Required request body is missing"),
        (b"{}", None, "POST", "Content-Type 'application/octet-stream' is not supported"),
        (b"{}", " ", "POST", "Content-Type 'application/octet-stream' is not supported"),
        (b"{}", "foo", "POST", "Invalid mime type \"foo\": does not contain '/'"),
        (b"{}", "foo/", "POST", "Invalid mime type \"foo/\": does not contain subtype after '/'"),
        (b"{}", "/foo", "POST", "Invalid mime type \"/foo\": 'type' must not be empty"),
        (b"{}", ";a=b", "POST", "Invalid mime type \";a=b\": 'mimeType' must not be empty"),
        (b"{}", "*/a", "POST", "Invalid mime type \"*/a\": wildcard type is legal only in '*/*' (all mime types)"),
        (b"{}", "a/b c", "POST", 'Invalid mime type "a/b c": Invalid token character \' \' in token "b c"'),
        (b"{}", "a/b;c=", "POST", "Invalid mime type \"a/b;c=\": 'value' must not be empty"),
        (b"{}", "a/b;=c", "POST", "Invalid mime type \"a/b;=c\": 'parameter' must not be empty"),
        (b"{}", "a/b;charset=x", "POST", "Invalid mime type \"a/b;charset=x\": unsupported charset 'x'"),
        (b"{}", "multipart/form-data", "POST", "Failed to parse multipart servlet request"),
        (
            b"{}",
            "multipart/mixed;boundary=b",
            "POST",
            "Content-Type 'multipart/mixed;boundary=b;charset=UTF-8' is not supported",
        ),
        (b"", "application/xml", "POST", "Required request body is missing"),
        (b"{}", "text/plain", "POST", "Content-Type 'text/plain;charset=UTF-8' is not supported"),
        (b"{}", "text/json", "POST", "Content-Type 'text/json;charset=UTF-8' is not supported"),
        (b"{}", "text/plain; charset=latin-1", "POST", "Content-Type 'text/plain;charset=latin-1' is not supported"),
        (b"", "text/plain", "DELETE", "Required request body is missing"),
    ],
)
def test_bodies_that_are_not_there_or_no_json(body: bytes, kind: str | None, method: str, message: str) -> None:
    with pytest.raises(ServerFault) as refused:
        with_body(body, kind, method).json()
    assert refused.value.message == message


@pytest.mark.parametrize(("kind", "which"), [("*/*", "type"), ("*", "type"), ("a/*", "subtype"), ("a/*+b", "subtype")])
def test_a_wildcard_content_type_is_a_400(kind: str, which: str) -> None:
    for read in (Request.json, Request.text_body):
        with pytest.raises(BadRequest, match=rf"^Content-Type cannot contain wildcard {which} '\*'$"):
            read(with_body(b"{}", kind))


@pytest.mark.parametrize("kind", ["application/xml", "text/xml", "application/a+xml", "application/cbor"])
def test_what_the_server_reads_beside_json_is_broken_here(kind: str) -> None:
    with pytest.raises(BodyError, match=r"^JSON parse error: "):
        with_body(b"<a/>", kind).json()


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "APPLICATION/JSON; charset=utf-8",
        "application/vnd.x+json",
        'application/json;a="b"',
        "application/yaml",
    ],
)
def test_content_types_of_json(kind: str) -> None:
    assert with_body(b'{"a": 1}', kind).json_map() == {"a": 1}


def test_another_charset() -> None:
    assert with_body('{"a": "ü"}'.encode("latin-1"), "application/json;charset=ISO-8859-1").json() == {"a": "ü"}


@pytest.mark.parametrize("body", [b"[1]", b"5", b'"x"', b"true"])
def test_a_map_of_another_shape(body: bytes) -> None:
    with pytest.raises(BodyError, match=r"^JSON parse error: expected an object"):
        with_body(body).json_map()


def test_texts_of_a_list_are_coerced() -> None:
    assert with_body(b'["a", 1, true, 1.5, null]').text_list() == ["a", "1", "true", "1.5", None]
    with pytest.raises(BodyError, match=r"\[1\]"):
        with_body(b'["a", []]').text_list()


def test_records() -> None:
    assert with_body(b'{"name": "t"}').record(TaskDef).name == "t"
    found = with_body(b'[{"name": "t"}, null]').record_list(TaskDef)
    assert [None if item is None else item.name for item in found] == ["t", None]
    with pytest.raises(BodyError, match=r"\[1\]\.retryCount"):
        with_body(b'[{}, {"retryCount": "many"}]').record_list(TaskDef)


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        (b'"quoted"', "application/json", '"quoted"'),
        ("plain ü".encode(), "text/plain", "plain ü"),
        ("ü".encode("latin-1"), "text/plain; charset=ISO-8859-1", "ü"),
        (b"x", None, "x"),
        (b"\x20\xac", "text/plain;charset=UTF-16", "€"),
        (b"\xff\xfe\xac\x20", "text/plain;charset=utf-16", "€"),
    ],
)
def test_text_bodies_are_taken_as_they_are(body: bytes, kind: str | None, text: str) -> None:
    assert with_body(body, kind).text_body() == text


def test_of_several_names_the_first_counts() -> None:
    assert with_query(("x", "B"), ("x", "C")).choice("x", ("A", "B"), "A") == "B"
    assert with_query(("x", ""), ("x", "C")).choice("x", ("A", "B"), "A") == "A"
