from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from conductor_pytest.errors import HarnessError
from conductor_pytest.run_command.imported import imported
from tests.pytest_plugin.run_command.test_arguments import arguments


def _write(file: Path, code: str) -> str:
    file.parent.mkdir(exist_ok=True)
    file.write_text(code)
    return str(file)


def _own(folder: Path, name: str) -> str:
    """A name that no other test gives to a module."""
    return f"{name}_of_{folder.name.replace('-', '_')}"


def test_files_of_one_name_are_modules_of_their_own(folder: Path) -> None:
    name = _own(folder, "flows")
    for each in ("a", "b", "b.c", "b%2Ec"):
        _write(folder / each / f"{name}.py", f"here = {each!r}")
    there = ["a", "b", "b.c", "b%2Ec", "a"]
    assert [imported(f"{each}/{name}.py", "x").here for each in there] == there


def test_a_file_named_like_a_module_of_python_is_read(folder: Path) -> None:
    _write(folder / "json.py", "here = 1")
    assert imported("json.py", "x").here == 1
    assert sys.modules["json"] is json
    assert imported("json", "x") is json


def test_a_file_is_the_module_that_those_beside_it_import(folder: Path) -> None:
    name = _own(folder, "flows")
    _write(folder / f"{name}.py", "")
    _write(folder / f"{name}_all.py", f"import {name}")
    assert getattr(imported(f"{name}_all.py", "x"), name) is imported(f"{name}.py", "x")


def test_a_file_by_its_path_imports_what_stands_beside_it(folder: Path) -> None:
    name = _own(folder, "flows")
    for each in ("a", "b"):
        _write(folder / each / f"{name}_parts_{each}.py", f"part = {each!r}")
        _write(folder / each / f"{name}.py", f"from {name}_parts_{each} import part")
    assert [imported(f"{each}/{name}.py", "x").part for each in ("a", "b")] == ["a", "b"]


def test_a_file_is_read_once(folder: Path) -> None:
    name = _own(folder, "flows")
    for each in ("a", "b"):
        _write(folder / each / f"{name}.py", "")
        assert imported(f"{each}/{name}.py", "x") is imported(str(folder / each / f"{name}.py"), "x")


def test_a_file_with_a_dot_in_its_name_is_no_package(folder: Path) -> None:
    _write(folder / "orders.v2.py", "here = 2")
    assert imported("orders.v2.py", "x").here == 2


def test_a_file_that_is_a_link_is_read_where_it_stands(folder: Path) -> None:
    name = _own(folder, "flows")
    _write(folder / "a" / f"{name}.py", f"from {name}_parts import part")
    _write(folder / "a" / f"{name}_parts.py", "part = 1")
    (folder / f"{name}_link.py").symlink_to(folder / "a" / f"{name}.py")
    assert imported(f"{name}_link.py", "x").part == 1


def test_what_could_not_be_read_by_its_path_is_tried_again(folder: Path) -> None:
    file = folder / "json.py"
    _write(file, "1 / 0")
    with pytest.raises(HarnessError, match=r"^x: ZeroDivisionError: division by zero \(json\.py:1\)$"):
        imported("json.py", "x")
    _write(file, "here = 'mended'")
    assert imported("json.py", "x").here == "mended"


def test_workers_of_files_of_one_name_are_all_found(folder: Path) -> None:
    name = _own(folder, "workers")
    for each in ("a", "b"):
        code = f"from conductor_sdk import worker\n\n@worker('work_{each}')\ndef work() -> dict:\n    return {{}}\n"
        _write(folder / each / f"{name}.py", code)
    read = arguments("order.json", "--workers", f"a/{name}.py", "--workers", f"b/{name}.py")
    assert [worker.task_type for worker in read.workers] == ["work_a", "work_b"]
