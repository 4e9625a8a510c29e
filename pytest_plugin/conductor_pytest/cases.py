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

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from conductor_pytest.documents import definitions_in, is_workflow, read_document
from conductor_pytest.durations import milliseconds_of, parsed, span
from conductor_pytest.errors import HarnessError, NoSuchTask, needs_emulator
from conductor_pytest.folding import names
from conductor_pytest.harness import Conductor
from conductor_pytest.near_names import did_you_mean
from conductor_pytest.rules import Rule
from conductor_pytest.runs import Run
from conductor_sdk import ConductorError

#: Where a case adds to what holds for all of them; anything else it replaces.
_LEVELS: Final[Mapping[str, Any]] = {"stubs": {}, "faults": {}, "expect": {"tasks": {}}}
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
    #: it stands in; empty for one that was put together
    file: str = ""

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
                    self._say(make, name, said, f"{self.name}: {word}: {name}")
        if not workflows:
            raise HarnessError("workflow: no workflow is among these definitions")
        return conductor.start(str(self.said.get("run", workflows[0])), self.said.get("input"))

    def _say(self, make: Callable[[str], Rule], name: str, said: Mapping[str, Any], where: str) -> None:
        try:
            rule = make(name)
            rule.place = self.name
            _say(rule, said)
        except HarnessError as error:
            raise HarnessError(f"{where}: {error}") from None

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


def read_cases(document: Any, folder: Path, *, file: str = "", expects: bool = True) -> list[Case]:
    """The cases of a file, as YAML reads it. Raises ``HarnessError`` for what can be none; unless ``expects`` a case
    need not say what has to come of it."""
    try:
        return _cases(document, folder, file, expects)
    except HarnessError as error:
        raise HarnessError(f"{file}: {error}" if file else str(error)) from None


def _cases(document: Any, folder: Path, file: str, expects: bool) -> list[Case]:
    if not isinstance(document, dict):
        raise HarnessError(f"a case has keys ({', '.join(_KEYS)}, or cases), not {document!r}")
    common = {key: value for key, value in document.items() if key != "cases"}
    named = document.get("cases", {"case": {}})
    if not isinstance(named, dict) or not named:
        raise HarnessError("cases: give each case a name, `cases: {declined: {…}}`")
    cases = []
    for name, own in named.items():
        _known(own or {}, _KEYS, str(name))
        said = _merged(common, own or {}, levels=_LEVELS)
        _check(str(name), said, expects)
        cases.append(Case(str(name), folder, said, file))
    return cases


def _merged(common: Mapping[str, Any], own: Mapping[str, Any], *, levels: Mapping[str, Any]) -> dict[str, Any]:
    """What holds for all cases and what one says; ``levels``: the keys whose parts are merged in their turn."""
    merged = {**common, **own}
    for key, below in levels.items():
        of_all, of_one = common.get(key), own.get(key)
        if isinstance(of_all, dict) and isinstance(of_one, dict):
            merged[key] = _merged(of_all, of_one, levels=below)
    return merged


def _check(name: str, said: dict[str, Any], expects: bool) -> None:
    """Raises ``HarnessError`` for what cannot be meant, before anything is run."""
    _known(said, _KEYS, name)
    for key in ("workflow", "expect"):
        if key not in said and (expects or key != "expect"):
            raise HarnessError(f"{name}: `{key}` is missing")
    for key in ("stubs", "faults", "expect"):
        if not isinstance(said.get(key, {}), dict):
            raise HarnessError(f"{name}: `{key}` has names and what they say, not {said[key]!r}")
    if not said.get("expect", {"status": ""}) or said.get("expect") == {"tasks": {}}:
        raise HarnessError(f"{name}: `expect` expects nothing; write `expect: {{status: COMPLETED}}`")
    if not isinstance(said.get("input") or {}, dict):
        raise HarnessError(f"{name}: input: a workflow's input is an object, not {said['input']!r}")
    if not isinstance(said.get("run", ""), str):
        raise HarnessError(f"{name}: run: expected a workflow's name, not {said['run']!r}")
    _check_expected(said.get("expect", {}), f"{name}: expect")
    for word in ("stubs", "faults"):
        for target, rules in said.get(word, {}).items():
            for rule in _listed(rules):
                _known(rule, _RULE, f"{name}: {word}: {target}")
                if "delay" in rule:
                    _milliseconds(rule["delay"], f"{name}: {word}: {target}: delay")


