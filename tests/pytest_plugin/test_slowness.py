from __future__ import annotations

from typing import Any

import pytest

from conductor_pytest.on_cluster import OnCluster
from conductor_pytest.slowness import NotesSlowness
from conductor_sdk import ApiClient, RequestTimedOut, TransportResponse


class Silent:
    """A transport to a server that does not answer in time."""

    def send(self, method: str, path: str, *, timeout: float, **_: Any) -> TransportResponse:
        raise RequestTimedOut(f"{method} {path}: did not answer within {timeout:g} s.")

    def execution_page(self, workflow_id: str) -> str | None:
        return None

    def close(self) -> None: ...


def test_a_request_that_is_not_answered_says_what_helps() -> None:
    client = ApiClient("http://127.0.0.1:1/api", transport=NotesSlowness(Silent()))
    with pytest.raises(RequestTimedOut, match="within 30 s") as told:
        client.metadata.register_task({"name": "a"})
    [note] = told.value.__notes__
    assert note.startswith("--conductor-timeout SECONDS gives it longer")
    assert "pytest -n" in note


@pytest.mark.parametrize(("given", "of_a_request"), [(5, 30), (120, 120)])
def test_a_longer_time_for_a_run_is_one_for_requests_too(given: float, of_a_request: float) -> None:
    place = OnCluster("http://127.0.0.1:1/api", timeout=given, own_names=False)
    assert place.client.settings.timeout == of_a_request
