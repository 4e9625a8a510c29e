"""10,000 tasks while connections break, answers get lost, tokens end and the server restarts: each effect exactly once.

`python benchmarks/sdk_faults.py [TASKS [SEED]]`. It asserts what `tests/faults` asserts of fewer tasks, and prints what
went wrong on the way.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.faults.storm import run


def main(tasks: int = 10_000, seed: int = 1) -> None:
    outcome = run(tasks, restarts=5, seed=seed)
    for fault, times in sorted(outcome.faults.items()):
        print(f"{fault:32} {times:6}")
    print(f"{'restarts':32} {outcome.restarts:6}")
    print(f"{'times of handing out again':32} {outcome.handed_out_again:6}")
    print(f"{outcome.requests} requests, {tasks} tasks in {outcome.seconds:.1f} s")
    assert outcome.lost == []
    assert set(outcome.workflows.values()) == {"COMPLETED"}
    assert outcome.effects == dict.fromkeys(range(tasks), 1), "an effect is missing or came twice"
    assert outcome.completed == set(outcome.executed), "the server has something else than what was done"
    assert set(outcome.executed.values()) == {1}, "an attempt was executed twice"
    print("each effect exactly once, none lost")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
