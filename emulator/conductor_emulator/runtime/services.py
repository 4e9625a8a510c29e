"""What the engine is told while it applies a command, from the runtime's own parts."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from conductor_emulator import scripting
from conductor_emulator.engine.flavors import FLAVORS
from conductor_emulator.engine.tasks.registry import kinds_of
from conductor_emulator.expressions import substitute_secrets
from conductor_emulator.runtime.output_cache import OutputCache

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Plan
    from conductor_emulator.definitions.task_def import TaskDef
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.runtime.metadata import Metadata
    from conductor_emulator.runtime.options import Options
    from conductor_emulator.runtime.poll_data import PollData
    from conductor_emulator.runtime.store import Store


#: What RFC 4122 fixes of a random UUID: six of its bits.
_UUID_VERSION_4: Final = 4 << 76 | 0x8000 << 48
_UUID_BITS: Final = (1 << 128) - 1 & ~(0xF << 76 | 0xC000 << 48)


class StandIn(Protocol):
    """Does the work of system tasks in place of the server: calls, scripts, sub-workflows that a test does not want."""

    def wants(self, execution: Execution, task: TaskRun) -> bool:
        """Whether it does the work of this task, which would begin now. A look-up: it may not touch the runtime."""

    def take(self, execution: Execution, task: TaskRun) -> None:
        """The task is its own: IN_PROGRESS until somebody updates it."""


class RuntimeServices:
    """The engine's ``Services``; ``now`` is set before each command."""

    def __init__(
        self,
        metadata: Metadata,
        store: Store,
        poll_data: PollData,
        options: Options,
        workflow_env: Callable[[str], str | None],
        execution_limit: Callable[[str], int | None],
        secret: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self.now = 0
        self.sweep_lag_ms = options.sweep_lag_ms or 0
        self.flavor = FLAVORS[options.flavor]
        self.kinds = kinds_of(options.flavor)
        self.http_poll_floor_seconds = options.http_poll_floor_seconds
        self.output_cache = OutputCache()
        self._metadata = metadata
        self._store = store
        self._poll_data = poll_data
        self._options = options
        self._random = random.Random(options.seed)
        self._workflow_env = workflow_env
        self._secret = secret
        self.execution_limit = execution_limit
        #: does the work of system tasks that it asks for; None: the server does all of it
        self.stand_in: StandIn | None = None

    def new_id(self) -> str:
        # a UUID of version 4, made of random bits without the ceremony of ``uuid.UUID``
        text = (self._random.getrandbits(128) & _UUID_BITS | _UUID_VERSION_4).to_bytes(16, "big").hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def jitter(self, up_to_ms: int) -> int:
        return self._random.randint(0, up_to_ms)

    def task_def(self, name: str) -> TaskDef | None:
        return self._metadata.task_def(name)

    def plan(self, name: str, version: int | None) -> Plan:
        return self._metadata.plan(name, version)

    def evaluate(self, evaluator: str, source: str, bindings: Any) -> scripting.ScriptAnswer | None:
        try:
            return scripting.run(scripting.Script(evaluator, source), bindings, scripting.FIRST_TRY)
        except scripting.BudgetExceeded:
            return None

    def execution(self, workflow_id: str) -> Execution | None:
        return self._store.find(workflow_id)

    def cached_output(self, name: str, key: str) -> dict[str, Any] | None:
        return self.output_cache.find(name, key, self.now)

    def active_domain(self, task_type: str, domains: Sequence[str]) -> str | None:
        return self._poll_data.active_domain(task_type, domains, self.now)

    def parameter(self, name: str) -> str | None:
        return self._options.parameters.get(name)

    def takes_over(self, execution: Execution, task: TaskRun) -> bool:
        return self.stand_in is not None and self.stand_in.wants(execution, task)

    def without_secrets(self, value: Any) -> Any:
        return substitute_secrets(value, self._secret)

    def workflow_env(self, name: str) -> str | None:
        return self._workflow_env(name)
