"""The command line: ``conductor-emulator serve``, and the commands of other packages (``run``).

A command of another package is an entry point of the group ``conductor_emulator.commands``: a function that adds it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from conductor_emulator import __version__

COMMANDS = "conductor_emulator.commands"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the process's exit status."""
    parser = argparse.ArgumentParser(prog="conductor-emulator", description="A Conductor server in memory.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_serve(commands)
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] != ["serve"]:  # a server starts without a look at what else is installed
        from importlib.metadata import entry_points

        for command in entry_points(group=COMMANDS):
            command.load()(commands)
    chosen = parser.parse_args(arguments)
    result: int = chosen.run(chosen)
    return result


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser("serve", help="run the server until it is stopped", description=_serve.__doc__)
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serve.add_argument("--port", type=_port, default=8080, help="port; 0 lets the system choose (default: %(default)s)")
    serve.add_argument("--flavor", choices=("oss", "orkes"), default="oss", help="which server to be like")
    serve.add_argument("--auth-key", help="key id that clients have to show (default: none, no authentication)")
    serve.add_argument("--auth-secret", help="its secret")
    serve.add_argument(
        "--token-seconds",
        type=int,
        default=3600,
        metavar="SECONDS",
        help="how long a token lives that a client gets for them (default: %(default)s)",
    )
    serve.add_argument(
        "--sweep-lag",
        type=float,
        default=0.5,
        metavar="SECONDS",
        help="how late time-outs are noticed, as the real server's sweeper is late (default: %(default)s; 0: exactly)",
    )
    serve.add_argument(
        "--virtual-clock",
        action="store_true",
        help="time stands still until it is moved: POST /api/emulator/clock/advance, /jump, /run-until-idle",
    )
    serve.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="${workflow.env.NAME}")
    serve.add_argument("--secret", action="append", default=[], metavar="NAME=VALUE", help="${workflow.secrets.NAME}")
    serve.set_defaults(run=_serve)


def _serve(chosen: argparse.Namespace) -> int:
    """Run the server until it is stopped. Everything is kept in memory."""
    from conductor_emulator.runtime.clock import VirtualClock
    from conductor_emulator.runtime.options import Options

    try:
        from conductor_emulator.server.serving import serve
    except ModuleNotFoundError as missing:
        print(f'{missing.name} is not installed: pip install "conductor-sdk[emulator]"', file=sys.stderr)
        return 2
    if (chosen.auth_key is None) != (chosen.auth_secret is None):
        print("--auth-key and --auth-secret go together: give both or none", file=sys.stderr)
        return 2
    try:
        environment, secrets = pairs("--env", chosen.env), pairs("--secret", chosen.secret)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    options = Options(
        flavor=chosen.flavor,
        environment=environment,
        secrets=secrets,
        auth_key=chosen.auth_key,
        auth_secret=chosen.auth_secret,
        token_seconds=chosen.token_seconds,
        sweep_lag_ms=int(chosen.sweep_lag * 1000),
    )
    return serve(chosen.host, chosen.port, options, VirtualClock() if chosen.virtual_clock else None)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 0 to 65535")
    return int(text)


def pairs(option: str, texts: Sequence[str]) -> dict[str, str]:
    """The values of an option that is given as NAME=VALUE. Raises ``ValueError``."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise ValueError(f"{option} {text}: expected NAME=VALUE")
        found[name] = value
    return found
