"""What scripts see of the server: the answers are those of the real one."""

from __future__ import annotations

from typing import Any

import pytest

METHODS = [
    *("isSuccessful", "isTerminal", "name", "equals", "toString"),
    *("hashCode", "compareTo", "describeConstable", "getDeclaringClass", "ordinal"),
]
AS_RESULT: dict[str, Any] = {method: {} for method in METHODS}
STATUS = "${workflow.status}"
INPUT: dict[str, Any] = {"k": STATUS, "n": {"k": STATUS}, "l": [STATUS], "t": f"it is {STATUS}"}


def value_of(lab: Any, script: str) -> Any:
    inline = {"evaluatorType": "graaljs", "expression": script, **INPUT}
    run = lab.run({"name": "i", "taskReferenceName": "i", "type": "INLINE", "inputParameters": inline})
    shown = {key: value for key, value in run.tasks[0].input.items() if key in INPUT}
    assert shown == {"k": "RUNNING", "n": {"k": "RUNNING"}, "l": ["RUNNING"], "t": "it is RUNNING"}
    assert type(run.tasks[0].input["k"]) is str
    return run.tasks[0].output.get("result", run.tasks[0].reason)


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("$.k", AS_RESULT),
        ("[$.k]", [AS_RESULT]),
        ("$.n", {"k": AS_RESULT}),
        ("$.l[0]", AS_RESULT),
        ("$.k.valueOf()", AS_RESULT),
        ('$.k === "RUNNING"', False),
        ('$.k !== "RUNNING"', True),
        ('$.k == "RUNNING"', True),
        ('$.k != "RUNNING"', False),
        ("typeof $.k", "object"),
        ("$.k + '!'", "RUNNING!"),
        ("String($.k)", "RUNNING"),
        ("$.k.toString()", "RUNNING"),
        ("$.k.name()", "RUNNING"),
        ("$.k.ordinal()", 0),
        ("$.k.isTerminal()", False),
        ("$.k.isSuccessful()", False),
        ('$.k.equals("RUNNING")', False),
        ("$.k.equals($.k)", True),
        ("$.k === $.n.k", True),
        ("$.k.length", None),
        ("JSON.stringify({a: $.k})", '{"a":{}}'),
        ('switch ($.k) { case "RUNNING": "a"; break; default: "b" }', "b"),
        ('["RUNNING"].includes($.k)', False),
        ("({RUNNING: 1})[$.k]", 1),
        ("Object.keys($.k)", METHODS),
        ('$.l.contains("RUNNING")', False),
        ('$.n.containsValue("RUNNING")', False),
        ("'' + $.l", "[RUNNING]"),
        ("$.n.toString()", "{k=RUNNING}"),
        ("$.t === 'it is RUNNING'", True),
        ("$.k.toLowerCase()", "Error evaluating the script `TypeError: $.k.toLowerCase is not a function` at line 1"),
    ],
)
def test_the_status_of_the_workflow_is_an_enum_in_javascript(lab: Any, script: str, value: Any) -> None:
    assert value_of(lab, script) == value


def switch(evaluator: str, expression: str) -> dict[str, Any]:
    inside = {"name": "in", "taskReferenceName": "in", "type": "SET_VARIABLE"}
    return {
        "name": "s",
        "taskReferenceName": "s",
        "type": "SWITCH",
        "evaluatorType": evaluator,
        "expression": expression,
        "inputParameters": {"k": STATUS},
        "decisionCases": {"RUNNING": [inside]},
    }


@pytest.mark.parametrize(
    ("evaluator", "expression", "case"),
    [
        ("value-param", "k", "RUNNING"),
        ("javascript", "String($.k)", "RUNNING"),
        (
            "javascript",
            "$.k",
            (
                "{getDeclaringClass={}, isSuccessful={}, hashCode={}, equals={}, name={}, isTerminal={}, toString={}, "
                "compareTo={}, describeConstable={}, ordinal={}}"
            ),
        ),
    ],
)
def test_a_switch_by_the_status(lab: Any, evaluator: str, expression: str, case: str) -> None:
    run = lab.run(switch(evaluator, expression))
    assert run.tasks[0].output == {"evaluationResult": [case], "selectedCase": case}
    assert [task.reference for task in run.tasks] == ["s", *(["in"] if case == "RUNNING" else [])]


@pytest.mark.parametrize(("condition", "iterations"), [("$.k == 'RUNNING'", 2), ("$.k === 'RUNNING'", 1)])
def test_a_loop_by_the_status(lab: Any, condition: str, iterations: int) -> None:
    loop = {
        "name": "d",
        "taskReferenceName": "d",
        "type": "DO_WHILE",
        "inputParameters": {"k": STATUS},
        "loopCondition": f"{condition} && $.d['iteration'] < 2",
        "loopOver": [{"name": "v", "taskReferenceName": "v", "type": "SET_VARIABLE"}],
    }
    assert lab.run(loop).tasks[0].output["iteration"] == iterations


def test_a_lambda_leaves_the_text_in_its_input(lab: Any) -> None:
    script = "$.added = 1; return [$.k === 'RUNNING', $.k == 'RUNNING', typeof $.k]"
    parameters = {"k": STATUS, "scriptExpression": script}
    run = lab.run({"name": "l", "taskReferenceName": "l", "type": "LAMBDA", "inputParameters": parameters})
    assert run.tasks[0].output == {"result": [False, True, "object"]}
    assert (run.tasks[0].input["k"], type(run.tasks[0].input["k"])) == ("RUNNING", str)


def test_jq_sees_the_text(lab: Any) -> None:
    parameters = {"k": STATUS, "queryExpression": "[.k, (.k | type)]"}
    run = lab.run({"name": "q", "taskReferenceName": "q", "type": "JSON_JQ_TRANSFORM", "inputParameters": parameters})
    assert run.tasks[0].output["result"] == ["RUNNING", "string"]
