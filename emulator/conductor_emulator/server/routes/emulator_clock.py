"""``/api/emulator/clock``: the emulator's own resource to look at time and, where it is virtual, to let it pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.errors import BadRequest, Conflict
from conductor_emulator.runtime.virtual_time import CHANGED, VirtualTime
from conductor_emulator.runtime.waiting import Wait
from conductor_emulator.server.answer import Answer, json_answer
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.runtime.runtime import Runtime
    from conductor_emulator.server.request import Request

routes = Routes("emulator", "/api/emulator/clock")


@routes.get("")
def get_clock(emulator: Emulator, _request: Request) -> Answer:
    """How late it is (ms since the epoch), whether time is virtual, and the next moment at which something happens."""
    return json_answer(_shown(emulator.runtime))


@routes.post("/advance")
def advance(emulator: Emulator, request: Request) -> Answer:
    """Let ``milliseconds`` pass, also while workers work; everything due on the way happens at its own moment."""
    milliseconds = request.long("milliseconds", -1)
    if milliseconds < 0:
        raise BadRequest("Give milliseconds=N, 0 or more: how much time is to pass")
    VirtualTime(emulator.runtime).advance(milliseconds)
    return json_answer(_shown(emulator.runtime))


@routes.post("/jump")
def jump(emulator: Emulator, _request: Request) -> Answer:
    """Go to the next moment and let it happen; ``passed`` is null if there is none. 409 while somebody is at work."""
    passed = VirtualTime(emulator.runtime).jump()
    return json_answer({**_shown(emulator.runtime), "passed": passed})


@routes.post("/run-until-idle")
def run_until_idle(emulator: Emulator, request: Request) -> Answer | Wait[Answer]:
    """Go from moment to moment until only somebody outside can go on, waiting for those who are at work.

    ``timeouts=true`` lets time-outs come too. 409 if somebody is at work still after ``waitForSeconds`` (30) by the
    machine's clock.
    """
    runtime = emulator.runtime
    time, timeouts = VirtualTime(runtime), request.boolean("timeouts")
    seconds = request.integer("waitForSeconds", 30)

    def attempt() -> Answer | None:
        return json_answer(_shown(runtime)) if time.settle(timeouts=timeouts) else None

    def otherwise() -> Answer:
        raise Conflict(f"Not idle after {seconds} s: {'; '.join(time.occupied())}")

    return Wait((CHANGED,), attempt, seconds * 1000, otherwise)


def _shown(runtime: Runtime) -> dict[str, object]:
    return {"now": runtime.clock.now(), "virtual": runtime.clock.is_virtual, "next": runtime.next_due()}
