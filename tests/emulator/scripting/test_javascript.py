"""JavaScript: the server's engine on one side, isolation, limits and threads on the other."""

from __future__ import annotations

import json
import resource
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conductor_emulator.expressions import ServerObject
from conductor_emulator.scripting import FIRST_TRY, BudgetExceeded, Limits, evaluator, javascript
from conductor_emulator.scripting.evaluator import FULL_LIMITS
from conductor_emulator.scripting.javascript import JavaScriptEvaluator

_LIBRARY = json.loads(Path(__file__).with_name("library_javascript.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("script", "answer"), _LIBRARY["answers"], ids=[script for script, _ in _LIBRARY["answers"]])
def test_as_the_servers_engine_answers(script: str, answer: dict[str, Any]) -> None:
    given = evaluator("javascript").evaluate(script, _LIBRARY["input"])
    assert given.error == answer.get("error")
    assert json.dumps(given.value, sort_keys=True) == json.dumps(answer.get("value"), sort_keys=True)


def value(engine: JavaScriptEvaluator, script: str, data: Any = None) -> Any:
    answer = engine.evaluate(script, data or {})
    assert answer.error is None, answer.error
    return answer.value


@pytest.mark.parametrize(
    ("first", "then", "clean"),
    [
        ("x = 5", "typeof x", "undefined"),
        ("this.y = 5", "typeof y", "undefined"),
        ("globalThis.z = 1", "typeof z", "undefined"),
        (
            "var v = 1; let l = 2; const c = 3; function f() {}",
            "typeof v + typeof l + typeof c + typeof f",
            "undefined" * 4,
        ),
        ("Array.prototype.foo = 1", "typeof [].foo", "undefined"),
        ("Math.max = 5", "Math.max(1, 2)", 2),
        ("const M = Math; M.max = 5; M.extra = 1", "Math.max(1, 2) + typeof Math.extra", "2undefined"),
        ("const p = [].__proto__; p.map = 5", "[1].map(x => x)", [1]),
        ("Object.prototype.bad = 1", "var r = []; for (var k in {}) r.push(k); r", []),
        ("const key = 'proto' + 'type'; Array[key].map = 5", "[1].map(x => x)", [1]),
        ("({})['__pro' + 'to__'].bad = 1", "typeof ({}).bad", "undefined"),
        ("parseInt = 5", "parseInt('7')", 7),
        ("JSON.parse = null", "JSON.parse('1')", 1),
        ("delete Math.max", "Math.max(1, 2)", 2),
        ("$ = 5", "$.a", 1),
    ],
)
def test_scripts_see_nothing_of_one_another(first: str, then: str, clean: Any) -> None:
    engine = JavaScriptEvaluator()
    engine.evaluate(first, {"a": 1})
    assert value(engine, then, {"a": 1}) == clean


@pytest.mark.parametrize(
    ("script", "result"),
    [
        ("Array.prototype.last = function () { return this[this.length - 1] }; [1, 2].last()", 2),
        ("var e = new Error('a'); e.name = 'Mine'; e.message = 'b'; String(e)", "Mine: b"),
        ("class P { toString() { return 'p' } }; '' + new P()", "p"),
        ("var o = {}; o.toString = () => 'z'; '' + o", "z"),
        ("var o = {}; o.constructor = 1; o.valueOf = () => 3; o + o.constructor", 4),
        ("class E extends Error { constructor(m) { super(m); this.name = 'E' } }; new E('x') instanceof Error", True),
        ("typeof keys + typeof text + typeof run + typeof wrap", "undefined" * 4),
        ("arguments.length", 0),
    ],
)
def test_what_isolation_must_not_break(script: str, result: Any) -> None:
    assert value(JavaScriptEvaluator(), script) == result


def test_the_input_is_not_changed() -> None:
    data = {"m": {"k": 1}, "l": [1]}
    assert value(JavaScriptEvaluator(), "$.m.k = 2; $.l.push(3); $.added = 1; $.m.k", data) == 2
    assert data == {"m": {"k": 1}, "l": [1]}


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("if ($.a) throw 'x'\nelse\n throw 'y'", 3),
        ("if (!$.a) throw 'x'\nelse\n throw 'y'", 1),
        ("\n\nthrow 'z'", 3),
    ],
)
def test_the_line_of_a_thrown_text(script: str, line: int) -> None:
    answer = JavaScriptEvaluator().evaluate(script, {"a": 0})
    assert str(answer.error).endswith(f"at line {line}")


