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
      elapsed: 11 min                 # or seconds
      tasks:
        charge: {retry_count: 1}

``cases:`` holds several of them by name; what stands beside it holds for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from conductor_pytest.documents import definitions_in, is_workflow, read_document
from conductor_pytest.durations import span
from conductor_pytest.errors import HarnessError, needs_emulator
from conductor_pytest.harness import Conductor
from conductor_pytest.rules import Rule
from conductor_pytest.runs import Run
from conductor_sdk import ConductorError

_KEYS: Final = ("workflow", "run", "input", "stubs", "faults", "expect")
_NARROWED: Final = ("attempt", "iteration")
_TELLING: Final = ("returns", "fails", "fails_terminally")
_AT_WORK: Final = ("times_out", "never_answers", "crash")
_ON_THE_WAY: Final = ("late", "lose_request", "lose_response", "duplicate")
_SAID_BY_TRUE: Final = (*_AT_WORK, *_ON_THE_WAY, "optional")
_RULE: Final = (*_NARROWED, "times", *_TELLING, "delay", *_SAID_BY_TRUE)
_RUN: Final = ("status", "reason", "output", "variables", "path", "elapsed", "tasks")
_TASK: Final = ("status", "reason", "output", "input", "retry_count", "attempt")


@dataclass(frozen=True, slots=True)
class Case:
    """One test. ``said`` is what the file says of it, the common part included."""

    name: str
    folder: Path
    said: Mapping[str, Any]

    def run(self, conductor: Conductor) -> list[str]:
        """Run it; the expectations that were not met, in words."""
        if "elapsed" in self.said.get("expect", {}) and not conductor.is_emulator:
            needs_emulator("`elapsed` is exact in virtual time only")
        run = self.start(conductor)
        conductor.wait_for(run)
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
                for said in _listed(rules):
                    rule = make(name)
                    rule.place = self.name
                    _say(rule, said, f"{word}: {name}")
        if not workflows:
            raise HarnessError("workflow: no workflow is among these definitions")
        return conductor.start(str(self.said.get("run", workflows[0])), self.said.get("input"))

    def unmet(self, run: Run) -> list[str]:
        """The expectations that a run does not meet, in words."""
        return list(_unmet(run, self.said.get("expect", {})))

    def _definitions(self) -> Iterator[tuple[Mapping[str, Any], str]]:
        """Each definition and where it stands."""
        for document in _listed(self.said["workflow"]):
            named = isinstance(document, str)
            where = str(self.folder / document) if named else self.name
            content = read_document(self.folder / document) if named else document
            for definition in definitions_in(content, where):
                yield definition, where


def read_cases(document: Any, folder: Path, *, expects: bool = True) -> list[Case]:
    """The cases of a file, as YAML reads it. Raises ``HarnessError`` for what can be none; unless ``expects`` a case
    need not say what has to come of it."""
    if not isinstance(document, dict):
        raise HarnessError(f"a case has keys ({', '.join(_KEYS)}, or cases), not {document!r}")
    common = {key: value for key, value in document.items() if key != "cases"}
    named = document.get("cases", {"case": {}})
    if not isinstance(named, dict) or not named:
        raise HarnessError("cases: give each case a name, `cases: {declined: {…}}`")
    return [_case(str(name), {**common, **(said or {})}, folder, expects) for name, said in named.items()]


def _case(name: str, said: dict[str, Any], folder: Path, expects: bool) -> Case:
    _known(said, _KEYS, name)
    for key in ("workflow", "expect"):
        if key not in said and (expects or key != "expect"):
            raise HarnessError(f"{name}: `{key}` is missing")
    for key in ("stubs", "faults", "expect"):
        if not isinstance(said.get(key, {}), dict):
            raise HarnessError(f"{name}: `{key}` has names and what they say, not {said[key]!r}")
    _known(said.get("expect", {}), _RUN, f"{name}: expect")
    for task, expected in said.get("expect", {}).get("tasks", {}).items():
        _known(expected, _TASK, f"{name}: expect: tasks: {task}")
    for word in ("stubs", "faults"):
        for target, rules in said.get(word, {}).items():
            for rule in _listed(rules):
                _known(rule, _RULE, f"{name}: {word}: {target}")
    return Case(name, folder, said)


def _known(said: Any, names: tuple[str, ...], where: str) -> None:
    if not isinstance(said, dict):
        raise HarnessError(f"{where}: expected keys out of {', '.join(names)}, found {said!r}")
    for key in said:
        if key not in names:
            raise HarnessError(f"{where}: there is no `{key}`; there are {', '.join(names)}")


def _say(rule: Rule, said: Mapping[str, Any], where: str) -> None:
    for key in _NARROWED:
        if key in said:
            getattr(rule, key)(*_listed(said[key]))
    if "times" in said:
        rule.times(said["times"])
    for key in _TELLING:
        if key in said:
            getattr(rule, key)(said[key])
    if "delay" in said:
        rule.delay(timedelta(seconds=said["delay"]))
    for key in _SAID_BY_TRUE:
        if key in said:
            if said[key] is not True:
                raise HarnessError(f"{where}: write `{key}: true`, not {said[key]!r}")
            getattr(rule, key)()


def _unmet(run: Run, expected: Mapping[str, Any]) -> Iterator[str]:
    for key, wanted in expected.items():
        if key == "tasks":
            for name, fields in wanted.items():
                task = run.task(name)
                for field, value in fields.items():
                    yield from _compared(f"{name}: {field}", value, getattr(task, field))
        elif key == "elapsed":
            elapsed = run.elapsed
            milliseconds = elapsed / timedelta(milliseconds=1)
            yield from _compared(key, wanted, span(milliseconds) if isinstance(wanted, str) else milliseconds / 1000)
        else:
            yield from _compared(key, wanted, getattr(run, key))


def _compared(what: str, wanted: Any, found: Any) -> Iterator[str]:
    if found != wanted:
        shown = str(found) if isinstance(found, str) else found
        yield f"{what}: expected {wanted!r}, was {shown!r}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
