"""A real server that is slow, or has too much to do: what gives it more time is said where time has run out."""

from __future__ import annotations

from typing import Final

from conductor_pytest.errors import shown_at_the_test
from conductor_pytest.transports import Sent, TransportAround
from conductor_sdk import RequestTimedOut, TransportResponse

__tracebackhide__ = shown_at_the_test

MORE_TIME: Final = "--conductor-timeout SECONDS gives it longer"
_FOR_A_REQUEST: Final = (
    f"{MORE_TIME}, a request as well as a run, if it is more than 30; fewer tests side by side (pytest -n) give the "
    "server less to do"
)


class NotesSlowness(TransportAround):
    """Requests that were not answered in time say what helps."""

    def answer(self, sent: Sent) -> TransportResponse:
        try:
            return sent.by(self.inner)
        except RequestTimedOut as late:
            late.add_note(_FOR_A_REQUEST)
            raise
