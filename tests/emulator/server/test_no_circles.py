"""What a request makes is freed when it is answered: a server looks for circles too rarely to count on that."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path

import pytest


@functools.cache
def left_behind() -> dict[str, list[str]]:
    """The objects of ours that only a search for circles frees, by what was done."""
    program = Path(__file__).with_name("garbage.py")
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    left: dict[str, list[str]] = json.loads(done.stdout)
    return left


@pytest.mark.parametrize(
    "act",
    [
        "a_workflow",
        "a_definition_of_its_own",
        "a_definition_that_is_overwritten",
        "a_fork_of_containers",
        "refusals",
        "a_poll_in_vain",
        "a_poll_that_waits",
        "connections",
    ],
)
def test_nothing_is_left_for_the_garbage_collection(act: str) -> None:
    assert left_behind()[act] == []


def test_a_circle_is_found() -> None:
    assert left_behind()["a_circle"] != []
