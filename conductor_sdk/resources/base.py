"""What the resources share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from conductor_sdk.errors import AnswerError, ConfigurationError
from conductor_sdk.events import EventBus


class Requester(Protocol):
    """The part of ApiClient that a resource needs."""

    events: EventBus

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        text: str | None = None,
        data: bytes | None = None,
        timeout: float | None = None,
        repeatable: bool | None = None,
        advice: Mapping[int, str] | None = None,
    ) -> Any: ...


Hit_co = TypeVar("Hit_co", covariant=True)


class Page(Protocol[Hit_co]):
    """One page of a search."""

    @property
    def results(self) -> Sequence[Hit_co]: ...

    @property
    def total_hits(self) -> int: ...


def hits_of(page_from: Callable[[int], Page[Hit_co]]) -> Iterator[Hit_co]:
    """All hits of a search, page by page as they are asked for; `page_from` gives the page that begins at a hit."""
    start = 0
    while True:
        page = page_from(start)
        yield from page.results
        start += len(page.results)
        if not page.results or start >= page.total_hits:
            return


class RequestPath(str):
    """A path that knows what it was made from: the same text for all ids, as metrics need it."""

    __slots__ = ("template",)
    template: str


def path(template: str, *segments: str) -> RequestPath:
    """`template` with each `{}` replaced by a percent-encoded segment. An empty one would be another path: refused."""
    for segment in segments:
        if not segment:
            raise ConfigurationError(f"A part of {template} is empty; give the id or name that stands there.")
    made = RequestPath(template.format(*(quote(str(segment), safe="") for segment in segments)))
    made.template = template
    return made


def as_list(answer: Any, method: str, where: str) -> list[Any]:
    """The answer as the list that it should be."""
    if answer is None:
        return []
    if not isinstance(answer, list):
        raise AnswerError(f"{method} {where} answered {type(answer).__name__} where a list was expected.")
    return answer


def as_object(answer: Any, method: str, where: str) -> dict[str, Any]:
    """The answer as the JSON object that it should be."""
    if not isinstance(answer, dict):
        raise AnswerError(
            f"{method} {where} answered {type(answer).__name__} where an object was expected; "
            "does CONDUCTOR_SERVER_URL lead to a Conductor server?"
        )
    return answer
