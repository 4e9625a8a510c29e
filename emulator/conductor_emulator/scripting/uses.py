"""Who runs scripts, and by which rule: one function for each, so that no task type has to know an engine.

=================  =============================================  ====================================================
user               function                                       value of the answer
=================  =============================================  ====================================================
INLINE             `inline`                                       the script's value
LAMBDA             `lambda_body`                                  the function's value; `bindings`: the input afterwards
JSON_JQ_TRANSFORM  `jq_transform`                                 `{"result": first, "resultList": all}`
SWITCH             `switch_case`                                  the case, a text
DECISION           `decision_case`                                the case, a text
DO_WHILE           `condition`                                    True: go on
event handler      `event_condition`                              True: act
definition check   `javascript_syntax_error`                      the error's text or None
=================  =============================================  ====================================================

A failure is the answer's `error`, in the server's words. All may raise BudgetExceeded when `limits.is_budget`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from conductor_emulator.expressions.java_text import java_text
from conductor_emulator.scripting.evaluator import (
    FULL_LIMITS,
    Evaluator,
    Limits,
    Script,
    ScriptAnswer,
    ScriptError,
    UnknownEvaluator,
)
from conductor_emulator.scripting.javascript import JavaScriptEvaluator
from conductor_emulator.scripting.jq import JqEvaluator
from conductor_emulator.scripting.value_param import ValueParamEvaluator

JAVASCRIPT_NAMES = frozenset({"javascript", "graaljs"})
EVALUATOR_NAMES = JAVASCRIPT_NAMES | {"value-param"}


class NotText(ScriptError, TypeError):
    """An expression or evaluator type is no text: the server answers 500 to that."""

    def __init__(self, what: str, value: Any) -> None:
        super().__init__(f"'{what}' must be text, not {value!r}")


@lru_cache(maxsize=1)
def _javascript() -> JavaScriptEvaluator:
    return JavaScriptEvaluator()


_VALUE_PARAM = ValueParamEvaluator()
_JQ = JqEvaluator()


def evaluator(name: str) -> Evaluator:
    """The evaluator of this `evaluatorType`; raises UnknownEvaluator."""
    if name in JAVASCRIPT_NAMES:
        return _javascript()
    if name == "value-param":
        return _VALUE_PARAM
    raise UnknownEvaluator(name)


def run(script: Script, bindings: Any, limits: Limits = FULL_LIMITS) -> ScriptAnswer:
    """Run a script of any language: an evaluator's name, `lambda-body` or `jq`."""
    if script.language == "jq":
        return _JQ.evaluate(script.source, bindings, limits)
    if script.language == "lambda-body":
        return _javascript().evaluate_body(script.source, bindings, limits)
    return evaluator(script.language).evaluate(script.source, bindings, limits)


def _text_field(task_input: Mapping[str, Any], name: str) -> str | None:
    value = task_input.get(name)
    if value is not None and not isinstance(value, str):
        raise NotText(name, value)
    return value


def inline(task_input: Mapping[str, Any], limits: Limits = FULL_LIMITS) -> ScriptAnswer:
    """INLINE: `expression` by `evaluatorType` (JavaScript when missing) of the task's input. Raises NotText.

    Every error but a time-out (`timed_out`) ends the task for good: FAILED_WITH_TERMINAL_ERROR.
    """
    name = _text_field(task_input, "evaluatorType")
    name = "javascript" if name is None else name
    expression = _text_field(task_input, "expression")
    must = "A non-empty String value must be provided."
    if not name.strip():
        return ScriptAnswer(error=f"Empty 'evaluatorType' in INLINE task's input parameters. {must}")
    if name not in EVALUATOR_NAMES:
        return ScriptAnswer(error=f"Unknown evaluator '{name}' in INLINE task.")
    if expression is None or not expression.strip():
        return ScriptAnswer(error=f"Empty 'expression' in Inline task's input parameters. {must}")
    return evaluator(name).evaluate(expression, task_input, limits)


def lambda_body(task_input: Mapping[str, Any], limits: Limits = FULL_LIMITS) -> ScriptAnswer:
    """LAMBDA: `scriptExpression` as the body of a function. The script works on the task's own input: when it changed
    it, `bindings` is what the record shows from then on, else None. Raises NotText."""
    body = _text_field(task_input, "scriptExpression")
    if body is None or not body.strip():
        return ScriptAnswer(
            error="Empty 'scriptExpression' in Lambda task's input parameters. "
            "A non-empty String value must be provided."
        )
    answer = _javascript().evaluate_body(body, task_input, limits)
    return replace(answer, bindings=None) if answer.bindings == task_input else answer


def jq_transform(task_input: Mapping[str, Any], limits: Limits = FULL_LIMITS) -> ScriptAnswer:
    """JSON_JQ_TRANSFORM: `queryExpression` of the whole input. Raises NotText (the server then fails the workflow)."""
    query = _text_field(task_input, "queryExpression")
    if query is None:
        return ScriptAnswer(error="Missing 'queryExpression' in input parameters")
    return _JQ.evaluate(query, task_input, limits)


def switch_case(
    evaluator_type: str, expression: str, task_input: Mapping[str, Any], limits: Limits = FULL_LIMITS
) -> ScriptAnswer:
    """SWITCH: the case as text (`null`, `1.0`, `{a=1}`). Raises UnknownEvaluator with the workflow's reason."""
    answer = evaluator(evaluator_type).evaluate(expression, task_input, limits)
    return answer if answer.error is not None else ScriptAnswer(java_text(answer.value))


def decision_case(expression: str, task_input: Mapping[str, Any], limits: Limits = FULL_LIMITS) -> ScriptAnswer:
    """DECISION with `caseExpression`: the case as text. A failure fails the workflow with the text in `error`."""
    answer = _javascript().evaluate(expression, task_input, limits)
    if answer.error is not None:
        return replace(answer, error=f"Error while evaluating script: {expression}")
    return ScriptAnswer(java_text(answer.value))


def as_condition(value: Any) -> bool:
    """The server's truth: `true`, or a number above 0. Texts, lists and all else are false."""
    if isinstance(value, bool):
        return value
    return isinstance(value, (int, float)) and value > 0


def condition(expression: str, bindings: Mapping[str, Any], limits: Limits = FULL_LIMITS) -> ScriptAnswer:
    """DO_WHILE: whether to go on. A failure has the text of the failed loop."""
    answer = _javascript().evaluate(expression, bindings, limits)
    if answer.error is not None:
        return replace(answer, error=f"Unable to evaluate condition {expression}, exception {answer.error}")
    return ScriptAnswer(as_condition(answer.value))


def event_condition(
    expression: str | None, evaluator_type: str | None, payload: Any, limits: Limits = FULL_LIMITS
) -> ScriptAnswer:
    """An event handler's condition on the message's payload: none is true; an unknown evaluator means JavaScript."""
    if not expression:
        return ScriptAnswer(True)
    name = evaluator_type if evaluator_type in EVALUATOR_NAMES else "javascript"
    answer = evaluator(name).evaluate(expression, payload, limits)
    return answer if answer.error is not None else ScriptAnswer(as_condition(answer.value))


def javascript_syntax_error(source: str) -> str | None:
    """What the definition check says of a script that does not parse (`SyntaxError: inline:1:4 …`), else None."""
    return _javascript().syntax_error(source)
