"""Tests written as data: ``*.conductor.yaml`` says what is run, what is stubbed, and what has to come of it.

::

    workflow: order.json              # or a list; paths from the file's folder, or definitions in place
    input: {order_id: ORD-1}
    stubs:
      ship: {returns: {tracking: T1}}
      charge:                         # several rules of one task
        - {attempt: 1, fails: declined}
        - {returns: {receipt: R1}}
    faults:
      validate: {attempt: 1, crash: true}
    expect:
      status: COMPLETED
      path: [validate_ref, charge_ref, ship_ref]
      output: {receipt: R1}
      elapsed: 11 min                 # or seconds, 1.5 min, 1m30s, PT1M30S
      tasks:
        charge: {retry_count: 1}

``cases:`` holds several of them by name; what stands beside it holds for all: a case's own stubs, faults and
expectations are added, and go before it where they have the same name.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from conductor_pytest.case_mistakes import refuse_unknown
from conductor_pytest.case_names import check_names
from conductor_pytest.documents import definitions_in, is_workflow, read_document
from conductor_pytest.errors import HarnessError, Stuck, needs_emulator
from conductor_pytest.expectations import check_expected, unmet
from conductor_pytest.harness import Conductor
from conductor_pytest.lines import FileMistake, Lines, Mistakes
from conductor_pytest.lines import Path as Keys
from conductor_pytest.rules import Rule
from conductor_pytest.runs import Run
from conductor_pytest.said_rules import KEYS as RULE_KEYS
from conductor_pytest.said_rules import listed, say
from conductor_sdk import ConductorError

#: Where a case adds to what holds for all of them; anything else it replaces.
_LEVELS: Final[Mapping[str, Any]] = {"stubs": {}, "faults": {}, "expect": {"tasks": {}}}
_KEYS: Final = ("workflow", "run", "input", "stubs", "faults", "expect")


@dataclass(frozen=True, slots=True)
class Case:
    """One test. ``said`` is what the file says of it, the common part included."""

    name: str
    folder: Path
    said: Mapping[str, Any]
    #: it stands in; empty for one that was put together
    file: str = ""
    lines: Lines = field(default_factory=Lines)

    def line(self, *keys: str) -> int | None:
        """The line in which this is said, of the case or of all cases."""
        return self.lines.of(("cases", self.name, *keys), keys)

    def refuse(self, path: Keys, said: str, *keys: str) -> NoReturn:
        """Raise ``FileMistake`` for what it says there, in the line of these ``keys`` below."""
        line = self.line(*path, *keys)
        file = f"{self.file}:{line}" if self.file and line else self.file
        raise FileMistake(": ".join(part for part in (file, self.name, *path) if part), said)

    def check_names(self) -> None:
        """Raises ``FileMistake`` for names of tasks that its definitions do not have, and for files that cannot be
        read."""
        try:
            definitions = [definition for definition, _ in self._definitions()]
        except HarnessError as error:
            self.refuse(("workflow",), str(error))
        check_names(self.said, definitions, self.refuse)

    def run(self, conductor: Conductor) -> list[str]:
        """Run it; the expectations that were not met, in words."""
        if "elapsed" in self.said.get("expect", {}) and not conductor.is_emulator:
            needs_emulator("`elapsed` is exact in virtual time only")
        run = self.start(conductor)
        conductor.wait_for(run)
        if conductor.is_emulator:
            with contextlib.suppress(Stuck):  # the run has ended: what follows it goes as far as it goes
                conductor.run_until_idle()
        return self.unmet(run)

    def start(self, conductor: Conductor) -> Run:
        """Register what it names, say its stubs and faults, and start its workflow without waiting."""
        workflows = []
        for definition, where in self._definitions():
            try:
                conductor.register(definition)
            except ConductorError as refused:
                raise HarnessError(f"{where}: `{definition['name']}` is refused: {refused}") from None
            if is_workflow(definition):
                workflows.append(str(definition["name"]))
        for word, make in (("stubs", conductor.stub), ("faults", conductor.task)):
            for name, rules in self.said.get(word, {}).items():
                for said in listed(rules):
                    self._say(make, word, name, said)
        if not workflows:
            raise HarnessError("workflow: no workflow is among these definitions")
        return conductor.start(str(self.said.get("run", workflows[0])), self.said.get("input"))

    def _say(self, make: Callable[[str], Rule], word: str, name: str, said: Mapping[str, Any]) -> None:
        try:
            rule = make(name)
            rule.place = self.name
            say(rule, said)
        except HarnessError as error:
            self.refuse((word, name), str(error))

    def unmet(self, run: Run) -> list[str]:
        """The expectations that a run does not meet, in words."""
        return list(unmet(run, self.said.get("expect", {})))

    def _definitions(self) -> Iterator[tuple[Mapping[str, Any], str]]:
        """Each definition and where it stands."""
        for document in listed(self.said["workflow"]):
            named = isinstance(document, str)
            where = str(self.folder / document) if named else self.name
            content = read_document(self.folder / document) if named else document
            for definition in definitions_in(content, where):
                yield definition, where


def read_cases(
    document: Any, folder: Path, *, file: str = "", lines: Lines | None = None, expects: bool = True
) -> list[Case]:
    """The cases of a file, as YAML reads it. Raises ``FileMistake`` for what can be none; unless ``expects`` a case
    need not say what has to come of it."""
    lines = lines or Lines()
    whole = Case("", folder, {}, file, lines)
    if not isinstance(document, dict):
        whole.refuse((), f"a case has keys ({', '.join(_KEYS)}, or cases), not {document!r}")
    common = {key: value for key, value in document.items() if key != "cases"}
    named = document.get("cases", {"case": {}})
    if not isinstance(named, dict) or not named:
        whole.refuse(("cases",), "give each case a name, `cases: {declined: {…}}`")
    cases = []
    mistakes = Mistakes()
    for name, own in named.items():
        with mistakes.noted():
            alone = Case(str(name), folder, own or {}, file, lines)
            refuse_unknown(alone.said, _KEYS, (), alone.refuse)
            case = Case(str(name), folder, _merged(common, alone.said, levels=_LEVELS), file, lines)
            _check(case, expects, mistakes)
            cases.append(case)
    mistakes.tell()
    return cases


def _merged(common: Mapping[str, Any], own: Mapping[str, Any], *, levels: Mapping[str, Any]) -> dict[str, Any]:
    """What holds for all cases and what one says; ``levels``: the keys whose parts are merged in their turn."""
    merged = {**common, **own}
    for key, below in levels.items():
        of_all, of_one = common.get(key), own.get(key)
        if isinstance(of_all, dict) and isinstance(of_one, dict):
            merged[key] = _merged(of_all, of_one, levels=below)
    return merged


def _check(case: Case, expects: bool, mistakes: Mistakes) -> None:
    """Notes what cannot be meant, before anything is run."""
    said, refuse = case.said, case.refuse
    with mistakes.noted():
        refuse_unknown(said, (*_KEYS, "cases"), (), refuse)
    for key in ("workflow", "expect"):
        with mistakes.noted():
            if key not in said and (expects or key != "expect"):
                refuse((), f"`{key}` is missing")
    with mistakes.noted():
        if not isinstance(said.get("input") or {}, dict):
            refuse(("input",), f"a workflow's input is an object, not {said['input']!r}")
    with mistakes.noted():
        if not isinstance(said.get("run", ""), str):
            refuse(("run",), f"expected a workflow's name, not {said['run']!r}")
    for key in ("stubs", "faults", "expect"):
        with mistakes.noted():
            told = said.get(key, {})
            if not isinstance(told, dict):
                refuse((), f"`{key}` has names and what they say, not {told!r}", key)
            if key != "expect":
                for target, rules in told.items():
                    _check_rules(case, key, str(target), rules, mistakes)
            elif key in said and (not told or told == {"tasks": {}}):
                refuse((), "`expect` expects nothing; write `expect: {status: COMPLETED}`", "expect")
            else:
                check_expected(told, refuse, mistakes)


def _check_rules(case: Case, word: str, target: str, rules: Any, mistakes: Mistakes) -> None:
    for position, rule in enumerate(listed(rules)):
        at = (str(position),) if isinstance(rules, list) else ()
        with mistakes.noted():
            refuse_unknown(rule, RULE_KEYS, (word, target), case.refuse, *at)
            try:
                say(Rule("stub" if word == "stubs" else "task", target, case.name), rule)
            except HarnessError as error:
                case.refuse((word, target), str(error), *at)
