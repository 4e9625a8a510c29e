"""The tests beside others that this environment has; ``make neighbours`` runs all of them in one that has all."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "neighbours"


@pytest.mark.parametrize("file", ["frozen_time.py"])
def test_beside_others(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    for name in ("order.py", file):
        pytester.path.joinpath(name).write_text((FOLDER / name).read_text(encoding="utf-8"), encoding="utf-8")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist", file)
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed"}
    assert outcomes["passed"] > 20
