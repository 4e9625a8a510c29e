"""A runner of conductor-python, for sdk_runner.py. Its settings are that SDK's own, but for the number of threads."""

from __future__ import annotations

from conductor.client.automator.task_handler import TaskHandler
from conductor.client.configuration.configuration import Configuration
from conductor.client.http.models import Task
from conductor.client.worker.worker import Worker
from one_ms import SLOTS, URL, wait_until_done, work


def worker(task: Task) -> dict[str, int]:
    return work()


if __name__ == "__main__":
    configuration = Configuration(server_api_url=URL)
    workers = [Worker("one_ms", worker, poll_interval=100, thread_count=SLOTS)]
    with TaskHandler(workers, configuration, scan_for_annotated_workers=False) as handler:
        handler.start_processes()
        wait_until_done()
        handler.stop_processes()
