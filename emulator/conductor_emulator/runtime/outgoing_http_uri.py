"""The address of an outgoing call, read and encoded as the server's HTTP client does.

A uri is a template there: `{name}` is a variable (nobody gives it a value), and everything that is not allowed in its
place is percent-encoded, a `%` too. Scenarios tasks_http_query_string and tasks_http_bad_uris.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from conductor_emulator.runtime.outgoing_http_failure import CallFailed

_UNRESERVED: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
_HOST: Final = frozenset(_UNRESERVED + "!$&'()*+,;=")
_SEGMENT: Final = _HOST | set(":@")
_QUERY_PARAMETER: Final = _SEGMENT - set("=&") | set("/?")
_FRAGMENT: Final = _SEGMENT | set("/?")
_HIERARCHICAL: Final = frozenset(("ftp", "file", "http", "https", "ws", "wss"))
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LARGEST_PORT: Final = 65535

_SCHEME: Final = re.compile(r"([^:/;.%?#*][^:/;%?#]*):")
_LEGAL_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_ESCAPE: Final = re.compile(r"%(?:u[0-9A-Fa-f]{4}|[0-9A-Fa-f]{2}|(?:u[0-9A-Fa-f]{0,3}|[0-9A-Fa-f]?)\Z)")
_AUTHORITY: Final = re.compile(r"(?:(?P<user>.*)@)?(?P<host>\[[^\]]*\]|(?:\{[^}]*\}|[^:{}])*)(?::(?P<port>.*))?")
_HOST_NAME: Final = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2}|\{[^}]*\})*")
_IP6: Final = re.compile(r"\[[0-9A-Fa-f:]+\]")
_PORT: Final = re.compile(r"(?:[0-9]|\{[^}]*\})*")
_VARIABLE: Final = re.compile(r"\{([^/]+?)\}")
_PARAMETER: Final = re.compile(r"([^&=]+)(=?)([^&]+)?")


@dataclass(frozen=True, slots=True)
class Address:
    """An encoded absolute or relative address; what is missing is an empty text."""

    scheme: str
    user: str
    host: str
    port: int | None
    path: str
    query: str | None
    fragment: str
    has_authority: bool = True

    @property
    def url(self) -> str:
        """The whole address."""
        return self._shown + ("" if self.query is None else "?" + self.query) + self._mark

    @property
    def shown(self) -> str:
        """The address as error texts show it: without its query."""
        return self._shown if self.query is not None else (self._shown + self._mark).partition("?")[0]

    @property
    def target(self) -> str:
        """`scheme://host:port`, the port always said."""
        return f"{self.scheme}://{self.host}:{self.effective_port}"

    @property
    def effective_port(self) -> int | None:
        return _DEFAULT_PORTS.get(self.scheme) if self.port is None else self.port

    @property
    def _shown(self) -> str:
        scheme = self.scheme + ":" if self.scheme else ""
        authority = (self.user + "@" if self.user else "") + self.host + ("" if self.port is None else f":{self.port}")
        return scheme + ("//" + authority if self.has_authority else "") + self.path

    @property
    def _mark(self) -> str:
        return "#" + self.fragment if self.fragment else ""

    def require_callable(self) -> None:
        """Fail unless a connection can be made to it."""
        if self.user:
            raise CallFailed("Request URI authority contains deprecated userinfo component", io=True)
        if not self.host:
            raise CallFailed("Target host is not specified", io=True)
        if not self.scheme:
            raise CallFailed("Protocol scheme is not specified", io=True)
        if self.scheme not in _DEFAULT_PORTS:
            port = "" if self.port is None else f":{self.port}"
            raise CallFailed(f"Unroutable protocol scheme: {self.scheme}://{self.host}{port}", io=True)


def read_address(uri: str) -> Address:
    """Parse and encode the uri of a request.

    Raises `CallFailed` for one that the server refuses: a bad authority or escape, a template variable, a bad port.
    """
    scheme, rest = _split_scheme(uri)
    if not scheme and rest.startswith("*") and len(rest) > 1:
        raise CallFailed("Bad character '*'")
    before, _, fragment = rest.partition("#")
    before, has_query, query = before.partition("?")
    has_authority = before.startswith("//")
    authority, path = _split_authority(before) if has_authority else ("", before)
    user, host, port = _read_authority(authority)
    _check_escapes(uri, len(uri) - len(rest) + len(before) - len(path), len(path))
    if scheme and not has_authority:
        _refuse_opaque(scheme, rest)
    _refuse_variables(scheme, user, host, port, path, query, fragment)
    if scheme and not _LEGAL_SCHEME.fullmatch(scheme):
        raise CallFailed(f"Illegal character in scheme name at index 0: {uri}")
    if scheme and has_authority and not (authority or path or has_query or fragment):
        raise CallFailed(f"Expected authority at index {len(scheme) + 3}: {uri}")
    return Address(
        scheme=scheme,
        user=_encode(user, _HOST | {":"}),
        host=host if host.startswith("[") else _encode(host, _HOST),
        port=_read_port(host, port),
        path=_encode_path(path, rooted=bool(has_authority or scheme or path)),
        query=_encode_query(query),
        fragment=_encode(fragment, _FRAGMENT),
        has_authority=has_authority,
    )


def _split_scheme(uri: str) -> tuple[str, str]:
    found = _SCHEME.match(uri)
    if found is None or found.end() == len(uri):
        return "", uri
    return found[1].lower(), uri[found.end() :]


def _split_authority(text: str) -> tuple[str, str]:
    end = text.find("/", 2)
    return (text[2:], "") if end < 0 else (text[2:end], text[end:])


def _refuse_opaque(scheme: str, rest: str) -> None:
    if scheme in _HIERARCHICAL or rest.startswith(("/", "?", "#", ";", ".", "%")):
        return
    if not _LEGAL_SCHEME.fullmatch(scheme):
        raise CallFailed(f"Illegal character in scheme name at index 0: {scheme}:")
    raise CallFailed(f"Expected scheme-specific part at index {len(scheme) + 1}: {scheme}:")


def _read_authority(authority: str) -> tuple[str, str, str]:
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        raise CallFailed("Bad authority")
    host, port = found["host"] or "", found["port"] or ""
    fits = _IP6 if host.startswith("[") else _HOST_NAME
    if not fits.fullmatch(host) or not _PORT.fullmatch(port):
        raise CallFailed("Bad authority")
    return found["user"] or "", host, port


def _read_port(host: str, port: str) -> int | None:
    if not port:
        return None
    number = int(port)
    if not host:
        raise CallFailed("Host name must not be empty")
    if number > _LARGEST_PORT:
        raise CallFailed(
            f"Port number(Use -1 to specify the scheme default port): {port} is out of range [-1, {_LARGEST_PORT}]"
        )
    return number


def _check_escapes(uri: str, start: int, length: int) -> None:
    at = uri.find("%", start, start + length)
    while at >= 0:
        if not _ESCAPE.match(uri, at):
            raise CallFailed("Bad path")
        at = uri.find("%", at + 1, start + length)


def _refuse_variables(*components: str) -> None:
    for component in components:
        found = _VARIABLE.search(component)
        if found is not None:
            raise CallFailed(f"Not enough variable values available to expand '{found[1].partition(':')[0]}'")


def _encode_path(path: str, *, rooted: bool) -> str:
    """Blanks around a segment and empty segments are dropped; a last slash stays."""
    segments = [trimmed for segment in path.split("/") if (trimmed := _trim(segment))]
    if not segments:
        return "/" if "/" in path else ""
    joined = "/".join(_encode(segment, _SEGMENT) for segment in segments)
    return ("/" if rooted else "") + joined + ("/" if path.endswith("/") else "")


def _trim(text: str) -> str:
    return text.strip("".join(map(chr, range(33))))


def _encode_query(query: str) -> str | None:
    """Parameters of one name are brought together at the first one's place; empty ones are dropped."""
    by_name: dict[str, list[str]] = {}
    for name, equals, value in _PARAMETER.findall(query):
        encoded = _encode(name, _QUERY_PARAMETER)
        by_name.setdefault(encoded, []).append(encoded + equals + _encode(value, _QUERY_PARAMETER))
    return "&".join(parameter for same in by_name.values() for parameter in same) if by_name else None


def _encode(text: str, allowed: frozenset[str] | set[str]) -> str:
    if allowed.issuperset(text):
        return text
    return "".join(
        char if char in allowed else "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))
        for char in text
    )
