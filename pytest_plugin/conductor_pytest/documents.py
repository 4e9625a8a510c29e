"""Files of definitions and cases: JSON or YAML, read in one place, with errors that name the line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from conductor_pytest.errors import HarnessError, shown_at_the_test
from conductor_pytest.lines import Lines
from conductor_pytest.near_names import did_you_mean
from conductor_pytest.shortened import shown

__tracebackhide__ = shown_at_the_test

_YAML = (".yaml", ".yml")
_FILES_NAMED = 4
#: What tells the definitions of workflows, event handlers and schedules from those of tasks.
_KINDS = frozenset(("tasks", "event", "cronExpression"))


def read_document(path: Path) -> Any:
    """What a file holds; ``.yaml`` and ``.yml`` are YAML, all else is JSON. Raises ``HarnessError``.

    A date in YAML stays the text that it is: there are no dates in what a server is sent.
    """
    return read_with_lines(path)[0]


def read_with_lines(path: Path) -> tuple[Any, Lines]:
    """The same, and where what it says stands, as far as that is known: of JSON it is not."""
    text = _text(path)
    if not path.name.endswith(_YAML):
        return json_of(text, str(path)), Lines()
    found: tuple[Any, Lines] = _yaml(str(path)).parse_with_lines(text, str(path))
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except IsADirectoryError:
        raise HarnessError(f"{path} is a directory: give its files, {_files_of(path)}") from None
    except OSError as error:
        hint = did_you_mean(path.name, _beside(path))
        raise HarnessError(f"{path}: {error.strerror}; looked in {path.parent.absolute()}{hint}") from None
    except UnicodeDecodeError as error:
        raise HarnessError(f"{path}: not UTF-8: {error}") from None


def _beside(path: Path) -> list[str]:
    """The names of the files in its folder."""
    return [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []


def _files_of(folder: Path) -> str:
    """Those that may hold definitions, as a message names them."""
    files = sorted(str(path) for path in folder.iterdir() if path.name.endswith((".json", *_YAML)))
    shown = ", ".join(files[:_FILES_NAMED])
    return f"{shown} …" if len(files) > _FILES_NAMED else shown or "though none of them is JSON or YAML"


def json_of(text: str, where: str) -> Any:
    """The value of a JSON text; ``where`` it stands is for the error."""
    if not text.strip():
        raise HarnessError(f"{where}: there is nothing in it")
    try:
        return json.loads(text)
    except ValueError as error:
        raise HarnessError(f"{where}: not JSON: {error}") from None


def _yaml(where: str) -> ModuleType:
    try:
        from conductor_pytest import yaml_text
    except ModuleNotFoundError:
        raise HarnessError(f'{where} needs PyYAML: pip install "conductor-sdk[pytest]"') from None
    return yaml_text


def is_case(document: Any) -> bool:
    """Whether this is a test written as data and no definition."""
    return isinstance(document, Mapping) and "tasks" not in document and ("workflow" in document or "cases" in document)


def definitions_in(document: Any, where: str) -> Iterator[Mapping[str, Any]]:
    """The workflow and task definitions of a document: one of them, or a list. Raises ``HarnessError``."""
    for definition in document if isinstance(document, list) else [document]:
        if not isinstance(definition, Mapping) or "name" not in definition:
            raise HarnessError(
                f"{where}: expected definitions (of workflows, with `name` and `tasks`, or of tasks, with `name`), "
                f"found {shown(definition)}"
            )
        refuse_misspelt_kind(definition, where)
        yield definition


def refuse_misspelt_kind(definition: Mapping[str, Any], where: str) -> None:
    """A workflow whose ``tasks`` are misspelt would be taken for a task. Raises ``HarnessError``."""
    if _KINDS.isdisjoint(definition):
        for key in definition:
            if hint := did_you_mean(str(key), _KINDS):
                raise HarnessError(f"{where}: no definition has a `{key}`{hint}")


def is_workflow(definition: Mapping[str, Any]) -> bool:
    """Whether it defines a workflow; else it defines a task."""
    return "tasks" in definition


def is_event_handler(definition: Mapping[str, Any]) -> bool:
    """Whether it says what to do when an event comes."""
    return "event" in definition


def is_schedule(definition: Mapping[str, Any]) -> bool:
    """Whether it says when a workflow is started."""
    return "cronExpression" in definition
