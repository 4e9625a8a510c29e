"""The evaluator `value-param`: the expression names a field of the input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conductor_emulator.scripting.evaluator import FULL_LIMITS, Limits, ScriptAnswer


class ValueParamEvaluator:
    """The value of the input's field with that name; None when there is none."""

    def evaluate(self, source: str, bindings: Any, limits: Limits = FULL_LIMITS) -> ScriptAnswer:
        if not isinstance(bindings, Mapping):
            return ScriptAnswer(error="Input has to be a JSON object")
        return ScriptAnswer(bindings.get(source))
