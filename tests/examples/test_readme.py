"""What the README shows is what happens."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.examples.programs import run

README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
TESTS = [code for code in PYTHON if "def test_" in code]
PROGRAMS = [code for code in PYTHON if code not in TESTS]


def test_the_quickstart_is_the_example() -> None:
    assert [(ROOT / "examples" / "quickstart.py").read_text(encoding="utf-8")] == PROGRAMS


@pytest.mark.parametrize("code", TESTS, ids=range(len(TESTS)))
def test_the_tests_shown_pass(code: str, tmp_path: Path) -> None:
    (tmp_path / "test_readme_example.py").write_text(code, encoding="utf-8")
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_readme_example.py")
    assert " passed" in run(*command, url="memory://", cwd=tmp_path)


def test_a_first_test_is_shown() -> None:
    assert len(TESTS) >= 1


def test_links_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", README) if "://" not in link]
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("target", ["quickstart", "test", "lint", "types", "conformance", "bench", "format"])
def test_the_commands_exist(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)
