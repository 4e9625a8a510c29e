"""Methods of Java's lists and maps that a script took for JavaScript's: ``$.nums.sort()``."""

from __future__ import annotations

import re
from typing import Final

from conductor_pytest.explanation import Explanation
from conductor_pytest.rules import plain_reference
from conductor_pytest.script_names import script_of
from conductor_sdk import Task

_ARITY: Final = re.compile(
    r"(?:invokeMember \((\w+)\) on |execute on )(java\.util\.(?:ArrayList|LinkedHashMap))(?:\.(\w+))? failed due to: "
    r"Arity error - expected: (\S+) actual: (\d+)"
)
_OF_NULL: Final = re.compile(r"Cannot read property '[^']*' of null")
_LOSSY: Final = "to Java type 'int': Invalid or lossy primitive coercion"
#: A list of the input, of which something is taken after it was sorted.
_SORTED: Final = re.compile(r"(\$(?:\.\w+|\[[^\]]*\])+)\.sort\s*\(")


def java_methods(task: Task) -> list[Explanation]:
    """One sentence for a task that failed because Java's method is not JavaScript's."""
    reason, name = task.reason_for_incompletion or "", f"the script of {task.task_type} `{plain_reference(task)}`"
    script = script_of(task)
    if arity := _ARITY.search(reason):
        method, wanted = arity[1] or arity[3], arity[4]
        noun = "argument" if wanted == "1" else "arguments"
        says = f"{name} calls Java's `{method}`, which takes {wanted} {noun}, not {arity[5]}"
        if arity[2].endswith("ArrayList"):
            rest = "" if arity[5] == "0" else "…"
            says += f"; copy it first: `[...{_called_on(script, method)}].{method}({rest})`"
        return [Explanation(says, True)]
    if (sorts := _SORTED.search(script)) and (_OF_NULL.search(reason) or _LOSSY in reason):
        why = "wants whole numbers" if _LOSSY in reason else "sorts in place and answers null"
        return [Explanation(f"{name} calls Java's `sort`, which {why}; copy it first: `[...{sorts[1]}].sort(…)`", True)]
    return []


def _called_on(script: str, method: str) -> str:
    found = re.search(rf"(\$(?:\.\w+|\[[^\]]*\])+)\??\.{method}\b", script)
    return found[1] if found else "list"