def test_a_first_try_over_its_budget_raises_and_the_context_lives_on() -> None:
    engine = JavaScriptEvaluator()
    with pytest.raises(BudgetExceeded):
        engine.evaluate("while (true) {}", {}, FIRST_TRY)
    assert value(engine, "1 + 1") == 2


def test_an_endless_script_is_answered_as_the_server_does() -> None:
    answer = JavaScriptEvaluator().evaluate("while (true) {}", {}, Limits(seconds=0.05))
    assert answer.timed_out
    assert answer.error == "Script not evaluated within 0 seconds, interrupted."


_FILLS_MEMORY = "var a = []; while (true) a.push('x'.repeat(10000) + a.length)"


def test_endless_allocation_ends_in_an_error_that_says_so() -> None:
    engine = JavaScriptEvaluator()
    for evaluate in (engine.evaluate, engine.evaluate_body):
        answer = evaluate(_FILLS_MEMORY, {}, Limits(memory_bytes=16 * 1024 * 1024))
        assert answer.error == "Script not evaluated: it took more than 16 MB of memory."
        assert not answer.timed_out
        with pytest.raises(BudgetExceeded, match="more than 4 MB"):
            evaluate(_FILLS_MEMORY, {}, Limits(memory_bytes=4 * 1024 * 1024, is_budget=True))
    assert value(engine, "1") == 1
    assert engine.evaluate("throw null", {}).error == "Error evaluating the script `null` at line 1"


_TOO_DEEP = "Error evaluating the script `RangeError: Maximum call stack size exceeded`"


def in_this_thread(work: Callable[[], None]) -> None:
    work()


def in_another_thread(work: Callable[[], None]) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


@pytest.mark.parametrize("run", [in_this_thread, in_another_thread])
@pytest.mark.parametrize("limits", [FULL_LIMITS, replace(FIRST_TRY, seconds=10)])
def test_calls_inside_calls_go_as_deep_as_on_the_server(
    run: Callable[[Callable[[], None]], None], limits: Limits
) -> None:
    def work() -> None:
        engine = JavaScriptEvaluator()
        for call in ("function f(n) { return n == 0 ? 0 : 1 + f(n - 1) }", "const f = n => n == 0 ? 0 : 1 + f(n - 1);"):
            assert engine.evaluate(f"{call} f(1465)", {}, limits).value == 1465
        through_map = "function f(n) { return n == 0 ? 0 : [1].map(() => 1 + f(n - 1))[0] }"
        assert engine.evaluate(f"{through_map} f(239)", {}, limits).value == 239
        for endless in (
            "(function f(n) { return f(n + 1) + 1 })(0)",
            f"{through_map} f(-1)",
            "({get a() { return this.a }}).a",
        ):
            assert engine.evaluate(endless, {}, limits).error == f"{_TOO_DEEP} at line 1"
        assert engine.evaluate("1", {}, limits).value == 1

    run(work)


@pytest.mark.parametrize("more", ["a = [a]", "a = {a: a, b: 1}"])
def test_a_result_may_be_deep_but_not_without_end(more: str) -> None:
    engine = JavaScriptEvaluator()
    script = "var a = [1]; for (var i = 0; i < %d; i++) " + more + "; a"
    assert engine.evaluate(script % 300, {}).error is None
    for levels in (600, 1500, 4000, 100_000):
        assert engine.evaluate(script % levels, {}).error == _TOO_DEEP


