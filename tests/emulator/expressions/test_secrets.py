from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.expressions import substitute_secrets

SECRETS = {"pw": "hunter2", "json": '{"user": {"name": "ann"}}'}


@pytest.mark.parametrize(
    ("value", "becomes"),
    [
        ("${workflow.secrets.pw}", "hunter2"),
        ("${workflow.secrets.absent}", None),
        ("db://${workflow.secrets.pw}@h", "db://hunter2@h"),
        ("db://${workflow.secrets.absent}@h", "db://@h"),
        ("${workflow.secrets.json.user.name}", "ann"),
        ("${workflow.secrets.pw.user}", None),
        ({"a": ["${workflow.secrets.pw}", 1]}, {"a": ["hunter2", 1]}),
    ],
)
def test_substituted(value: Any, becomes: Any) -> None:
    assert substitute_secrets(value, SECRETS.get) == becomes


def test_a_value_without_secrets_is_the_same_object() -> None:
    value = {"a": [{"b": "text ${workflow.input.x}"}], "n": 1}
    assert substitute_secrets(value, SECRETS.get) is value


def test_a_secret_is_filled_in_at_any_depth() -> None:
    deep: Any = "${workflow.secrets.pw}"
    for _ in range(5_000):
        deep = {"inner": [deep]}
    filled = substitute_secrets(deep, SECRETS.get)
    for _ in range(5_000):
        [filled] = filled["inner"]
    assert filled == SECRETS["pw"]
