"""What `${…}` can look at: the seam between expressions and the workflow that runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from conductor_emulator.expressions.path import walk


class Scope(Protocol):
    """The values behind the references of one workflow execution.

    A document's values are plain JSON values; the document itself may be lazy (`get`, `__getitem__`, iteration).
    """

    def document(self, root: str) -> Mapping[str, Any] | None:
        """The fields of `workflow` or of the task with this reference name; None when there is no such root."""

    def field(self, root: str, name: str) -> Any:
        """One field of a document, without making the document; NOTHING when there is none."""

    def roots(self) -> Iterable[str]:
        """Every root that `document` knows, for paths that look at all of them (`$..x`, `*`)."""

    def parameter(self, name: str) -> str | None:
        """The system parameter `${NAME}` (CPEWF_TASK_ID, NETFLIX_STACK, what the user named); None when unknown."""

    def workflow_env(self, name: str) -> str | None:
        """The value behind `${workflow.env.NAME}`; None when there is none."""


class StaticScope:
    """A scope over plain dictionaries, for callers without a workflow (event handlers, tests)."""

    __slots__ = ("_documents", "_env", "_parameters")

    def __init__(
        self,
        documents: Mapping[str, Any] | None = None,
        parameters: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._documents = documents or {}
        self._parameters = parameters or {}
        self._env = env or {}

    def document(self, root: str) -> Mapping[str, Any] | None:
        return self._documents.get(root)

    def field(self, root: str, name: str) -> Any:
        return walk(self._documents.get(root), (name,))

    def roots(self) -> Iterable[str]:
        return self._documents.keys()

    def parameter(self, name: str) -> str | None:
        return self._parameters.get(name)

    def workflow_env(self, name: str) -> str | None:
        return self._env.get(name)
