"""What holds for every test: the machine's own settings do not reach it, and laws have no deadline in real time."""

from __future__ import annotations

import os

import hypothesis
import pytest

hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CONDUCTOR_")]:
        monkeypatch.delenv(name)
