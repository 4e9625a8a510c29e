"""Runs the rows of the table and prints min, median and max of each figure over the rounds.

`python benchmarks/run.py [NAME …] [--rounds 5] [--seconds 3] [--json FILE] [--vs URL [--vs-pid PID]]`; README.md says
how to read what comes out.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from http_client import run
from row import Figures, ProcessRow, ServerRow
from servers import Server, emulator, other

#: In the order of the table.
NAMES: Final = (
    "startup",
    "simple",
    "chain10",
    "fork50",
    "dynfork",
    "system",
    "loop",
    "get",
    "longpoll",
    "backlog",
    "in_process",
    "engine",
)


#: The figure that every row has beside its own.
FIXED_WORK: Final = "(CPU ms of fixed work)"


def fixed_work() -> float:
    """CPU ms of some work that is always the same: how fast the machine is just now.

    CPU time is no constant either. While others keep the cores, caches and memory busy, the same work takes up to twice
    as much of it.
    """
    began = time.process_time()
    texts = [{"n": n, "text": str(n)} for n in range(20_000)]
    assert len(json.loads(json.dumps(texts))) == len(texts)
    return (time.process_time() - began) * 1000


def rounds_of(row: ServerRow, server: Server | None, seconds: float) -> Figures:
    """One round against a server, a fresh emulator if none is named."""
    with emulator() if server is None else nullcontext(server) as measured:
        return run(lambda: row.one_round(measured, seconds))


def measure(row: ServerRow | ProcessRow, rounds: int, seconds: float, peer: Server | None) -> dict[str, list[Figures]]:
    """The figures of each round by server; a round on each in turn."""
    found: dict[str, list[Figures]] = {"emulator": []}
    for _ in range(rounds):
        before = fixed_work()
        figures = row.one_round() if isinstance(row, ProcessRow) else rounds_of(row, None, seconds)
        found["emulator"].append({**figures, FIXED_WORK: (before + fixed_work()) / 2})
        if peer is not None and isinstance(row, ServerRow):
            found.setdefault(peer.name, []).append(rounds_of(row, peer, seconds))
    return found


def summed_up(rounds: Sequence[Figures]) -> dict[str, dict[str, float]]:
    """Figure → min, median, max."""
    values = {figure: [one[figure] for one in rounds] for figure in rounds[0]}
    return {
        figure: {"min": min(found), "median": statistics.median(found), "max": max(found)}
        for figure, found in values.items()
    }


def lines(row: ServerRow | ProcessRow, server: str, figures: dict[str, dict[str, float]]) -> Iterator[str]:
    """What is printed of one row."""
    yield f"{row.name} ({server}): {row.about}"
    reaches = {reach.figure: reach for reach in row.reach} if server == "emulator" else {}
    for figure, found in figures.items():
        numbers = "  ".join(f"{name} {value:10.4g}" for name, value in found.items())
        reach = reaches.get(figure)
        verdict = ""
        if reach is not None:
            holds = reach.holds_for(found["median"])
            verdict = f"   {reach.bound} {reach.limit:g}: {'reached' if holds else 'NOT reached'}"
        yield f"  {figure:36} {numbers}{verdict}"


def machine() -> dict[str, Any]:
    """Where and when it was measured."""
    cpu = Path("/proc/cpuinfo")
    names = [line for line in cpu.read_text(encoding="utf-8").splitlines() if line.startswith("model name")]
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "cpu": names[0].partition(":")[2].strip() if names else platform.processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"rows: {', '.join(NAMES)}; all if none is named")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="how long a round of a closed loop takes")
    parser.add_argument("--json", type=Path, help="also write everything to this file")
    parser.add_argument("--vs", metavar="URL", help="measure this server too, in turn with the emulator")
    parser.add_argument("--vs-pid", type=int, metavar="PID", help="its process, for its CPU and memory")
    chosen = parser.parse_args([*(arguments or ()), *sys.argv[1:]])
    unknown = set(chosen.names) - set(NAMES)
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    peer = other(chosen.vs, chosen.vs_pid) if chosen.vs else None
    where = machine()
    print(f"{where['date']}, {where['cores']} × {where['cpu']}, Python {where['python']}, load {where['load']:.1f}")
    results: dict[str, Any] = {}
    for name in NAMES:
        if chosen.names and name not in chosen.names:
            continue
        row: ServerRow | ProcessRow = importlib.import_module(name).ROW
        results[name] = {}
        for server, rounds in measure(row, chosen.rounds, chosen.seconds, peer).items():
            figures = summed_up(rounds)
            results[name][server] = {"rounds": rounds, "figures": figures}
            print(*lines(row, server, figures), sep="\n", flush=True)
        if chosen.json:
            chosen.json.write_text(json.dumps({"machine": where, "rows": results}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
