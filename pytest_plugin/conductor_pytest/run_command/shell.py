"""An engine for the shell: nobody comes later, so a task without a worker ends the wait at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.options import Options
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.server.api import Api
from conductor_pytest.errors import Stuck
from conductor_pytest.in_process import Engine, InProcess
from conductor_pytest.owner import OneAtATime

#: What the harness says to authors of tests, and what helps in a shell.
_WORDS: Final = (
    (re.compile(r'conductor\.complete_task\(run, "([^"]+)", \{…\}\)'), r"--stub \1='{…}'"),
    (
        re.compile(r"(a worker of type `([^`]+)`[^,]*), and none is registered"),
        r"\1, and there is none: --workers MODULE, or --stub \2='{…}'",
    ),
    (re.compile(r"; add conductor\.worker\([^)]*\) or conductor\.stub\([^)]*\)\.returns\([^)]*\)"), ""),
)


class Shell(InProcess):
    """Where ``run`` runs."""

    def __init__(self, options: Options, clock: VirtualClock) -> None:
        runtime = Runtime(options, clock)
        super().__init__(engine=Engine(runtime, Api(runtime), OneAtATime()))

    def _jump(self) -> int | None:
        """Time passes only while all that there is to do is in somebody's hands."""
        if self._deliveries.unserved():
            raise Stuck(self._why("this cannot go on", None))
        return super()._jump()

    def workflows(self) -> Iterator[str]:
        """The ids of all executions that are no sub-workflows, oldest first."""
        for execution in self.runtime.store:
            if execution.parent_workflow_id is None and not execution.is_event_task:
                yield execution.workflow_id


def in_words_of_the_shell(text: str) -> str:
    """What can be done about it, as arguments."""
    for pattern, words in _WORDS:
        text = pattern.sub(words, text)
    return text
