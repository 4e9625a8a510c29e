"""Commands and effects are values: whoever gets one may keep it."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings

from conductor_emulator.engine import commands, effects
from tests.emulator.conftest import Lab, simple, states
from tests.emulator.engine import test_laws as laws

MESSAGES = [kind for module in (commands, effects) for kind in vars(module).values() if dataclasses.is_dataclass(kind)]


@contextmanager
def frozen() -> Iterator[None]:
    """While this holds, writing to a message raises ``FrozenInstanceError``; making one does not."""

    def write(message: Any, name: str, value: Any) -> None:
        if sys._getframe(1).f_code is not type(message).__init__.__code__:
            raise dataclasses.FrozenInstanceError(f"{type(message).__name__}.{name} was written to")
        object.__setattr__(message, name, value)

    with pytest.MonkeyPatch.context() as patch:
        for kind in MESSAGES:
            patch.setattr(kind, "__setattr__", write, raising=False)
        yield


def test_the_switch_works() -> None:
    message: Any = commands.Terminate("a")
    message.reason = "b"
    with frozen(), pytest.raises(dataclasses.FrozenInstanceError, match=r"Terminate\.reason was written to"):
        message.reason = "c"
    assert message == commands.Terminate("b")


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_message_has_a_place_for_its_fields_and_no_more(kind: type) -> None:
    assert "__dict__" not in dir(kind)
    assert kind.__hash__ is None, "it can be written to, so it cannot be a key"


@settings(max_examples=60)
@given(laws._STEPS)
def test_nobody_writes_to_one_whatever_happens(steps: list[tuple[Any, ...]]) -> None:
    with frozen():
        lab, run = laws._new()
        for step in steps:
            laws._play(lab, run, step)


def test_nor_do_sub_workflows_scripts_events_and_failure_workflows() -> None:
    with frozen():
        lab = Lab()
        lab.task("work", retryCount=1, retryDelaySeconds=5)
        lab.workflow(simple("inner", "work"), name="child")
        lab.workflow(simple("clean", "clean"), name="after")
        child = {"type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "child"}}
        script = {"evaluatorType": "javascript", "expression": "1 + 1"}
        run = lab.run(
            {"name": "i", "taskReferenceName": "i", "type": "INLINE", "inputParameters": script},
            {"name": "s", "taskReferenceName": "s", **child},
            {"name": "e", "taskReferenceName": "e", "type": "EVENT", "sink": "conductor"},
            simple("last", "work"),
            failureWorkflow="after",
        )
        lab.work("work", "FAILED")
        lab.advance(5)
        lab.work("work")
        lab.work("work", "FAILED_WITH_TERMINAL_ERROR")
        lab.work("clean")
    assert run.status == "FAILED"
    assert states(run) == ["i COMPLETED", "s COMPLETED", "e COMPLETED", "last FAILED_WITH_TERMINAL_ERROR"]
