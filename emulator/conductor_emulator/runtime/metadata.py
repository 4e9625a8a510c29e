"""The definitions that are registered now, and the plans compiled from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.definitions.plan import MissingSubWorkflow, Plan, compile_plan
from conductor_emulator.engine.errors import NotFound, ServerFault
from conductor_emulator.expressions import java_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conductor_emulator.definitions.task_def import TaskDef
    from conductor_emulator.definitions.workflow_def import WorkflowDef


class Metadata:
    """Task and workflow definitions. What is registered is never changed in place, so executions may share it."""

    def __init__(self) -> None:
        self._task_defs: dict[str, TaskDef] = {}
        #: name → version → definition
        self._workflow_defs: dict[str, dict[int, WorkflowDef]] = {}
        self._plans: dict[tuple[str, int], Plan] = {}

    # -- tasks -------------------------------------------------------------------------------------------------------
    def put_task_defs(self, definitions: Iterable[TaskDef]) -> None:
        """Register task definitions, replacing those of the same name."""
        for definition in definitions:
            self._task_defs[definition.name or ""] = definition
        self._plans.clear()

    def task_def(self, name: str) -> TaskDef | None:
        return self._task_defs.get(name)

    def task_defs(self) -> list[TaskDef]:
        return list(self._task_defs.values())

    def remove_task_def(self, name: str) -> bool:
        """False if there was none."""
        self._plans.clear()
        return self._task_defs.pop(name, None) is not None

    # -- workflows ---------------------------------------------------------------------------------------------------
    def put_workflow_def(self, definition: WorkflowDef) -> None:
        """Register a workflow definition, replacing one of the same name and version."""
        self._workflow_defs.setdefault(definition.name or "", {})[definition.version] = definition
        self._plans.clear()

    def workflow_def(self, name: str, version: int | None = None) -> WorkflowDef | None:
        """One definition; without a version the newest. Of negative versions none is the newest."""
        versions = self._workflow_defs.get(name)
        if not versions:
            return None
        return versions.get(max(0, *versions) if version is None else version)

    def workflow_defs(self) -> list[WorkflowDef]:
        return [definition for versions in self._workflow_defs.values() for definition in versions.values()]

    def versions(self, name: str) -> list[int]:
        return sorted(self._workflow_defs.get(name, ()))

    def latest_version(self, name: str) -> int | None:
        versions = self._workflow_defs.get(name)
        return max(versions) if versions else None

    def remove_workflow_def(self, name: str, version: int) -> bool:
        """False if there was none."""
        versions = self._workflow_defs.get(name, {})
        if versions.pop(version, None) is None:
            return False
        if not versions:
            del self._workflow_defs[name]
        self._plans.clear()
        return True

    # -- plans -------------------------------------------------------------------------------------------------------
    def plan(self, name: str, version: int | None = None) -> Plan:
        """The plan of a registered definition as it would be run now. Raises ``NotFound`` or ``ServerFault``."""
        definition = self.workflow_def(name, version)
        if definition is None:
            raise NotFound(f"No such workflow defined. name={name}, version={java_text(version)}")
        key = (name, definition.version)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self.compile(definition)
        return plan

    def compile(self, definition: WorkflowDef) -> Plan:
        """The plan of any definition, with the task definitions that are registered now."""
        try:
            return compile_plan(definition, self._task_defs.get, self.latest_version)
        except MissingSubWorkflow as error:
            raise ServerFault(str(error)) from None
