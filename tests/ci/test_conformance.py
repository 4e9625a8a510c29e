"""The list of what may differ from the real server only shrinks."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def load() -> ModuleType:
    file = Path(__file__).parents[2] / ".ci" / "conformance.py"
    spec = importlib.util.spec_from_file_location("ci_conformance", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


conformance = load()
scenarios, seeds = conformance.SUITES


def test_a_listed_name_may_carry_its_reason() -> None:
    text = "# why this list\n\none\ntwo  # by decision: a race\n"
    assert conformance.read_pending(text) == {"one": "one", "two": "two  # by decision: a race"}


@pytest.mark.parametrize(
    ("failed", "pending", "unexpected", "risen"),
    [
        (set(), set(), [], []),
        ({"a"}, {"a"}, [], []),
        ({"a", "b"}, {"a"}, ["b"], []),
        (set(), {"a"}, [], ["a"]),
        ({"b"}, {"a"}, ["b"], ["a"]),
    ],
)
def test_the_list_must_say_exactly_what_differs(
    failed: set[str], pending: set[str], unexpected: list[str], risen: list[str]
) -> None:
    verdict = conformance.judge(failed, pending)
    assert (verdict.unexpected, verdict.risen) == (unexpected, risen)
    assert verdict.good is (failed == pending)


def test_rewriting_drops_what_agrees_and_keeps_comments() -> None:
    text = "# head\nold\nstays  # by decision\n"
    assert conformance.rewrite_pending(text, {"stays", "new"}, allow_growth=False) == "# head\nstays  # by decision\n"


def test_rewriting_adds_names_only_when_growth_is_allowed() -> None:
    assert conformance.rewrite_pending("a\n", {"a", "c", "b"}, allow_growth=True) == "a\nb\nc\n"


def test_a_players_output_is_read_name_by_name() -> None:
    output = "DIFFERS one (0.1 s)\n  step 0: a\n  step 1: b\nDIFFERS two (0.2 s)\n  step 0: c\n7 passed, 2 failed\n"
    outcome = conformance.parse(scenarios, output)
    assert outcome.passed == 7
    assert outcome.failed == {
        "one": "DIFFERS one (0.1 s)\n  step 0: a\n  step 1: b",
        "two": "DIFFERS two (0.2 s)\n  step 0: c",
    }


def test_seeds_are_read_as_names() -> None:
    assert set(conformance.parse(seeds, "DIFFERS seed 7: a; b\n1 passed, 1 failed\n").failed) == {"7"}


def test_all_may_agree() -> None:
    assert conformance.parse(seeds, "128 passed, 0 failed\n") == conformance.Outcome(passed=128, failed={})


@pytest.mark.parametrize("output", ["", "Traceback …\n", "DIFFERS one (0.1 s)\n3 passed, 2 failed\n"])
def test_a_player_that_broke_is_no_outcome(output: str) -> None:
    with pytest.raises(ValueError, match=r"play\.py"):
        conformance.parse(scenarios, output)


# The whole program, with a player and an emulator that only print.


def program(path: Path, *lines: str) -> None:
    path.write_text("\n".join(["#!/bin/sh", *lines]) + "\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Recordings whose player says that `one` differs; the list of what may differ is `pending.txt`."""
    (tmp_path / "play.py").write_text("print('DIFFERS one (0.1 s)\\n  step 0: a\\n7 passed, 1 failed')\n")
    suite = replace(scenarios, arguments=("play.py", "URL"), only=tuple, pending=tmp_path / "pending.txt")
    monkeypatch.setattr(conformance, "RECORDINGS", tmp_path)
    monkeypatch.setattr(conformance, "CHECKOUT", tmp_path)
    monkeypatch.setattr(conformance, "SUITES", (suite,))
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["conformance.py", "--url", "http://127.0.0.1:9", *arguments])
    status: int = conformance.main()
    return status


@pytest.mark.parametrize(
    ("pending", "status", "said"),
    [
        ("one\n", 0, "scenarios: 7 agree with the real server, 1 do not"),
        ("", 1, "not in pending.txt, so these must agree: one"),
        ("one\ntwo\n", 1, "remove them from pending.txt (--write-pending does it): two"),
    ],
)
def test_the_program_says_what_to_do(
    corpus: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    pending: str,
    status: int,
    said: str,
) -> None:
    (corpus / "pending.txt").write_text(pending)
    assert run(monkeypatch) == status
    assert said in capsys.readouterr().out


def test_what_differs_among_others_is_played_once_more_alone(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (corpus / "pending.txt").write_text("two\n")
    (corpus / "play.py").write_text(
        "import sys\n"
        "if sys.argv[2:] == ['late', 'wrong']:\n"
        "    print('DIFFERS wrong (0.1 s)\\n1 passed, 1 failed')\n"
        "else:\n"
        "    print('DIFFERS late\\nDIFFERS two\\nDIFFERS wrong\\n7 passed, 3 failed')\n"
    )
    assert run(monkeypatch) == 1
    said = capsys.readouterr().out
    assert "scenarios: differed among the others and agree alone: late\n" in said
    assert "scenarios: 8 agree with the real server, 2 do not\n" in said
    assert "so these must agree: wrong\n" in said


@pytest.mark.parametrize(("suite", "names"), [(scenarios, ["rest_health"]), (seeds, ["1", "2"])])
def test_a_player_takes_the_names_to_play(suite: Any, names: list[str]) -> None:
    player = conformance.RECORDINGS / suite.arguments[0]
    known = subprocess.run([sys.executable, "-B", player, "--help"], capture_output=True, text=True, check=True).stdout
    assert all(option in known for option in suite.only(names) if option.startswith("--"))
    assert any(names[0] in argument for argument in suite.only(names))


def test_the_list_is_rewritten_on_demand(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pending = corpus / "pending.txt"
    pending.write_text("two\n")
    assert run(monkeypatch, "--write-pending") == 1
    assert not pending.read_text()
    assert run(monkeypatch, "--write-pending", "--allow-growth") == 0
    assert pending.read_text() == "one\n"


def test_every_scenario_has_its_recorded_answers() -> None:
    listed = subprocess.run(
        [sys.executable, "-B", conformance.RECORDINGS / "play.py", "list"], capture_output=True, text=True, check=True
    )
    names = set(listed.stdout.split())
    assert names == {file.stem for file in (conformance.RECORDINGS / "golden").glob("*.json")}
    assert set(conformance.read_pending(scenarios.pending.read_text(encoding="utf-8"))) <= names


def test_the_url_is_the_one_that_the_emulator_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "conductor-emulator", "echo Ready at http://127.0.0.1:8123/api", "exec tail -f /dev/null")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with conformance.emulator() as url:
        assert url == "http://127.0.0.1:8123"


def test_an_emulator_that_does_not_come_up_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "conductor-emulator", "echo no")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(SystemExit, match="ended without printing its URL"), conformance.emulator():
        pass
