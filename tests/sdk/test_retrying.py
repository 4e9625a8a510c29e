from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from conductor_sdk import ApiClient, ApiError, RequestTimedOut, ServerError, TransportError, TransportResponse
from conductor_sdk.retrying import RetryPolicy, retry_after

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        (format_datetime(datetime(2026, 11, 22, 12, 1, 30, tzinfo=UTC), usegmt=True), 90.0),
        ("Sun, 22 Nov 2026 12:00:05 -0000", 5.0),
        (format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True), 0.0),
        ("soon", None),
        ("-3", None),
        ("", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, lambda: NOW) == seconds
    assert retry_after({}) is None


def test_pauses_double_up_to_their_limit_and_are_shortened_by_chance() -> None:
    full, half = RetryPolicy(chance=lambda: 0.0), RetryPolicy(chance=lambda: 1.0)
    assert [full.pause(n) for n in range(1, 7)] == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0]
    assert [half.pause(n) for n in range(1, 3)] == [0.05, 0.1]
    assert len({RetryPolicy().pause(1) for _ in range(20)}) > 1


class Answers:
    """A transport with these answers, one after the other: statuses, headers with them, or errors."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.sent = 0

    def send(self, method: str, path: str, **options: Any) -> TransportResponse:
        self.sent += 1
        found = self.answers.pop(0)
        if isinstance(found, Exception):
            raise found
        status, headers = found if isinstance(found, tuple) else (found, {})
        return TransportResponse(status, headers, b"")

    def execution_page(self, workflow_id: str) -> str | None:
        return None

    def close(self) -> None:
        """Nothing to close."""


UNSENT, LOST = TransportError("refused", sent=False), TransportError("reset")


@pytest.mark.parametrize(
    ("method", "repeatable", "answers", "pauses"),
    [
        ("GET", None, [503, 502, 200], [0.1, 0.2]),
        ("GET", None, [LOST, UNSENT, 200], [0.1, 0.2]),
        ("GET", None, [(503, {"retry-after": "4"}), 504, 200], [4.0, 0.2]),
        ("GET", None, [(503, {"retry-after": "0"}), 200], [0.1]),
        ("POST", True, [504, LOST, 200], [0.1, 0.2]),
        # Known to have done nothing: any request may go again.
        ("POST", None, [UNSENT, UNSENT, 200], [0.1, 0.2]),
        ("DELETE", None, [(429, {"retry-after": "2"}), 200], [2.0]),
    ],
)
def test_a_request_is_sent_again_after_a_pause(
    method: str, repeatable: bool | None, answers: list[Any], pauses: list[float]
) -> None:
    slept: list[float] = []
    transport = Answers(*answers)
    retry = RetryPolicy(sleep=slept.append, chance=lambda: 0.0)
    ApiClient("http://h", transport=transport, retry=retry).request(method, "/x", repeatable=repeatable)
    assert (slept, transport.answers) == (pauses, [])


@pytest.mark.parametrize(
    ("method", "repeatable", "answers", "sent"),
    [
        ("GET", None, [503] * 3, 3),
        ("GET", None, [500] * 3, 1),
        # Its time is over; three times its time is not what the caller allowed.
        ("GET", None, [RequestTimedOut("late")] * 3, 1),
        ("GET", False, [503] * 3, 1),
        ("GET", False, [UNSENT] * 3, 1),
        ("POST", None, [503] * 3, 1),
        ("POST", None, [LOST] * 3, 1),
        ("POST", None, [UNSENT] * 3, 3),
        ("POST", None, [429] * 3, 3),
        # More than the request itself may take: its caller decides.
        ("GET", None, [(503, {"retry-after": "31"})] * 3, 1),
    ],
)
def test_a_request_is_not_sent_for_ever_nor_where_it_may_have_had_its_effect(
    method: str, repeatable: bool | None, answers: list[Any], sent: int
) -> None:
    transport = Answers(*answers)
    client = ApiClient("http://h", transport=transport, retry=RetryPolicy(sleep=lambda seconds: None))
    with pytest.raises((ApiError, TransportError)):
        client.request(method, "/x", repeatable=repeatable)
    assert transport.sent == sent


def test_the_error_says_when_to_come_again() -> None:
    transport = Answers((503, {"retry-after": "120"}))
    with pytest.raises(ServerError) as caught:
        ApiClient("http://h", transport=transport).request("GET", "/x")
    assert caught.value.retry_after == 120
