"""What an engine costs: made and dropped, alone and with the API over it."""

from __future__ import annotations

from row import Figures, ProcessRow, Reach, in_fresh_process
from run import main

_MADE_AND_DROPPED = """
import json, time
from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.server.api import Api
def ms_of(make):
    for _ in range(50):
        make()
    began = time.process_time()
    for _ in range(1000):
        make()
    return time.process_time() - began
print(json.dumps({
    "CPU ms/engine": ms_of(lambda: Runtime(clock=VirtualClock())),
    "CPU ms/engine with its API": ms_of(lambda: Api(Runtime(clock=VirtualClock()))),
}))
"""


def one_round() -> Figures:
    """A thousand of each."""
    return in_fresh_process(_MADE_AND_DROPPED)


ROW = ProcessRow(
    "engine",
    "an engine made and dropped",
    (Reach("CPU ms/engine", "≤", 0.5), Reach("CPU ms/engine with its API", "≤", 0.5)),
    one_round,
)

if __name__ == "__main__":
    main(["engine"])
