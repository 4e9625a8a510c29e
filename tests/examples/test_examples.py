"""Each example runs as it stands, in this process's memory and on a server, again and again, with the same output."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
import requests

from tests.architecture.sources import ROOT
from tests.examples.programs import READY_WITHIN, environment, run, start

EXAMPLES = ROOT / "examples"

OUTPUTS = {
    "data_passing.py": """\
validate_ref: {"order_id": "ORD-001", "price": 33.33, "quantity": 3} -> {"amount": 99.99, "order_id": "ORD-001"}
charge_ref: {"amount": 99.99, "order_id": "ORD-001"} -> {"receipt": "ORD-001: 99.99 EUR"}
Output: {"receipt": "ORD-001: 99.99 EUR"}
""",
    "failure_modes.py": """\
No customer: FAILED
  check_ref attempt 0: FAILED_WITH_TERMINAL_ERROR (Missing customer ID)
Busy once: COMPLETED
  check_ref attempt 0: COMPLETED
  charge_ref attempt 0: FAILED (The payment provider is busy)
    log: Charge attempt 0
    log: No answer, so nothing was charged
  charge_ref attempt 1: COMPLETED
    log: Charge attempt 1
Busy all day: FAILED
  check_ref attempt 0: COMPLETED
  charge_ref attempt 0: FAILED (The payment provider is busy)
    log: Charge attempt 0
    log: No answer, so nothing was charged
  charge_ref attempt 1: FAILED (The payment provider is busy)
    log: Charge attempt 1
    log: No answer, so nothing was charged
  charge_ref attempt 2: FAILED (The payment provider is busy)
    log: Charge attempt 2
    log: No answer, so nothing was charged
""",
    "system_tasks.py": """\
HTTP stock_ref: COMPLETED
INLINE enough_ref: COMPLETED
WAIT pause_ref: COMPLETED
WAIT approval_ref: COMPLETED
Output: {"approved_by": "Ada", "in_stock": 3, "stock": "plenty"}
""",
    "manage_executions.py": """\
Paused: PAUSED; pick_ref COMPLETED
Resumed: COMPLETED; pick_ref COMPLETED, ship_ref COMPLETED
Terminated: TERMINATED (Cancelled by user); pick_ref CANCELED
Restarted: COMPLETED; pick_ref COMPLETED, ship_ref COMPLETED
Failed: FAILED (No van); pick_ref COMPLETED, ship_ref FAILED
Retried: COMPLETED; pick_ref COMPLETED, ship_ref FAILED, ship_ref COMPLETED
""",
}


def test_every_example_is_run_by_a_test() -> None:
    others = {"quickstart.py", "workers_only.py", "test_workers.py"}
    assert {path.name for path in EXAMPLES.glob("*.py")} == OUTPUTS.keys() | others


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_example_prints_what_happened(name: str, url: str) -> None:
    assert run(sys.executable, EXAMPLES / name, url=url) == OUTPUTS[name]


def test_the_quickstart_greets_and_links_to_its_execution(url: str) -> None:
    output, execution = run(sys.executable, EXAMPLES / "quickstart.py", url=url).splitlines()
    assert output == "Output: {'greetings': 'Hello, Conductor'}"
    found = re.fullmatch(r"Execution: (?P<url>\S+)", execution)
    assert found is not None
    assert "greetings" in page(found["url"])


def test_the_quickstart_says_when_the_workers_name_is_misspelt(url: str, tmp_path: Path) -> None:
    right = (EXAMPLES / "quickstart.py").read_text(encoding="utf-8")
    # another type than in the other tests: on the same server, somebody may have polled for that one
    wrong = right.replace('"greet"', '"welcome"').replace('start_worker("welcome"', 'start_worker("welcom"')
    ends = "run = executor.monitor_execution"
    polled = f'while not client.tasks.poll_data("welcom"):\n            pass\n        {ends}'
    program = tmp_path / "misspelt.py"
    program.write_text(wrong.replace("timeout=30", "timeout=0.5").replace(ends, polled), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, program], env=environment(url), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    what = "task greet_ref (welcome) is SCHEDULED, and no worker has polled for 'welcome'; one polls for 'welcom'"
    assert what in done.stderr


def page(url: str) -> str:
    if url.startswith("file:"):
        return Path(url2pathname(urlsplit(url).path)).read_text(encoding="utf-8")
    answer = requests.get(url, timeout=READY_WITHIN)
    answer.raise_for_status()
    return answer.text


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_workers_end_in_order_when_told_to(url: str, stop: signal.Signals) -> None:
    program = start(sys.executable, EXAMPLES / "workers_only.py", url=url)
    program.until("Working on get_user")
    program.process.send_signal(stop)
    program.until(r"^Stopped\.$")
    assert program.process.wait(timeout=READY_WITHIN) == 0


def test_workers_serve_workflows_that_others_start(emulator_url: str) -> None:
    workflow = {
        "name": "welcome",
        "version": 1,
        "schemaVersion": 2,
        "tasks": [
            {
                "name": "get_user",
                "taskReferenceName": "user_ref",
                "type": "SIMPLE",
                "inputParameters": {"user_id": "${workflow.input.user_id}"},
            },
            {
                "name": "send_welcome",
                "taskReferenceName": "welcome_ref",
                "type": "SIMPLE",
                "inputParameters": {"email": "${user_ref.output.email}"},
            },
        ],
    }
    program = start(sys.executable, EXAMPLES / "workers_only.py", url=emulator_url)
    program.until("Working on get_user")
    requests.put(f"{emulator_url}/metadata/workflow", json=[workflow], timeout=10).raise_for_status()
    executed = requests.post(
        f"{emulator_url}/workflow/execute/welcome/1",
        json={"name": "welcome", "version": 1, "input": {"user_id": "ada"}},
        params={"waitForSeconds": 20},
        timeout=30,
    )
    executed.raise_for_status()
    assert executed.json()["output"] == {"sent": "Welcome, ada@example.com"}
    program.process.send_signal(signal.SIGTERM)
    assert program.process.wait(timeout=READY_WITHIN) == 0


def test_the_example_tests_pass() -> None:
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", EXAMPLES / "test_workers.py")
    assert " passed" in run(*command, url="memory://")


def test_the_example_tests_pass_on_a_server(emulator_url: str) -> None:
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--conductor-url", emulator_url)
    assert " passed" in run(*command, EXAMPLES / "test_workers.py", url=emulator_url)
