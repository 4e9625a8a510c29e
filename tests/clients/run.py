"""Run the program of each official SDK, unchanged as published, against the emulator.

Each program does the same and prints what it found as one JSON object, which has to be `EXPECTED`: it registers, works,
retries, fails for good, executes and waits, pauses, resumes, terminates, reports by reference name, logs and searches.
Each runs against flavor oss, flavor orkes, and an emulator that asks for a token.

What an SDK needs is installed below build/clients/. One that cannot be had here (no toolchain, or its registry has not
got it) is reported as not run; naming SDKs on the command line makes that a failure.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from conductor_emulator.runtime.options import Options
from conductor_emulator.server.serving import BackgroundServer

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "clients"
INSTALLED_WITHIN = 600.0  #: seconds
PLAYED_WITHIN = 120.0  #: seconds

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


@dataclass(frozen=True, kw_only=True)
class Client:
    """One SDK: how its program is made ready, which gives the command to run it."""

    name: str
    prepare: Callable[[Path], list[str]]
    #: life of a token; short where the SDK asks for a new one when it hears EXPIRED_TOKEN
    token_seconds: int = 3600


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise NotHere(f"{name} is not installed")
    return found


def install(arguments: list[str], folder: Path) -> str:
    """Run an installer; what it prints. One that fails means that the SDK is not to be had."""
    done = subprocess.run(
        arguments, cwd=folder, capture_output=True, text=True, timeout=INSTALLED_WITHIN, check=False, env=os.environ
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise NotHere(f"{Path(arguments[0]).name} {arguments[1]} failed: {said[-1] if said else 'without a word'}")
    return done.stdout


def prepare_python(folder: Path) -> list[str]:
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        install([sys.executable, "-m", "venv", "venv"], folder)
    install([str(python), "-m", "pip", "install", "--quiet", "--requirement", "requirements.txt"], folder)
    return [str(python), "program.py"]


def prepare_javascript(folder: Path) -> list[str]:
    node = tool("node")
    install([tool("npm"), "install", "--legacy-peer-deps", "--no-audit", "--no-fund"], folder)
    return [node, "program.mjs"]


def prepare_java(folder: Path) -> list[str]:
    java = newest_java(21)
    classpath = folder / "classpath.txt"
    install([tool("mvn"), "--quiet", "dependency:build-classpath", f"-Dmdep.outputFile={classpath}"], folder)
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
    install([go, "build", "-o", "program", "program.go"], folder)
    return [str(folder / "program")]


CLIENTS = (
    Client(name="python", prepare=prepare_python, token_seconds=1),
    Client(name="javascript", prepare=prepare_javascript, token_seconds=1),
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
            done = subprocess.run(
                command,
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=PLAYED_WITHIN,
                check=False,
            )
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


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    names = [client.name for client in CLIENTS]
    parser.add_argument("sdks", nargs="*", metavar="SDK", help=f"{', '.join(names)}; none: all that are to be had")
    wanted = parser.parse_args().sdks
    if unknown := set(wanted) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    passed, failed, not_run = 0, 0, []
    for client in CLIENTS:
        if wanted and client.name not in wanted:
            continue
        folder = BUILD / client.name
        shutil.copytree(HERE / client.name, folder, dirs_exist_ok=True)
        try:
            command = client.prepare(folder)
        except NotHere as missing:
            not_run.append(client.name)
            print(f"NOT RUN {client.name}: {missing}")
            continue
        for setup, options in SETUPS.items():
            problem = play(command, folder, replace(options, token_seconds=client.token_seconds))
            print(
                f"{'FAILED' if problem else 'passed'} {client.name}, {setup}",
                problem or "",
                sep="\n" if problem else "",
            )
            passed, failed = passed + (not problem), failed + bool(problem)
    if not_run:
        print(f"not run here: {', '.join(not_run)}")
    print(f"{passed} passed, {failed + (len(not_run) if wanted else 0)} failed")
    return 1 if failed or (wanted and not_run) else 0


if __name__ == "__main__":
    sys.exit(main())
