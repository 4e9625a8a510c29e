"""Which requests a call of the SDK sends: it is called with arguments that can be recognized, and nothing is sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from sources import Call, Parameter

import conductor_sdk
from conductor_sdk import ApiClient, TransportResponse
from conductor_sdk.retrying import RetryPolicy

#: Answers that one call or another can read, and how many ways of a call the server lacks before one works.
_ANSWERS = (b'{"version": 1, "results": [], "bulkSuccessfulResults": []}', b"[]", b'{"name": "n", "event": "e"}', b"1")
_LACKING = (0, 1)


class _Number(int):
    """A number that is written as the name of its argument."""

    name: str

    def __str__(self) -> str:
        return f"{{{self.name}}}"


class _Recorder:
    """A transport that notes requests."""

    def __init__(self, lacking: int, answer: bytes) -> None:
        self.requests: dict[tuple[str, str], list[str]] = {}
        self._lacking = lacking
        self._answer = answer

    def send(self, method: str, path: str, *, params: Any = None, **_given: Any) -> TransportResponse:
        names = self.requests.setdefault((method, unquote(path)), [])
        names += [name for name in params or () if name not in names]
        self._lacking -= 1
        if self._lacking >= 0:
            return TransportResponse(405, {}, b"")
        return TransportResponse(200, {"content-type": "application/json"}, self._answer)

    def execution_page(self, workflow_id: str) -> None:
        return None

    def close(self) -> None:
        pass


def requests_of(call: Call, of: Callable[[ApiClient], Any]) -> list[tuple[str, str, list[str]]]:
    """Method, path and query parameters of each request, in order; `of` gives the object that has the call."""
    found: dict[tuple[str, str], list[str]] = {}
    for everything in (False, True):
        for lacking in _LACKING:
            for answer in _ANSWERS:
                recorder = _Recorder(lacking, answer)
                client = ApiClient("http://server.example", transport=recorder, retry=RetryPolicy(attempts=1))
                given = [p for p in call.parameters if not p.star and (everything or p.default is None)]
                with suppress(conductor_sdk.ConductorError, LookupError, TypeError, ValueError):
                    answered = getattr(of(client), call.name)(**{p.name: _value(p) for p in given})
                    if call.returns.startswith("Iterator"):
                        list(answered)
                for request, names in recorder.requests.items():
                    so_far = found.setdefault(request, [])
                    so_far += [name for name in names if name not in so_far]
    return [(method, path, names) for (method, path), names in found.items()]


def plain(path: str) -> str:
    """A path whatever its parameters are called."""
    return re.sub(r"\{\w+\}", "{}", path)


def _value(parameter: Parameter) -> Any:
    annotation = parameter.annotation
    word = f"{{{parameter.name}}}"
    kind = annotation.partition(" |")[0]
    if parameter.name == "kind":
        return "workflow"
    if kind == "str":
        return word
    if kind == "int":
        return _number(parameter.name)
    if kind in ("bool", "float"):
        return True
    if kind.startswith(("Iterable[str", "Sequence[str")):
        return [word]
    if kind.startswith("Iterable[StartWorkflowRequest"):
        return [_start()]
    if kind.startswith(("Iterable", "Sequence")):
        return []
    if kind.startswith(("Mapping", "dict")) or kind in ("TaskDefinition", "WorkflowDefinition"):
        return {"name": "n"}
    if kind == "StartWorkflowRequest":
        return _start()
    made = getattr(conductor_sdk, kind.partition("[")[0], None)
    if made is conductor_sdk.TaskStatus:
        return made(word)
    if made is not None and issubclass(made, str):
        return next(iter(made))
    return made.from_dict({"name": word, "event": "e"}) if made is not None else {}


def _start() -> conductor_sdk.StartWorkflowRequest:
    request = conductor_sdk.StartWorkflowRequest(name="{name}")
    request.version = _number("version")
    return request


def _number(name: str) -> _Number:
    number = _Number(1)
    number.name = name
    return number
