"""Workflows written in Python, by where they stand: ``flows.py:quotes``, ``claims.flows:quotes``, ``flows.py``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from conductor_pytest.errors import HarnessError
from conductor_pytest.near_names import did_you_mean
from conductor_pytest.run_command.imported import imported
from conductor_pytest.shortened import shown
from conductor_sdk import ConductorError, ConductorWorkflow, WorkflowDef

_NAMED: Final = re.compile(r"(.+\.py|[A-Za-z_]\w+(?:\.\w+)*):([A-Za-z_]\w*)")
_GIVES: Final = "a ConductorWorkflow, a WorkflowDef, a dict, or a function without parameters that gives one"


def is_python(name: str) -> bool:
    """Whether this names something in Python and no file of definitions."""
    return name.endswith(".py") or (_NAMED.fullmatch(name) is not None and not Path(name).exists())


def definitions_of_python(name: str) -> list[Mapping[str, Any]]:
    """The definitions of what is named; of a file alone, of each ConductorWorkflow in it. Raises ``HarnessError``."""
    named = _NAMED.fullmatch(name)
    if named is None:
        return _of_module(name, imported(name, name))
    module = imported(named[1], name)
    if not hasattr(module, named[2]):
        raise HarnessError(f"{name}: there is no `{named[2]}` in it{did_you_mean(named[2], _public(module))}")
    return [_definition(getattr(module, named[2]), name)]


def _of_module(name: str, module: ModuleType) -> list[Mapping[str, Any]]:
    found = [_definition(value, name) for value in vars(module).values() if isinstance(value, ConductorWorkflow)]
    if not found:
        raise HarnessError(f"{name}: which workflow of it? Write {name}:NAME, of {_GIVES}")
    return found


def _definition(value: Any, name: str) -> Mapping[str, Any]:
    if callable(value) and not isinstance(value, ConductorWorkflow):
        try:
            value = value()
        except Exception as error:  # noqa: BLE001 - whatever a user's function raises is told in one line
            raise HarnessError(f"{name}: called without anything it raised {type(error).__name__}: {error}") from None
    if isinstance(value, ConductorWorkflow | WorkflowDef):
        try:
            return value.to_dict()
        except ConductorError as error:
            raise HarnessError(f"{name}: {error}") from None
    if isinstance(value, Mapping):
        return value
    raise HarnessError(f"{name} is {shown(value)}; expected {_GIVES}")


def _public(module: ModuleType) -> list[str]:
    return [name for name in vars(module) if not name.startswith("_")]
