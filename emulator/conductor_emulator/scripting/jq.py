"""JSON_JQ_TRANSFORM's queries, evaluated as the server's library does (jackson-jq 0.0.13).

Real jq is another dialect. Of 551 probes that the server's library answered (``library_jq.json`` beside the tests) both
jq 1.8 and its re-implementation in Python answer every sixth otherwise: 43 and 46 succeed where the server fails, 36
and 32 have another value. A workflow tested with them may fail on a cluster; so this is the library's own dialect, in
Python: nothing to install, integers exact, and an endless query is stopped.
"""

from __future__ import annotations

import logging
import math
import time
from functools import lru_cache
from typing import Any

from conductor_emulator.expressions.java_text import java_text
from conductor_emulator.scripting import jq_text_functions as _jq_text_functions  # noqa: F401  # fills FUNCTIONS
from conductor_emulator.scripting.evaluator import FULL_LIMITS, BudgetExceeded, Limits, ScriptAnswer
from conductor_emulator.scripting.jq_functions import FUNCTIONS
from conductor_emulator.scripting.jq_syntax import parse_query
from conductor_emulator.scripting.jq_tree import Environment, Meter, Query
from conductor_emulator.scripting.jq_values import JqError, is_number, wrapped

_log = logging.getLogger("conductor_emulator.scripting")


class _TimeUp(Exception):
    pass


class JqEvaluator:
    """The value of the answer is the task's output: `{"result": first or None, "resultList": all}`."""

    def evaluate(self, source: str, bindings: Any, limits: Limits = FULL_LIMITS) -> ScriptAnswer:
        end = time.thread_time() + limits.seconds

        def check() -> None:
            if time.thread_time() > end:
                raise _TimeUp

        try:
            found = _compiled(source).run(bindings, Environment(Meter(check), {}, FUNCTIONS))
        except JqError as error:
            return ScriptAnswer(error=str(error))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):  # what no function has refused
            _log.warning("not refused by a function of jq: %s", source, exc_info=True)
            return ScriptAnswer(error="The query does not fit its input")
        except RecursionError:
            return ScriptAnswer(error="The query nests too deeply")
        except _TimeUp:
            if limits.is_budget:
                raise BudgetExceeded(f"the query took more than {limits.seconds * 1000:.0f} ms") from None
            return ScriptAnswer(
                error=f"Query not evaluated within {limits.seconds:.0f} seconds, interrupted.", timed_out=True
            )
        results = [_outgoing(value) for value in found]
        return ScriptAnswer({"result": results[0] if results else None, "resultList": results})


@lru_cache(maxsize=1024)
def _compiled(source: str) -> Query:
    return parse_query(source)


def _outgoing(value: Any) -> Any:
    """A result as the task shows it: whole numbers in 64 bit, what JSON cannot say as text."""
    if is_number(value):
        return wrapped(value) if isinstance(value, int) else _finite(value)
    return _without_infinities(value) if isinstance(value, (list, dict)) else value


def _finite(value: float) -> float | str:
    return value if math.isfinite(value) else java_text(value)


def _without_infinities(value: Any) -> Any:
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, dict):
        return {k: _without_infinities(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_infinities(v) for v in value]
    return value
