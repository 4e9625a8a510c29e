"""Against a real server on this machine; what is expected is what the real server was seen to do."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conductor_emulator.engine.effects import HttpAnswer
from conductor_emulator.runtime.outgoing_http import OutgoingHttp
from tests.emulator.runtime.answering_web import JSON, SILENT, Headers, Server, Web, handler
from tests.emulator.web import serving


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web()
    with serving(Server(("127.0.0.1", 0), handler(web))) as web.url:
        yield web


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def http(pauses: list[float]) -> OutgoingHttp:
    return OutgoingHttp(sleep=pauses.append)


def get(http: OutgoingHttp, uri: Any, method: str = "GET", **request: Any) -> HttpAnswer:
    return http.call({"uri": uri, "method": method, **request})


def failure(answer: HttpAnswer) -> str:
    """The text of a call that failed; it stands in both places."""
    assert answer.error == f"Failed to invoke HTTP task due to: {answer.response}"
    assert isinstance(answer.response, str)
    return answer.response


# -- requests ----------------------------------------------------------------------------------------------------------
def test_what_is_sent_when_nothing_is_said(web: Web, http: OutgoingHttp) -> None:
    get(http, web.url + "/a")
    (seen,) = web.seen
    assert (seen.method, seen.target, seen.body) == ("GET", "/a", b"")
    assert {name: value for name, value in seen.headers if name not in ("Host", "User-Agent")} == {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Accept-Encoding": "gzip, x-gzip, deflate",
        "Connection": "keep-alive",
    }


def test_header_values_are_java_text_and_nulls_are_left_out(web: Web, http: OutgoingHttp) -> None:
    headers = {"A": ["a", {"k": 1}], "B": True, "C": 1e10, "D": None, "E": "", "F": "ü→\r\nx", "Content-Length": "9"}
    get(http, web.url, headers=headers)
    (seen,) = web.seen
    assert [seen.all(name) for name in "abcdef"] == [["[a, {k=1}]"], ["true"], ["1.0E10"], [], [""], ["ü?  x"]]
    assert seen.all("content-length") == []


def test_a_header_given_again_is_sent_twice(web: Web, http: OutgoingHttp) -> None:
    get(http, web.url, headers={"accept": "text/csv", "Content-Type": "no type", "X-A": "1", "x-a": 2})
    (seen,) = web.seen
    assert seen.all("accept") == ["application/json", "text/csv"]
    assert seen.all("content-type") == ["application/json", "no type"]
    assert [pair for pair in seen.headers if pair[0].lower() == "x-a"] == [("X-A", "1"), ("X-A", "2")]


@pytest.mark.parametrize("name", ["", " x", "a:b", "ü"])
def test_what_is_no_name_of_a_header(web: Web, http: OutgoingHttp, name: str) -> None:
    assert failure(get(http, web.url, headers={name: 1})) == f"{name!r} is no name of a header"


@pytest.mark.parametrize(
    ("request_part", "accept", "content_type"),
    [
        ({"accept": "Text/HTML;Q=0.5;charset=UTF-8"}, "text/html;Q=0.5;charset=UTF-8", "application/json"),
        ({"accept": ["a/b", "*"]}, "a/b, */*", "application/json"),
        ({"accept": []}, "", "application/json"),
        ({"accept": 5}, "application/json", "application/json"),
        ({"accept": None}, "application/json", "application/json"),
        ({"contentType": ' text/plain ; charset="utf-8" ;x'}, "application/json", 'text/plain;charset="utf-8"'),
    ],
)
def test_types(web: Web, http: OutgoingHttp, request_part: dict[str, Any], accept: str, content_type: str) -> None:
    get(http, web.url, **request_part)
    (seen,) = web.seen
    assert (seen.all("accept"), seen.all("content-type")) == ([accept], [content_type])


@pytest.mark.parametrize(
    ("request_part", "text"),
    [
        ({"contentType": None}, "Invalid mime type \"null\": 'mimeType' must not be empty"),
        ({"contentType": ""}, "Invalid mime type \"\": 'mimeType' must not be empty"),
        ({"contentType": 5}, "Invalid mime type \"5\": does not contain '/'"),
        ({"contentType": "a/"}, "Invalid mime type \"a/\": does not contain subtype after '/'"),
        ({"contentType": "a/b/c"}, 'Invalid mime type "a/b/c": Invalid token character \'/\' in token "b/c"'),
        ({"contentType": "a/b;charset=no"}, "Invalid mime type \"a/b;charset=no\": unsupported charset 'no'"),
        ({"contentType": "*/*"}, "Content-Type cannot contain wildcard type '*'"),
        ({"contentType": "a/*"}, "Content-Type cannot contain wildcard subtype '*'"),
        ({"accept": "*/x"}, "Invalid mime type \"*/x\": wildcard type is legal only in '*/*' (all mime types)"),
        (
            {"accept": "a/b;q=5"},
            'Invalid media type "a/b;q=5": Invalid quality value "5": should be between 0.0 and 1.0',
        ),
        ({"readTimeOut": -1}, "duration must not be negative: -1"),
        ({"connectionTimeOut": -1}, "Timeout must be a non-negative value"),
        ({"headers": None}, "http_request.headers is null; leave it out or give an object"),
        ({"method": "get"}, "Invalid HTTP method: get"),
        ({"method": ""}, "Invalid HTTP method: "),
        ({"method": 5, "body": {}}, "Invalid HTTP method: 5"),
        ({"method": "CONNECT"}, "Invalid HTTP method: CONNECT"),
        ({"method": "TRACE", "body": 1}, "TRACE requests may not include an entity."),
    ],
)
def test_refused_before_anything_is_sent(web: Web, http: OutgoingHttp, request_part: dict[str, Any], text: str) -> None:
    assert failure(get(http, web.url, **{"method": "GET", **request_part})) == text
    assert web.seen == []


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({}, "Missing HTTP URI.  See documentation for HttpTask for required input parameters"),
        (
            {"uri": None, "method": None},
            "Missing HTTP URI.  See documentation for HttpTask for required input parameters",
        ),
        ({"uri": "http://x"}, "No HTTP method specified"),
        ({"headers": "x"}, "http_request.headers must be an object of names and values, got a text."),
        ({"uri": []}, "http_request.uri must be a text, got a list."),
        ({"vipAddress": {}}, "http_request.vipAddress must be a text, got an object."),
        ({"accept": [None]}, "http_request.accept must hold media types, got a null among them."),
        ({"readTimeOut": True}, "http_request.readTimeOut must be a whole number of milliseconds, got a boolean."),
        ({"readTimeOut": "2.5"}, "http_request.readTimeOut must be a whole number of milliseconds, got a text."),
        ({"readTimeOut": 2**31}, "http_request.readTimeOut must be a whole number of milliseconds, got a number."),
    ],
)
def test_no_request_gives_an_error_and_no_response(http: OutgoingHttp, request_: dict[str, Any], error: str) -> None:
    assert http.call(request_) == HttpAnswer(error=error)


@pytest.mark.parametrize("value", [None, "", " 9000 ", "+9000", 9000.7, 0])
def test_forms_of_a_time_out(web: Web, http: OutgoingHttp, value: Any) -> None:
    assert get(http, web.url, readTimeOut=value, connectionTimeOut=value, encode=1, vipAddress=5).error is None


@pytest.mark.parametrize(
    ("content_type", "body", "sent"),
    [
        ("application/json", {"ü": [1.5, None, True, "/"]}, '{"ü":[1.5,null,true,"/"]}'.encode()),
        ("application/json", "tüx→😀", "tüx→😀".encode()),
        ("application/json", "", b""),
        ("application/json", 5, b"5"),
        ("application/x.y+json", [1], b"[1]"),
        ("application/json;charset=us-ascii", ["ü"], '["ü"]'.encode()),
        ("application/json;charset=utf-16", "x→", b"\xfe\xff\x00x\x21\x92"),
        ("text/plain", "tüx→😀", b"t\xfcx??"),
        ("text/plain;charset=utf-8", "ü", "ü".encode()),
        ("application/x-www-form-urlencoded", "a=1&b=2", b"a=1&b=2"),
        (
            "text/xml",
            {"a": [1, 1e20, None, True, "<"]},
            b"<LinkedHashMap><a>1</a><a>1.0E20</a><a/><a>true</a><a>&lt;</a></LinkedHashMap>",
        ),
        ("application/xml", [1, {"a": 2}], b"<ArrayList><item>1</item><item><a>2</a></item></ArrayList>"),
        ("application/rss+xml", 2**31, b"<Long>2147483648</Long>"),
        ("application/xml", 2**63, b"<BigInteger>9223372036854775808</BigInteger>"),
        ("application/xml", True, b"<Boolean>true</Boolean>"),
        ("application/xml", 1.5, b"<Double>1.5</Double>"),
        ("application/xml", 1, b"<Integer>1</Integer>"),
    ],
)
def test_bodies(web: Web, http: OutgoingHttp, content_type: str, body: Any, sent: bytes) -> None:
    answer = get(http, web.url, "POST", contentType=content_type, body=body)
    assert answer.error is None
    (seen,) = web.seen
    assert seen.body == sent
    # Whoever reads Content-Length bytes sees no JSON body there either.
    is_text = isinstance(body, str)
    assert seen.all("content-length") == ([str(len(sent))] if is_text else [])
    assert seen.all("transfer-encoding") == ([] if is_text else ["chunked"])


@pytest.mark.parametrize(
    ("content_type", "body", "kind"),
    [
        ("application/x-www-form-urlencoded", {"a": 1}, "an object"),
        ("text/plain", [1], "a list"),
        ("multipart/form-data", 5, "a number"),
        ("application/x-ndjson", False, "a boolean"),
        ("application/json;charset=iso-8859-1", {}, "an object"),
    ],
)
def test_bodies_that_have_no_form(http: OutgoingHttp, content_type: str, body: Any, kind: str) -> None:
    text = failure(get(http, "http://127.0.0.1:1", "POST", contentType=content_type, body=body))
    assert text == f'No HttpMessageConverter for {kind} and content type "{content_type}"'


@pytest.mark.parametrize(
    ("method", "length"),
    [
        ("GET", []),
        ("HEAD", []),
        ("OPTIONS", []),
        ("TRACE", []),
        ("POST", ["0"]),
        ("PUT", ["0"]),
        ("PATCH", ["0"]),
        ("DELETE", ["0"]),
    ],
)
def test_methods_without_a_body(web: Web, http: OutgoingHttp, method: str, length: list[str]) -> None:
    answer = get(http, web.url, method)
    assert answer.response["body"] == (None if method == "HEAD" else {})
    assert (web.seen[0].method, web.seen[0].all("content-length")) == (method, length)


def test_a_get_may_have_a_body(web: Web, http: OutgoingHttp) -> None:
    get(http, web.url, body={"x": 1})
    assert (web.seen[0].method, web.seen[0].body) == ("GET", b'{"x":1}')


USER_INFO = "Request URI authority contains deprecated userinfo component"


# -- addresses ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("given", "target"),
    [
        ("", "/"),
        ("?x=1", "/?x=1"),
        ("/a?x=a b", "/a?x=a%20b"),
        ("/a?x=a%20b", "/a?x=a%2520b"),
        ("/a?x=a+b#mark", "/a?x=a+b"),
        ("//a// b //c/?q=a//b", "/a/b/c/?q=a//b"),
        ("/a/../b/./c", "/a/../b/./c"),
        ("/a;v=1,2/b@c:d!$&'()*~[x]|", "/a;v=1,2/b@c:d!$&'()*~%5Bx%5D%7C"),
        ("/ü/😀", "/%C3%BC/%F0%9F%98%80"),
        ("/%2F%", "/%252F%25"),
        ("/a/{b", "/a/%7Bb"),
        ("/a/{}", "/a/%7B%7D"),
        ("?a=b=c&d&e=&&=f", "/?a=b%3Dc&d&e=&f"),
        ("?a=1&b=2&a=3", "/?a=1&a=3&b=2"),
        ("?", "/"),
    ],
)
def test_addresses_are_encoded(web: Web, http: OutgoingHttp, given: str, target: str) -> None:
    assert get(http, web.url + given).error is None
    assert [seen.target for seen in web.seen] == [target]


@pytest.mark.parametrize(
    ("uri", "text"),
    [
        ("not a uri", 'I/O error on GET request for "/not%20a%20uri": Target host is not specified'),
        ("", 'I/O error on GET request for "": Target host is not specified'),
        (5, 'I/O error on GET request for "/5": Target host is not specified'),
        ("127.0.0.1/x", 'I/O error on GET request for "/127.0.0.1/x": Target host is not specified'),
        ("http:///x", 'I/O error on GET request for "http:///x": Target host is not specified'),
        ("//h/x?y", 'I/O error on GET request for "//h/x": Protocol scheme is not specified'),
        ("ftp://h/x", 'I/O error on GET request for "ftp://h/x": Unroutable protocol scheme: ftp://h'),
        ("http://u@h", f'I/O error on GET request for "http://u@h": {USER_INFO}'),
        ("http://", "Expected authority at index 7: http://"),
        ("http://:80/", "Host name must not be empty"),
        (
            "http://h:99999/",
            "Port number(Use -1 to specify the scheme default port): 99999 is out of range [-1, 65535]",
        ),
        ("http://h:x/", "Bad authority"),
        ("http://[::bad/", "Bad authority"),
        ("http://a b/", "Bad authority"),
        ("http://ü/", "Bad authority"),
        ("http://h/%zz", "Bad path"),
        ("*x", "Bad character '*'"),
        ("localhost:80/x", "Expected scheme-specific part at index 10: localhost:"),
        ("127.0.0.1:80/x", "Illegal character in scheme name at index 0: 127.0.0.1:"),
        ("http://h/?x={y}", "Not enough variable values available to expand 'y'"),
        ("http://{h}/{id}", "Not enough variable values available to expand 'h'"),
        ("http://h:{p}/", "Not enough variable values available to expand 'p'"),
        ("http://h/{id:[0-9]+}", "Not enough variable values available to expand 'id'"),
        ("http://h/#{x}", "Not enough variable values available to expand 'x'"),
    ],
)
def test_addresses_that_cannot_be_called(http: OutgoingHttp, uri: Any, text: str) -> None:
    assert failure(get(http, uri)) == text


# -- responses ---------------------------------------------------------------------------------------------------------
def test_the_response_map_and_its_order(web: Web, http: OutgoingHttp) -> None:
    web.routes["/a"] = (201, [*JSON, ("X-a", " 1 "), ("B", "2"), ("x-A", "3")], b'{"k": [1, 2.5, null, true]}')
    answer = get(http, web.url + "/a")
    assert answer == HttpAnswer(
        response={
            "headers": {"Content-Type": ["application/json"], "B": ["2"], "x-A": ["1", "3"], "Content-Length": ["27"]},
            "reasonPhrase": "Created",
            "body": {"k": [1, 2.5, None, True]},
            "statusCode": 201,
        }
    )
    assert list(answer.response) == ["headers", "reasonPhrase", "body", "statusCode"]
    assert list(answer.response["headers"]) == ["Content-Type", "B", "x-A", "Content-Length"]


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        ("", None),
        (" \n", ""),
        ("just text", "just text"),
        ('"s"', "s"),
        ('"a"b', "a"),
        ('"a\nb"', '"a\nb"'),
        ('"é\\ud83d"', "é?"),
        ('{"a":1} {"b":2}', {"a": 1}),
        ('{"a":1,"b":2,"a":3}', {"a": 3, "b": 2}),
        ('{"a":NaN}', '{"a":NaN}'),
        ('{"n":12345678901234567890,"e":1e400}', {"n": 12345678901234567890, "e": "Infinity"}),
        ("[1]x", [1]),
        ("[1", "[1"),
        ("[" * 1001 + "]" * 1001, "[" * 1001 + "]" * 1001),
        ("5", 5.0),
        (" -5\n", -5.0),
        ("-0.0", -0.0),
        ("1e3", 1000.0),
        ("-1E400", "-Infinity"),
        ("1 2 3", 1.0),
        ("12abc", "12abc"),
        ("5,", "5,"),
        ("2024-01-01", "2024-01-01"),
        ("007", "007"),
        ("1.", "1."),
        ("9" * 1001, "9" * 1001),
        ("true", "true"),
        ("null x", "null"),
        ("true,", "true"),
        ("nullx", "nullx"),
        ("True", "True"),
        ("NaN", "NaN"),
        ("\ufeff{}", "\ufeff{}"),
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain; charset=utf-8"])
def test_bodies_are_read_as_json(web: Web, http: OutgoingHttp, sent: str, body: Any, content_type: str) -> None:
    web.routes["/a"] = (200, [("Content-Type", content_type)], sent.encode())
    shown = get(http, web.url + "/a").response["body"]
    assert repr(shown) == repr(body)


@pytest.mark.parametrize(
    ("content_type", "sent", "body"),
    [
        (None, "größe".encode(), "grÃ¶Ã\x9fe"),
        ("text/plain", bytes(range(0, 256, 17)), bytes(range(0, 256, 17)).decode("latin-1")),
        ("text/plain; charset=UTF-8", "größe →".encode(), "größe →"),
        ("application/json", '{"k":"→"}'.encode(), {"k": "→"}),
        ("application/json", b'"\xfc"', "\ufffd"),
        ("application/x+json", '"ü"'.encode(), "ü"),
        ("application/x-ndjson", '"ü"'.encode(), "Ã¼"),
        ("text/plain; charset=utf-16", b"\x00x\x21\x92", "x→"),
        ("text/plain; charset=utf-16", "x→".encode("utf-16"), "x→"),
    ],
)
def test_charsets(web: Web, http: OutgoingHttp, content_type: str | None, sent: bytes, body: Any) -> None:
    web.routes["/a"] = (200, [("Content-Type", content_type)] if content_type else [], sent)
    assert get(http, web.url + "/a").response["body"] == body


def _raw_deflate(data: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(data) + packing.flush()


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [
        ("gzip", gzip.compress(b'{"z":1}', mtime=0)),
        ("X-GZIP", gzip.compress(b'{"z":1}', mtime=0)),
        ("deflate", zlib.compress(b'{"z":1}')),
        ("deflate", _raw_deflate(b'{"z":1}')),
        ("deflate, gzip", gzip.compress(zlib.compress(b'{"z":1}'), mtime=0)),
    ],
)
def test_packed_bodies_lose_the_headers_that_spoke_of_it(
    web: Web, http: OutgoingHttp, encoding: str, sent: bytes
) -> None:
    web.routes["/a"] = (200, [*JSON, ("Content-Encoding", encoding)], sent)
    response = get(http, web.url + "/a").response
    assert (response["body"], response["headers"]) == ({"z": 1}, {"Content-Type": ["application/json"]})


def test_an_unknown_encoding_is_left_alone(web: Web, http: OutgoingHttp) -> None:
    web.routes["/a"] = (200, [("Content-Encoding", "br")], b"xx")
    response = get(http, web.url + "/a").response
    assert (response["body"], response["headers"]) == ("xx", {"Content-Encoding": ["br"], "Content-Length": ["2"]})


SHORT: Headers = [("Content-Length", "99"), ("Connection", "close")]
EXTRACTING = "Error while extracting response for type [String] and content type "


@pytest.mark.parametrize(
    ("headers", "sent", "text"),
    [
        ([("Content-Type", "nonsense")], b"x", "Invalid mime type \"nonsense\": does not contain '/'"),
        (SHORT, b"abc", EXTRACTING + "[application/octet-stream]"),
        ([*JSON, *SHORT], b"abc", EXTRACTING + "[application/json]"),
        (
            [*JSON, ("Content-Encoding", "gzip")],
            gzip.compress(b"x" * 99, mtime=0)[:-9],
            EXTRACTING + "[application/json]",
        ),
        ([*JSON, ("Content-Encoding", "deflate")], b"xx", EXTRACTING + "[application/json]"),
        ([("Content-Encoding", "gzip")], b"xx", 'I/O error on GET request for "{}/a": Not in GZIP format'),
    ],
)
def test_bodies_that_cannot_be_read(web: Web, http: OutgoingHttp, headers: Headers, sent: bytes, text: str) -> None:
    web.routes["/a"] = (200, headers, sent)
    assert failure(get(http, web.url + "/a")) == text.format(web.url)


@pytest.mark.parametrize(
    ("status", "headers", "sent", "text"),
    [
        ("404 Not Found", JSON, b'{"error": 404}', '404 Not Found on GET request for "{}/a": "{{"error": 404}}"'),
        ("500 My Own", [], "größe".encode(), '500 My Own on GET request for "{}/a": "größe"'),
        ("500 E", [("Content-Type", "a/b;charset=latin1")], b"\xfc", '500 E on GET request for "{}/a": "ü"'),
        ("499", [], b"odd", '499  on GET request for "{}/a": "odd"'),
        ("500 E", [], b"", '500 E on GET request for "{}/a": [no body]'),
        ("500 E", [], b"a\r\nb\tc", '500 E on GET request for "{}/a": "a<EOL><EOL>b?c"'),
        ("500 E", SHORT, b"abc", '500 E on GET request for "{}/a": [no body]'),
        ("500 E", [], b"x" * 2000, '500 E on GET request for "{}/a": "' + "x" * 2000 + '"'),
        ("299 Odd", [], b"x", "No matching constant for [299]"),
        ("600 Odd", [], b"x", "No matching constant for [600]"),
    ],
)
def test_statuses_that_fail(
    web: Web, http: OutgoingHttp, status: str, headers: Headers, sent: bytes, text: str
) -> None:
    web.routes["/a"] = (status, headers, sent)
    assert failure(get(http, web.url + "/a?query#mark")) == text.format(web.url)


@pytest.mark.parametrize(
    ("status", "phrase"), [(300, "Multiple Choices"), (302, "Found"), (304, "Not Modified"), (305, "Use Proxy")]
)
def test_a_redirect_to_nowhere_is_no_answer(web: Web, http: OutgoingHttp, status: int, phrase: str) -> None:
    web.routes["/a"] = (status, [], b"")
    answer = get(http, web.url + "/a")
    assert answer.error == "No response from the remote service"
    assert answer.response == {
        "body": None,
        "headers": {"Content-Length": ["0"]},
        "statusCode": status,
        "reasonPhrase": phrase,
    }


# -- redirects ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("method", "status", "following"),
    [
        *[("GET", status, "GET") for status in (301, 302, 303, 307, 308)],
        *[("POST", status, "bare GET") for status in (301, 302, 303)],
        *[("POST", status, "POST") for status in (307, 308)],
        *[("PUT", status, "PUT") for status in (301, 302, 307)],
        ("PUT", 303, "bare GET"),
        ("DELETE", 303, "bare GET"),
        ("HEAD", 303, "HEAD"),
    ],
)
def test_redirects(web: Web, http: OutgoingHttp, method: str, status: int, following: str) -> None:
    web.routes["/a"] = (status, [("Location", "b?c"), ("Set-Cookie", "k=v; Path=/")], b"")
    answer = get(http, web.url + "/a", method, headers={"X-A": 1}, **({"body": [1]} if method[0] == "P" else {}))
    assert answer.response["statusCode"] == 200
    first, second = web.seen
    assert (second.method, second.target) == (following.rpartition(" ")[2], "/b?c")
    is_bare = following == "bare GET"
    assert second.body == (b"" if is_bare else first.body)
    assert second.all("x-a") == ([] if is_bare else ["1"])
    assert (first.all("cookie"), second.all("cookie")) == ([], ["k=v"])


def test_cookies_do_not_outlive_the_call(web: Web, http: OutgoingHttp) -> None:
    web.routes["/a"] = (200, [("Set-Cookie", "k=v; Path=/")], b"")
    get(http, web.url + "/a")
    get(http, web.url + "/a")
    assert [seen.all("cookie") for seen in web.seen] == [[], []]


@pytest.mark.parametrize(
    ("location", "text"),
    [
        ("{}/a", "Circular redirect to '{}/a'"),
        ("/a b", "Invalid redirect URI: /a b"),
        ("http://[bad", "Invalid redirect URI: http://[bad"),
        ("ftp://h/x", "Unroutable protocol scheme: ftp://h"),
        ("http://127.0.0.1:1/x?y", "Connect to http://127.0.0.1:1 failed: Connection refused"),
    ],
)
def test_redirects_that_fail_name_the_first_address(web: Web, http: OutgoingHttp, location: str, text: str) -> None:
    web.routes["/a"] = (302, [("Location", location.format(web.url))], b"")
    assert failure(get(http, web.url + "/a")) == f'I/O error on GET request for "{web.url}/a": ' + text.format(web.url)


def test_fifty_redirects_are_the_most(web: Web, http: OutgoingHttp) -> None:
    web.routes["/a"] = lambda seen: (302, [("Location", f"/a?{len(web.seen)}")], b"")
    text = failure(get(http, web.url + "/a"))
    assert text == f'I/O error on GET request for "{web.url}/a": Maximum redirects (50) exceeded'
    assert len(web.seen) == 51


def test_credentials_go_to_no_other_host(web: Web, http: OutgoingHttp) -> None:
    elsewhere = web.url.replace("127.0.0.1", "localhost") + "/b"
    web.routes["/a"] = (307, [("Location", elsewhere)], b"")
    refused = get(http, web.url + "/a", headers={"Authorization": "x"})
    assert (refused.error, refused.response["statusCode"]) == ("No response from the remote service", 307)
    assert get(http, web.url + "/a", headers={"X-A": "x"}).error is None
    assert [seen.target for seen in web.seen] == ["/a", "/a", "/b"]


# -- repetitions and broken connections --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "retry_after", "read_timeout", "pause"),
    [
        (503, None, 3000, 1.0),
        (429, None, 1000, 1.0),
        (503, "4", 3000, 4.0),
        (503, "0", 3000, 1.0),
        (503, "x", 3000, 1.0),
        (503, "Wed, 21 Oct 2015 07:28:00 GMT", 3000, 1.0),
        (503, "4", 999, None),
        (503, "99999", 3000, None),
        (500, None, 3000, None),
    ],
)
def test_an_answer_429_or_503_is_asked_for_once_more(
    web: Web,
    http: OutgoingHttp,
    pauses: list[float],
    status: int,
    retry_after: str | None,
    read_timeout: int,
    pause: float | None,
) -> None:
    headers = [("Retry-After", retry_after)] if retry_after else []
    web.routes["/a"] = lambda seen: (status, headers, b"") if len(web.seen) == 1 else (200, [], b"7")
    answer = get(http, web.url + "/a", "POST", body={}, readTimeOut=read_timeout)
    assert pauses == ([] if pause is None else [pause])
    if pause is None:
        assert failure(answer).startswith(f"{status} ")
        assert len(web.seen) == 1
    else:
        assert answer.response["body"] == 7.0
        assert [seen.body for seen in web.seen] == [b"{}", b"{}"]


@pytest.mark.parametrize(("method", "attempts"), [("GET", 2), ("PUT", 2), ("DELETE", 2), ("POST", 1), ("PATCH", 1)])
def test_a_broken_connection_is_tried_again_where_that_does_no_harm(
    web: Web, http: OutgoingHttp, method: str, attempts: int
) -> None:
    web.routes["/a"] = SILENT
    host = web.url.removeprefix("http://")
    assert (
        failure(get(http, web.url + "/a", method))
        == f'I/O error on {method} request for "{web.url}/a": {host} failed to respond'
    )
    assert len(web.seen) == attempts


def test_read_timeout(web: Web, http: OutgoingHttp) -> None:
    reached, released = threading.Event(), threading.Event()

    def late(_: Any) -> Any:
        reached.set()
        return (200, [], b"late") if released.wait(30) else SILENT

    web.routes["/a"] = late
    answer = get(http, web.url + "/a", readTimeOut=50)
    assert failure(answer) == f'I/O error on GET request for "{web.url}/a": Read timed out'
    assert reached.wait(30)
    released.set()
    assert len(web.seen) == 1


def test_connection_timeout(http: OutgoingHttp) -> None:
    with socket.socket() as full, socket.socket() as waiting, socket.socket() as another:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        for client in (waiting, another):
            client.setblocking(False)
            client.connect_ex(address)
        url = f"http://127.0.0.1:{address[1]}"
        text = failure(get(http, url, connectionTimeOut=50))
    assert text == f'I/O error on GET request for "{url}": Connect to {url} failed: Connect timed out'


@pytest.mark.parametrize(
    ("uri", "text"),
    [
        (
            "http://127.0.0.1:1/ü?q",
            '"http://127.0.0.1:1/%C3%BC": Connect to http://127.0.0.1:1 failed: Connection refused',
        ),
        ("https://127.0.0.1:1", '"https://127.0.0.1:1": Connect to https://127.0.0.1:1 failed: Connection refused'),
        ("http://127.0.0.1:1#f", '"http://127.0.0.1:1#f": Connect to http://127.0.0.1:1 failed: Connection refused'),
    ],
)
def test_connection_refused(http: OutgoingHttp, uri: str, text: str) -> None:
    assert failure(get(http, uri, "POST")) == f"I/O error on POST request for {text}"


def test_an_unknown_host(http: OutgoingHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    text = failure(get(http, "http://no-such-host.invalid/x"))
    assert text == (
        'I/O error on GET request for "http://no-such-host.invalid/x": no-such-host.invalid: Name or service not known'
    )


def test_the_environment_names_no_proxy(web: Web, http: OutgoingHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert get(http, web.url).error is None


def test_whatever_happens_is_an_answer(http: OutgoingHttp) -> None:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    assert "recursion" in failure(get(http, "http://127.0.0.1:1", "POST", body=nested))


def test_threads_share_one(web: Web) -> None:
    web.routes["/a"] = lambda seen: (200, JSON, json.dumps({"n": seen.target[-2:]}).encode())
    shared = OutgoingHttp.shared()
    assert OutgoingHttp.shared() is shared
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: get(shared, f"{web.url}/a?{n}"), range(10, 60)))
    assert [answer.response["body"]["n"] for answer in answers] == [str(n) for n in range(10, 60)]


# -- flavor orkes ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("accepted", "status", "is_good"),
    [
        (["2xx", "404"], 404, True),
        (["2xx", "404"], 200, True),
        (["2xx", "404"], 403, False),
        ([404], 404, True),
        (["5XX"], 500, True),
        (["404"], 200, False),
        ([], 404, False),
        (None, 200, True),
        ("404", 404, False),
    ],
)
def test_which_statuses_are_good(web: Web, http: OutgoingHttp, accepted: Any, status: int, is_good: bool) -> None:
    web.routes["/a"] = (status, JSON, b'{"n": 1}')
    request = {"uri": web.url + "/a", "method": "GET", "acceptedStatusCodes": accepted}
    answer = http.call(request, may_accept=True)
    assert (answer.error is None) is is_good
    if is_good:
        assert isinstance(answer.response, dict)
        assert (answer.response["statusCode"], answer.response["body"]) == (status, {"n": 1})
    assert (http.call(request).error is None) is (status == 200)
