from __future__ import annotations

import ast
import inspect
import logging
import subprocess
import sys

import pytest

import conductor_sdk


def test_all_names_are_there_sorted_and_once() -> None:
    assert conductor_sdk.__all__ == sorted(set(conductor_sdk.__all__))
    for name in conductor_sdk.__all__:
        assert hasattr(conductor_sdk, name)


def test_nothing_public_is_left_out_for_checkers_and_at_run_time() -> None:
    """A checker reads the imports, a program the table of homes: both must hold the same."""
    tree = ast.parse(inspect.getsource(conductor_sdk))
    checked = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("conductor_sdk.")
        for alias in node.names
    }
    assert checked.keys() == set(conductor_sdk.__all__) - {"__version__"}
    homes = {name: f"conductor_sdk.{home}" for home, names in conductor_sdk._HOMES.items() for name in names}
    assert homes == {name: home for name, home in checked.items() if name != "worker"}


def test_the_decorator_is_not_hidden_by_the_package_of_the_same_name() -> None:
    program = "from conductor_sdk import TaskRunner, worker; import conductor_sdk.worker.runner; "
    program += "from conductor_sdk import worker as again; print(worker is again, callable(worker))"
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert run.stdout == "True True\n"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'conductor_sdk' has no attribute 'Taks'"):
        _ = getattr(conductor_sdk, "Ta" + "ks")


def test_the_names_are_listed_before_they_are_imported() -> None:
    assert set(conductor_sdk.__all__) <= set(dir(conductor_sdk))


@pytest.mark.parametrize("name", sorted(set(conductor_sdk.__all__) - {"__version__"}))
def test_all_public_things_are_described(name: str) -> None:
    assert getattr(conductor_sdk, name).__doc__


def test_the_log_is_the_programs_business() -> None:
    handlers = logging.getLogger("conductor_sdk").handlers
    assert [type(handler) for handler in handlers] == [logging.NullHandler]


def test_importing_loads_nothing_heavy() -> None:
    heavy = ("pydantic", "requests", "urllib3", "asyncio", "conductor_emulator", "conductor_pytest", "starlette")
    program = f"import conductor_sdk, sys; print([name for name in {heavy!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout == "[]\n"


def test_clients_and_workers_load_neither_http_nor_processes_before_they_need_them() -> None:
    heavy = ("requests", "urllib3", "asyncio", "multiprocessing", "conductor_emulator")
    program = "from conductor_sdk import ApiClient, TaskRunner, WorkflowExecutor; import sys; "
    program += f"TaskRunner(ApiClient('http://x/api')); print([name for name in {heavy!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout == "[]\n"
