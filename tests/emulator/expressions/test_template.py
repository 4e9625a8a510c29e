"""Templates: whole values, text, parameters, references, depth."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.expressions import StaticScope, compile_template, hash_order, references, resolve

SCOPE = StaticScope(
    {"workflow": {"input": {"i": 7, "s": "text", "m": {"k": "v"}, "tricky": "$${x}"}}},
    parameters={"CPEWF_TASK_ID": "t-1", "NETFLIX_STACK": "test"},
    env={"REGION": "eu", "JSON": '{"a": [1, 2]}'},
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet="ab ${}.", max_size=8).filter(lambda t: "$" not in t),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet="abc", max_size=3), inner, max_size=3),
)


@given(JSON)
def test_a_value_without_expressions_is_a_constant_and_stays_equal(value: Any) -> None:
    template = compile_template(value)
    assert template.is_constant
    assert template.resolve(SCOPE) == value
    if isinstance(value, dict):
        assert list(template.resolve(SCOPE)) == hash_order(value)
    assert template.resolve(SCOPE) is template.resolve(SCOPE)


@pytest.mark.parametrize(
    ("value", "becomes"),
    [
        ("${CPEWF_TASK_ID}", "t-1"),
        ("id ${CPEWF_TASK_ID}!", "id t-1!"),
        ("${NETFLIX_STACK}", "test"),
        ("${NETFLIX_ENV}", "${NETFLIX_ENV}"),
        ("x-${NETFLIX_ENV}", "x-${NETFLIX_ENV}"),
        ("${HOME}", None),
        ("${workflow.env.REGION}", "eu"),
        ("${workflow.env.JSON.a[1]}", 2),
        ("${workflow.env.JSON.nope}", None),
        ("${workflow.env.REGION.a}", None),
        ("in ${workflow.env.REGION}", "in eu"),
        ("${workflow.secrets.pw}", "${workflow.secrets.pw}"),
        ("db://${workflow.secrets.pw}@h ${workflow.input.i}", "db://${workflow.secrets.pw}@h 7"),
        ("a ${workflow.input.tricky}", "a ${x}"),
        ("${workflow.input.tricky}", "$${x}"),
        ("${a ${workflow.input.i} ${workflow.input.s}", "${a ${workflow.input.i} ${workflow.input.s}"),
        ("if (x) { ${workflow.input.i} } else { '${workflow.input.s}' }", "if (x) { 7 } else { 'text' }"),
    ],
)
def test_becomes(value: Any, becomes: Any) -> None:
    assert resolve(value, SCOPE) == becomes


def test_maps_come_out_in_hash_order_and_fresh() -> None:
    template = compile_template(
        {"k": "${workflow.input.i}", "n": 1, "z": None, "sub": {"b": "${workflow.input.s}", "a": 1}}
    )
    first, second = template.resolve(SCOPE), template.resolve(SCOPE)
    assert list(first) == ["sub", "z", "k", "n"]
    assert first == second
    assert first is not second


def test_without_system_parameters_a_document_may_have_that_name() -> None:
    assert resolve("${job}", StaticScope({"job": {"output": 1}})) == {"output": 1}


def test_a_template_of_any_depth() -> None:
    deep: Any = "${workflow.input.i}"
    for i in range(10_000):
        deep = {"k": deep} if i % 2 else [deep]
    found = resolve(deep, SCOPE)
    for i in reversed(range(10_000)):
        found = found["k"] if i % 2 else found[0]
    assert found == 7


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"p": "${workflow.input.x}"}, [("workflow", "workflow.input.x", "p")]),
        ({"p": ["${nobody.output.x}"]}, [("nobody", "nobody.output.x", "p")]),
        ({"k": {"l": "${}"}}, [("", "", "l")]),
        ({"p": "$${nobody.x}"}, []),
        ({"p": "${workflow.input.i"}, []),
        ({"p": "a ${t1.output.a} b ${t2.output}"}, [("t1", "t1.output.a", "p"), ("t2", "t2.output", "p")]),
        ({"p": "${workflow.input.${a.output.k}}"}, [("a", "a.output.k", "p")]),
    ],
)
def test_references_as_the_definition_check_sees_them(value: Any, found: list[tuple[str, str, str]]) -> None:
    assert [(r.root, r.path, r.key) for r in references(value)] == found
