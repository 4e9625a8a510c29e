"""JavaScript by QuickJS-ng, made to look like the server's GraalJS.

Each thread has an engine context that lives on from script to script: `host.js` freezes in it all that a script could
change for the next one, and removes the global names that a script leaves. A script that means to change those very
things (its text says so: `prototype`, `globalThis`, an assignment to `Math.x` …) gets a context of its own, which is
thrown away.
"""

from __future__ import annotations

import json
import platform
import re
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from typing import Any

from conductor_emulator.expressions.java_text import hash_order
from conductor_emulator.expressions.server_object import ServerObject, ServerStatus, is_closed
from conductor_emulator.scripting.evaluator import (
    FULL_LIMITS,
    BudgetExceeded,
    Limits,
    MissingEngine,
    ScriptAnswer,
)
from conductor_emulator.scripting.javascript_errors import (
    PRELUDE_LINE,
    Thrown,
    error_text,
    syntax_error_text,
    throw_lines,
)

_SAFE_INTEGER = 2**53
_MANY_DIGITS = re.compile(rb"[0-9]{16}")
_GLOBALS = (
    "Array|Object|String|Number|Boolean|Date|Math|JSON|Map|Set|WeakMap|WeakSet|WeakRef|Promise|RegExp|Symbol|BigInt|Error|"
    "[A-Z]\\w*Error|[A-Z]\\w*Array|ArrayBuffer|DataView|Intl|parseInt|parseFloat|isNaN|isFinite|encodeURI\\w*|decodeURI\\w*|"
    "escape|unescape|NaN|Infinity|undefined"
)
#: What can change the things that all scripts share.
_CHANGES_GLOBALS = re.compile(
    r"\b(?:prototype|__proto__|\w*[gs]etPrototypeOf|definePropert\w+|__define[GS]etter__|globalThis|Function|Reflect|eval|"
    r"freeze|seal|preventExtensions|delete\s+[A-Z]\w*)\b|\.\s*constructor\b|['\"]constructor['\"]|\\u"
    rf"|\bassign\s*\(\s*(?:{_GLOBALS})\b"
    rf"|(?<![\w$.])(?:{_GLOBALS})\s*(?:\.\s*\w+\s*|\[[^\]]*\]\s*)*(?:[-+*/%&|^?]|\*\*|<<|>>>?|&&|\|\||\?\?)?=(?![=>])"
    rf"|(?<![\w$.])(?:{_GLOBALS})\s*(?:\.\s*\w+\s*|\[[^\]]*\]\s*)*(?:\+\+|--)"
)
#: Characters that the engine does not take as they are: in a text of the script their escapes mean the same.
_CANNOT_GO_IN = re.compile("[\0\ud800-\udfff]")
_TEXT_BESIDE_PLUS = re.compile(r"['\"`]\s*\+|\+\s*['\"`]")
_ASKS_FOR_TYPE = re.compile(r"\btypeof\b|\bNumber\s*\.\s*is")


#: An input of so many characters is nothing beside what a script may use.
_SMALL_INPUT = 1024 * 1024
#: What one character of the input may become: the text itself, the values made of it, what is in between.
_BYTES_A_CHARACTER = 24

#: What goes into a script as more than its JSON.
_Objects = list[ServerObject | ServerStatus]
#: The key under which an object of the server goes into a script.
_OBJECT = "\u0001object"

#: Each thread has its contexts, whoever evaluates: making one takes as long as a hundred scripts.
_of_thread = threading.local()
#: A first try, the full limits, and those of a large input, which come once.
_MOST_CONTEXTS = 3

_ENDS_AT_ONCE = "throw 0;"
_THREW_NULL = 't["null"]'

#: Where nothing is known about the stacks of threads.
_SMALL_STACK = 512 * 1024
#: What a thread gets where the system sets no limit.
_STACK_OF_UNLIMITED = 2 * 1024 * 1024
#: Results go through Python code that calls itself for what is inside.
_DEEPEST_RESULT = 400


