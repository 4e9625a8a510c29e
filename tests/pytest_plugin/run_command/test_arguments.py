from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest

from conductor_pytest import run_command
from conductor_pytest.errors import HarnessError
from conductor_pytest.run_command.arguments import Arguments, read


def arguments(*given: str) -> Arguments:
    parser = argparse.ArgumentParser()
    run_command.add(parser.add_subparsers())
    return read(parser.parse_args(["run", *given]))


def test_definitions_are_one_case(folder: Path) -> None:
    [case] = arguments("order.json", "--input", '{"a": 1}', "--stub", "ship=[1]", "--workflow", "order").cases
    assert case.said == {
        "workflow": [str(folder / "order.json")],
        "stubs": {"ship": {"returns": [1]}},
        "input": {"a": 1},
        "run": "order",
    }


def test_what_is_given_goes_before_what_a_case_says(folder: Path) -> None:
    cases = arguments("order.conductor.yaml", "--input", '{"a": 1}', "--stub", "ship={}").cases
    assert [case.name for case in cases] == ["good", "refused", "left to see"]
    assert [case.said["input"] for case in cases] == [{"a": 1}] * 3
    assert [case.said["stubs"]["ship"] for case in cases] == [{"returns": {}}] * 3


def test_a_lone_case_goes_by_its_file(folder: Path) -> None:
    (folder / "one.conductor.yaml").write_text("workflow: order.json\n")
    [case] = arguments("one.conductor.yaml").cases
    assert case.name == "one.conductor.yaml"


def test_the_workers_of_a_module_are_found(folder: Path, workers: str) -> None:
    assert sorted(work.task_type for work in arguments("order.json", "--workers", workers).workers) == [
        "ship",
        "sweep",
        "validate",
    ]


def test_workers_that_a_module_imports_are_found_the_second_time_too(folder: Path, workers: str) -> None:
    (folder / f"{workers}_of_all.py").write_text(f"from {workers} import *\n")
    for _ in range(2):
        assert len(arguments("order.json", "--workers", f"{workers}_of_all").workers) == 3


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (["--input", "{"], "--input: not JSON"),
        (["--input", "[]"], "a workflow's input is an object"),
        (["--input", "@none.json"], "none.json: No such file"),
        (["--stub", "ship"], "--stub ship: expected NAME=JSON"),
        (["--stub", "ship={"], "--stub ship: not JSON"),
        (["--env", "REGION"], "--env REGION: expected NAME=VALUE"),
        (["--case", "x"], "there is no case 'x', only definitions"),
        (["--input", "{a: 1}"], '; write JSON in quotes: \'{"name": "value"}\''),
        (["--input", "order.json"], "; to read a file, write @order.json"),
        (["--workers", "gone.py"], "--workers gone.py: there is no such file; looked in /"),
        (["--workers", "no_such_module"], "there is no module 'no_such_module'; looked in "),
        (["--workers", "json"], "none of its functions (dump, dumps, "),
    ],
)
def test_what_cannot_be_meant_is_told(folder: Path, given: list[str], complaint: str) -> None:
    with pytest.raises(HarnessError) as told:
        arguments("order.json", *given)
    assert complaint in str(told.value)


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("import no_such_library", "it imports 'no_such_library', which is not installed"),
        ("\n1 / 0", "ZeroDivisionError: division by zero ("),
        ("def broken(", "SyntaxError"),
    ],
)
def test_a_module_that_cannot_be_imported_is_told(folder: Path, workers: str, code: str, complaint: str) -> None:
    (folder / f"{workers}_broken.py").write_text(code)
    with pytest.raises(HarnessError) as told:
        arguments("order.json", "--workers", f"{workers}_broken")
    assert complaint in str(told.value)


def test_which_server_to_be_like_is_chosen(folder: Path) -> None:
    options: Any = arguments("order.json", "--flavor", "orkes", "--env", "A=1", "--secret", "B=2").options
    assert (options.flavor, options.environment, options.secrets) == ("orkes", {"A": "1"}, {"B": "2"})
