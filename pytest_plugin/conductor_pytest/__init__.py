"""A pytest plugin to test Conductor workflows in process, in virtual time.

Nothing is imported here until a name is asked for: the plugin is loaded by every run of pytest, used or not.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conductor_pytest.budget import Budget
    from conductor_pytest.chooser import Chooser, OldestFirst, Seeded
    from conductor_pytest.clock import Clock
    from conductor_pytest.errors import Endless, HarnessError, NoSuchTask, Stuck, UnusedRules
    from conductor_pytest.harness import Conductor
    from conductor_pytest.rules import Rule
    from conductor_pytest.runs import Run, RunTask
    from conductor_pytest.served import ConductorServer

__all__ = [
    "Budget",
    "Chooser",
    "Clock",
    "Conductor",
    "ConductorServer",
    "Endless",
    "HarnessError",
    "NoSuchTask",
    "OldestFirst",
    "Rule",
    "Run",
    "RunTask",
    "Seeded",
    "Stuck",
    "UnusedRules",
]

_HOMES = {
    "Budget": "budget",
    "Chooser": "chooser",
    "Clock": "clock",
    "Conductor": "harness",
    "ConductorServer": "served",
    "Endless": "errors",
    "HarnessError": "errors",
    "NoSuchTask": "errors",
    "OldestFirst": "chooser",
    "Rule": "rules",
    "Run": "runs",
    "RunTask": "runs",
    "Seeded": "chooser",
    "Stuck": "errors",
    "UnusedRules": "errors",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