class JavaScriptEvaluator:
    """The evaluators `javascript` and `graaljs`."""

    def evaluate(self, source: str, bindings: Any, limits: Limits = FULL_LIMITS) -> ScriptAnswer:
        return self._evaluate(source, bindings, limits, keep_input=False)

    def evaluate_body(self, body: str, bindings: Any, limits: Limits = FULL_LIMITS) -> ScriptAnswer:
        """Run the body of a function, as LAMBDA does; `bindings` of the answer is the input as the body left it."""
        return self._evaluate("function scriptFun(){" + body + "} scriptFun();", bindings, limits, keep_input=True)

    def syntax_error(self, source: str) -> str | None:
        """What is wrong with the script's syntax, or None; nothing of it is run."""
        # The engine reads a script to its end before the first statement ends it.
        outcome = self._run(_ENDS_AT_ONCE + source, "null", FULL_LIMITS, False, False)
        thrown = _thrown(outcome) if isinstance(outcome, str) and outcome[0] == "e" else None
        return syntax_error_text(thrown, source, len(_ENDS_AT_ONCE)) if thrown else None

    def _evaluate(self, source: str, bindings: Any, limits: Limits, *, keep_input: bool) -> ScriptAnswer:
        data, has_longs, objects = _input_text(bindings, source)
        outcome = self._run(source, data, limits, keep_input, has_longs and bool(_TEXT_BESIDE_PLUS.search(source)))
        if isinstance(outcome, ScriptAnswer):
            return outcome
        try:
            return self._answer(outcome, source, data, limits, objects, keep_input=keep_input)
        except RecursionError:
            return ScriptAnswer(error="Error evaluating the script `RangeError: Maximum call stack size exceeded`")

    def _answer(
        self,
        outcome: str,
        source: str,
        data: str,
        limits: Limits,
        objects: _Objects,
        *,
        keep_input: bool,
    ) -> ScriptAnswer:
        left = None
        if keep_input:
            shown, _, outcome = outcome.partition("\n")
            left = _restored(_value_of(shown), objects)
        if outcome[0] == "s":
            return ScriptAnswer(outcome[1:], bindings=left)
        if outcome[0] == "j":
            return ScriptAnswer(_value_of(outcome[1:]), bindings=left)
        thrown = _thrown(outcome)
        if thrown.stack is None:
            thrown = self._with_line(thrown, source, data, limits)
        return ScriptAnswer(error=error_text(thrown, source), bindings=left)

    def _run(self, source: str, data: str, limits: Limits, keep_input: bool, plus_is_text: bool) -> str | ScriptAnswer:
        """What `run` of host.js wrote, or the answer when the script was stopped."""
        limits = _with_room_for(data, limits)
        context, run = _new_context(limits, shared=False) if _changes_globals(source) else _shared_context(limits)
        context.set_time_limit(limits.seconds)
        try:
            written: str = run(_CANNOT_GO_IN.sub(_escaped, source), data, keep_input, plus_is_text)
        except _js_errors() as error:
            # Only what a script cannot catch arrives here: the context may be in the middle of anything.
            _contexts().pop((limits.memory_bytes, limits.stack_bytes), None)
            if "out of memory" in str(error):  # the input alone needs more
                return _out_of_memory(limits)
            if "interrupted" not in str(error):
                return ScriptAnswer(error=f"Error evaluating the script `{str(error).splitlines()[0]}`")
            if limits.is_budget:
                raise BudgetExceeded(f"the script took more than {limits.seconds * 1000:.0f} ms") from None
            return ScriptAnswer(
                error=f"Script not evaluated within {limits.seconds:.0f} seconds, interrupted.", timed_out=True
            )
        if _tells_out_of_memory(written.partition("\n")[2] if keep_input else written, source):
            _contexts().pop((limits.memory_bytes, limits.stack_bytes), None)
            return _out_of_memory(limits)
        return written

    def _with_line(self, thrown: Thrown, source: str, data: str, limits: Limits) -> Thrown:
        """A thrown value that is no error has no stack: where several lines could have thrown it, they are told apart
        by running the script once more, each `throw` telling where it is."""
        lines = throw_lines(source)
        if len(lines) < 2:
            return thrown.at_line(lines[0] if lines else 1)
        marks = iter(lines)
        told = re.sub(r"\bthrow\b", lambda _: f"throw ($\u3164 = {next(marks)}, undefined) || ", source)
        again = self._run(
            f"var $\u3164 = 1; try {{ eval({json.dumps(told)}) }} catch (e) {{ $\u3164 }}", data, limits, False, False
        )
        number = again[1:] if isinstance(again, str) and again.startswith("j") else ""
        return thrown.at_line(int(number) if number.isdigit() else lines[0])


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


