"""`${workflow.secrets.NAME}`: text in every record, replaced only in what a worker receives."""

from __future__ import annotations

import marshal
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from conductor_emulator.expressions.java_text import java_text
from conductor_emulator.expressions.template import look_up

_BEGINNING: Final = "${workflow.secrets."
_BEGINNING_BYTES: Final = _BEGINNING.encode()
_SECRET: Final = re.compile(r"\$\{workflow\.secrets\.([^}]+)\}")


def substitute_secrets(value: Any, secret: Callable[[str], str | None]) -> Any:
    """The value with its secrets filled in; the same object when it holds none.

    A text that is one reference becomes the secret (None when unknown); inside text an unknown one is empty.
    `NAME.path` reads the secret as JSON (scenario tasks_expr_secret_stays_a_reference).
    """
    if not _names_secret(value):
        return value
    filled: list[Any] = [value]
    open_containers: list[Any] = [filled]
    while open_containers:  # not by calls: values may be deeper than Python's stack
        container = open_containers.pop()
        for key, inner in list(container.items()) if isinstance(container, dict) else enumerate(container):
            if isinstance(inner, str):
                if _BEGINNING in inner:
                    container[key] = _substitute_text(inner, secret)
            elif isinstance(inner, dict | list):
                container[key] = copy = inner.copy()
                open_containers.append(copy)
    return filled[0]


def _names_secret(value: Any) -> bool:
    try:
        if _BEGINNING_BYTES not in marshal.dumps(value, 2):
            return False  # nearly all end here, many times faster than by a walk through the value
    except ValueError:  # very deep
        pass
    return any(_BEGINNING in text for text in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    """The texts in a value; the names of an object's fields are none."""
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, str):
            yield inner
        elif isinstance(inner, dict):
            waiting.extend(inner.values())
        elif isinstance(inner, list):
            waiting.extend(inner)


def _substitute_text(text: str, secret: Callable[[str], str | None]) -> Any:
    whole = _SECRET.fullmatch(text)
    if whole:
        return look_up(whole.group(1), secret)

    def replacement(match: re.Match[str]) -> str:
        found = look_up(match.group(1), secret)
        return "" if found is None else java_text(found)

    return _SECRET.sub(replacement, text)
