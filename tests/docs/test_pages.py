"""What the pages show is what happens: their programs run, their tests pass, their links lead somewhere."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.docs.pages import PAGES, README, Page
from tests.examples.programs import run


def name(value: object) -> str:
    return value.name if isinstance(value, Page) else ""


@pytest.mark.parametrize("page", [page for page in PAGES if page.program], ids=name)
def test_the_program_of_a_page_runs(page: Page, tmp_path: Path) -> None:
    program = tmp_path / f"{page.path.stem}.py"
    program.write_text(page.program, encoding="utf-8")
    output = run(sys.executable, program, url="memory://", cwd=tmp_path)
    if page is not README:  # its program is examples/quickstart.py, which has tests of its own
        assert output == page.output


@pytest.mark.parametrize("page", [page for page in PAGES if page.tests], ids=name)
def test_the_tests_of_a_page_pass(page: Page, tmp_path: Path) -> None:
    for number, code in enumerate(page.tests):
        (tmp_path / f"test_{page.path.stem}_{number}.py").write_text(code, encoding="utf-8")
    assert " passed" in run(
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", url="memory://", cwd=tmp_path
    )


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Page) -> None:
    by_path = {other.path: other for other in PAGES}
    astray = []
    for link in page.links:
        target, _, anchor = link.partition("#")
        if "://" in target:
            continue
        path = (page.path.parent / target).resolve() if target else page.path
        if not path.exists() or (anchor and anchor not in by_path[path].anchors):
            astray.append(link)
    assert astray == []


def test_every_page_is_found_from_the_first_ones() -> None:
    linked = {link.partition("#")[0] for page in PAGES if page.path.parent == ROOT for link in page.links}
    for index in (page for page in PAGES if page.path.name == "index.md"):
        linked |= {f"{index.path.parent.relative_to(ROOT).as_posix()}/{link.partition('#')[0]}" for link in index.links}
    assert {page.name for page in PAGES if page.path.parent != ROOT} <= linked


def test_the_quickstart_is_the_example() -> None:
    assert README.blocks("python") == [(ROOT / "examples" / "quickstart.py").read_text(encoding="utf-8")]


def test_a_first_test_is_shown() -> None:
    assert len(README.tests) >= 1


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_commands_exist(page: Page) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^\$ |`)make ([a-z]+)", page.text, re.MULTILINE))
    assert named <= set(re.findall(r"^(\w+):", makefile, re.MULTILINE))


def test_the_extras_are_named_as_they_are() -> None:
    """What says `pip install 'conductor-sdk[…]'`, on a page or in an error, names an extra that there is."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = project.partition("[project.optional-dependencies]")[2].partition("\n[")[0]
    extras = set(re.findall(r"^(\w+) = \[", section, re.MULTILINE))
    folders = (ROOT / "conductor_sdk", ROOT / "emulator", ROOT / "pytest_plugin", ROOT / "examples")
    texts = [path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py")]
    named = {
        extra for text in (*texts, *(p.text for p in PAGES)) for extra in re.findall(r"conductor-sdk\[(\w+)\]", text)
    }
    assert named == extras


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_files_that_are_named_exist(page: Page) -> None:
    """A path in backquotes that begins with one of the project's folders; `<type>` and `*` stand for any name."""
    folders = "|".join(path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith("."))
    named = re.findall(rf"`((?:{folders})/[^\s`]+)`", page.text)
    assert [path for path in named if not any(ROOT.glob(re.sub(r"<\w+>", "*", path)))] == []


def test_the_numbers_of_the_readme() -> None:
    parity = ROOT / "tests" / "parity"
    pending = [
        line for line in (parity / "pending.txt").read_text(encoding="utf-8").splitlines() if line and line[0] != "#"
    ]
    assert f"{len(list((parity / 'golden').glob('*.json')))} scenarios" in README.text
    assert (
        f"{len(json.loads((parity / 'golden-fuzz.json').read_text(encoding='utf-8')))} random workflows" in README.text
    )
    assert len(pending) == 4
    assert "Four scenarios do not agree" in README.text
