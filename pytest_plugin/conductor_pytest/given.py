"""What calls of the harness are given: it is looked at before anything is done with it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from conductor_pytest.documents import definitions_in, is_workflow, read_document
from conductor_pytest.errors import HarnessError, shown_at_the_test
from conductor_pytest.near_names import did_you_mean
from conductor_pytest.shortened import shown

__tracebackhide__ = shown_at_the_test

FLAVORS: Final = ("oss", "orkes")
_FILES: Final = (".json", ".yaml", ".yml")


def refuse_workflow(workflow: Any) -> HarnessError:
    """What to raise for something that cannot be run."""
    takes = "run() and start() take the name of a registered workflow, a ConductorWorkflow, or a StartWorkflowRequest"
    if isinstance(workflow, Mapping):
        name = workflow.get("name")
        instead = f": conductor.register(…), then conductor.run({name!r})" if isinstance(name, str) else ""
        return HarnessError(f"{takes}, not a definition {shown(dict(workflow))}{instead}")
    if isinstance(workflow, Path):
        return HarnessError(f"{takes}, not a path; {registered_first(str(workflow))}")
    return HarnessError(f"{takes}, not {shown(workflow)}{'; call it' if callable(workflow) else ''}")


def registered_first(path: str) -> str:
    """How to run what a file defines; empty where the name is none of a file."""
    if not path.endswith(_FILES):
        return ""
    names: list[str] = []
    with contextlib.suppress(HarnessError):
        definitions = definitions_in(read_document(Path(path)), path)
        names = [repr(definition["name"]) for definition in definitions if is_workflow(definition)]
    name = names[0] if len(names) == 1 else "NAME"
    return f"register the file first: conductor.register({path!r}), then conductor.run({name})"


def as_object(given: Any, what: str) -> dict[str, Any]:
    """A dict of a task's output, a workflow's input; nothing is an empty one. Raises ``HarnessError``."""
    if given is not None and not isinstance(given, Mapping):
        raise HarnessError(f"{what} is an object (a dict), not {shown(given)}")
    return dict(given or {})


def check_flavor(flavor: Any) -> None:
    """Raises ``HarnessError`` for one that there is not."""
    if flavor not in FLAVORS:
        hint = did_you_mean(flavor, FLAVORS) if isinstance(flavor, str) else ""
        raise HarnessError(f"flavor={flavor!r}: there are {' and '.join(map(repr, FLAVORS))}{hint}")


def check_chooser(chooser: Any) -> None:
    """Raises ``HarnessError`` for what does not choose."""
    if isinstance(chooser, type) or not callable(getattr(chooser, "choose", None)):
        seed = chooser if isinstance(chooser, int) and not isinstance(chooser, bool) else 7
        raise HarnessError(
            f"a chooser has a method choose(count), and {shown(chooser)} is none: conductor.chooser = Seeded({seed})"
        )
