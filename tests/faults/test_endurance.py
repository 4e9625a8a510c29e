from __future__ import annotations

from tests.faults.endurance import measure

POLLS = 3000


def test_memory_does_not_grow_with_the_polls() -> None:
    """`benchmarks/sdk_polls.py` asks the same of 100,000 polls, and of their time."""
    memory = measure(POLLS).memory
    # Less than one slot of a list for each poll: nothing is kept.
    assert (memory[-1] - memory[2]) / POLLS < 8
