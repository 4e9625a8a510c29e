from __future__ import annotations

import pytest

from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.options import Options
from conductor_pytest import Conductor
from conductor_pytest.errors import Stuck
from conductor_pytest.run_command.shell import Shell, in_words_of_the_shell
from tests.pytest_plugin.definitions import simple, system, workflow

FORK = workflow(
    system(
        "FORK_JOIN", "fork", forkTasks=[[system("WAIT", "pause", inputParameters={"duration": "1 h"})], [simple("a")]]
    ),
    system("JOIN", "join", joinOn=["pause", "a_ref"]),
    timeoutSeconds=86_400,
    timeoutPolicy="TIME_OUT_WF",
)


def test_no_time_passes_while_a_task_has_nobody() -> None:
    shell = Shell(Options(seed=0), VirtualClock())
    conductor = Conductor(shell).register(FORK)
    with pytest.raises(Stuck, match=r"this cannot go on: .*task `a_ref` waits for a worker of type `a`"):
        conductor.run("order")
    assert shell.now() == VirtualClock.DEFAULT_START_MS
    conductor.stub("a").returns({})
    assert conductor.wait_for(conductor.runs[0]).status == "COMPLETED"


@pytest.mark.parametrize(
    ("said", "in_a_shell"),
    [
        ('complete it: conductor.complete_task(run, "approval", {…})', "complete it: --stub approval='{…}'"),
        (
            "a worker of type `ship`, and none is registered; one of `shop`",
            "a worker of type `ship`, and there is none: --workers MODULE, or --stub ship='{…}'; one of `shop`",
        ),
        ("is paused", "is paused"),
    ],
)
def test_what_helps_is_said_in_arguments(said: str, in_a_shell: str) -> None:
    assert in_words_of_the_shell(said) == in_a_shell
