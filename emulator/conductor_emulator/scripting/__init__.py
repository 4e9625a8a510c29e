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
    as_condition,
    evaluator,
    event_condition,
    javascript_syntax_error,
    run,
)

__all__ = [
    "EVALUATOR_NAMES",
    "FIRST_TRY",
    "FULL_LIMITS",
    "BudgetExceeded",
    "Evaluator",
    "Limits",
    "MissingEngine",
    "Script",
    "ScriptAnswer",
    "ScriptError",
    "UnknownEvaluator",
    "as_condition",
    "evaluator",
    "event_condition",
    "javascript_syntax_error",
    "run",
]
