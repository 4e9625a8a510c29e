from __future__ import annotations

from typing import Any

import pytest


def _update(given: Any) -> dict[str, Any]:
    return {"name": "u", "taskReferenceName": "u", "type": "UPDATE_SECRET", "inputParameters": {"_secrets": given}}


@pytest.mark.parametrize(("value", "kept"), [("abcd", "abcd"), (7, "7"), ("${workflow.secrets.old}", "first")])
def test_it_sets_a_secret(orkes: Any, value: Any, kept: str) -> None:
    orkes.runtime.secrets["old"] = "first"
    run = orkes.run(_update({"secretKey": "token", "secretValue": value}))
    assert (run.status, run.output, orkes.runtime.secrets["token"]) == ("COMPLETED", {}, kept)


@pytest.mark.parametrize("given", [None, {}, {"secretKey": "k"}, {"secretValue": "v"}, "text"])
def test_half_a_secret_fails_it(orkes: Any, given: Any) -> None:
    run = orkes.run(_update(given))
    assert (run.status, orkes.runtime.secrets) == ("FAILED", {})
