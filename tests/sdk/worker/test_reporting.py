from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from conductor_sdk import ApiClient, ConductorError, TaskResult, TaskStatus
from conductor_sdk.worker.reporting import Reporter

RESULT = TaskResult(task_id="t1", workflow_instance_id="w1", output_data={"a": 1})


def reporter(client: ApiClient, *, delays: tuple[float, ...] = (0, 0, 0)) -> tuple[Reporter, list[Any]]:
    lost: list[tuple[TaskResult, ConductorError]] = []
    return Reporter(client, delays=delays, on_result_lost=lambda *what: lost.append(what)), lost


def test_a_result_is_sent_in_the_servers_words(server: Any, client: ApiClient) -> None:
    server.on("POST", "/tasks", "t1")
    made, lost = reporter(client)
    assert made.report(RESULT) is None
    sent = server.asked("POST", "/tasks")[0].body
    assert sent == {
        "taskId": "t1",
        "workflowInstanceId": "w1",
        "status": "COMPLETED",
        "outputData": {"a": 1},
        "callbackAfterSeconds": 0,
        "logs": [],
        "extendLease": False,
    }
    assert not lost


def test_a_result_is_sent_until_the_server_has_it(
    server: Any, client: ApiClient, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server.on("POST", "/tasks", answer(hang_up=True), answer(503), answer(500, {"message": "busy"}), "t1")
    made, lost = reporter(client)
    made.report(RESULT)
    assert len(server.asked("POST", "/tasks")) == 4
    assert not lost
    assert [r.levelname for r in caplog.records if r.name == "conductor_sdk.worker"] == ["WARNING"]


def test_a_result_that_cannot_be_delivered_is_handed_to_the_hook(
    server: Any, client: ApiClient, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server.on("POST", "/tasks", answer(503, {"message": "closed"}))
    made, lost = reporter(client)
    made.report(RESULT)
    assert len(server.asked("POST", "/tasks")) == 4
    assert [(result, str(error)) for result, error in lost] == [(RESULT, "POST /tasks answered 503: closed")]
    assert "The result of task t1 (workflow w1, COMPLETED) did not reach the server" in caplog.text


@pytest.mark.parametrize("status", [404, 409])
def test_a_task_that_is_gone_is_not_reported_again(server: Any, client: ApiClient, answer: Any, status: int) -> None:
    server.on(
        "POST",
        "/tasks",
        answer(status, {"status": status, "message": "No such workflow found by id: w1", "retryable": False}),
    )
    made, lost = reporter(client)
    made.report(RESULT)
    assert len(server.asked("POST", "/tasks")) == 1
    assert len(lost) == 1


@pytest.mark.parametrize(
    "found",
    [
        {"body": "default backend - 404", "content_type": "text/plain"},
        {"body": "<html><body>404 Not Found</body></html>", "content_type": "text/html"},
        {"body": {"message": "no Route matched with those values"}},
        {},
    ],
)
def test_a_gateway_that_finds_no_server_is_not_the_servers_answer(
    server: Any, client: ApiClient, answer: Any, found: dict[str, Any]
) -> None:
    server.on("POST", "/tasks", answer(404, **found), answer(404, **found), "t1")
    made, lost = reporter(client)
    made.report(RESULT)
    assert len(server.asked("POST", "/tasks")) == 3
    assert not lost


@pytest.mark.parametrize("status", [400, 413])
def test_a_result_that_the_server_refuses_fails_the_task(
    server: Any, client: ApiClient, answer: Any, status: int
) -> None:
    server.on("POST", "/tasks", answer(status, {"message": "too large"}), "t1")
    made, lost = reporter(client)
    made.report(RESULT)
    second = server.asked("POST", "/tasks")[1].body
    assert (second["taskId"], second["status"]) == ("t1", "FAILED_WITH_TERMINAL_ERROR")
    assert second["reasonForIncompletion"] == "The server refused the worker's result: too large"
    assert not lost


def test_a_refused_failure_is_handed_to_the_hook(server: Any, client: ApiClient, answer: Any) -> None:
    server.on("POST", "/tasks", answer(400, {"message": "no"}))
    made, lost = reporter(client)
    made.report(TaskResult(task_id="t1", status=TaskStatus.FAILED_WITH_TERMINAL_ERROR))
    assert len(lost) == 1


def test_in_a_hurry_it_is_tried_once(server: Any, client: ApiClient, answer: Any) -> None:
    server.on("POST", "/tasks", answer(503))
    made, lost = reporter(client, delays=(600, 600))
    thread = threading.Thread(target=made.report, args=(RESULT,))
    thread.start()
    server.next("POST", "/tasks")
    made.hurry.set()
    thread.join(20)
    assert len(lost) == 1


def test_a_hook_that_fails_is_logged(
    server: Any, client: ApiClient, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server.on("POST", "/tasks", answer(409))

    def hook(result: TaskResult, error: ConductorError) -> None:
        raise RuntimeError("hook is broken")

    with caplog.at_level(logging.ERROR, "conductor_sdk"):
        Reporter(client, on_result_lost=hook).report(RESULT)
    assert "hook failed for task t1" in caplog.text


# update-v2


def test_the_next_task_comes_along(server: Any, client: ApiClient, polled: Any) -> None:
    server.on("POST", "/tasks/update-v2", polled(task_id="t2"))
    made, _ = reporter(client)
    following = made.report(RESULT, want_next=True)
    assert following is not None
    assert following.task_id == "t2"


def test_no_next_task(server: Any, client: ApiClient, answer: Any) -> None:
    server.on("POST", "/tasks/update-v2", answer(204))
    made, _ = reporter(client)
    assert made.report(RESULT, want_next=True) is None
    assert server.asked("POST", "/tasks") == []


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_without_update_v2_is_asked_for_it_once(
    server: Any, client: ApiClient, answer: Any, status: int
) -> None:
    server.on("POST", "/tasks/update-v2", answer(status)).on("POST", "/tasks", "t1")
    made, lost = reporter(client)
    for _ in range(3):
        assert made.report(RESULT, want_next=True) is None
    assert len(server.asked("POST", "/tasks/update-v2")) == 1
    assert len(server.asked("POST", "/tasks")) == 3
    assert not lost


def test_an_unknown_workflow_is_no_missing_endpoint(server: Any, client: ApiClient, answer: Any) -> None:
    gone = answer(404, {"message": "No such workflow found by id: w1", "retryable": False})
    server.on("POST", "/tasks/update-v2", gone, answer(204)).on("POST", "/tasks", gone)
    made, lost = reporter(client)
    made.report(RESULT, want_next=True)
    assert len(lost) == 1
    made.report(RESULT, want_next=True)
    assert len(server.asked("POST", "/tasks/update-v2")) == 2
