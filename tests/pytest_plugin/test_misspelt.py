from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import conductor_emulator.engine
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import kinds_of
from conductor_pytest import Conductor
from conductor_pytest.errors import Stuck
from conductor_pytest.misspelt import misspelt_inputs, misspelt_references, misspelt_type
from conductor_sdk import BadRequest, TaskDef
from tests.pytest_plugin.definitions import simple, system, workflow

#: The source of the engine.
ENGINE = "".join(path.read_text(encoding="utf-8") for path in Path(conductor_emulator.engine.__path__[0]).rglob("*.py"))


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("HUMEN", "HUMAN"),
        ("INLNE", "INLINE"),
        ("SUBWORKFLOW", "SUB_WORKFLOW"),
        ("Wait", "WAIT"),
        ("DOWHILE", "DO_WHILE"),
    ],
)
def test_a_type_of_the_server_that_is_misspelt(harness: Conductor, given: str, meant: str) -> None:
    run = harness.register(workflow(system(given, "ok"))).start("order")
    said = f"`{given}` is no type of system task; did you mean `{meant}`?"
    assert misspelt_type(run.task("ok").task) == said
    with pytest.raises(Stuck, match=r"`ok` waits for a worker of type .* and none is registered; ") as told:
        harness.wait_for(run)
    assert said in str(told.value).partition("\n")[0]


@pytest.mark.parametrize("task", [simple("humen"), system("SEND_MAIL", "mail"), system("WAIT", "pause")])
def test_a_type_that_is_nobodys_mistake(harness: Conductor, task: dict[str, Any]) -> None:
    run = harness.register(workflow(task)).start("order")
    assert misspelt_type(run.tasks[0].task) == ""


def inputs_of(harness: Conductor, kind: str, **inputs: Any) -> list[str]:
    run = harness.register(workflow(system(kind, "t", inputParameters=inputs))).start("order")
    return [one.sentence for one in misspelt_inputs(run.task("t").task)]


@pytest.mark.parametrize(
    ("kind", "inputs", "said"),
    [
        ("WAIT", {"duraton": "5 s"}, "WAIT `t` takes `duration`, `until`, not `duraton`; did you mean `duration`?"),
        ("WAIT", {"Until": "2030-01-02"}, "WAIT `t` takes `duration`, `until`, not `Until`; did you mean `until`?"),
        (
            "INLINE",
            {"evaluatorType": "graaljs", "expresion": "1"},
            "INLINE `t` takes `evaluatorType`, `expression`, not `expresion`; did you mean `expression`?",
        ),
        (
            "GET_WORKFLOW",
            {"id": "1", "includeTask": True},
            "GET_WORKFLOW `t` takes `id`, `includeTasks`, not `includeTask`; did you mean `includeTasks`?",
        ),
        (
            "HTTP",
            {"http_request": {"url": "http://127.0.0.1:1/", "method": "GET"}},
            "`http_request` of HTTP `t` has no `uri`, but `url`; did you mean `uri`?",
        ),
        (
            "HTTP",
            {"http_request": {"uri": "http://127.0.0.1:1/", "method": "GET", "header": {}}},
            "`http_request` of HTTP `t` has no `headers`, but `header`; did you mean `headers`?",
        ),
        (
            "HTTP",
            {"url": "http://127.0.0.1:1/", "method": "GET"},
            "HTTP `t` has no `uri`, but `url`; did you mean `uri`?",
        ),
        (
            "START_WORKFLOW",
            {"startWorkflow": {"name": "order", "inputs": {}}},
            "`startWorkflow` of START_WORKFLOW `t` has no `input`, but `inputs`; did you mean `input`?",
        ),
    ],
)
def test_an_input_that_is_misspelt(harness: Conductor, kind: str, inputs: dict[str, Any], said: str) -> None:
    assert inputs_of(harness, kind, **inputs) == [said]


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("WAIT", {"duration": "5 s", "why": "a break"}),
        ("INLINE", {"evaluatorType": "graaljs", "expression": "1", "expressions": [1]}),
        ("HUMAN", {"duraton": 1}),
        ("HTTP", {"http_request": {"uri": "http://127.0.0.1:1/", "method": "GET", "vipAddress": "x", "url": "y"}}),
        ("HTTP", {"http_request": "${workflow.input.call}", "url": "http://127.0.0.1:1/"}),
    ],
)
def test_inputs_that_are_nobodys_mistake(harness: Conductor, kind: str, inputs: dict[str, Any]) -> None:
    assert inputs_of(harness, kind, **inputs) == []


def test_a_wait_for_ever_says_what_was_misspelt(harness: Conductor) -> None:
    harness.register(workflow(system("WAIT", "pause", inputParameters={"duraton": "5 s"})))
    with pytest.raises(Stuck) as told:
        harness.run("order")
    assert str(told.value).partition("\n")[0].endswith("not `duraton`; did you mean `duration`?")
    assert harness.report().startswith("WAIT `pause` takes `duration`, `until`, not `duraton`")


@pytest.mark.parametrize(
    "kind", [kind for kind in kinds_of("orkes").by_task_type.values() if kind.inputs], ids=lambda kind: kind.name
)
def test_a_kind_reads_the_inputs_that_it_names(kind: TaskKind) -> None:
    assert [name for name in kind.inputs if ENGINE.count(f'"{name}"') < 2] == []


@pytest.mark.parametrize(
    ("used", "hint"),
    [
        ("cref", "no task is called `cref`; did you mean `c_ref`?"),
        ("C_ref", "no task is called `C_ref`; did you mean `c_ref`?"),
        ("workfow", "no task is called `workfow`; did you mean `workflow`?"),
        ("input", "no task is called `input`; did you mean `workflow.input`?"),
    ],
)
def test_a_refused_reference_gets_a_hint(harness: Conductor, used: str, hint: str) -> None:
    with pytest.raises(BadRequest) as refused:
        harness.register(workflow(simple("c"), simple("b", inputParameters={"x": f"${{{used}.output.x}}"})))
    assert refused.value.__notes__ == [hint]


@pytest.mark.parametrize(
    ("refusal", "definition"),
    [
        ("something else", workflow(simple("c"))),
        ("taskReferenceName: payment for given task: b", workflow(simple("c"))),
        ("taskReferenceName: cref for given task: b", {"name": "order", "tasks": "none"}),
    ],
)
def test_where_there_is_no_hint(refusal: str, definition: dict[str, Any]) -> None:
    assert list(misspelt_references(refusal, definition)) == []


@pytest.mark.parametrize(
    "definition",
    [
        {"name": "a", "retryCount": -1, "responseTimeoutSeconds": 0},
        TaskDef("a", retry_count=-1, response_timeout_seconds=0),
    ],
    ids=["dict", "TaskDef"],
)
def test_a_value_that_a_server_refuses_is_told(harness: Conductor, definition: Any) -> None:
    with pytest.raises(BadRequest, match="TaskDef retryCount: 0 must be >= 0") as refused:
        harness.register(definition)
    assert sorted(refused.value.__notes__) == [
        "`responseTimeoutSeconds` of task definition `a` is 0",
        "`retryCount` of task definition `a` is -1",
    ]
