"""Reference names of the branches of a dynamic fork of one task, which hold that task's name: ``_transcode_0``.

On a server with names of the test's own they are ``_transcode_ct…_0`` (Java: ``ForkJoinDynamicTaskMapper``). So what
refers to a branch is renamed with the task: in a definition, and where a request names a task.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

_REFERENCE: Final = re.compile(r"_.+_\d+(?:__\d+)?")
#: Behind the name: the branch's number, and the iteration of a loop around the fork.
_NUMBER: Final = r"(?=_\d+(?:__\d+)?(?![\w]))"
#: Nothing of a longer name before it.
_BEGIN: Final = r"(?<![A-Za-z0-9_])"
#: A whole name of any task, where it can only be a reference: in an expression, or as an element of ``joinOn``.
_ANY: Final = re.compile(r"((?:(?<=\$\{)|(?<=\.output\.)|^)_[\w-]+?)" + _NUMBER)


def is_like_a_branch(reference: str) -> bool:
    """Whether a reference name may be that of such a branch."""
    return _REFERENCE.fullmatch(reference) is not None


class BranchNames:
    """What refers to branches, with the suffix. It keeps in mind the forks of all definitions that it has seen.

    `suffix`: behind the name of a task
    """

    def __init__(self, suffix: str) -> None:
        self._suffix = suffix
        self._forks: dict[str, None] = {}
        self._tasks: dict[str, None] = {}

    def in_definition(self, definition: dict[str, Any]) -> dict[str, Any]:
        """A workflow with all that refers to branches of its own forks. Names of its own tasks stay as they are."""
        nodes = [node for node in _objects(definition.get("tasks")) if isinstance(node.get("taskReferenceName"), str)]
        forks = [node for node in nodes if forked_task(node)]
        if not forks or not self._suffix:
            return definition
        self._forks.update(dict.fromkeys(node["taskReferenceName"] for node in forks))
        tasks = [forked_task(node).removesuffix(self._suffix) for node in forks]
        self._tasks.update(dict.fromkeys(name for name in tasks if "${" not in name))
        rename = self._renaming({node["taskReferenceName"] for node in nodes}, any("${" in name for name in tasks))
        return {
            key: value if key in ("name", "description") else _mapped(value, rename)
            for key, value in definition.items()
        }

    def reference(self, reference: str) -> str:
        """A task's reference name, which may be that of a branch."""
        return self._renaming(set(), unknown=False)(reference) if self._tasks else reference

    def _renaming(self, own: set[str], unknown: bool) -> Callable[[str], str]:
        """Renames what a text refers to; not the references ``own``. ``unknown``: a fork's task has any name."""
        known = None
        if self._tasks:
            forks, tasks = ("|".join(map(re.escape, names)) for names in (self._forks, self._tasks))
            known = re.compile(rf"{_BEGIN}(_(?:(?:{forks})_)?(?:{tasks})){_NUMBER}")

        def with_suffix(found: re.Match[str]) -> str:
            number = _AFTER.match(found.string, found.end())
            is_own = number is not None and found[1] + number[0] in own
            return found[1] if is_own or found[1].endswith(self._suffix) else found[1] + self._suffix

        def renamed(text: str) -> str:
            text = text if known is None else known.sub(with_suffix, text)
            return _ANY.sub(with_suffix, text) if unknown else text

        return renamed


_AFTER: Final = re.compile(r"_\d+")


def forked_task(node: dict[str, Any]) -> str:
    """The name that a dynamic fork gives all its branches; empty if each has its own, or the fork's."""
    inputs = node.get("inputParameters")
    if node.get("type") != "FORK_JOIN_DYNAMIC" or not isinstance(inputs, dict) or inputs.get("forkTaskWorkflow"):
        return ""
    name = inputs.get("forkTaskName")
    return name if isinstance(name, str) else ""


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """All objects in a value."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(inner)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """The value with all its texts changed, but for names of tasks."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: inner if key in _NAMES else _mapped(inner, change) for key, inner in value.items()}


_NAMES: Final = frozenset({"name", "taskReferenceName", "description"})
