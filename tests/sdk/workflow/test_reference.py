from __future__ import annotations

import copy
import itertools
import json
import pickle
from typing import Any

import pytest

from conductor_sdk import ConductorWorkflow, DefinitionError, HttpInput, Reference, SimpleTask, StartWorkflowRequest
from conductor_sdk.models import workflow_def as models
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
    assert reference == Reference("a.output")
    assert reference != Reference("b.output")
    assert {reference: 1, str(reference): 2} == {Reference("a.output"): 1, "${a.output}": 2}
    assert HttpInput(reference) == HttpInput(Reference("a.output")) != HttpInput(Reference("b.output"))
    assert len({reference, Reference("a.output")}) == 1
    assert repr(reference) == "Reference('${a.output}')"
    assert copy.deepcopy(reference) == pickle.loads(pickle.dumps(reference)) == reference  # noqa: S301 - our own bytes
    assert callable(reference) is False
    with pytest.raises(TypeError):
        list(reference)  # type: ignore[call-overload]
    with pytest.raises(AttributeError):
        _ = reference.__wrapped__


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (lambda r: r == 5, "compared with 5"),
        (lambda r: r != "Oslo", "compared with 'Oslo'"),
        (lambda r: r == None, "compared with None"),  # noqa: E711 - what a user may write
        (lambda r: 0.5 == r, "compared with 0.5"),  # noqa: SIM300 - the other side asks
        (lambda r: r < 5, "compared with 5"),
        (lambda r: 5 < r, "compared with 5"),  # noqa: SIM300
        (lambda r: r >= Reference("b.output"), "compared with Reference"),
        (lambda r: r in ["Oslo", "Rom"], "compared with 'Oslo'"),
        (lambda r: "Oslo" in r, "searched for 'Oslo'"),
        (lambda r: 1 if r else 2, "a condition of Python"),
        (lambda r: not r, "a condition of Python"),
        (lambda r: r + 1, "computed with"),
        (lambda r: "Dear " + r, "computed with"),
        (lambda r: 2 * r, "computed with"),
        (lambda r: -r, "computed with"),
        (int, "computed with"),
        (len, "computed with"),
    ],
    ids=itertools.count(),
)
def test_their_value_is_not_known_in_python(use: Any, said: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        use(Reference("a.output.x"))
    assert str(caught.value).startswith(f"${{a.output.x}} cannot be {said}")
    assert "SwitchTask" in str(caught.value)


def test_they_may_stand_in_models() -> None:
    reference = Reference("a.output.x")
    assert StartWorkflowRequest(name="w", input={"a": reference}).to_dict()["input"] == {"a": str(reference)}
    task = models.WorkflowTask(name="a", items=reference, description=None)
    assert task.to_dict()["items"] == str(reference)


def test_references_are_found_in_values() -> None:
    value = {"a": ["${x.output} and ${y.input.z}", 5], "b": "$${no}", "c": "${a", "d": {"e": "${${in}.x}"}}
    assert references_in(value) == ["x.output", "y.input.z", "in"]
