"""Run the program of each official SDK, unchanged as published, against the emulator.

Each program does the same and prints what it found as one JSON object, which has to be `EXPECTED`: it registers, works,
retries, fails for good, executes and waits, pauses, resumes, terminates, reports by reference name, logs and searches.
Each runs against flavor oss, flavor orkes, and an emulator that asks for a token.

What an SDK needs is installed below build/clients/. One that cannot be had here (no toolchain, or its registry has not
got it or does not answer in time) is reported as not run; naming SDKs on the command line makes that a failure. A
program that does not compile, breaks off or finds something else is a failure always.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from conductor_emulator.runtime.options import Options
from conductor_emulator.server.serving import BackgroundServer

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "clients"
#: Seconds for one step of an installation. A registry out of reach costs no more than that, and SDKs are installed two
#: at a time.
INSTALLED_WITHIN = 80.0
#: Seconds for one program against one emulator; it takes three.
PLAYED_WITHIN = 240.0

EXPECTED = {
    "greeting": "Hello, Ann",
    "attempts": ["FAILED", "COMPLETED"],
    "log": ["greeting Ann"],
    "executed": ["COMPLETED", "Hello, Bob"],
    "failed": ["FAILED", "FAILED_WITH_TERMINAL_ERROR", 1],
    "terminated": ["PAUSED", "TERMINATED", "enough", "CANCELED"],
    "signalled": 42,
    "found": 2,
    "correlated": 2,
}

GUARDED = Options(flavor="orkes", auth_key="key", auth_secret="secret")
SETUPS = {"oss": Options(), "orkes": Options(flavor="orkes"), "with a token": GUARDED}


class NotHere(Exception):
    """An SDK or its toolchain is not to be had here."""


class Broken(Exception):
    """A program cannot be run although its SDK is there."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """One SDK: how its program is made ready, which gives the command to run it."""

    name: str
    prepare: Callable[[Path], list[str]]
    #: life of a token; short where the SDK asks for a new one when it hears EXPIRED_TOKEN and repeats the whole request
    #: (JavaScript's repeats it without its content type), and longer than any request takes on a slow machine
    token_seconds: int = 3600


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise NotHere(f"{name} is not installed")
    return found


def install(arguments: list[str], folder: Path) -> None:
    """Run an installer. One that fails, or takes too long, means that the SDK is not to be had."""
    step = " ".join([Path(arguments[0]).name, *arguments[1:3]])
    try:
        done = run(arguments, folder, INSTALLED_WITHIN)
    except subprocess.TimeoutExpired:
        raise NotHere(f"{step} took more than {INSTALLED_WITHIN:.0f} s") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise NotHere(f"{step} failed: {said[-1] if said else 'without a word'}")


def run(
    arguments: list[str], folder: Path, within: float, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments, cwd=folder, env=environment, capture_output=True, text=True, timeout=within, check=False
    )


def prepare_python(folder: Path) -> list[str]:
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        install([sys.executable, "-m", "venv", "--without-pip", "venv"], folder)
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-compile"]
    install([*pip, "--retries", "1", "--timeout", "15", "--requirement", "requirements.txt"], folder)
    return [str(python), "program.py"]


def prepare_javascript(folder: Path) -> list[str]:
    node = tool("node")
    npm = [tool("npm"), "install", "--legacy-peer-deps", "--no-audit", "--no-fund", "--prefer-offline"]
    install([*npm, "--fetch-retries=1", "--fetch-timeout=20000"], folder)
    return [node, "program.mjs"]


def prepare_java(folder: Path) -> list[str]:
    java = newest_java(21)
    classpath = folder / "classpath.txt"
    install(
        [tool("mvn"), "--quiet", "--batch-mode", "dependency:build-classpath", f"-Dmdep.outputFile={classpath}"], folder
    )
    return [java, "-cp", classpath.read_text(encoding="utf-8").strip(), "Program.java"]


def newest_java(least: int) -> str:
    """The newest Java of JAVA_HOME, the path and the usual folder."""
    homes = [Path(os.environ["JAVA_HOME"])] if "JAVA_HOME" in os.environ else []
    candidates = [home / "bin" / "java" for home in [*homes, *Path("/usr/lib/jvm").glob("*")]]
    if on_path := shutil.which("java"):
        candidates.append(Path(on_path))
    versions = {}
    for java in candidates:
        if java.exists():
            said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
            if found := re.search(r'version "(\d+)', said):
                versions[str(java)] = int(found[1])
    newest = max(versions, key=lambda java: versions[java], default=None)
    if newest is None or versions[newest] < least:
        raise NotHere(f"the client needs Java {least}, found {sorted(versions.values()) or 'none'}")
    return newest


def prepare_go(folder: Path) -> list[str]:
    go = tool("go")
    if checkout := os.environ.get("CONDUCTOR_GO_SDK"):
        install([go, "mod", "edit", f"-replace=github.com/conductor-sdk/conductor-go={checkout}"], folder)
    install([go, "mod", "tidy"], folder)
    try:
        built = run([go, "build", "-o", "program", "program.go"], folder, INSTALLED_WITHIN)
    except subprocess.TimeoutExpired:
        raise NotHere(f"go build took more than {INSTALLED_WITHIN:.0f} s") from None
    if built.returncode:
        raise Broken(built.stderr)
    return [str(folder / "program")]


CLIENTS = (
    Client(name="python", prepare=prepare_python, token_seconds=5),
    Client(name="javascript", prepare=prepare_javascript),
    Client(name="java", prepare=prepare_java),
    Client(name="go", prepare=prepare_go),
)


def play(command: list[str], folder: Path, options: Options) -> str | None:
    """Run a program against an emulator of its own; what is wrong, or None."""
    with BackgroundServer(options) as server:
        environment = {**os.environ, "CONDUCTOR_SERVER_URL": f"{server.url}/api"}
        for name in ("CONDUCTOR_AUTH_KEY", "CONDUCTOR_AUTH_SECRET"):
            environment.pop(name, None)
        if options.auth_key is not None:
            environment |= {"CONDUCTOR_AUTH_KEY": "key", "CONDUCTOR_AUTH_SECRET": "secret"}
        try:
            done = run(command, folder, PLAYED_WITHIN, environment)
        except subprocess.TimeoutExpired as late:
            return f"no end within {PLAYED_WITHIN:.0f} s\n{late.stderr!r}"
        missed = server.api.misses.report()
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        return "\n".join([f"exit status {done.returncode}", done.stdout[-2000:], done.stderr[-3000:], *missed])
    return differences(json.loads(lines[-1])) or None


def differences(findings: dict[str, Any]) -> str:
    names = sorted(EXPECTED.keys() | findings.keys())
    return "\n".join(
        f"  {name}: expected {EXPECTED.get(name)!r}, found {findings.get(name)!r}"
        for name in names
        if findings.get(name) != EXPECTED.get(name)
    )


@dataclass(frozen=True)
class Outcome:
    """What came of one SDK: lines to print, and how many setups passed and failed."""

    client: Client
    lines: list[str]
    passed: int = 0
    failed: int = 0
    not_here: bool = False


def try_client(client: Client) -> Outcome:
    """Install an SDK and run its program in every setup."""
    folder = BUILD / client.name
    shutil.copytree(HERE / client.name, folder, dirs_exist_ok=True)
    began = time.monotonic()
    try:
        command = client.prepare(folder)
    except NotHere as missing:
        return Outcome(client, [f"NOT RUN {client.name}: {missing}"], not_here=True)
    except Broken as broken:
        return Outcome(client, [f"FAILED {client.name}, which does not compile", str(broken)], failed=1)
    lines = [f"{client.name} is ready after {time.monotonic() - began:.0f} s"]
    failed = 0
    for setup, options in SETUPS.items():
        problem = play(command, folder, replace(options, token_seconds=client.token_seconds))
        failed += bool(problem)
        lines += [f"FAILED {client.name}, {setup}", problem] if problem else [f"passed {client.name}, {setup}"]
    return Outcome(client, lines, len(SETUPS) - failed, failed)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    names = [client.name for client in CLIENTS]
    parser.add_argument("sdks", nargs="*", metavar="SDK", help=f"{', '.join(names)}; none: all that are to be had")
    wanted = parser.parse_args().sdks
    if unknown := set(wanted) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    outcomes = []
    with ThreadPoolExecutor(2) as two_at_a_time:
        for outcome in two_at_a_time.map(try_client, [c for c in CLIENTS if not wanted or c.name in wanted]):
            print(*outcome.lines, sep="\n", flush=True)
            outcomes.append(outcome)
    not_run = [outcome.client.name for outcome in outcomes if outcome.not_here]
    if not_run:
        print(f"not run here: {', '.join(not_run)}")
    failed = sum(outcome.failed for outcome in outcomes) + (len(not_run) if wanted else 0)
    print(f"{sum(outcome.passed for outcome in outcomes)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
