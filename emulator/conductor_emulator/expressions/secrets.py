"""`${workflow.secrets.NAME}`: text in every record, replaced only in what a worker receives."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from conductor_emulator.expressions.java_text import java_text
from conductor_emulator.expressions.template import look_up

_SECRET = re.compile(r"\$\{workflow\.secrets\.([^}]+)\}")


def substitute_secrets(value: Any, secret: Callable[[str], str | None]) -> Any:
    """The value with its secrets filled in; the same object when it holds none.

    A text that is one reference becomes the secret (None when unknown); inside text an unknown one is empty.
    `NAME.path` reads the secret as JSON (scenario tasks_expr_secret_stays_a_reference).
    """
    if isinstance(value, str):
        return _substitute_text(value, secret) if "${workflow.secrets." in value else value
    if isinstance(value, Mapping):
        changed = {k: new for k, v in value.items() if (new := substitute_secrets(v, secret)) is not v}
        return {**value, **changed} if changed else value
    if isinstance(value, list):
        items = [substitute_secrets(v, secret) for v in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def names_secret(value: Any) -> bool:
    """Whether there is a reference to a secret somewhere in it."""
    if isinstance(value, str):
        return "${workflow.secrets." in value
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(map(names_secret, inner))


def _substitute_text(text: str, secret: Callable[[str], str | None]) -> Any:
    whole = _SECRET.fullmatch(text)
    if whole:
        return look_up(whole.group(1), secret)

    def replacement(match: re.Match[str]) -> str:
        found = look_up(match.group(1), secret)
        return "" if found is None else java_text(found)

    return _SECRET.sub(replacement, text)
