from __future__ import annotations

from html.parser import HTMLParser

import pytest

from conductor_emulator.runtime.options import Options
from conductor_emulator.ui import execution_page, html, start_page
from tests.emulator.server.api_client import Client, simple

#: Elements without an end.
VOID = {"meta", "br", "link", "img"}


class Checker(HTMLParser):
    """Sees to it that every element is closed, and collects what the page asks the network for."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def checked(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    return checker


def rendered(client: Client, workflow_id: str) -> str:
    return execution_page.render(client.runtime.execution(workflow_id), client.clock.now())


def test_a_failed_execution_shows_why(client: Client) -> None:
    client.post("/metadata/taskdefs", [{"name": "work", "retryCount": 1, "retryDelaySeconds": 0}])
    workflow_id = client.start(client.define("flow", [simple("one")]), {"k": "<script>"}, correlationId="c&d")
    for reason in ("first <b>", "second"):
        client.finish(client.take(), "FAILED", {"out": "<i>"}, reasonForIncompletion=reason, logs=[{"log": "line <1>"}])
    page = rendered(client, workflow_id)
    checked(page)
    for shown in (
        "flow",
        "FAILED",
        "first &lt;b&gt;",
        "second",
        "attempt 2",
        "&lt;script&gt;",
        "c&amp;d",
        "line &lt;1&gt;",
    ):
        assert shown in page
    assert "<script>" not in page
    assert "<b>first" not in page


def test_the_page_needs_nothing_from_elsewhere(client: Client) -> None:
    workflow_id = client.start(client.define_worker_flow())
    assert checked(rendered(client, workflow_id)).addresses == []


def test_sub_workflows_are_linked_both_ways(client: Client) -> None:
    client.define("child", [simple("one")])
    sub = {"name": "c", "taskReferenceName": "c", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "child"}}
    parent = client.start(client.define("flow", [sub]))
    (task,) = client.get(f"/workflow/{parent}").body["tasks"]
    child = task["subWorkflowId"]
    assert f"/execution/{child}" in checked(rendered(client, parent)).addresses
    assert f"/execution/{parent}" in checked(rendered(client, child)).addresses


def test_missing_and_start_pages(client: Client) -> None:
    assert "&lt;x&gt;" in execution_page.render_missing("<x>")
    checked(execution_page.render_missing("<x>"))
    checked(start_page.render([]))
    workflow_id = client.start(client.define_worker_flow())
    assert checked(start_page.render([client.runtime.execution(workflow_id)])).addresses == [
        f"/execution/{workflow_id}"
    ]


@pytest.mark.parametrize(
    ("ms", "words"),
    [(0, "0 ms"), (999, "999 ms"), (1500, "1.5 s"), (61_000, "1 min 1 s"), (3_660_000, "1 h 1 min")],
)
def test_spans(ms: int, words: str) -> None:
    assert html.span(ms) == words


def test_moments() -> None:
    assert html.moment(0) == "–"
    assert html.moment(1_893_456_000_123) == "2030-01-01 00:00:00.123 UTC"


def test_what_the_definition_masks_is_hidden_on_the_page_too() -> None:
    client = Client(Options(flavor="orkes"))
    task = simple("one", inputParameters={"card": "${workflow.input.card}"})
    name = client.define("flow", [task], maskedFields=["card"])
    page = rendered(client, client.start(name, {"card": "4111-1111", "amount": 5}))
    assert "4111" not in page
    assert "***" in page
