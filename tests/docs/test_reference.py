"""The pages of reference name everything that there is."""

from __future__ import annotations

import sys

import pytest

import conductor_sdk
from conductor_sdk import ConductorError, ConductorWorkflow, WorkflowExecutor, WorkflowTask
from tests.docs.pages import page
from tests.examples.programs import run

#: What stands before a name in the tree, by the number of its ancestors.
_BRANCHES = (("",), ("├ ", "└ "), ("│ ├ ", "│ └ "))


def public(kind: type) -> list[str]:
    return sorted(name for name in vars(kind) if not name.startswith("_"))


def errors() -> list[type[ConductorError]]:
    names = (getattr(conductor_sdk, name) for name in conductor_sdk.__all__)
    return [kind for kind in names if isinstance(kind, type) and issubclass(kind, ConductorError)]


@pytest.mark.parametrize("error", errors(), ids=lambda error: error.__name__)
def test_an_error_stands_in_its_place_of_the_tree(error: type[ConductorError]) -> None:
    rows = [line for line in page("errors.md").text.splitlines() if line.startswith("| ")]
    row = next(line for line in rows if f"`{error.__name__}`" in line)
    ancestors = [kind for kind in error.__mro__[1:] if issubclass(kind, ConductorError)]
    assert row.removeprefix("| ").partition("`")[0] in _BRANCHES[len(ancestors)]
    also = [kind.__name__ for kind in error.__bases__ if not issubclass(kind, ConductorError) and kind is not Exception]
    assert all(f"({name})" in row for name in also)


def test_every_kind_of_task_is_on_the_page() -> None:
    tasks = [
        name
        for name in conductor_sdk.__all__
        if isinstance(kind := getattr(conductor_sdk, name), type) and issubclass(kind, WorkflowTask)
    ]
    assert [name for name in tasks if name != "WorkflowTask" and f"`{name}" not in page("workflows.md").text] == []


@pytest.mark.parametrize("kind", [ConductorWorkflow, WorkflowExecutor, WorkflowTask], ids=lambda kind: kind.__name__)
def test_every_method_is_on_the_page(kind: type) -> None:
    hidden = {"client", "name", "version", "to_dicts", "start_workflows"}
    assert [name for name in public(kind) if name not in hidden and name not in page("workflows.md").text] == []


@pytest.mark.parametrize("command", ["serve", "run"])
def test_every_option_of_a_command_is_on_the_page(command: str) -> None:
    text = run(sys.executable, "-m", "conductor_emulator", command, "--help", url="memory://")
    options = {word.strip("[],") for word in text.split() if word.strip("[],").startswith("--")}
    assert [option for option in sorted(options - {"--help"}) if f"`{option}" not in page("emulator.md").text] == []
