from __future__ import annotations

import copy
import json
import pickle

import pytest

from conductor_sdk import ConductorWorkflow, Reference, SimpleTask
from conductor_sdk.payload import dumps
from conductor_sdk.workflow.reference import references_in


def test_references_read_as_python() -> None:
    output = SimpleTask("t", "ref").output
    assert str(output) == "${ref.output}"
    assert str(output.user.email) == "${ref.output.user.email}"
    assert str(output["user"]["e-mail"]) == "${ref.output.user['e-mail']}"
    assert str(output["it's"]) == "${ref.output['it\\'s']}"
    assert str(output.items[0].count) == "${ref.output.items[0].count}"
    assert str(ConductorWorkflow().input.name) == "${workflow.input.name}"


def test_expressions_as_texts() -> None:
    task = SimpleTask("t", "ref")
    assert task.output_ref("a.b") == "${ref.output.a.b}"
    assert task.output_ref() == "${ref.output}"
    assert task.input_ref("a") == "${ref.input.a}"
    assert task.input_ref() == "${ref.input}"


def test_they_stand_anywhere() -> None:
    output = SimpleTask("t", "ref").output
    task = SimpleTask("u", "u").inputs({"a": output.x, "b": [{"c": output.y}], "d": f"Dear {output.name}!"})
    assert task.to_dict()["inputParameters"] == {
        "a": "${ref.output.x}",
        "b": [{"c": "${ref.output.y}"}],
        "d": "Dear ${ref.output.name}!",
    }
    assert json.loads(dumps({"a": output})) == {"a": "${ref.output}"}


def test_they_behave_as_values() -> None:
    reference = Reference("a.output")
    assert reference == Reference("a.output") == "${a.output}"
    assert reference != Reference("b.output")
    assert reference != 5
    assert len({reference, Reference("a.output")}) == 1
    assert repr(reference) == "Reference('${a.output}')"
    assert copy.deepcopy(reference) == pickle.loads(pickle.dumps(reference)) == reference  # noqa: S301 - our own bytes
    with pytest.raises(TypeError):
        list(reference)  # type: ignore[call-overload]
    with pytest.raises(AttributeError):
        _ = reference.__wrapped__


def test_references_are_found_in_values() -> None:
    value = {"a": ["${x.output} and ${y.input.z}", 5], "b": "$${no}", "c": "${a", "d": {"e": "${${in}.x}"}}
    assert references_in(value) == ["x.output", "y.input.z", "in"]
