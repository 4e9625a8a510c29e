from __future__ import annotations

import importlib.metadata
import re
import signal
import socket
import subprocess
import sys

import pytest
import requests

from conductor_emulator import __version__
from conductor_emulator.cli import main

_PATIENCE = 30.0


def _refused(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    return stopped.value.code


def test_it_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert _refused("--version") == 0
    assert capsys.readouterr().out == f"conductor-emulator {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["serve", "--port", "99999"], "'99999' is no port: give a number from 0 to 65535"),
        (["serve", "--port", "http"], "'http' is no port"),
        (["serve", "--flavor", "netflix"], "invalid choice: 'netflix'"),
    ],
)
def test_what_it_cannot_read_it_refuses_in_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _refused(*arguments) == 2
    assert words in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--auth-key", "k"], "--auth-key and --auth-secret go together: give both or none"),
        (["--env", "NAME"], "--env NAME: expected NAME=VALUE"),
        (["--secret", "=x"], "--secret =x: expected NAME=VALUE"),
    ],
)
def test_options_that_make_no_sense_together(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--port", "0", *arguments]) == 2
    assert capsys.readouterr().err.strip() == words


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"cannot listen on 127.0.0.1 port {port}: Address already in use. Give another --port")


def test_commands_of_other_packages_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert _refused("--help") == 0
    said = capsys.readouterr().out
    assert "serve" in said
    assert "run a workflow to its end" in said


def test_a_server_does_not_look_for_other_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(**_: str) -> None:
        raise AssertionError("looked")

    monkeypatch.setattr(importlib.metadata, "entry_points", look)
    assert _refused("serve", "--port", "99999") == 2
    with pytest.raises(AssertionError, match="looked"):
        main(["run"])


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_url_when_it_is_ready_and_ends_in_order(stop: signal.Signals) -> None:
    command = [sys.executable, "-m", "conductor_emulator", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        line = server.stdout.readline()
        found = re.search(r"http://\S+/api", line)
        assert found is not None, line
        assert requests.get(f"{found[0]}/metadata/workflow", timeout=_PATIENCE).json() == []
        server.send_signal(stop)
        assert server.wait(_PATIENCE) in (0, -stop)
        assert "Traceback" not in server.stderr.read()


def test_its_time_can_be_virtual() -> None:
    command = [sys.executable, "-m", "conductor_emulator", "serve", "--port", "0", "--virtual-clock"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        found = re.search(r"http://\S+/api", server.stdout.readline())
        assert found is not None
        clock = f"{found[0]}/emulator/clock"
        before = requests.get(clock, timeout=_PATIENCE).json()["now"]
        after = requests.post(f"{clock}/advance?milliseconds=1000", timeout=_PATIENCE).json()
        assert after == {"now": before + 1000, "virtual": True, "next": None}
        server.send_signal(signal.SIGTERM)
        server.wait(_PATIENCE)
