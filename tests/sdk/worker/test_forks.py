"""A program that forks while its workers work: the end of the child is not the end of the parent's runner."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

_PREPARED = """
    import os, sys, threading
    import cpu_work
    from conductor_sdk import ApiClient, ConfigurationError, TaskRunner

    url, folder = sys.argv[1:]

    def in_a_child(what):
        pid = os.fork()
        if pid == 0:
            what()
            sys.exit(0)
        assert os.waitpid(pid, 0)[1] == 0, "the child failed"
"""


def _run(server: Any, folder: Path, program: str) -> None:
    """Run a program to its end, which is to come long before any `stop_timeout` is over."""
    text = textwrap.dedent(_PREPARED) + textwrap.dedent(program)
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", text, server.url, str(folder)]
    path = {"PYTHONPATH": str(Path(__file__).parent)}
    subprocess.run(command, check=True, timeout=60, env={**os.environ, **path})


@pytest.mark.parametrize("ends", ["sys.exit", "runner.stop", "runner._pollers['hang', None].end"])
def test_a_child_does_not_end_the_processes_of_its_parent(server: Any, polled: Any, tmp_path: Path, ends: str) -> None:
    server.serve_tasks("hang").tasks.put(polled("hang", began=str(tmp_path / "began"), until=str(tmp_path / "end")))
    _run(
        server,
        tmp_path,
        f"""
        if __name__ == "__main__":
            runner = TaskRunner(ApiClient(url), stop_timeout=0)
            runner.start_worker(cpu_work.hang)
            while not os.path.exists(folder + "/began"):
                threading.Event().wait(0.01)
            in_a_child({ends})
            open(folder + "/end", "w").close()
            assert runner.stop(timeout=30)
        """,
    )
    assert [request.body["status"] for request in server.asked("POST", "/tasks")] == ["COMPLETED"]


def test_a_child_does_not_wait_for_what_its_parent_polls(server: Any, tmp_path: Path) -> None:
    server.serve_tasks("greet")
    _run(
        server,
        tmp_path,
        """
        runner = TaskRunner(ApiClient(url), stop_timeout=120)
        for domain in ("a", "b", "c"):
            runner.start_worker("greet", lambda task: None, poll_interval=1, domain=domain)
        in_a_child(lambda: None)
        """,
    )


def test_a_runner_whose_workers_the_parent_started_takes_none_in_a_child(server: Any, tmp_path: Path) -> None:
    server.serve_tasks("greet")
    _run(
        server,
        tmp_path,
        """
        runner = TaskRunner(ApiClient(url))
        runner.start_worker("greet", lambda task: None)

        def use():
            for asked in (lambda: runner.start_worker("other", lambda task: None), runner.wait_workers):
                try:
                    asked()
                except ConfigurationError as error:
                    assert "in another process" in str(error), error
                else:
                    sys.exit("not refused")

        in_a_child(use)
        """,
    )


def test_a_runner_that_has_no_workers_yet_may_go_to_a_child(server: Any, polled: Any, tmp_path: Path) -> None:
    server.serve_tasks("greet").tasks.put(polled())
    _run(
        server,
        tmp_path,
        """
        runner = TaskRunner(ApiClient(url))

        def use():
            worked = threading.Event()
            runner.start_worker("greet", lambda task: worked.set())
            assert worked.wait(30)
            open(folder + "/pid", "w").write(str(os.getpid()))

        in_a_child(use)
        """,
    )
    reported = server.next("POST", "/tasks").body
    assert reported["status"] == "COMPLETED"
    assert reported["workerId"].endswith("-" + (tmp_path / "pid").read_text()), "named after who works"
