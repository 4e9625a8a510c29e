"""``*.conductor.yaml`` as pytest's tests. Loaded when the first such file is met."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conductor_pytest.cases import Case, read_cases
from conductor_pytest.documents import read_with_lines
from conductor_pytest.errors import HarnessError, NoSuchTask, Stuck
from conductor_pytest.harness import Conductor
from conductor_pytest.lines import FileMistake, FileMistakes, Mistakes
from conductor_sdk import ConductorError


class ExpectationsNotMet(AssertionError):
    """A case came out otherwise than it says."""


class CaseFile(pytest.File):
    """A file of cases. ``lend`` makes a harness for an item and takes it back at its end."""

    lend: Callable[[pytest.Item], Conductor]

    def collect(self) -> Iterator[pytest.Item]:
        try:
            document, lines = read_with_lines(self.path)
            cases = read_cases(document, self.path.parent, file=self.path.name, lines=lines)
            mistakes = Mistakes()
            for case in cases:
                with mistakes.noted():
                    case.check_names()
            mistakes.tell()
        except FileMistake as mistake:
            raise self.CollectError(self._told(mistake)) from None
        except FileMistakes as several:
            raise self.CollectError("\n".join(map(self._told, several.mistakes))) from None
        except HarnessError as error:
            raise self.CollectError(str(error)) from None
        for case in cases:
            yield CaseItem.from_parent(self, name=case.name, case=case)

    def _told(self, mistake: FileMistake) -> str:
        return _told(mistake.said, mistake.where.replace(str(self.path), self.path.name))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is wrong, in pytest's summary, too."""
        if isinstance(excinfo.value, self.CollectError):
            return _Told(excinfo.value.args[0])
        return super().repr_failure(excinfo)


class _Told(str):
    """A text that pytest shows as it is."""

    __slots__ = ()

    def toterminal(self, terminal: pytest.TerminalReporter) -> None:
        terminal.line(self, red=True)


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
        """What was expected and what was, a mistake in the file in its own words; where that stands comes behind it, as
        pytest's summary has room for little."""
        error = excinfo.value
        if isinstance(error, FileMistake):
            return _told(error.said, error.where)
        if isinstance(error, ExpectationsNotMet | HarnessError | Stuck | NoSuchTask | ConductorError):
            said = "; ".join([str(error), *getattr(error, "__notes__", ())])
            line = self.case.line()
            return _told(said, f"{self.path.name}:{line}: {self.name}" if line else f"{self.path.name}: {self.name}")
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int, str]:
        return self.path, (self.case.line() or 1) - 1, self.name


def _told(said: str, where: str) -> str:
    """The place behind the sentence, before a run's timeline."""
    sentence, gap, rest = said.partition("\n\n")
    return f"{sentence}\n({where}){gap}{rest}"
