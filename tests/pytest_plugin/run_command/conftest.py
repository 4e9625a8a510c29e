"""A folder with definitions, cases and workers, and the command run in it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from conductor_emulator.cli import main
from tests.pytest_plugin.definitions import simple, system, task_def, workflow

ORDER = workflow(
    simple("validate", inputParameters={"order_id": "${workflow.input.order_id}"}),
    simple("ship"),
    outputParameters={"tracking": "${ship_ref.output.tracking}"},
    failureWorkflow="clean_up",
)
DEFINITIONS = [
    task_def("validate"),
    ORDER,
    workflow(simple("sweep"), name="clean_up"),
    workflow(system("HUMAN", "approval"), name="ask"),
    workflow(system("WAIT", "pause", inputParameters={"duration": "40 days"}), name="sleep"),
]
WORKERS = """
from conductor_sdk import TaskDef, TerminalError, worker

@worker("validate", register=TaskDef("validate", retry_count=0))
def validate(order_id: str) -> dict:
    if order_id == "bad":
        raise TerminalError("no such order")
    return {"valid": True}

@worker("ship")
def ship() -> dict:
    return {"tracking": "T1"}

@worker("sweep")
async def sweep() -> dict:
    return {}
"""
CASES = """
workflow: order.json
cases:
  good:
    stubs: {validate: {returns: {}}, ship: {returns: {tracking: T2}}}
    expect: {status: COMPLETED, output: {tracking: T2}}
  refused:
    stubs: {validate: {fails_terminally: refused}, sweep: {returns: {}}}
    expect: {status: FAILED, path: [validate_ref]}
  left to see:
    stubs: {validate: {returns: {}}, ship: {returns: {}}}
"""


class Told(NamedTuple):
    """What a command said."""

    status: int
    out: str
    err: str


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "order.json").write_text(json.dumps(DEFINITIONS))
    (tmp_path / "order.conductor.yaml").write_text(CASES)
    # a name of its own in each test: modules are imported once
    (tmp_path / f"{tmp_path.name}_workers.py").write_text(WORKERS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return tmp_path


@pytest.fixture
def workers(folder: Path) -> str:
    """The module of the workers."""
    return f"{folder.name}_workers"


@pytest.fixture
def command(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Told]:
    """``conductor-emulator run`` with these arguments."""

    def run(*arguments: str) -> Told:
        status = main(["run", *arguments])
        return Told(status, *capsys.readouterr())

    return run
