from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conductor_pytest.cases import read_cases
from conductor_pytest.lines import FileMistake
from tests.pytest_plugin.definitions import simple, system, workflow

LOOP = system("DO_WHILE", "loop", loopOver=[simple("pack")], loopCondition="true")
CHILD = system("SUB_WORKFLOW", "child", subWorkflowParam={"name": "parcel", "version": 1})
INLINE = system(
    "SUB_WORKFLOW", "inline", subWorkflowParam={"name": "p", "workflowDefinition": workflow(simple("weigh"), name="p")}
)
ORDER = workflow(simple("charge"), system("HTTP", "call"), LOOP, INLINE)
PARCEL = workflow(simple("label"), name="parcel")
DYNAMIC_FORK = system("FORK_JOIN_DYNAMIC", "fork", dynamicForkTasksParam="t", dynamicForkTasksInputParamName="i")
DYNAMIC = system("DYNAMIC", "any", dynamicTaskNameParam="t")
HANDLER = {"name": "h", "event": "conductor:x", "actions": []}
DONE = {"status": "COMPLETED"}


def check(said: dict[str, Any]) -> None:
    [case] = read_cases({"expect": DONE, **said}, Path())
    case.check_names()


@pytest.mark.parametrize(
    "said",
    [
        {
            "workflow": ORDER,
            "expect": {"path": ["charge_ref", "call", "loop", "pack_ref__1", "pack_ref__12", "inline"]},
        },
        {"workflow": ORDER, "expect": {"tasks": {"charge": {}, "charge_ref": {}, "HTTP": {}, "pack_ref__2": {}}}},
        {"workflow": ORDER, "stubs": {"charge": {}, "call": {}, "HTTP": {}, "pack_ref": {}, "weigh": {}}},
        {"workflow": ORDER, "faults": {"charge_ref": {}, "FORK": {"optional": True}, "nobody": {"optional": True}}},
        {"workflow": [ORDER, PARCEL], "run": "parcel", "expect": {"path": ["label_ref"]}},
        {"workflow": [workflow(CHILD), PARCEL], "stubs": {"label": {}}},
        {"workflow": workflow(CHILD), "stubs": {"label": {}}},
        {"workflow": workflow(simple("a"), failureWorkflow="f"), "stubs": {"label": {}}},
        {"workflow": [ORDER, HANDLER], "stubs": {"label": {}}},
        {"workflow": workflow(DYNAMIC_FORK), "expect": {"path": ["b1"], "tasks": {"b1": {}}}, "stubs": {"b1": {}}},
        {"workflow": workflow(DYNAMIC), "expect": {"path": ["any"], "tasks": {"b1": {}}}, "stubs": {"b1": {}}},
        {"workflow": {"name": "a"}, "stubs": {"nobody": {}}},
        {"workflow": {"name": "a", "tasks": 5}, "stubs": {"nobody": {}}},
    ],
)
def test_names_that_there_are_or_may_be(said: dict[str, Any]) -> None:
    check(said)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (
            {"workflow": ORDER, "expect": {"path": ["charge"]}},
            "case: expect: path: workflow `order` has no task `charge`; did you mean `charge_ref`?",
        ),
        (
            {"workflow": workflow(simple("a"), simple("b")), "expect": {"path": ["zzzz"]}},
            "case: expect: path: workflow `order` has no task `zzzz`; there are `a_ref`, `b_ref`",
        ),
        (
            {"workflow": [ORDER, PARCEL], "expect": {"tasks": {"label": {}}}},
            "case: expect: tasks: workflow `order` has no task `label`; there are `call`, `charge`, `charge_ref`, ",
        ),
        (
            {"workflow": ORDER, "stubs": {"chrage": {}}},
            "case: stubs: workflow `order` has no task `chrage`; did you mean `charge`?",
        ),
        (
            {"workflow": [workflow(CHILD), PARCEL], "faults": {"lable": {}}},
            "case: faults: the definitions have no task `lable`; did you mean `label`?",
        ),
        (
            {"workflow": ORDER, "run": "ordr"},
            "case: run: no workflow `ordr` is among the definitions; did you mean `order`?; there are `order`",
        ),
    ],
)
def test_names_that_no_task_has(said: dict[str, Any], complaint: str) -> None:
    with pytest.raises(FileMistake) as told:
        check(said)
    assert str(told.value).startswith(complaint)
