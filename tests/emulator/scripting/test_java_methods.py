"""Java's methods of the input's maps and lists: they win over JavaScript's, as the server's engine answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conductor_emulator.scripting.javascript import JavaScriptEvaluator

_RECORDED = json.loads(Path(__file__).with_name("library_java_methods.json").read_text(encoding="utf-8"))
_CLASSES = {"list": "java.util.ArrayList", "map": "java.util.LinkedHashMap"}


@pytest.mark.parametrize(("script", "answer"), _RECORDED["answers"], ids=[script for script, _ in _RECORDED["answers"]])
def test_as_the_servers_engine_answers(script: str, answer: dict[str, Any]) -> None:
    given = JavaScriptEvaluator().evaluate(script, _RECORDED["input"])
    assert given.error == answer.get("error")
    assert json.dumps(given.value, sort_keys=True) == json.dumps(answer.get("value"), sort_keys=True)


@pytest.mark.parametrize(
    ("kind", "name", "arity"),
    [(kind, name, arity) for kind, methods in _RECORDED["arity"].items() for name, arity in methods.items()],
)
def test_a_method_takes_just_so_many_arguments(kind: str, name: str, arity: str) -> None:
    least, _, most = arity.partition("-")
    for count in range(5):
        if int(least) <= count <= int(most or least):
            continue
        script = f"\n$.{kind}.{name}({', '.join('0' * count)})"
        assert JavaScriptEvaluator().evaluate(script, {"list": [3, 1, 2], "map": {"b": 1}}).error == (
            f"Error evaluating the script `TypeError: invokeMember ({name}) on {_CLASSES[kind]} failed due to: "
            f"Arity error - expected: {arity} actual: {count}` at line 2"
        )


@pytest.mark.parametrize("size", [2, 31, 32, 200])
def test_a_list_is_sorted_in_its_place(size: int) -> None:
    data = {"l": [(n * 7919) % 101 for n in range(size)]}
    answer = JavaScriptEvaluator().evaluate("$.l.sort((a, b) => a - b); $.l", data)
    assert answer.value == sorted(data["l"])


@pytest.mark.parametrize(
    ("script", "result"),
    [
        ("[$.s.remove('b'), $.s.remove('z'), $.s.remove(0), $.s]", [True, False, "a", []]),
        ("$.m.equals({b: 1, a: 2})", False),
        ("$.m.equals($.w)", True),
        ("[$.l.removeIf(x => x > 1), $.l]", [True, [1]]),
        ("$.l.replaceAll(x => x * 2); $.l", [6, 2, 4]),
        ("[$.l.addAll([7, 8]), $.l.retainAll([1, 8]), $.l]", [True, True, [1, 8]]),
        ("$.m.putFirst('z', 0); $.m.firstEntry()", ["z", 0]),
        ("'' + Object.keys + Math.max", "function keys() { [native code] }function max() { [native code] }"),
        ("'' + (x => x)", "x => x"),
    ],
)
def test_javas_methods(script: str, result: Any) -> None:
    data = {"s": ["a", "b"], "m": {"b": 1, "a": 2}, "w": {"a": 2, "b": 1}, "l": [3, 1, 2]}
    assert JavaScriptEvaluator().evaluate(script, data).value == result


def test_a_number_beyond_64_bits_is_an_object_of_methods_in_a_result_only() -> None:
    engine = JavaScriptEvaluator()
    data = {"x": 12345678901234567890, "y": 9223372036854775807}
    shown = engine.evaluate("$", data).value
    assert shown["x"]["parallelMultiply"] == {}
    assert len(shown["x"]) == 50
    assert shown["y"] == data["y"]
    assert engine.evaluate("'' + $.x", data).value == "12345678901234567890"
    assert engine.evaluate_body("$.z = 1; return 1", data).bindings == {**data, "z": 1}


@pytest.mark.parametrize(("view", "count"), [("keySet()", 27), ("values()", 25), ("entrySet()", 27)])
def test_a_view_of_a_map_is_its_methods_in_a_result(view: str, count: int) -> None:
    shown = JavaScriptEvaluator().evaluate(f"$.m.{view}", {"m": {"a": 1}}).value
    assert len(shown) == count
    assert all(method == {} for method in shown.values())
