"""Memory and time of a runner over 100,000 polls: they do not grow.

`python benchmarks/sdk_polls.py [POLLS]`. Every other poll brings a task. In ten parts of equal length it prints the CPU
time of a poll and the memory that Python has handed out (tracemalloc, which makes it all slower), and asserts that the
last parts cost what the first ones did.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.faults.endurance import PARTS, measure

#: The last parts may cost so many times what the first ones cost.
MOST_TIME, MOST_MEMORY = 1.5, 1.1


def main(polls: int = 100_000) -> None:
    answers = measure(polls)
    for part, (seconds, memory) in enumerate(zip(answers.times, answers.memory, strict=True), 1):
        print(f"polls {part * polls // PARTS:8}  CPU a poll {seconds * 1e6:7.1f} us  memory {memory / 1024:9.1f} kB")
    # The first part warms up: modules are imported, caches filled.
    longer = statistics.median(answers.times[-3:]) / statistics.median(answers.times[1:4])
    larger = statistics.median(answers.memory[-3:]) / statistics.median(answers.memory[1:4])
    print(f"last/first: CPU {longer:.2f}, memory {larger:.2f}")
    assert larger < MOST_MEMORY, "memory grows with the polls"
    assert longer < MOST_TIME, "time grows with the polls"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
