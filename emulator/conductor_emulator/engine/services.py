"""What the engine is told by the outside while it applies a command: time, ids, definitions, scripts' values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Plan
    from conductor_emulator.definitions.task_def import TaskDef
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.engine.flavors import Flavor
    from conductor_emulator.engine.tasks.registry import Kinds
    from conductor_emulator.scripting import ScriptAnswer


class Services(Protocol):
    """Passed to every command. All of it is either a plain look-up or free of side effects."""

    #: ms since the epoch; the same during one command
    now: int
    #: how long after its moment a time-out is looked at (the server's sweeper is about a second late); 0: not at all.
    #: An evaluation in between finds it all the same.
    sweep_lag_ms: int
    #: which server to be like
    flavor: Flavor
    #: no HTTP_POLL task polls at shorter intervals (s)
    http_poll_floor_seconds: int
    #: its task types
    kinds: Kinds

    def new_id(self) -> str:
        """A new id for an execution or a task."""

    def jitter(self, up_to_ms: int) -> int:
        """A number of ms from 0 to ``up_to_ms``, both included."""

    def task_def(self, name: str) -> TaskDef | None:
        """The task definition registered now."""

    def plan(self, name: str, version: int | None) -> Plan:
        """The compiled workflow definition registered now (version None: the newest). Raises ``NotFound``."""

    def evaluate(self, evaluator: str, source: str, bindings: Any) -> ScriptAnswer | None:
        """The script's answer; None if it was too long for the spot: then it has to be asked for by effect."""

    def execution(self, workflow_id: str) -> Execution | None:
        """Another execution: a parent or a child."""

    def cached_output(self, name: str, key: str) -> dict[str, Any] | None:
        """An output that was kept under this task definition's name and key and is not too old."""

    def active_domain(self, task_type: str, domains: Sequence[str]) -> str | None:
        """The first of the domains that a worker polled for this type within the last ten seconds."""

    def execution_limit(self, workflow_name: str) -> int | None:
        """How many executions of a workflow may work at a time, by a tag that it has; None: any number."""

    def parameter(self, name: str) -> str | None:
        """A value for ``${NAME}``: an environment or system parameter that the user named."""

    def takes_over(self, execution: Execution, task: TaskRun) -> bool:
        """Whether somebody outside does this system task's work (a test's stub). Asked when the work would begin."""

    def without_secrets(self, value: Any) -> Any:
        """A value with its ``${workflow.secrets.NAME}`` filled in; the same object when it holds none."""

    def workflow_env(self, name: str) -> str | None:
        """A value for ``${workflow.env.NAME}``."""
