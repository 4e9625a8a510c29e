from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(params=["on the spot", "beside"])
def scripted(lab: Any, request: pytest.FixtureRequest) -> Any:
    """A laboratory in which scripts are run on the spot, and one in which each is too long for that."""
    if request.param == "beside":
        lab.runtime.services.evaluate = lambda *_: None
    return lab
