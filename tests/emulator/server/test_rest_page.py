"""The page about the REST surface names what there is, and calls absent what is."""

from __future__ import annotations

import re

import pytest

from conductor_emulator.server.routes import ROUTERS, ROUTES
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "rest.md").read_text(encoding="utf-8")
ABSENT = re.findall(r"`(/[\w/{}-]+)…?`", "\n".join(re.findall(r"^\| (.*?) \| (?:404|501) \|", PAGE, re.MULTILINE)))


def test_every_route_of_flavor_orkes_belongs_to_a_row() -> None:
    named = [part.removesuffix("…") for part in re.findall(r"`(?:[A-Z]+ )?(/[\w/{}-]+…?)`", PAGE)]
    resources = {path.strip("/").split("/")[0] for path in named}
    own = {route.path.removeprefix("/api").strip("/").split("/")[0] for route in ROUTES if route.flavor == "orkes"}
    assert own - resources - {"secrets-v2", "environment"} == set()


@pytest.mark.parametrize("path", ABSENT)
def test_what_is_called_absent_is(path: str) -> None:
    assert [route.path for route in ROUTERS["orkes"].routes if route.path.startswith(f"/api{path}")] == []


def test_the_table_of_what_is_absent_is_read() -> None:
    assert len(ABSENT) > 5
