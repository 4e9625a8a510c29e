"""Compare a freshly started emulator with the recorded answers of the real server, which lie in tests/parity.

What does not agree yet is listed in tests/parity/pending*.txt, one name a line, with `# why` after it where it stays so
by decision. The lists only shrink: a failing name that is not listed fails, and so does a listed name that agrees.

The scenarios run on the real clock, many at a time. One that differs and is not listed is played once more, alone, and
named as such when it agrees then: a busy machine's late answer is told apart from a wrong one.
"""

from __future__ import annotations

import argparse
import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
RECORDINGS = CHECKOUT / "tests" / "parity"
READY_WITHIN = 30.0  #: seconds until the emulator has printed its URL
PLAYED_WITHIN = 900.0  #: seconds for one player


@dataclass(frozen=True, kw_only=True)
class Suite:
    """One player: how it is called, how it names what differs, and the list of what may differ."""

    name: str
    arguments: tuple[str, ...]  #: `URL` stands for the emulator's root
    differs: re.Pattern[str]  #: group 1 is the name of what differs
    only: Callable[[list[str]], tuple[str, ...]]  #: the arguments that play only these names, one at a time
    pending: Path


SUITES = (
    Suite(
        name="scenarios",
        arguments=("play.py", "--jobs", "8", "compare", "URL"),
        differs=re.compile(r"^DIFFERS (\S+)", re.MULTILINE),
        only=lambda names: (*names, "--jobs", "1"),  # names behind an option are not taken
        pending=RECORDINGS / "pending.txt",
    ),
    Suite(
        name="random workflows",
        arguments=("fuzz.py", "compare", "URL", "--out", "golden-fuzz.json"),
        differs=re.compile(r"^DIFFERS seed (\d+)", re.MULTILINE),
        only=lambda seeds: ("--jobs", "1", "--seeds", ",".join(seeds)),
        pending=RECORDINGS / "pending-fuzz.txt",
    ),
)


@dataclass(frozen=True)
class Outcome:
    """What one player said: its counts, and what it printed about each name that differs."""

    passed: int
    failed: dict[str, str]


@dataclass(frozen=True)
class Verdict:
    """How an outcome stands to the list of what may differ."""

    unexpected: list[str]  #: differ and are not listed
    risen: list[str]  #: are listed and agree

    @property
    def good(self) -> bool:
        """Whether the list says exactly what differs."""
        return not self.unexpected and not self.risen


def read_pending(text: str) -> dict[str, str]:
    """Name → its line, comments included; lines that are only a comment belong to no name."""
    lines = [line.rstrip() for line in text.splitlines()]
    return {name: line for line in lines if (name := line.partition("#")[0].strip())}


def judge(failed: set[str], pending: set[str]) -> Verdict:
    """What differs beside what may differ."""
    return Verdict(unexpected=sorted(failed - pending), risen=sorted(pending - failed))


def rewrite_pending(text: str, failed: set[str], *, allow_growth: bool) -> str:
    """The list for what fails now: comments stay, names that agree go, new names come only when growth is allowed."""
    kept = []
    for line in text.splitlines():
        name = line.partition("#")[0].strip()
        if not name or name in failed:
            kept.append(line.rstrip())
    if allow_growth:
        kept += sorted(failed - read_pending(text).keys())
    return "".join(f"{line}\n" for line in kept)


def parse(suite: Suite, output: str) -> Outcome:
    """Read a player's output.

    Raises:
        ValueError: the last line is not the player's count, so that it did not come to its end.
    """
    count = re.search(r"^(\d+) passed, (\d+) failed\s*\Z", output, re.MULTILINE)
    if count is None:
        raise ValueError(f"{suite.arguments[0]} did not come to its end:\n{output[-3000:]}")
    starts = list(suite.differs.finditer(output))
    ends = [*(match.start() for match in starts[1:]), count.start()]
    failed = {match[1]: output[match.start() : end].rstrip() for match, end in zip(starts, ends, strict=False)}
    if len(failed) != int(count[2]):
        raise ValueError(f"{suite.arguments[0]} counts {count[2]} failures and names {len(failed)}")
    return Outcome(passed=int(count[1]), failed=failed)


