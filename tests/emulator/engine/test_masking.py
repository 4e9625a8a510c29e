from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.engine.masking import ALWAYS_MASKED, masked

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["a", "b", "_masked"]), inner),
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"card": 1, "name": "n"}, {"card": "***", "name": "n"}),
        ({"card": None}, {"card": "***"}),
        ({"in": [{"card": {"x": 1}}]}, {"in": [{"card": "***"}]}),
        ({"_secrets": {"k": "v"}, "_masked": [1]}, {"_secrets": "***", "_masked": "***"}),
        ("card", "card"),
        ("Bearer ${workflow.secrets.token}", "Bearer ***"),
        ({"key": "${workflow.secrets.a.b}"}, {"key": "***"}),
        ({"key": "${workflow.input.card}"}, {"key": "${workflow.input.card}"}),
    ],
)
def test_what_is_shown(value: Any, shown: Any) -> None:
    assert masked(value, ALWAYS_MASKED | {"card"}) == shown


@given(_JSON)
def test_nothing_is_copied_where_nothing_is_hidden(value: Any) -> None:
    assert masked(value, frozenset()) is value


@given(_JSON)
def test_masking_twice_changes_nothing_more(value: Any) -> None:
    once = masked(value, ALWAYS_MASKED)
    assert masked(once, ALWAYS_MASKED) == once


def test_an_execution_knows_what_it_hides(lab: Any, orkes: Any) -> None:
    task = {"name": "n", "taskReferenceName": "n", "type": "NOOP"}
    fields = {"maskedFields": ["card"]}
    assert lab.run(task, **fields).masked_fields is None
    assert orkes.run(task, **fields).masked_fields == {"card", "_secrets", "_masked"}
