"""A runner of this SDK, for sdk_runner.py."""

from __future__ import annotations

from one_ms import SLOTS, URL, wait_until_done, work

from conductor_sdk import ApiClient, Task, TaskRunner


def worker(task: Task) -> dict[str, int]:
    return work()


if __name__ == "__main__":
    with TaskRunner(ApiClient(URL)) as runner:
        runner.start_worker("one_ms", worker, batch_size=SLOTS)
        wait_until_done()
