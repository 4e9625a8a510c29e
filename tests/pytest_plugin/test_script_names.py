from __future__ import annotations

from typing import Any

import pytest

from conductor_pytest import Conductor
from conductor_pytest.script_names import misnamed_in_scripts
from tests.pytest_plugin.definitions import simple, system, workflow

CASES = {"gold": [simple("a")], "silver": []}


def told(harness: Conductor, task: dict[str, Any]) -> list[tuple[str, bool]]:
    harness.register(workflow(task)).stub("a").returns({"kind": "gold"}).optional()
    return [(one.sentence, one.is_cause) for one in misnamed_in_scripts(harness.run("order").workflow)]


def switch(expression: str, evaluator: str, **inputs: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"decisionCases": CASES, "inputParameters": inputs}
    return system("SWITCH", "way", evaluatorType=evaluator, expression=expression, **fields)


def inline(expression: str, **inputs: Any) -> dict[str, Any]:
    return system("INLINE", "js", inputParameters={"evaluatorType": "graaljs", "expression": expression, **inputs})


BY_VALUE = "SWITCH `way` has the evaluatorType `value-param`:"


@pytest.mark.parametrize("expression", ["kind", "$.kind == 'x' ? 'x' : $.kind", "$.made = 'gold'", "$['kind']"])
def test_a_switch_that_goes_by_what_it_has(harness: Conductor, expression: str) -> None:
    evaluator = "value-param" if expression == "kind" else "javascript"
    assert told(harness, switch(expression, evaluator, kind="gold")) == []


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (
            switch("knd", "value-param", kind="gold"),
            "SWITCH `way` goes by the value of its input `knd`, which it has not; did you mean `kind`?",
        ),
        (
            switch("colour", "value-param", kind="gold"),
            "SWITCH `way` goes by the value of its input `colour`, which it has not; it has `kind`",
        ),
        (
            switch("$.kind", "value-param", kind="gold"),
            f"{BY_VALUE} `$.kind` is taken for the name of an input; a script needs `javascript`",
        ),
        (
            switch("kind", "value-param", kind="Gold"),
            "SWITCH `way` came to 'Gold', which is no case; did you mean 'gold'?",
        ),
        (
            switch("$.knd", "javascript", kind="gold"),
            "the script of SWITCH `way` reads `$.knd`, which is undefined; did you mean `$.kind`?",
        ),
        (
            inline("$['totl'] + 1", total=5),
            "the script of INLINE `js` reads `$['totl']`, which is undefined; did you mean `$.total`?",
        ),
        (
            system("LAMBDA", "js", inputParameters={"scriptExpression": "return $.totl", "total": 5}),
            "the script of LAMBDA `js` reads `$.totl`, which is undefined; did you mean `$.total`?",
        ),
        (
            system("DO_WHILE", "loop", loopCondition="$.aref.go", evaluatorType="graaljs", loopOver=[simple("a")]),
            "the script of DO_WHILE `loop` reads `$.aref`, which is undefined; did you mean `$.a_ref`?",
        ),
    ],
)
def test_what_is_misnamed(harness: Conductor, task: dict[str, Any], said: str) -> None:
    assert told(harness, task) == [(said, True)]


@pytest.mark.parametrize(
    ("inputs", "there"), [({}, "it has no inputs"), ({"total": 5, "order_id": 1}, "it has `total`, `order_id`")]
)
def test_what_may_be_meant_so_is_a_note(harness: Conductor, inputs: dict[str, Any], there: str) -> None:
    task = inline("$.kind ?? 1", **inputs)
    assert told(harness, task) == [(f"the script of INLINE `js` reads `$.kind`, which is undefined; {there}", False)]


@pytest.mark.parametrize(
    "expression",
    [
        "(function(){ $.kind2 = 5; return $.kind2 || '$.kinds' })()",
        "/* $.kinds */ $.kind // $.knd",
        "`$.kinds`",
    ],
)
def test_what_a_script_assigns_or_only_names_is_not_misnamed(harness: Conductor, expression: str) -> None:
    assert told(harness, inline(expression, kind="gold")) == []


def test_what_is_asked_for_is_no_cause(harness: Conductor) -> None:
    said = "the script of INLINE `js` reads `$.kinds`, which is undefined; did you mean `$.kind`?"
    assert told(harness, inline("$.kinds ? 1 : 0", kind="gold")) == [(said, False)]


def test_a_loop_reads_its_own_tasks_and_inputs(harness: Conductor) -> None:
    condition = "$.loop['iteration'] < $.most && $.a_ref.kind != 'x'"
    fields = {"loopCondition": condition, "evaluatorType": "graaljs", "inputParameters": {"most": 2}}
    assert told(harness, system("DO_WHILE", "loop", loopOver=[simple("a")], **fields)) == []
