"""What the tests of the harness have in common: an engine, and pytest inside pytest."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from conductor_pytest import Conductor


@pytest.fixture
def harness() -> Conductor:
    """An engine that nobody checks at the end."""
    return Conductor()


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Run a test file with pytest, in this process, without the project's own settings."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def run(code: str, *arguments: str, plugins: Sequence[object] = ()) -> pytest.RunResult:
        pytester.makepyfile(code)
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:randomly", *arguments, plugins=plugins)

    return run
