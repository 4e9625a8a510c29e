"""Scripts: JavaScript, jq and value-param behind one interface. Engines are loaded when a script is first run."""

from __future__ import annotations

from conductor_emulator.scripting.evaluator import (
    FIRST_TRY,
    FULL_LIMITS,
    BudgetExceeded,
    Evaluator,
    Limits,
    MissingEngine,
    Script,
    ScriptAnswer,
    ScriptError,
    UnknownEvaluator,
)
from conductor_emulator.scripting.uses import (
    EVALUATOR_NAMES,
    NotText,
    as_condition,
    condition,
    decision_case,
    evaluator,
    event_condition,
    inline,
    javascript_syntax_error,
    jq_transform,
    lambda_body,
    run,
    switch_case,
)

__all__ = [
    "EVALUATOR_NAMES",
    "FIRST_TRY",
    "FULL_LIMITS",
    "BudgetExceeded",
    "Evaluator",
    "Limits",
    "MissingEngine",
    "NotText",
    "Script",
    "ScriptAnswer",
    "ScriptError",
    "UnknownEvaluator",
    "as_condition",
    "condition",
    "decision_case",
    "evaluator",
    "event_condition",
    "inline",
    "javascript_syntax_error",
    "jq_transform",
    "lambda_body",
    "run",
    "switch_case",
]
