"""``*.conductor.yaml`` as pytest's tests. Loaded when the first such file is met."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conductor_pytest.cases import Case, read_cases
from conductor_pytest.documents import read_document
from conductor_pytest.errors import HarnessError, NoSuchTask, Stuck
from conductor_pytest.harness import Conductor
from conductor_sdk import ConductorError


class ExpectationsNotMet(AssertionError):
    """A case came out otherwise than it says."""


class CaseFile(pytest.File):
    """A file of cases. ``lend`` makes a harness for an item and takes it back at its end."""

    lend: Callable[[pytest.Item], Conductor]

    def collect(self) -> Iterator[pytest.Item]:
        try:
            document = read_document(self.path)
        except HarnessError as error:
            raise self.CollectError(str(error)) from None
        try:
            cases = read_cases(document, self.path.parent, file=self.path.name)
        except HarnessError as error:
            raise self.CollectError(str(error)) from None
        for case in cases:
            yield CaseItem.from_parent(self, name=case.name, case=case)


class CaseItem(pytest.Item):
    """One case."""

    def __init__(self, *, case: Case, **rest: Any) -> None:
        super().__init__(**rest)
        self.case = case

    def runtest(self) -> None:
        file = self.parent
        assert isinstance(file, CaseFile)  # noqa: S101 - only it makes items
        unmet = self.case.run(file.lend(self))
        if unmet:
            raise ExpectationsNotMet("\n".join(unmet))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What was expected and what was; a mistake in the file in its own words."""
        if isinstance(excinfo.value, ExpectationsNotMet | HarnessError | Stuck | NoSuchTask | ConductorError):
            return f"{self.path.name}: {self.name}\n{excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int, str]:
        return self.path, 0, self.name
