"""The options of the command line and of pytest, as they are declared."""

from __future__ import annotations

import argparse
from types import SimpleNamespace
from typing import Any
from unittest import mock

Row = tuple[str, str, str]


class _Found(Exception):
    """Carries the parser out of the program that made it."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        super().__init__()
        self.parser = parser


def commands() -> dict[str, tuple[str, list[Row]]]:
    """Each command of `conductor-emulator`: what it does, and its arguments as (option, default, meaning)."""
    from conductor_emulator.cli import main

    def found(parser: argparse.ArgumentParser, *_given: Any) -> None:
        raise _Found(parser)

    with mock.patch.object(argparse.ArgumentParser, "parse_args", found):
        try:
            main([])
        except _Found as carried:
            parser = carried.parser
    [choices] = [action for action in _actions(parser) if isinstance(action.choices, dict)]
    return {
        name: ((command.description or "").strip(), [_row(action) for action in _actions(command)])
        for name, command in dict(choices.choices or {}).items()
    }


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """What was declared; no public name leads to it."""
    return [action for action in parser._actions if action.dest != "help"]  # noqa: SLF001


def _row(action: argparse.Action) -> Row:
    value = action.metavar if isinstance(action.metavar, str) else ""
    if action.choices is not None:
        value = "|".join(map(str, action.choices))
    elif not value and action.nargs != 0 and action.option_strings:
        value = action.dest.upper()
    name = ", ".join(f"`{option}{' ' + value if value else ''}`" for option in action.option_strings)
    given = action.default
    default = "" if given in (None, False, []) or not action.option_strings else f"`{given}`"
    text = (action.help or "").replace("%(default)s", str(given)).replace("%%", "%")
    return name or f"`{value or action.dest}`", default, _without_default(text)


def _without_default(text: str) -> str:
    """The default has a column of its own."""
    head, found, rest = text.partition(" (default: ")
    if not found:
        return text
    _, _, more = rest.partition("; ")
    return f"{head} ({more}" if more else head


def pytest_options() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The options and the settings that the plugin declares, with their meanings."""
    from conductor_pytest.plugin import pytest_addoption

    options: list[tuple[str, str]] = []
    settings: list[tuple[str, str]] = []

    def addoption(name: str, *, metavar: str = "", help: str = "", **_given: Any) -> None:
        options.append((f"`{name} {metavar}`".replace(" `", "`"), help))

    def addini(name: str, help: str, **_given: Any) -> None:
        settings.append((f"`{name}`", help))

    parser = SimpleNamespace(getgroup=lambda *_names: SimpleNamespace(addoption=addoption), addini=addini)
    pytest_addoption(parser)  # type: ignore[arg-type]
    return options, settings
