from __future__ import annotations

import re
from pathlib import Path

import pytest

from conductor_pytest.errors import HarnessError
from conductor_pytest.run_command.python_definitions import definitions_of_python, is_python
from tests.pytest_plugin.run_command.test_arguments import arguments

FLOWS = """
from conductor_sdk import ConductorWorkflow, SimpleTask, WorkflowDef

whole = ConductorWorkflow("whole") >> SimpleTask("a", "a")
stored = WorkflowDef(name="stored")
plain = {"name": "plain", "tasks": []}
limit = 5


def quotes():
    return ConductorWorkflow("quotes") >> SimpleTask("ask", "ask")


def needs(what):
    return what


def is_broken():
    return 1 / 0
"""


@pytest.fixture
def flows(folder: Path) -> str:
    """A module that no other test has."""
    name = f"flows_{folder.name.replace('-', '_')}"
    (folder / f"{name}.py").write_text(FLOWS)
    return name


@pytest.mark.parametrize("suffix", ["", ".py"], ids=["module", "file"])
@pytest.mark.parametrize("name", ["whole", "stored", "plain", "quotes"])
def test_a_workflow_is_named_by_where_it_stands(flows: str, suffix: str, name: str) -> None:
    given = f"{flows}{suffix}:{name}"
    assert is_python(given)
    assert [definition["name"] for definition in definitions_of_python(given)] == [name]


def test_of_a_file_all_workflows_are_taken(flows: str) -> None:
    assert [definition["name"] for definition in definitions_of_python(f"{flows}.py")] == ["whole"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("qoutes", "there is no `qoutes` in it; did you mean `quotes`?"),
        ("limit", "is 5; expected a ConductorWorkflow, a WorkflowDef, a dict, or a function"),
        ("needs", "called without anything it raised TypeError: "),
        ("is_broken", "called without anything it raised ZeroDivisionError: "),
    ],
)
def test_what_is_no_workflow_is_told(flows: str, name: str, told: str) -> None:
    with pytest.raises(HarnessError, match=f"^{flows}:{name}:? {re.escape(told)}"):
        definitions_of_python(f"{flows}:{name}")


def test_a_file_without_workflows_asks_for_a_name(folder: Path) -> None:
    (folder / "no_flows_here.py").write_text("def quotes(): pass\n")
    with pytest.raises(HarnessError, match=r"^no_flows_here\.py: which workflow of it\? Write no_flows_here\.py:NAME"):
        definitions_of_python("no_flows_here.py")


@pytest.mark.parametrize("name", ["order.json", "order.conductor.yaml", "C:\\order.json", "a/b:c", "order"])
def test_what_is_a_file_is_none_of_python(folder: Path, name: str) -> None:
    assert not is_python(name)


def test_a_module_that_is_not_there_is_told() -> None:
    with pytest.raises(HarnessError, match=r"^no_such_flows:quotes: there is no module 'no_such_flows'; looked in "):
        definitions_of_python("no_such_flows:quotes")


def test_it_is_run_as_one_from_a_file_is(flows: str) -> None:
    case = arguments(f"{flows}:quotes", "--input", '{"a": 1}').cases[0]
    assert [definition["name"] for definition in case.said["workflow"]] == ["quotes"]
    with pytest.raises(HarnessError, match=f"no workflow `quote` is in {flows}:quotes; did you mean `quotes`"):
        arguments(f"{flows}:quotes", "--workflow", "quote")
