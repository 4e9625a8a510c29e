"""The pages that a reader sees, and the programs in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.architecture.sources import ROOT

#: A fenced block at the margin: its language and its lines.
_BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
#: What a program needs and the reader does not have to see.
_SETUP = re.compile(r"^<!-- python\n(?P<code>.*?)^-->$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """One Markdown file.

    Its ```python blocks, and what stands in a `<!-- python … -->` comment, are one program from top to bottom. The
    ```text blocks are what that program prints. A block with `def test_` in it is a file of tests instead, below what
    stands above it on the page.
    """

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    def blocks(self, language: str) -> list[str]:
        """The blocks of a language that are no tests."""
        found = [block["code"] for block in _BLOCK.finditer(self.text) if block["language"] == language]
        return [code for code in found if not _is_test(code)]

    @property
    def tests(self) -> list[str]:
        """Each block of tests below what stands above it on the page."""
        above: list[re.Match[str]] = []
        found = []
        for block in _BLOCK.finditer(self.text):
            if block["language"] == "python" and _is_test(block["code"]):
                found.append(self._lines_of(*above, block))
            elif block["language"] == "python":
                above.append(block)
        return found

    @property
    def program(self) -> str:
        """The page's program, its lines with the numbers that they have on the page; empty if there is none."""
        blocks = [b for b in _BLOCK.finditer(self.text) if b["language"] == "python" and not _is_test(b["code"])]
        return self._lines_of(*blocks) if blocks else ""

    @property
    def output(self) -> str:
        """What the program prints."""
        return "".join(self.blocks("text"))

    @property
    def links(self) -> list[str]:
        return _LINK.findall(_BLOCK.sub("", self.text))

    @cached_property
    def anchors(self) -> set[str]:
        """The names by which its headings can be linked to."""
        headings = _HEADING.findall(_BLOCK.sub("", self.text))
        return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}

    def _lines_of(self, *blocks: re.Match[str]) -> str:
        lines = [""] * (self.text.count("\n") + 1)
        for block in (*_SETUP.finditer(self.text), *blocks):
            first = self.text.count("\n", 0, block.start("code"))
            for number, line in enumerate(block["code"].splitlines(), first):
                lines[number] = line
        return "\n".join(lines).rstrip() + "\n"


def _is_test(code: str) -> bool:
    return re.search(r"^(async )?def test_", code, re.MULTILINE) is not None


PAGES = [Page(path) for path in (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))]
README = next(page for page in PAGES if page.name == "README.md")


def page(name: str) -> Page:
    """The page of this name below docs."""
    return next(page for page in PAGES if page.name == f"docs/{name}")