@lru_cache(maxsize=512)
def _changes_globals(source: str) -> bool:
    """Whether a script may change what all scripts share."""
    return _CHANGES_GLOBALS.search(source) is not None


def _with_room_for(data: str, limits: Limits) -> Limits:
    """A large input takes memory before the script begins; what it may take itself stays the same."""
    if limits.is_budget or len(data) <= _SMALL_INPUT:
        return limits
    return replace(limits, memory_bytes=limits.memory_bytes + _BYTES_A_CHARACTER * len(data))


def _tells_out_of_memory(written: str, source: str) -> bool:
    """Whether a script failed for want of memory. With none left for an error, the engine throws null."""
    if written[0] == "t":
        return written == _THREW_NULL and "throw" not in source
    return written[0] == "e" and "out of memory" in written


def _out_of_memory(limits: Limits) -> ScriptAnswer:
    megabytes = limits.memory_bytes / (1024 * 1024)
    if limits.is_budget:
        raise BudgetExceeded(f"the script took more than {megabytes:.0f} MB") from None
    return ScriptAnswer(error=f"Script not evaluated: it took more than {megabytes:.0f} MB of memory.")


@lru_cache(maxsize=1)
def _stacks_are_known() -> bool:
    """Whether threads get as much as the main thread, or more."""
    return sys.platform == "darwin" or platform.libc_ver()[0] == "glibc"


