from __future__ import annotations

import ast
from pathlib import Path

import pytest

import conductor_emulator
from conductor_emulator.engine.execution import TaskRun
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import Kinds, kinds_of

PACKAGE = Path(conductor_emulator.__file__).parent
#: What is about one type by its subject.
OF_ONE_TYPE = {"event.py", "human.py", "human_tasks.py"}
#: Registered services have types of their own, some of the same name.
OTHER_TYPES = {"service_registry.py"}
RULES = sorted(
    path
    for folder in ("engine", "runtime", "server")
    for path in (PACKAGE / folder).rglob("*.py")
    if path.parent.name != "tasks" and path.name not in OF_ONE_TYPE | OTHER_TYPES
)


class _Own(TaskKind):
    name = "OWN"
    task_type = "own_task"


class _ForWorkers(TaskKind):
    name = "USER_DEFINED"
    is_system = False


def test_a_system_type_is_known_by_both_its_names_one_for_workers_by_one() -> None:
    kinds = Kinds()
    own, for_workers = _Own(), _ForWorkers()
    kinds.add(own)
    kinds.add(for_workers)
    assert kinds.of_definition("OWN") is own
    assert kinds.of_definition("whatever") is for_workers
    assert kinds.of_task(TaskRun("id", "r", "own_task", None, None)) is own
    assert kinds.of_task(TaskRun("id", "r", "USER_DEFINED", None, None)) is None
    assert (kinds.is_system("own_task"), kinds.is_system("OWN")) == (True, False)
    assert kinds.names() == ["OWN", "USER_DEFINED"]


def test_a_flavor_has_its_own_types() -> None:
    assert "YIELD" in kinds_of("orkes").names()
    assert "YIELD" not in kinds_of("oss").names()


@pytest.mark.parametrize("path", RULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_rule_knows_a_type_by_its_name(path: Path) -> None:
    """A new type is a new module: what the rules have to know of it, it says by its attributes."""
    kinds = kinds_of("orkes")
    names = {*kinds.names(), *(kinds.of_definition(name).task_type for name in kinds.names())}
    known = [
        f"{node.value} in line {node.lineno}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in names
    ]
    assert not known
