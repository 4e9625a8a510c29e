"""How the sources read: sizes, names, public lists, and what must not stand in a file."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, sources, sources_of_tests

LONGEST = 700  #: lines; a module that needs more holds more than one idea
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc"}

#: Folders of one machine, and hosts that only one network knows. Written in pieces, so that this file passes too.
OF_ONE_MACHINE = re.compile(r"(?<![\w.>}-])/(home|Users|root|work|tmp)" + "/" + r"|[A-Za-z]:\\" + r"Users\b")
REGISTRY = re.compile(r"files\." + "pythonhosted|" + r"pypi\.org" + "/simple|" + "index" + "-url|" + "artifact" + "ory")
MARKS_OF_DEBT = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X:", "NotImplemented" + "Error"]))


@cache
def tracked() -> list[Path]:
    """The files that a clone would have, by git; in an unpacked archive, all files."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    names = listed.stdout.splitlines()
    paths = [ROOT / name for name in names] if listed.returncode == 0 else list(ROOT.rglob("*"))
    return [path for path in paths if path.is_file()]


def texts() -> list[tuple[str, str]]:
    out = []
    for path in tracked():
        try:
            out.append((str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue  # a picture
    return out


def lines_with(pattern: re.Pattern[str], *, only: str = "") -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts()
        if name.endswith(only)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_module_is_longer_than_one_idea() -> None:
    lengths = {source.name: len(source.text.splitlines()) for source in sources()}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_module_names_say_what_they_hold() -> None:
    vague = [s.name for s in [*sources(), *sources_of_tests()] if VAGUE & set(re.split(r"[._]", s.module))]
    assert vague == []


def test_no_test_sleeps() -> None:
    sleeping = [
        f"{source.name}:{node.lineno}"
        for source in sources_of_tests()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "sleep"
    ]
    assert sleeping == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    names = {"pytest.skip", "pytest.xfail", "pytest.importorskip", "pytest.mark.skip", "pytest.mark.xfail"}
    names.add("pytest.mark.skipif")
    marked = [
        f"{source.name}:{node.lineno}"
        for source in sources_of_tests()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in names
    ]
    assert marked == []


def test_annotations_are_not_evaluated() -> None:
    """Annotations that are not evaluated keep imports light and may name what comes later in the file.

    The wire models are free: pydantic needs their annotations as objects, and compiling texts costs import time.
    """
    without = [
        source.name
        for source in sources()
        if not source.module.startswith("conductor_sdk.models.")
        if any(isinstance(node, ast.FunctionDef | ast.AnnAssign) for node in ast.walk(source.tree))
        if "from __future__ import annotations" not in source.text
    ]
    assert without == []


def test_the_public_names_exist() -> None:
    sdk = importlib.import_module("conductor_sdk")
    assert len(sdk.__all__) == len(set(sdk.__all__))
    assert [name for name in sdk.__all__ if not hasattr(sdk, name)] == []


@pytest.mark.parametrize(
    "name",
    [
        "ApiClient",
        "ConductorWorkflow",
        "HttpInput",
        "HttpTask",
        "InlineTask",
        "SimpleTask",
        "StartWorkflowRequest",
        "Task",
        "TaskDef",
        "TaskExecLog",
        "TaskResult",
        "TaskRunner",
        "TaskStatus",
        "TerminalError",
        "TimeoutPolicy",
        "WaitTask",
        "WorkflowExecutor",
        "task_context",
        "worker",
    ],
)
def test_the_names_of_the_first_page_are_public(name: str) -> None:
    assert name in importlib.import_module("conductor_sdk").__all__


def test_no_file_names_a_folder_of_one_machine() -> None:
    assert lines_with(OF_ONE_MACHINE) == []


def test_no_file_names_a_package_registry() -> None:
    assert lines_with(REGISTRY) == []


def test_nothing_is_left_for_later() -> None:
    assert lines_with(MARKS_OF_DEBT, only=".py") == []
