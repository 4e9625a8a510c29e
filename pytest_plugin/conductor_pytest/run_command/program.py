"""``conductor-emulator run``: each case in an engine of its own, watched, and told at its end."""

from __future__ import annotations

import argparse
import contextlib
import glob
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from conductor_emulator.runtime.clock import VirtualClock
from conductor_pytest.cases import Case
from conductor_pytest.errors import HarnessError, Stuck, UnusedRules
from conductor_pytest.harness import Conductor
from conductor_pytest.lines import FileMistake
from conductor_pytest.report import write_pages
from conductor_pytest.run_command.arguments import Arguments, read
from conductor_pytest.run_command.progress import Progress
from conductor_pytest.run_command.real_time import RealTime
from conductor_pytest.run_command.result import Result
from conductor_pytest.run_command.shell import Shell, in_words_of_the_shell
from conductor_pytest.runs import Run
from conductor_pytest.said_rules import listed
from conductor_sdk import ConductorError, TaskDef

COMPLETED: Final = 0
NOT_COMPLETED: Final = 1
NOT_RUN: Final = 2
INTERRUPTED: Final = 130
_NO_SUCH_WORKFLOW: Final = re.compile(r"No such workflow defined\. name=(.+?), version=")


def run(chosen: argparse.Namespace) -> int:
    """Run what was chosen; the process's exit status."""
    try:
        arguments = read(chosen)
        results = [_told(case, arguments, chosen) for case in arguments.cases]
    except (HarnessError, ConductorError) as error:
        notes = "".join(f"; {note}" for note in getattr(error, "__notes__", ()))
        print(f"conductor-emulator run: {error}{notes}", file=sys.stderr)
        return NOT_RUN
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOT_COMPLETED
    return COMPLETED if all(result.is_good for result in results) else NOT_COMPLETED


def _told(case: Case, arguments: Arguments, chosen: argparse.Namespace) -> Result:
    """Run a case, and print how it came out as soon as it has."""
    clock = RealTime() if chosen.real_time else VirtualClock()
    shell = Shell(arguments.options, clock)
    conductor = Conductor(shell)
    progress = Progress(sys.stderr, is_terminal=sys.stderr.isatty())
    if not chosen.quiet:
        shell.runtime.listeners.append(progress.listen)
    for work in arguments.workers:
        if isinstance(work.register, TaskDef):
            conductor.register(work.register)
        conductor.worker(work)
    with contextlib.nullcontext() if chosen.quiet else progress:
        result = _result(case, conductor, shell, is_virtual=clock.is_virtual)
    if chosen.pages:
        result.pages = write_pages(conductor, Path(chosen.pages).resolve(), case.name or result.run.name)
    _print(
        json.dumps(result.document(), ensure_ascii="utf" not in _encoding().lower()) if chosen.json else result.text()
    )
    return result


def _encoding() -> str:
    """Of standard output; on Windows seldom one that has all letters, when it leads to a file."""
    return sys.stdout.encoding or "utf-8"


def _print(text: str) -> None:
    encoding = _encoding()
    print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def _result(case: Case, conductor: Conductor, shell: Shell, *, is_virtual: bool) -> Result:
    run = _started(case, conductor)
    result = Result(run, case.name, is_test="expect" in case.said)
    try:
        conductor.wait_for(run)
        if is_virtual:
            conductor.run_until_idle()
    except KeyboardInterrupt:
        result.stuck = "interrupted"
    except Stuck as stuck:
        if not run.status.is_terminal:
            result.stuck = in_words_of_the_shell(str(stuck).partition("\n\n")[0])
    result.remarks.extend(_missing(case, run))
    result.others = [Run(shell, other) for other in shell.workflows() if other != run.id]
    if not result.stuck:
        result.unmet = case.unmet(run)
        _check_stubs(conductor, result)
    return result


def _missing(case: Case, run: Run) -> Iterator[str]:
    """Sub-workflows that stand in none of the files."""
    for task in run.tasks:
        found = _NO_SUCH_WORKFLOW.match(task.reason or "")
        if found is None:
            continue
        files = [case.folder / document for document in listed(case.said["workflow"]) if isinstance(document, str)]
        beside = {path for file in files for path in file.parent.glob(f"{glob.escape(found[1])}.*")} - set(files)
        hint = f" ({', '.join(sorted(os.path.relpath(path) for path in beside))})" if beside else ""
        yield (
            f"workflow `{found[1]}` of task `{task.reference}` is in none of the files: give its file as well{hint}, "
            f"or --stub {task.reference}='{{…}}'"
        )


def _started(case: Case, conductor: Conductor) -> Run:
    """Its run; a mistake in a file of cases is told with the file's name."""
    try:
        return case.start(conductor)
    except FileMistake:
        raise
    except HarnessError as error:
        raise HarnessError(f"{case.file}: {error}" if case.file else str(error)) from None
    except ConductorError as error:
        if case.file:
            error.add_note(f"said in {case.file}: {case.name}")
        raise


def _check_stubs(conductor: Conductor, result: Result) -> None:
    """A stub that no task met fails a test; elsewhere it is worth a remark."""
    try:
        conductor.verify()
    except UnusedRules as unused:
        lines = str(unused).splitlines()[:-1]
        (result.unmet if result.is_test else result.remarks).extend(lines)
