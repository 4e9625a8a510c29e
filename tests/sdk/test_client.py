from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conductor_sdk import (
    AnswerError,
    ApiClient,
    ApiError,
    ConfigurationError,
    NotFound,
    PayloadError,
    ServerError,
    Settings,
    StartWorkflowRequest,
    TransportError,
    TransportResponse,
)


class Recorder:
    """A transport that answers 200 {} and remembers."""

    def __init__(self, page: str | None = None) -> None:
        self.page = page
        self.closed = 0

    def send(self, method: str, path: str, **options: Any) -> TransportResponse:
        return TransportResponse(200, {"content-type": "application/json"}, b'{"path": "%s"}' % path.encode())

    def execution_page(self, workflow_id: str) -> str | None:
        return self.page and f"{self.page}/{workflow_id}"

    def close(self) -> None:
        self.closed += 1


def test_from_env(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server.on("GET", "/metadata/taskdefs", [{"name": "greet"}])
    monkeypatch.setenv("CONDUCTOR_SERVER_URL", server.url)
    with ApiClient.from_env() as client:
        assert [d.name for d in client.metadata.list_tasks()] == ["greet"]


def test_from_env_without_a_url_is_a_clear_error() -> None:
    with pytest.raises(ConfigurationError, match="CONDUCTOR_SERVER_URL is not set"):
        ApiClient.from_env()


def test_settings_and_transport_can_be_given() -> None:
    transport = Recorder()
    with ApiClient(Settings("http://h:1/api"), transport=transport) as client:
        assert client.request("GET", "/x") == {"path": "/x"}
    assert transport.closed == 1
    assert repr(client) == "ApiClient('http://h:1')"


@pytest.mark.parametrize(
    ("answer_parts", "value"),
    [
        ((200, {"a": 1}), {"a": 1}),
        ((200, "an-id", "text/plain;charset=UTF-8"), "an-id"),
        ((200, "12345", "text/plain"), "12345"),
        ((204, None), None),
        ((200, None), None),
    ],
)
def test_answers_are_decoded_by_their_type(
    server: Any, client: ApiClient, answer: Any, answer_parts: Any, value: Any
) -> None:
    server.on("GET", "/x", answer(*answer_parts))
    assert client.request("GET", "/x") == value


def test_text_that_is_labelled_as_json_is_text() -> None:
    class Labelled(Recorder):
        def send(self, method: str, path: str, **options: Any) -> TransportResponse:
            return TransportResponse(501, {"content-type": "application/json"}, b"env-backed secrets are read-only")

    with pytest.raises(ServerError, match="env-backed secrets are read-only"):
        ApiClient("http://h", transport=Labelled()).request("PUT", "/secrets/x")


def test_a_page_of_something_else_is_told(server: Any, client: ApiClient, answer: Any) -> None:
    server.on("GET", "/x", answer(200, "<html>hello</html>", "text/html"))
    with pytest.raises(AnswerError, match="HTML page instead of Conductor's API"):
        client.request("GET", "/x")


@pytest.mark.parametrize("body", [["no object"], "text"])
def test_an_answer_of_another_shape_is_told(server: Any, client: ApiClient, body: Any) -> None:
    server.on("GET", "/workflow/w", body)
    with pytest.raises(AnswerError, match="GET /workflow/w answered"):
        client.workflows.get("w")


def test_an_answer_with_fields_of_another_type_is_told(server: Any, client: ApiClient) -> None:
    server.on("GET", "/workflow/w", {"tasks": 7})
    with pytest.raises(AnswerError, match="no Workflow"):
        client.workflows.get("w")


def test_parameters_are_written_as_the_server_reads_them(server: Any, client: ApiClient) -> None:
    server.on("GET", "/x", {})
    client.request("GET", "/x", params={"yes": True, "no": False, "n": 3, "none": None, "text": "a b&c"})
    assert server.asked("GET", "/x")[0].params == {"yes": "true", "no": "false", "n": "3", "text": "a b&c"}


def test_an_input_that_is_not_json_is_told_with_its_place(client: ApiClient) -> None:
    with pytest.raises(PayloadError, match=r"body\.input\.when is of type object"):
        client.workflows.start(StartWorkflowRequest(name="w", input={"when": object()}))


def test_errors_carry_what_the_server_said(server: Any, client: ApiClient, answer: Any) -> None:
    server.on("GET", "/workflow/w", answer(404, {"message": "No such workflow found by id: w"}))
    with pytest.raises(NotFound, match=r"^GET /workflow/w answered 404: No such workflow found by id: w$"):
        client.workflows.get("w")


@pytest.mark.parametrize(
    "call", [lambda c: c.users.list_all(), lambda c: c.metadata.workflow_tags("w")], ids=["404", "405"]
)
def test_a_call_that_the_server_lacks_is_told(call: Callable[[ApiClient], Any]) -> None:
    with pytest.raises(ApiError, match=r"This server has no such call: some are Orkes Conductor's only"):
        call(ApiClient("memory://"))


def test_a_404_of_something_else_is_told(server: Any, client: ApiClient, answer: Any) -> None:
    server.on("GET", "/x", answer(404, "404 page not found", "text/plain"))
    with pytest.raises(
        NotFound, match=r"404 page not found\nThis is not Conductor's answer: CONDUCTOR_SERVER_URL should"
    ):
        client.request("GET", "/x")


def test_of_a_thing_that_the_server_lacks_no_such_thing_is_said() -> None:
    with pytest.raises(NotFound, match=r"^GET /workflow/w answered 404: No such workflow found by id: w$"):
        ApiClient("memory://").workflows.get("w")


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_read_is_repeated_after_a_gateways_error(server: Any, client: ApiClient, answer: Any, status: int) -> None:
    server.on("GET", "/x", answer(status), answer(status), {"ok": 1})
    assert client.request("GET", "/x") == {"ok": 1}


def test_a_read_is_not_repeated_for_ever(server: Any, client: ApiClient, answer: Any) -> None:
    server.on("GET", "/x", answer(503, {"message": "starting"}))
    with pytest.raises(ServerError, match="starting"):
        client.request("GET", "/x")
    assert len(server.asked("GET", "/x")) == 3


@pytest.mark.parametrize(("method", "times"), [("GET", 3), ("POST", 1), ("PUT", 1), ("DELETE", 1)])
def test_only_reads_are_repeated_after_a_broken_connection(
    server: Any, client: ApiClient, answer: Any, method: str, times: int
) -> None:
    server.on(method, "/x", answer(hang_up=True))
    with pytest.raises(TransportError, match="the connection broke"):
        client.request(method, "/x")
    assert len(server.asked(method, "/x")) == times


def test_a_poll_is_not_repeated(server: Any, client: ApiClient, answer: Any) -> None:
    server.on("GET", "/tasks/poll/batch/t", answer(hang_up=True))
    with pytest.raises(TransportError):
        client.tasks.poll_batch("t")
    assert len(server.asked("GET", "/tasks/poll/batch/t")) == 1


def test_execution_url() -> None:
    assert ApiClient("http://h:8080/api").execution_url("w1") == "http://h:8080/execution/w1"
    assert ApiClient("http://h/api", ui_url="https://ui/").execution_url("w1") == "https://ui/execution/w1"
    assert ApiClient("http://h", transport=Recorder("file:///p")).execution_url("w1") == "file:///p/w1"
