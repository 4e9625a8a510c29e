"""How long `/workflow/search` takes over many executions: by condition, by sort, by page, and while executions change.

`python benchmarks/search.py [--executions 100000] [--rounds 30]` prints min, median and max of the CPU ms of each
search, those of the first search after all executions have changed, and what a change costs the index. The
searches are dispatched without a socket and answer with a page of 100 summaries.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any, Final
from urllib.parse import urlencode

from conductor_emulator.definitions.start_request import StartWorkflowRequest
from conductor_emulator.definitions.workflow_def import WorkflowDef
from conductor_emulator.engine import commands
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.options import Options
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.server.api import Api, make_request
from conductor_emulator.server.serving import collect_garbage_less_often

NAMES: Final = 10
#: The middle one of all starts; stands in the searches below.
_MIDDLE: Final = "MIDDLE"
SEARCHES: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("everything", {}),
    ("everything, newest first", {"sort": "startTime:DESC"}),
    ("everything, newest first, page in the middle", {"sort": "startTime:DESC", "start": "HALF"}),
    ("everything, last updated first", {"sort": "updateTime:DESC"}),
    ("everything, last ended first", {"sort": "endTime:DESC"}),
    ("everything by name", {"sort": "workflowType:ASC"}),
    ("everything by status", {"sort": "status:DESC"}),
    ("one id", {"query": "workflowId=ID"}),
    ("one correlation id", {"query": "correlationId=c77"}),
    ("one name", {"query": "workflowType=flow_3"}),
    ("one name, newest first", {"query": "workflowType=flow_3", "sort": "startTime:DESC"}),
    ("a name that begins so, newest first", {"query": "workflowType=flow*", "sort": "startTime:DESC"}),
    ("one status", {"query": "status=COMPLETED"}),
    ("one status, newest first", {"query": "status=COMPLETED", "sort": "startTime:DESC"}),
    ("one status, page in the middle", {"query": "status=COMPLETED", "start": "HALF"}),
    ("the few that run, newest first", {"query": "status=RUNNING", "sort": "startTime:DESC"}),
    ("two statuses and all names", {"query": "status IN (RUNNING,COMPLETED) AND workflowType=*"}),
    (
        "a name and a status, newest first",
        {"query": "workflowType=flow_3 AND status=COMPLETED", "sort": "startTime:DESC"},
    ),
    ("started since the middle, newest first", {"query": f"startTime>{_MIDDLE}", "sort": "startTime:DESC"}),
    (
        "a name and a status since the middle",
        {"query": f"workflowType=flow_3 AND status=COMPLETED AND startTime>{_MIDDLE}"},
    ),
)


class Subject:
    """An API over executions of some names; nine of ten are completed."""

    def __init__(self, executions: int) -> None:
        self.clock = VirtualClock()
        self.runtime = Runtime(Options(seed=1), self.clock)
        self.api = Api(self.runtime)
        for n in range(NAMES):
            task = {"name": "step", "taskReferenceName": "step", "type": "SIMPLE"}
            self.runtime.metadata.put_workflow_def(
                WorkflowDef.from_wire({"name": f"flow_{n}", "version": 1, "tasks": [task]})
            )
        self.ids: list[str] = []
        self.middle = 0
        for n in range(executions):
            self.clock.move_to(self.clock.now() + 1)
            if n == executions // 2:
                self.middle = self.clock.now()
            request = StartWorkflowRequest(name=f"flow_{n % NAMES}", correlation_id=f"c{n}", input={"n": n})
            self.ids.append(self.runtime.start(request))
            if n % NAMES:
                self.complete_one(n)

    def complete_one(self, n: int) -> None:
        """Let the worker take the oldest task and complete it."""
        ((execution, task),) = self.runtime.poll("step", "w")
        self.runtime.submit(execution.workflow_id, commands.UpdateTask(task.task_id, TaskStatus.COMPLETED, {"n": n}))

    def search(self, parameters: dict[str, Any]) -> float:
        """CPU ms of one search."""
        text = {name: str(value) for name, value in parameters.items()}
        if "query" in text:
            text["query"] = (
                text["query"].replace(_MIDDLE, str(self.middle)).replace("=ID", f"={self.ids[len(self.ids) // 3]}")
            )
        if text.get("start") == "HALF":
            text["start"] = str(len(self.ids) // 2)
        request = make_request("GET", f"/api/workflow/search?{urlencode(text)}", {}, b"")
        began = time.process_time()
        answer = self.api.dispatch(request)
        spent = (time.process_time() - began) * 1000
        assert getattr(answer, "status", None) == 200, answer
        return spent


def row(name: str, times: list[float]) -> str:
    """A line of the table."""
    return f"{name:48} {min(times):9.2f} {statistics.median(times):9.2f} {max(times):9.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--executions", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    chosen = parser.parse_args()
    collect_garbage_less_often()  # as the server does
    began = time.process_time()
    subject = Subject(chosen.executions)
    made = time.process_time() - began
    print(f"{chosen.executions:,} executions, made in {made:.1f} s of CPU")
    print(f"{'CPU ms':48} {'min':>9} {'median':>9} {'max':>9}")
    print(row("the very first search, newest first", [subject.search({"sort": "startTime:DESC"})]))
    for name, parameters in SEARCHES:
        first = subject.search(parameters)
        times = [subject.search(parameters) for _ in range(chosen.rounds)]
        print(f"{row(name, times)}   first {first:.1f}")
    for name, parameters in (
        ("newest first, 10 executions completed in between", {"sort": "startTime:DESC"}),
        ("last updated first, 10 completed in between", {"sort": "updateTime:DESC"}),
        ("completed, last ended first, 10 in between", {"sort": "endTime:DESC", "query": "status=COMPLETED"}),
    ):
        times = []
        for _ in range(chosen.rounds):
            for n in range(10):
                subject.complete_one(n)
            times.append(subject.search(parameters))
        print(row(name, times))
    for execution in subject.runtime.store:
        for listener in subject.runtime.listeners:
            listener(execution, None)
    print(row("the first search after all have changed", [subject.search({"sort": "updateTime:DESC"})]))
    index = subject.api.emulator.search_index
    executions = list(subject.runtime.store)[:10_000]
    began = time.process_time()
    for execution in executions:
        index.changed(execution)
    print(f"µs of CPU for the index at a change: {(time.process_time() - began) / len(executions) * 1e6:.2f}")


if __name__ == "__main__":
    main()
