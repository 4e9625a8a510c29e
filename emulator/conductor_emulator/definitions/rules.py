"""What the rules of registration have in common."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass

from conductor_emulator.definitions.errors import DefinitionRefused
from conductor_emulator.definitions.task_def import TaskDef


def _no_task_def(_name: str) -> TaskDef | None:
    return None


def _no_script_error(_source: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a rule may ask of the server that a definition is registered with."""

    #: The registered task definition of a name.
    task_def: Callable[[str], TaskDef | None] = _no_task_def
    #: What is wrong with the syntax of a JavaScript source, None if nothing.
    script_error: Callable[[str], str | None] = _no_script_error
    #: Names of environment variables that expressions may read.
    environment: Container[str] = ()


def validator_broke() -> DefinitionRefused:
    """The refusal of definitions that make the real server's validator fail itself."""
    return DefinitionRefused(500, "HV000028: Unexpected exception during isValid call.")
