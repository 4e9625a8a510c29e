"""What the arguments of ``run`` mean: cases to run, their workers, the server to be like. Bad ones are told."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final

from conductor_emulator.cli import pairs
from conductor_emulator.runtime.options import Options
from conductor_pytest.cases import Case, read_cases
from conductor_pytest.documents import definitions_in, is_case, is_workflow, json_of, read_document, read_with_lines
from conductor_pytest.errors import HarnessError
from conductor_pytest.near_names import did_you_mean
from conductor_pytest.run_command.imported import imported
from conductor_pytest.run_command.python_definitions import definitions_of_python, is_python
from conductor_pytest.said_rules import listed
from conductor_sdk import ConfigurationError, WorkerDefinition
from conductor_sdk.worker.definition import decorated_workers, definition_of

_FUNCTIONS_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Arguments:
    """What is to be run, and with whom."""

    cases: list[Case]
    workers: list[WorkerDefinition]
    options: Options


def read(chosen: argparse.Namespace) -> Arguments:
    """Raises ``HarnessError`` for what cannot be meant."""
    try:
        environment, secrets = pairs("--env", chosen.env), pairs("--secret", chosen.secret)
    except ValueError as error:
        raise HarnessError(str(error)) from None
    said: dict[str, Any] = {}
    if chosen.input is not None:
        given = _json(chosen.input, "--input")
        if not isinstance(given, dict):
            raise HarnessError(f"--input: a workflow's input is an object, not {given!r}")
        said["input"] = given
    if chosen.workflow is not None:
        said["run"] = chosen.workflow
    stubs = dict(_stub(text) for text in chosen.stub)
    return Arguments(
        cases=_cases(chosen.files, said, stubs, chosen.case),
        workers=[worker for name in chosen.workers for worker in _workers(name)],
        options=Options(flavor=chosen.flavor, environment=environment, secrets=secrets, seed=0),
    )


# -- files -------------------------------------------------------------------------------------------------------------
def _cases(files: Sequence[str], said: dict[str, Any], stubs: dict[str, Any], wanted: str | None) -> list[Case]:
    """The cases of the files; without any, the definitions are one. Definitions beside cases are for all of them."""
    definitions: list[str | Mapping[str, Any]] = []
    found: list[Mapping[str, Any]] = []
    cases: list[Case] = []
    for name in files:
        if is_python(name):
            written = list(definitions_in(definitions_of_python(name), name))
            found += written
            definitions += written
            continue
        path = Path(name)
        document, lines = read_with_lines(path)
        if is_case(document):
            read = read_cases(document, path.parent, file=str(path), lines=lines, expects=False)
            cases += [_of_file(case, path) for case in read]
        else:
            found += _definitions(document, path)
            definitions.append(str(path.resolve()))
    if wanted is not None:
        there = [case.name for case in cases]
        cases = [case for case in cases if case.name == wanted]
        if not cases:
            hint = f"{did_you_mean(wanted, there)}; there are {', '.join(there)}" if there else ", only definitions"
            raise HarnessError(f"--case: there is no case {wanted!r}{hint}")
    if not cases:
        _check_workflow(said.get("run"), [str(one["name"]) for one in found if is_workflow(one)], files)
        return [Case("", Path.cwd(), {"workflow": definitions, "stubs": stubs, **said})]
    cases = [_with(case, {"workflow": [*listed(case.said["workflow"]), *definitions]}) for case in cases]
    for case in cases:
        case.check_names()
    return [_with(case, {**said, "stubs": {**case.said.get("stubs", {}), **stubs}}) for case in cases]


def _definitions(document: Any, path: Path) -> list[Mapping[str, Any]]:
    try:
        return list(definitions_in(document, str(path)))
    except HarnessError as error:
        is_none = isinstance(document, Mapping) and "name" not in document
        hint = f"; if it is the workflow's input, say --input @{path}" if is_none else ""
        raise HarnessError(f"{error}{hint}") from None


def _check_workflow(wanted: str | None, there: Sequence[str], files: Sequence[str]) -> None:
    where = ", ".join(files)
    if not there:
        raise HarnessError(f"{where}: no workflow is among the definitions; a workflow has `tasks`")
    if wanted is not None and wanted not in there:
        names = ", ".join(f"`{name}`" for name in there)
        raise HarnessError(
            f"--workflow: no workflow `{wanted}` is in {where}{did_you_mean(wanted, there)}; there are {names}"
        )


def _with(case: Case, said: dict[str, Any]) -> Case:
    return replace(case, said={**case.said, **said})


def _of_file(case: Case, path: Path) -> Case:
    """A case that is the only one of its file goes by the file's name."""
    is_alone = case.name == "case" and "cases" not in case.said
    return replace(case, name=path.name) if is_alone else case


def _json(text: str, option: str) -> Any:
    """JSON in place, or of a file (``@FILE``, ``@-``)."""
    if not text.startswith("@"):
        try:
            return json_of(text, option)
        except HarnessError as error:
            raise HarnessError(f"{error}{_instead(text)}") from None
    if text == "@-":
        return json_of(sys.stdin.read(), f"{option} (standard input)")
    return read_document(Path(text[1:]))


def _instead(text: str) -> str:
    """How to give what was probably meant."""
    if "\n" not in text and Path(text).is_file():
        return f"; to read a file, write @{text}"
    return """; write JSON in quotes: '{"name": "value"}'"""


def _stub(text: str) -> tuple[str, Any]:
    name, equals, output = text.partition("=")
    if not name or not equals:
        raise HarnessError(f'--stub {text}: expected NAME=JSON, for example --stub ship=\'{{"tracking": "T1"}}\'')
    return name, {"returns": _json(output, f"--stub {name}")}


# -- workers -----------------------------------------------------------------------------------------------------------
def _workers(name: str) -> list[WorkerDefinition]:
    """The workers that importing a module makes known."""
    before = {id(worker) for worker in decorated_workers()}
    module = imported(name, f"--workers {name}")
    decorated = [definition_of(value) for value in vars(module).values() if callable(value)]
    found = [worker for worker in decorated if worker is not None]
    found += [worker for worker in decorated_workers() if id(worker) not in before and worker not in found]
    if not found:
        own = [key for key, value in vars(module).items() if _is_own_function(value, module)]
        which = f" ({', '.join(own[:_FUNCTIONS_NAMED])})" if own else ""
        raise HarnessError(f"--workers {name}: none of its functions{which} is decorated with @worker")
    for worker in found:
        try:
            _ = worker.binding
        except ConfigurationError as error:
            raise HarnessError(f"--workers {name}: {error}") from None
    return found


def _is_own_function(value: Any, module: ModuleType) -> bool:
    return isinstance(value, FunctionType) and value.__module__ == module.__name__
