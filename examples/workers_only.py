"""A program that only works: it polls until Ctrl-C or SIGTERM, then finishes what runs and ends.

Workflows are started elsewhere: by another program, or by `curl`. With `memory://` nothing outside this program can
start one, so use `conductor-emulator serve` or a cluster.
"""

from __future__ import annotations

import logging
import sys

from conductor_sdk import ApiClient, Task, TaskDef, TaskRunner, worker


def get_user(task: Task) -> dict[str, str]:
    return {"email": f"{task.input_data['user_id']}@example.com"}


@worker("send_welcome")
def send_welcome(email: str, language: str = "en") -> dict[str, str]:
    """Arguments are bound from the task's input by name; called directly, it is a plain function."""
    return {"sent": f"{'Willkommen' if language == 'de' else 'Welcome'}, {email}"}


def main() -> None:
    client = ApiClient.from_env()
    runner = TaskRunner(client)
    for task_type in ("get_user", "send_welcome"):
        client.metadata.register_task(TaskDef(task_type))
    runner.start_worker("get_user", get_user, batch_size=5, poll_interval=0.1)
    runner.start_worker("send_welcome", send_welcome, batch_size=5, poll_interval=0.1)
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")  # the runner says when it is ready
    runner.wait_workers()
    print("Stopped.")


if __name__ == "__main__":
    main()
