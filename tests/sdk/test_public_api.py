from __future__ import annotations

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


def test_nothing_public_is_left_out() -> None:
    public = {
        name for name, thing in vars(conductor_sdk).items() if not name.startswith("_") and not inspect.ismodule(thing)
    }
    assert public == set(conductor_sdk.__all__) - {"__version__"}


@pytest.mark.parametrize("name", sorted(set(conductor_sdk.__all__) - {"__version__"}))
def test_all_public_things_are_described(name: str) -> None:
    assert getattr(conductor_sdk, name).__doc__


def test_the_log_is_the_programs_business() -> None:
    handlers = logging.getLogger("conductor_sdk").handlers
    assert [type(handler) for handler in handlers] == [logging.NullHandler]


def test_importing_loads_nothing_heavy() -> None:
    heavy = ("requests", "urllib3", "asyncio", "conductor_emulator", "conductor_pytest", "starlette")
    program = f"import conductor_sdk, sys; print([name for name in {heavy!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout == "[]\n"