def _check_expected(expected: dict[str, Any], where: str) -> None:
    _known(expected, _RUN, where)
    if "elapsed" in expected:
        _milliseconds(expected["elapsed"], f"{where}: elapsed")
    for key, kind, words in (("tasks", dict, "names and what is expected of them"), ("path", list, "a list of names")):
        if not isinstance(expected.get(key, kind()), kind):
            raise HarnessError(f"{where}: {key}: expected {words}, not {expected[key]!r}")
    for task, fields in expected.get("tasks", {}).items():
        _known(fields, _TASK, f"{where}: tasks: {task}")


def _milliseconds(value: Any, where: str) -> int:
    """Seconds, or a text like ``90 s``."""
    return parsed(value, where) if isinstance(value, str) else milliseconds_of(value, where)


def _known(said: Any, names: tuple[str, ...], where: str) -> None:
    if not isinstance(said, dict):
        raise HarnessError(f"{where}: expected keys out of {', '.join(names)}, found {said!r}")
    for key in said:
        if key not in names:
            hint = did_you_mean(str(key), names)
            raise HarnessError(f"{where}: there is no `{key}`{hint}; there are {', '.join(names)}")


def _say(rule: Rule, said: Mapping[str, Any]) -> None:
    for key in _NARROWED:
        if key in said:
            getattr(rule, key)(*_listed(said[key]))
    if "times" in said:
        rule.times(said["times"])
    for key in _TELLING:
        if key in said:
            if key != "returns" and isinstance(said[key], dict | list):
                raise HarnessError(f"`{key}` takes a reason, not {said[key]!r}")
            getattr(rule, key)(said[key])
    if "delay" in said:
        rule.delay(timedelta(milliseconds=_milliseconds(said["delay"], "delay")))
    for key in _SAID_BY_TRUE:
        if key in said:
            if said[key] is not True:
                raise HarnessError(f"write `{key}: true`, not {said[key]!r}")
            getattr(rule, key)()


def _unmet(run: Run, expected: Mapping[str, Any]) -> Iterator[str]:
    for key, wanted in expected.items():
        if key == "tasks":
            for name, fields in wanted.items():
                try:
                    task = run.task(name)
                except NoSuchTask:
                    hint = did_you_mean(name, run.path)
                    yield f"{name}: expected {fields!r}, and there is no such task{hint}; there are {_there(run)}"
                    continue
                for field, value in fields.items():
                    yield from _compared(f"{name}: {field}", value, getattr(task, field))
        elif key == "elapsed":
            milliseconds = round(run.elapsed / timedelta(milliseconds=1))
            if milliseconds != _milliseconds(wanted, key):
                shown = span(milliseconds, units=4) if isinstance(wanted, str) else milliseconds / 1000
                yield f"{key}: expected {wanted!r}, was {shown!r}"
        else:
            yield from _compared(key, wanted, getattr(run, key))


def _there(run: Run) -> str:
    return ", ".join(f"`{name}`" for name in names(run.workflow.tasks)) or "none at all"


def _compared(what: str, wanted: Any, found: Any) -> Iterator[str]:
    if not _is_same(wanted, found):
        shown = str(found) if isinstance(found, str) else found
        yield f"{what}: expected {wanted!r}, was {shown!r}"


def _is_same(wanted: Any, found: Any) -> bool:
    """Whether two JSON values are the same one; ``true`` is not 1."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return wanted.keys() == found.keys() and all(_is_same(wanted[key], found[key]) for key in wanted)
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(_is_same, wanted, found))
    return isinstance(wanted, bool) == isinstance(found, bool) and bool(wanted == found)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
