"""The page about testing names everything that there is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor_pytest import Clock, Conductor, Rule, Run, RunTask
from conductor_pytest.task_queue import TaskQueue
from conductor_pytest.wire import WireFault, WireFaults
from tests.pytest_plugin.definitions import simple, task_def, workflow

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")
#: for what is built on the harness, or the SDK's and the fixtures' business
NOT_FOR_TESTS = {
    *("place", "close", "verify", "report", "left_running", "is_emulator", "run_of", "runs"),
    *("misspelt_fields", "misdirected_queues"),
}
RULES_OWN = {"fits", "why_not", "answers", "says_something", "rank"}
LOOKED_UP = {"explanation", "workflow", "name", "version", "type", "reference", "scheduled_after", "ended_after"}


def public(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")}


@pytest.mark.parametrize(
    ("kind", "hidden"),
    [
        (Conductor, NOT_FOR_TESTS),
        (Rule, RULES_OWN),
        (Run, LOOKED_UP | {"input"}),
        (RunTask, LOOKED_UP),
        (Clock, {"auto_jump"}),
        (WireFaults, {"hitting", "problems"}),
        (WireFault, {"hits", "why_unused"}),
        (TaskQueue, {"task_type", "domain", "misdirected"}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_everything_is_on_the_page(kind: type, hidden: set[str]) -> None:
    assert [name for name in sorted(public(kind) - hidden) if name not in PAGE] == []


@pytest.mark.parametrize("option", ["--conductor-url", "--conductor-timeout", "--conductor-artifacts"])
def test_every_option_is_on_the_page(option: str, pytestconfig: pytest.Config) -> None:
    assert option in PAGE
    pytestconfig.getoption(option)


#: What the reader of the page has: a file of definitions and two workers.
ORDER = [workflow(*(simple(name, name) for name in ("validate", "charge", "ship"))), task_def("charge")]
WORKERS = """
def validate_order(task):
    return {"order_id": task.input_data.get("order_id")}

def charge_card(task):
    return {"receipt": "R1"}
"""
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_the_page_tells_the_truth(
    inner: Callable[..., pytest.RunResult], pytester: pytest.Pytester, snippet: str
) -> None:
    pytester.mkdir("workflows").joinpath("order.json").write_text(json.dumps(ORDER))
    inner(WORKERS + snippet).assert_outcomes(passed=snippet.count("def test_"))
    assert "def test_" in snippet
