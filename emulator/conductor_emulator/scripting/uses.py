"""Who runs scripts: every language by its name, and what a value means where a condition is asked for.

`run` gives the value or the error; what follows from either is the matter of the task types (`engine/tasks`). With
`limits.is_budget` it may raise BudgetExceeded.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from conductor_emulator.scripting.evaluator import (
    FULL_LIMITS,
    Evaluator,
    Limits,
    Script,
    ScriptAnswer,
    UnknownEvaluator,
)
from conductor_emulator.scripting.value_param import ValueParamEvaluator

if TYPE_CHECKING:
    from conductor_emulator.scripting.javascript import JavaScriptEvaluator
    from conductor_emulator.scripting.jq import JqEvaluator

JAVASCRIPT_NAMES = frozenset({"javascript", "graaljs"})
EVALUATOR_NAMES = JAVASCRIPT_NAMES | {"value-param"}


_VALUE_PARAM = ValueParamEvaluator()


# A fifth of what an emulator imports belongs to these two, and most workflows have no script.
@lru_cache(maxsize=1)
def _javascript() -> JavaScriptEvaluator:
    from conductor_emulator.scripting.javascript import JavaScriptEvaluator

    return JavaScriptEvaluator()


@lru_cache(maxsize=1)
def _jq() -> JqEvaluator:
    from conductor_emulator.scripting.jq import JqEvaluator

    return JqEvaluator()


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
        return _jq().evaluate(script.source, bindings, limits)
    if script.language == "lambda-body":
        return _javascript().evaluate_body(script.source, bindings, limits)
    return evaluator(script.language).evaluate(script.source, bindings, limits)


def as_condition(value: Any) -> bool:
    """The server's truth: `true`, or a number above 0. Texts, lists and all else are false."""
    if isinstance(value, bool):
        return value
    return isinstance(value, (int, float)) and value > 0


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
