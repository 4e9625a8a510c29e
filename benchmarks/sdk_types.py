"""A runner with many worker types against an emulator in another process: what it does and costs, at work and idle.

`python benchmarks/sdk_types.py [TYPES [TASKS [ROUNDS]]]`, 200 types, 2000 tasks and 3 rounds if nothing is said.
"""

from __future__ import annotations

import queue
import re
import resource
import statistics
import subprocess
import sys
import threading
import time

from conductor_sdk import ApiClient, ConductorWorkflow, Event, SimpleTask, StartWorkflowRequest, Task, TaskRunner
from conductor_sdk.events import RequestEnded

CHAIN = 5


def main(types: int = 200, tasks: int = 2000, rounds: int = 3) -> None:
    command = [sys.executable, "-m", "conductor_emulator", "serve", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        print(f"{types} worker types, {tasks} tasks a round, {rounds} rounds")
        measure(ApiClient(address_of(server)), types, tasks, rounds)
    finally:
        server.terminate()
        server.wait(10)


def address_of(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    for line in server.stdout:
        found = re.search(r"http://[\w.]+:\d+", line)
        if found:
            threading.Thread(target=server.stdout.read, daemon=True).start()
            return f"{found[0]}/api"
    raise SystemExit("The emulator did not start.")


def measure(client: ApiClient, types: int, tasks: int, rounds: int) -> None:
    names = [f"type_{number}" for number in range(types)]
    definitions = []
    for first in range(0, types, CHAIN):
        chain = [SimpleTask(name, f"{name}_ref") for name in names[first : first + CHAIN]]
        definitions.append(ConductorWorkflow(f"flow_{first}").add(*chain).to_dict())
    client.metadata.update_workflows(definitions)
    done, finished, wanted = 0, threading.Event(), tasks
    lock = threading.Lock()

    started: queue.SimpleQueue[float] = queue.SimpleQueue()

    def work(task: Task) -> int:
        nonlocal done
        started.put(time.perf_counter())
        with lock:
            done += 1
            if done >= wanted:
                finished.set()
        return done

    with TaskRunner(client) as runner:
        for name in names:
            runner.start_worker(name, work, batch_size=4)
        rates, cpu, threads, memory = [], [], [], []
        for _ in range(rounds):
            done = 0
            finished.clear()
            flows = [definitions[n % len(definitions)]["name"] for n in range(tasks // CHAIN)]
            wanted = len(flows) * CHAIN
            began, used = time.perf_counter(), time.process_time()
            client.workflows.start_many(StartWorkflowRequest(name=name) for name in flows)
            if not finished.wait(300):
                raise SystemExit(f"Only {done} of {wanted} tasks were done.")
            rates.append(wanted / (time.perf_counter() - began))
            cpu.append((time.process_time() - used) * 1000 / wanted)
            threads.append(float(threading.active_count()))
            memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        idle, requests = at_rest(client)
        delays = [delay_of(client, definitions[n * 7 % len(definitions)]["name"], started) for n in range(20)]
    show("tasks/s", rates)
    show("CPU ms a task", cpu)
    show("threads", threads)
    show("memory, MB at most", memory)
    show("idle CPU, %", [idle])
    show("idle requests/s", [requests])
    show("start after, ms", delays)


def at_rest(client: ApiClient) -> tuple[float, float]:
    """CPU in percent and requests a second while there is nothing to do."""
    threading.Event().wait(2)  # what has just had something to do is asked for more
    asked = [0]

    def count(event: Event) -> None:
        asked[0] += isinstance(event, RequestEnded)

    ignore = client.events.subscribe(count)
    began, used = time.perf_counter(), time.process_time()
    threading.Event().wait(5)
    seconds = time.perf_counter() - began
    ignore()
    return (time.process_time() - used) / seconds * 100, asked[0] / seconds


def delay_of(client: ApiClient, flow: str, started: queue.SimpleQueue[float]) -> float:
    """Milliseconds from the start of a workflow to that of its first task, by a worker that was idle."""
    while not started.empty():
        started.get()
    began = time.perf_counter()
    client.workflows.start(StartWorkflowRequest(name=flow))
    first = started.get(timeout=60)
    for _ in range(CHAIN - 1):
        started.get(timeout=60)
    return (first - began) * 1000


def show(what: str, values: list[float]) -> None:
    print(f"{what:20} min {min(values):8.1f}  median {statistics.median(values):8.1f}  max {max(values):8.1f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