@contextmanager
def emulator() -> Iterator[str]:
    """The root URL (without /api) of an emulator that runs until the block is left."""
    program = Path(sys.executable).with_name("conductor-emulator")
    with subprocess.Popen([program, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - PIPE was asked for
        urls: queue.Queue[str] = queue.Queue()

        def read(lines: Iterator[str]) -> None:
            for line in lines:
                if found := re.search(r"https?://[^\s/]+", line):
                    urls.put(found[0])
            urls.put("")

        reader = threading.Thread(target=read, args=(process.stdout,), daemon=True)
        reader.start()
        try:
            url = urls.get(timeout=READY_WITHIN)
            if not url:
                sys.exit("conductor-emulator serve ended without printing its URL")
            yield url
        except queue.Empty:
            sys.exit(f"conductor-emulator serve printed no URL within {READY_WITHIN:.0f} s")
        finally:
            process.terminate()
            reader.join(READY_WITHIN)  # what it says at its end is read to the end


def after_another_play(first: Outcome, again: Outcome, names: list[str]) -> Outcome:
    """What holds when `names` were played once more: those of them that agree now count as agreeing."""
    failed = {name: text for name, text in first.failed.items() if name not in names or name in again.failed}
    return Outcome(passed=first.passed + len(first.failed) - len(failed), failed=failed)


def play(suite: Suite, url: str, names: list[str] | None = None) -> Outcome:
    """Run one suite's player against the server at `url`: everything, or only these names, one at a time."""
    arguments = [url if argument == "URL" else argument for argument in suite.arguments]
    if names is not None:
        arguments += suite.only(names)
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=RECORDINGS,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PLAYED_WITHIN,
        check=False,
    )
    return parse(suite, done.stdout)


def report(suite: Suite, outcome: Outcome, verdict: Verdict) -> None:
    """Say what came out, and what to do about it."""
    for name in verdict.unexpected:
        print(outcome.failed[name])
    listed = suite.pending.relative_to(CHECKOUT)
    print(f"{suite.name}: {outcome.passed} agree with the real server, {len(outcome.failed)} do not")
    if verdict.unexpected:
        print(f"  not in {listed}, so these must agree: {' '.join(verdict.unexpected)}")
    if verdict.risen:
        print(f"  agree now, remove them from {listed} (--write-pending does it): {' '.join(verdict.risen)}")


def main() -> int:
    """Play all suites; exit status 0 when the lists say exactly what differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write-pending", action="store_true", help="remove from the lists what agrees now")
    parser.add_argument("--allow-growth", action="store_true", help="with --write-pending: also add what differs")
    parser.add_argument("--url", help="compare the server at this root URL, not a fresh emulator")
    options = parser.parse_args()
    good = True
    for suite in SUITES:
        text = suite.pending.read_text(encoding="utf-8") if suite.pending.exists() else ""
        with nullcontext(options.url) if options.url else emulator() as url:
            outcome = play(suite, url)
            if late := judge(set(outcome.failed), set(read_pending(text))).unexpected:
                outcome = after_another_play(outcome, play(suite, url, late), late)
                if agree := sorted(set(late) - set(outcome.failed)):
                    print(f"{suite.name}: differed among the others and agree alone: {' '.join(agree)}")
        if options.write_pending:
            text = rewrite_pending(text, set(outcome.failed), allow_growth=options.allow_growth)
            suite.pending.parent.mkdir(parents=True, exist_ok=True)
            suite.pending.write_text(text, encoding="utf-8")
        verdict = judge(set(outcome.failed), set(read_pending(text)))
        report(suite, outcome, verdict)
        good &= verdict.good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
