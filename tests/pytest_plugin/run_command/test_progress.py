from __future__ import annotations

import io
import threading

from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.options import Options
from conductor_pytest import Conductor
from conductor_pytest.run_command.progress import Progress
from conductor_pytest.run_command.shell import Shell
from tests.pytest_plugin.definitions import simple, system, task_def, workflow

CHILD = workflow(simple("ship"), name="shipping")
ORDER = workflow(simple("charge"), system("SUB_WORKFLOW", "send", subWorkflowParam={"name": "shipping", "version": 1}))


def watched(progress: Progress) -> Conductor:
    shell = Shell(Options(seed=0), VirtualClock())
    shell.runtime.listeners.append(progress.listen)
    return Conductor(shell).register(task_def("charge"), CHILD, ORDER)


def test_plain_lines_say_what_happened_and_when() -> None:
    told = io.StringIO()
    conductor = watched(Progress(told, is_terminal=False))
    conductor.task("charge").attempt(1).fails("declined")
    conductor.stub("charge").returns({})
    conductor.stub("ship").returns({})
    conductor.run("order")
    assert told.getvalue().splitlines() == [
        "       0 s  · order started",
        "       0 s  ✗ charge_ref failed: declined",
        "       0 s  · charge_ref retry: FIXED 60 s, attempt 2 of 2",
        "     1 min  ✓ charge_ref completed",
        "     1 min  · shipping started",
        "     1 min  ✓ shipping/ship_ref completed",
        "     1 min  ✓ shipping completed",
        "     1 min  ✓ send completed",
        "     1 min  ✓ order completed",
    ]


class Terminal(io.StringIO):
    """Says when something was drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn = threading.Event()

    def flush(self) -> None:
        self.drawn.set()


def test_a_terminal_is_redrawn_and_left_clean() -> None:
    told = Terminal()
    progress = Progress(told, is_terminal=True)
    conductor = watched(progress)
    conductor.stub("charge").returns(lambda task: {"seen": told.drawn.wait(30)})
    conductor.stub("ship").returns({})
    with progress:
        run = conductor.run("order")
    assert run.task("charge").output == {"seen": True}
    assert "       0 s  · order started\n            ▸ charge_ref …\n" in told.getvalue()
    assert told.getvalue().endswith("A\x1b[J")
