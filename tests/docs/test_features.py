"""The table of features: every row is ours, and the test that it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.architecture.sources import ROOT
from tests.docs.pages import page

_COLUMNS = ["Go", "Python", "Java", "JS", "here"]
_NAMED = re.compile(r"`([\w/.]+\.py)::(\w+)`")


def rows() -> list[list[str]]:
    lines = [line for line in page("features.md").text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if row[0] != "feature"]


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_feature_is_ours_and_shown(row: list[str]) -> None:
    assert len(row) == len(_COLUMNS) + 2
    assert set(row[1:5]) <= {"✓", "–", "( )", "·"}
    assert row[5] == "✓"
    named: list[tuple[str, str]] = _NAMED.findall(row[6])
    assert named
    for path, test in named:
        assert test in names_in(f"tests/sdk/{path}")


def test_the_columns_are_the_sdks() -> None:
    heads = [line for line in page("features.md").text.splitlines() if line.startswith("| feature")]
    assert heads == [f"| feature | {' | '.join(_COLUMNS)} | shown by |"] * 5
