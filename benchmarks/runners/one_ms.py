"""The work that the runners of two SDKs are compared by: it takes a millisecond, and counts.

It looks at the clocks itself, in the process that works, so that neither start-up nor a parent process counts.
"""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

URL = os.environ["RUNNER_URL"]
SLOTS = int(os.environ["RUNNER_SLOTS"])
TASKS = int(os.environ["RUNNER_TASKS"])
#: Written when all tasks are done: `tasks_per_s` and `cpu_ms`.
RESULT = Path(os.environ["RUNNER_RESULT"])
#: Not counted: connections are made, caches filled.
WARM_UP = TASKS // 10

_lock = threading.Lock()
_done = 0
_began = (0.0, 0.0)


def work() -> dict[str, int]:
    """One task."""
    global _done, _began  # noqa: PLW0603 - one count for all threads
    time.sleep(0.001)
    with _lock:
        _done += 1
        if _done == WARM_UP:
            _began = time.perf_counter(), time.process_time()
        if _done == TASKS:
            seconds, cpu = time.perf_counter() - _began[0], time.process_time() - _began[1]
            counted = TASKS - WARM_UP
            partly = RESULT.with_suffix(".part")
            partly.write_text(json.dumps({"tasks_per_s": counted / seconds, "cpu_ms": cpu * 1000 / counted}))
            partly.rename(RESULT)
    return {"n": 1}


def wait_until_done() -> None:
    """For the main thread."""
    while not RESULT.exists():
        time.sleep(0.05)