@pytest.mark.parametrize(
    ("stack_size", "of_main", "taken"),
    [(0, 8, 4), (0, 64, 4), (0, 2, 1), (0, -1, 1), (4, 8, 2), (16, 8, 4)],
)
def test_a_script_takes_at_most_half_of_its_threads_stack(
    monkeypatch: pytest.MonkeyPatch, stack_size: int, of_main: int, taken: int
) -> None:
    monkeypatch.setattr(javascript, "_stacks_are_known", lambda: True)
    monkeypatch.setattr(threading, "stack_size", lambda: stack_size << 20)
    of_main = resource.RLIM_INFINITY if of_main < 0 else of_main << 20
    monkeypatch.setattr(resource, "getrlimit", lambda _: (of_main, of_main))
    assert javascript._stack_bytes(FULL_LIMITS) == taken << 20


def test_where_nothing_is_known_of_stacks_a_script_takes_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(javascript, "_stacks_are_known", lambda: False)
    assert javascript._stack_bytes(FULL_LIMITS) == 512 * 1024


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("for (k in {a: 1}) ;", "k"),
        ("Object.assign(this, {q: 1})", "q"),
        (r"(()=>0)[`constructor`]('x\x3d1')()", "x"),
        ("y = 1", "y"),
        ("z++", "z"),
        ("[w] = [1]", "w"),
    ],
)
def test_no_global_name_is_left_for_the_next_script(script: str, name: str) -> None:
    engine = JavaScriptEvaluator()
    engine.evaluate(script, {})
    assert value(engine, f"typeof {name}") == "undefined"


def test_evaluators_of_a_thread_share_its_contexts(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Limits] = []
    new_context = javascript._new_context

    def counted(limits: Limits, *, shared: bool) -> Any:
        made.append(limits)
        return new_context(limits, shared=shared)

    monkeypatch.setattr(javascript, "_new_context", counted)

    def work() -> None:
        for _ in range(5):  # as each test does: a definition is checked, then its script runs
            engine = JavaScriptEvaluator()
            assert engine.syntax_error("$.a +") is not None
            assert engine.evaluate("$.a", {"a": 1}, Limits(memory_bytes=4 * 1024 * 1024)).value == 1

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()
    assert len(made) == 2


def test_a_thread_keeps_few_contexts() -> None:
    for megabytes in range(8, 16):
        assert value_within(JavaScriptEvaluator(), Limits(memory_bytes=megabytes * 1024 * 1024)) == 1
    assert len(javascript._contexts()) <= 3


def test_what_a_large_input_leaves_takes_no_memory_from_a_first_try() -> None:
    engine = JavaScriptEvaluator()
    for _ in range(3):
        assert value(engine, "$.l.length", {"l": [{"a": n} for n in range(30_000)]}) == 30_000
        assert value(engine, "var a = []; for (var i = 0; i < 100000; i++) a.push({i: i, a: a}); a.length") == 100_000
        assert value_within(engine, Limits(memory_bytes=4 * 1024 * 1024)) == 1


def value_within(engine: JavaScriptEvaluator, limits: Limits) -> Any:
    return engine.evaluate("1", {}, limits).value


def test_threads_do_not_mix() -> None:
    engine = JavaScriptEvaluator()
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda n: value(engine, "seen = $.n; $.n * 2", {"n": n}), range(200)))
    assert results == [n * 2 for n in range(200)]


def test_long_numbers_pass_exactly() -> None:
    engine = JavaScriptEvaluator()
    data = {"id": 9007199254740993, "list": [9223372036854775807]}
    assert value(engine, "({id: $.id, l: $.list})", data) == {"id": 9007199254740993, "l": [9223372036854775807]}
    assert value(engine, "'order-' + $.id", data) == "order-9007199254740993"
    assert value(engine, "$.id === $.id", data) is True


