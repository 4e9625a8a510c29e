"""What the tests of the example projects cost: a month of an unpaid invoice, and all of them as a whole run of pytest.

The month is a WAIT of fifteen days until a date, fifteen retries a day apart, and a schedule that starts thirty other
workflows: nearly a hundred tasks and timers, in virtual time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conductor_pytest import Conductor
from conductor_sdk import WorkflowSchedule

PROJECTS = Path(__file__).parents[1] / "examples" / "projects"
ORDER = {"order_id": "ORD-1", "customer": "Ada", "amount": 120.0, "pay_by": "invoice", "due": "2030-05-16"}
REPORTS = WorkflowSchedule(
    name="report_every_morning",
    cron_expression="0 0 8 * * *",
    start_workflow_request={"name": "daily_report", "version": 1},
)


def a_month() -> float:
    """CPU seconds of the test in the order project: engine, definitions, stubs, run."""
    began = time.process_time()
    conductor = Conductor().register(PROJECTS / "order" / "workflows" / "order.json")
    for task_type in ("validate_order", "collect_invoice", "ship_parcel", "write_report"):
        conductor.stub(task_type).returns({})
    conductor.clock.move_to(datetime(2030, 5, 1, tzinfo=UTC))
    conductor.client.scheduler.save(REPORTS)
    conductor.task("collect_invoice").attempt(*range(1, 16)).fails("not paid yet")
    run = conductor.run("order", ORDER)
    took = time.process_time() - began
    assert (run.status, run.elapsed) == ("COMPLETED", timedelta(days=30))
    assert len(conductor.client.workflows.search(query="workflowType = 'daily_report'").results) == 30
    return took


def all_tests() -> float:
    """CPU seconds of pytest on the three projects, its start included."""
    before = os.times()
    arguments = ["-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:hypothesispytest"]
    subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=PROJECTS, check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    rounds = parser.parse_args().rounds
    a_month()  # imports, compiled definitions
    for name, measure, times in (("a month, CPU", a_month, rounds), ("pytest on all projects, CPU", all_tests, 3)):
        found = sorted(measure() * 1000 for _ in range(times))
        print(f"{name:28} min {found[0]:8.1f} ms  median {statistics.median(found):8.1f} ms  max {found[-1]:8.1f} ms")


if __name__ == "__main__":
    main()
