"""``conductor-emulator run``: a workflow from the shell, with the harness of the tests.

The emulator's command line finds it as an entry point (group ``conductor_emulator.commands``): the emulator knows
neither the harness nor the SDK. Only the standard library is imported here; the rest when the command runs.
"""

from __future__ import annotations

import argparse


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("run", help="run a workflow to its end, in virtual time", description=_run.__doc__)
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="definitions of workflows and tasks (JSON or YAML, or in Python: flows.py:NAME, package.flows:NAME), or "
        "tests written as data (*.conductor.yaml)",
    )
    parser.add_argument("--input", metavar="JSON", help="the workflow's input; @FILE reads it, @- reads standard input")
    parser.add_argument("--workflow", metavar="NAME", help="which workflow (default: the first in the files)")
    parser.add_argument("--case", metavar="NAME", help="which case of a file of tests (default: all)")
    parser.add_argument(
        "--stub",
        action="append",
        default=[],
        metavar="NAME=JSON",
        help="tasks of this type or reference name are completed with this output (@FILE reads it)",
    )
    parser.add_argument(
        "--workers",
        action="append",
        default=[],
        metavar="MODULE",
        help="a module, or a file, with functions that @worker decorates",
    )
    parser.add_argument("--real-time", action="store_true", help="by the machine's clock: a wait of a minute takes one")
    parser.add_argument("--json", action="store_true", help="the result as JSON, one line for each run")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")
    parser.add_argument("--pages", metavar="DIR", help="keep the page of each run in this directory")
    parser.add_argument("--flavor", choices=("oss", "orkes"), default="oss", help="which server to be like")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="${workflow.env.NAME}")
    parser.add_argument("--secret", action="append", default=[], metavar="NAME=VALUE", help="${workflow.secrets.NAME}")
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    """Run a workflow to its end, with a timeline. Exit status: 0 it completed (a test: it came out as expected), 1 it
    did not, 2 nothing could be run."""
    from conductor_pytest.run_command.program import run

    return run(chosen)