def _stack_bytes(limits: Limits) -> int:
    """What the limits allow, but at most half of this thread's stack: the rest is the caller's."""
    if not _stacks_are_known():
        return min(limits.stack_bytes, _SMALL_STACK)
    import resource

    soft = resource.getrlimit(resource.RLIMIT_STACK)[0]
    of_main = _STACK_OF_UNLIMITED if soft == resource.RLIM_INFINITY else soft
    return min(limits.stack_bytes, (threading.stack_size() or of_main) // 2, of_main // 2)


def _quickjs() -> Any:
    try:
        import quickjs
    except ImportError:
        raise MissingEngine(
            "JavaScript needs the package quickjs-ng: install it with `pip install 'conductor-sdk[js]'`"
        ) from None
    return quickjs


@lru_cache(maxsize=1)
def _js_errors() -> tuple[type[BaseException], ...]:
    quickjs = _quickjs()
    return (quickjs.JSException, quickjs.StackOverflow)


@lru_cache(maxsize=1)
def _prelude() -> str:
    # The empty lines tell the prelude's frames in a stack from the script's.
    return "\n" * PRELUDE_LINE + resources.files(__package__).joinpath("host.js").read_text(encoding="utf-8").rstrip()


def _new_context(limits: Limits, *, shared: bool) -> tuple[Any, Any]:
    """A fresh engine context and its `run`."""
    context = _quickjs().Context()
    context.set_memory_limit(limits.memory_bytes)
    context.set_max_stack_size(_stack_bytes(limits))
    # `evaluate` is made out here: a script must not see the prelude's names.
    evaluate = "(function () { return (\u3164) => eval(\u3164) })()"
    return context, context.eval(f"{_prelude()}({'true' if shared else 'false'}, {evaluate})")


def _shared_context(limits: Limits) -> tuple[Any, Any]:
    """The thread's own engine context for these limits and its `run`; it ends with the thread.

    A context keeps its limit of memory: what lies about in it may be more than a smaller one allows.
    """
    key = (limits.memory_bytes, limits.stack_bytes)
    contexts = _contexts()
    known = contexts.pop(key, None)
    if known is None:
        known = _new_context(limits, shared=True)
        if len(contexts) >= _MOST_CONTEXTS:
            del contexts[next(iter(contexts))]
    contexts[key] = known
    return known


def _contexts() -> dict[tuple[int, int], tuple[Any, Any]]:
    """The contexts of this thread by their limits, the one used last at the end."""
    try:
        return _of_thread.contexts  # type: ignore[no-any-return]
    except AttributeError:
        _of_thread.contexts = {}
        return _of_thread.contexts  # type: ignore[no-any-return]


def _input_text(bindings: Any, source: str) -> tuple[str, bool, _Objects]:
    """The input as JSON, whether it holds whole numbers that a double cannot carry (they go as tagged texts), and the
    objects of the server in it (each goes as its place in this list, its text and its fields, which a status has
    not)."""
    objects: _Objects = []
    try:
        import orjson

        data = orjson.dumps(bindings, _open_map, orjson.OPT_PASSTHROUGH_SUBCLASS)
    except (ImportError, TypeError, ValueError):  # numbers beyond 64 bit, among others
        bindings = _tag_objects(bindings, objects)
        data = json.dumps(bindings).encode()
    if _MANY_DIGITS.search(data) and not _ASKS_FOR_TYPE.search(source):
        tagged = _tag_longs(bindings)
        if tagged is not bindings:
            return json.dumps(tagged), True, objects
    return data.decode(), False, objects


def _open_map(value: Any) -> Any:
    if isinstance(value, dict) and not is_closed(value):
        return dict(value)
    raise TypeError


def _tag_objects(value: Any, objects: _Objects) -> Any:
    if is_closed(value):
        return {_OBJECT: [_place(value, objects), value.text, dict(value)]}
    if type(value) is ServerStatus:
        return {_OBJECT: [_place(value, objects), str(value), None]}
    if isinstance(value, Mapping):
        return {k: _tag_objects(v, objects) for k, v in value.items()}
    return [_tag_objects(v, objects) for v in value] if isinstance(value, list) else value


def _place(value: ServerObject | ServerStatus, objects: _Objects) -> int:
    if not any(value is known for known in objects):
        objects.append(value)
    return next(i for i, known in enumerate(objects) if value is known)


def _restored(value: Any, objects: _Objects) -> Any:
    """The input as a script left it, with the objects of the server in their places."""
    if not objects:
        return value
    if isinstance(value, dict):
        if _OBJECT in value:
            known = objects[value[_OBJECT]]
            return str(known) if type(known) is ServerStatus else known
        return {k: _restored(v, objects) for k, v in value.items()}
    return [_restored(v, objects) for v in value] if isinstance(value, list) else value


def _tag_longs(value: Any) -> Any:
    if isinstance(value, Mapping):
        changed = {k: new for k, v in value.items() if (new := _tag_longs(v)) is not v}
        return {**value, **changed} if changed else value
    if isinstance(value, list):
        items = [_tag_longs(v) for v in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if isinstance(value, int) and abs(value) > _SAFE_INTEGER:
        return {"\u0001long": str(value)}
    return value


def _value_of(text: str) -> Any:
    """A result; its maps are in the order of the server's hash maps. Raises ``RecursionError`` when it is too deep."""
    return _ordered(json.loads(text), _DEEPEST_RESULT) if text[0] in "{[" else json.loads(text)


def _ordered(value: Any, levels: int) -> Any:
    if levels == 0:
        raise RecursionError
    if isinstance(value, dict):
        if len(value) > 1:
            return {key: _ordered(value[key], levels - 1) for key in hash_order(value)}
        return {key: _ordered(item, levels - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_ordered(item, levels - 1) if isinstance(item, (dict, list)) else item for item in value]
    return value


def _thrown(outcome: str) -> Thrown:
    parts = json.loads(outcome[1:])
    if outcome[0] == "t":
        return Thrown(name="", message=parts[0])
    return Thrown(name=parts[0], message=parts[1], stack=parts[2], made_by_script=parts[3])
