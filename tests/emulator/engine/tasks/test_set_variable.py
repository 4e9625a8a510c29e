from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine.errors import ServerFault


def _set(reference: str = "s", **values: Any) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "SET_VARIABLE", "inputParameters": values}


def test_values_are_laid_over_the_variables(lab: Any) -> None:
    run = lab.run(_set(a={"x": 1}, b=1), _set("s2", a={"y": 2}, c="${workflow.variables.b}", d=None))
    assert run.variables == {"a": {"y": 2}, "b": 1, "c": 1, "d": None}
    assert run.tasks[1].output == {}


def test_half_a_character_is_as_good_as_any(lab: Any) -> None:
    assert lab.run(_set(t="x${workflow.input.t}"), input={"t": "\ud800"}).variables == {"t": "x\ud800"}


def test_its_own_id_stays_text(lab: Any) -> None:
    assert lab.run(_set(id="${CPEWF_TASK_ID}")).variables == {"id": "${CPEWF_TASK_ID}"}


@pytest.mark.parametrize(("size", "status"), [(262_144, "COMPLETED"), (262_145, "FAILED")])
def test_all_variables_together_have_a_limit(lab: Any, size: int, status: str) -> None:
    text = "x" * (size - len('{"a":1,"t":""}'))
    run = lab.run(_set(a=1), _set("s2", t="${workflow.input.t}"), input={"t": text})
    assert run.status == status
    if status == "FAILED":
        assert (run.variables, run.tasks[1].status) == ({"a": 1}, "FAILED_WITH_TERMINAL_ERROR")
        assert run.tasks[1].reason == (
            f"The variables payload size: {size} of workflow: {run.workflow_id} is greater than the permissible limit: "
            "256 kilobytes"
        )


@pytest.mark.parametrize("value", ["${workflow.variables}", {"deep": ["${workflow.variables}"]}])
def test_the_variables_cannot_hold_themselves(lab: Any, value: Any) -> None:
    with pytest.raises(ServerFault, match="Unable to validate variables payload size of workflow: "):
        lab.run(_set(a=1), _set("s2", all=value))