def test_results_are_in_hash_order() -> None:
    assert list(value(JavaScriptEvaluator(), "({k: 1, n: 2, z: 3, sub: 4})")) == ["sub", "z", "k", "n"]


@pytest.mark.parametrize("data", [{"t": "a\ud800b"}, {"n": 2**80}, {"t": "\u2028\u0000é🙂"}])
def test_odd_input_gets_through(data: dict[str, Any]) -> None:
    assert JavaScriptEvaluator().evaluate("1", data).value == 1


def _failed_execution() -> ServerObject:
    task = {"taskId": "t1", "status": "COMPLETED", "referenceTaskName": "pay"}
    fields = {"status": "FAILED", "input": {"order": "O1"}, "workflowDefinition": {"name": "m"}, "tasks": [task]}
    return ServerObject(fields, "m.1/id.FAILED")


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        ("$.w.status === undefined", True),
        ("$.w.workflowId + $.w.input", "NaN"),
        ("typeof $.w", "object"),
        ("'' + $.w + $.l", "m.1/id.FAILED[m.1/id.FAILED]"),
        ("JSON.stringify($.w)", "{}"),
        ("$.w.status = 'x'; $.w.status", None),
        ("'status' in $.w", False),
        ("$.w == $.l[0]", True),
        ("Object.keys($.w).length", 75),
        ("$.l.map(w => w.status)", [None]),
        ("$.w.getStatus() == 'FAILED'", True),
        ("$.w.getInput().order", "O1"),
        ("$.w.getTasks()[0].getStatus() + $.w.getTasks().size()", "COMPLETED1"),
        ("'' + $.w.getTaskByRefName('pay') + $.w.getTaskByRefName('ship')", "t1null"),
        ("$.w.getWorkflowDefinition().getName()", "m"),
        ("$.w.getCorrelationId()", None),
        ("$.w.toShortString()", "m.1/id"),
    ],
)
def test_a_closed_object_shows_its_methods_and_no_fields(script: str, answer: Any) -> None:
    failed = _failed_execution()
    assert value(JavaScriptEvaluator(), script, {"w": failed, "l": [failed]}) == answer


def test_a_field_of_a_closed_object_is_undefined() -> None:
    answer = JavaScriptEvaluator().evaluate("$.w.input.order", {"w": _failed_execution()})
    assert "TypeError: Cannot read property 'order' of undefined` at line 1" in (answer.error or "")


def test_an_object_that_is_open_is_a_map() -> None:
    failed = _failed_execution()
    failed.is_closed = False
    assert value(JavaScriptEvaluator(), "$.w.status + $.w.input.order", {"w": failed}) == "FAILEDO1"


def test_a_closed_object_stays_in_its_place_when_the_script_changes_the_input() -> None:
    failed = _failed_execution()
    left = JavaScriptEvaluator().evaluate_body("$.y = 1; return $.w.status", {"w": failed, "l": [failed]}).bindings
    assert (left["y"], left["w"] is failed, left["l"][0] is failed) == (1, True, True)


@pytest.mark.parametrize(
    ("script", "result"),
    [
        (r"'a\u0000b'", "a\0b"),
        (r"'\u0000' + $.zero", "\0\0"),
        (r"'\ud83d\ude00'", "\U0001f600"),
        (r"'\ud83d'", "\ud83d"),
        (r"['\udc00', '\0']", ["\udc00", "\0"]),
        ("$.half", "a\ud800b"),
        ("$.half.length + ':' + $.half.charCodeAt(1)", "3:55296"),
        ("'\ud800\0'.length", 2),
    ],
)
def test_zeros_and_halves_of_characters_go_in_and_out(script: str, result: Any) -> None:
    answer = JavaScriptEvaluator().evaluate(script, {"half": "a\ud800b", "zero": "\0"})
    assert (answer.value, answer.error) == (result, None)
