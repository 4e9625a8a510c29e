"""What programs outside poll for and report, in words. On a real port: ``test_served``."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from conductor_emulator.runtime.poll_data import LastPoll
from conductor_pytest import Conductor
from conductor_pytest.in_process import InProcess
from conductor_pytest.outsiders import Queue, in_vain, polled_instead, said_of
from conductor_pytest.wire_server import Answered
from conductor_pytest.workers import WORKER_ID
from tests.pytest_plugin.definitions import simple, workflow


def report(where: str, status: int = 200, body: str = "", *, is_fault: bool = False) -> Answered:
    return Answered("POST", f"/api/tasks{where}", "", status, body.encode(), is_fault)


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        (Answered("GET", "/api/x", "a=1", 200, b"{}"), "GET /api/x?a=1 → 200"),
        (Answered("GET", "/api/x", "", 404, b'{"message": "No\\nsuch"}'), "GET /api/x → 404 No such"),
        (Answered("GET", "/api/x", "", 502, b"Bad gateway"), "GET /api/x → 502 Bad gateway"),
        (Answered("GET", "/api/x", "", 500, b"[1]"), "GET /api/x → 500"),
        (Answered("GET", "/api/x", "", 0, b"", is_fault=True), "GET /api/x → no answer (a fault)"),
    ],
)
def test_a_request_and_its_answer(answered: Answered, said: str) -> None:
    assert said_of(answered) == said


@pytest.mark.parametrize(
    ("answered", "why"),
    [
        (report("/{id}/charge_ref/COMPLETED", body="task-id"), None),
        (report("/{id}/charge_ref/COMPLETED", 503, is_fault=True), None),
        (Answered("GET", "/api/tasks/nope", "", 404, b""), None),
        (report("/{id}/log/x", 404), None),
        (report("", body="task-id"), None),
        (report("/{id}/COMPLETED/signal"), None),
        (
            report("/{id}/chrage_ref/COMPLETED"),
            "200, with an empty body; workflow `order` has no task `chrage_ref`; did you mean `charge_ref`?",
        ),
        (
            report("/{id}/pay%20now/COMPLETED"),
            "200, with an empty body; workflow `order` has no task `pay now`, only `validate_ref`, `charge_ref`",
        ),
        (report("/{id}/validate_ref/FAILED"), "200, with an empty body; `validate_ref` is COMPLETED already"),
        (report("/gone/charge_ref/FAILED"), "200, with an empty body; there is no execution `gone`"),
        (
            report("/{id}/nope/FAILED/sync", 404, "none"),
            "404 none; workflow `order` has no task `nope`, only `validate_ref`",
        ),
        (report("/{id}/charge_ref/COMPLETD", 500, "no enum"), "500 no enum"),
        (report("", 404, '{"message": "No such task found by id: x"}'), "404 No such task found by id: x"),
        (report("/update-v2", 400, "no"), "400 no"),
        (report("/gone/COMPLETED/signal/sync", 404, "no"), "404 no"),
    ],
)
def test_reports_that_hit_no_task(answered: Answered, why: str | None) -> None:
    conductor = Conductor()
    conductor.register(workflow(simple("validate"), simple("charge"))).stub("validate").returns({})
    run = conductor.start("order")
    conductor.step()
    assert isinstance(conductor.place, InProcess)
    asked = answered._replace(path=answered.path.replace("{id}", run.id))
    said = in_vain(asked, conductor.place.runtime.store.find)
    assert why is None if not said else why is not None and f" → {why}" in said


@pytest.mark.parametrize(
    ("queues", "polls", "said"),
    [
        ([], [], ""),
        ([("charge", None)], [LastPoll("charge", None, "w", 0)], ""),
        ([("charge", None)], [], "no client has polled for `charge`: does its program run?"),
        (
            [("charge", None)],
            [LastPoll("x", None, WORKER_ID, 0)],
            "no client has polled for `charge`: does its program run?",
        ),
        (
            [("ship", None), ("charge", None)],
            [LastPoll("charge", None, None, 0), LastPoll("shp", "eu", "w", 0)],
            "nobody polls for `ship`; polled were: `shp` in domain `eu` by worker w, `charge` by a worker without id",
        ),
        (
            [("charge", "eu")],
            [LastPoll("charge", None, "w", 0)],
            "nobody polls for `charge` in domain `eu`; polled were: `charge` by worker w",
        ),
        ([("charge", None)], [LastPoll(f"t{number}", None, "w", 0) for number in range(7)], "`t4` by worker w, 2 more"),
    ],
)
def test_what_is_polled_instead(queues: Sequence[Queue], polls: Sequence[LastPoll], said: str) -> None:
    told = polled_instead(queues, polls)
    assert told.endswith(said)
    assert bool(told) is bool(said)
