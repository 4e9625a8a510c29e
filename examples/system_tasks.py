"""Tasks that need no worker: an HTTP call, a script, and waiting, for a time and for somebody's word."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from conductor_sdk import (
    ApiClient,
    ConductorWorkflow,
    HttpInput,
    HttpTask,
    InlineTask,
    StartWorkflowRequest,
    WaitTask,
    WorkflowExecutor,
)


class Stock(BaseHTTPRequestHandler):
    """A remote service: how many we have."""

    def do_GET(self) -> None:
        body = json.dumps({"item": self.path.strip("/"), "in_stock": 3}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Not on this program's output."""


@contextmanager
def stock_service() -> Iterator[str]:
    """The URL of the service while the block runs."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Stock) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def main() -> None:
    client = ApiClient.from_env()
    executor = WorkflowExecutor(client)

    http_task = HttpTask("stock_ref", HttpInput(uri="${workflow.input.stock_url}/apples", method="GET"))
    inline_task = InlineTask(
        "enough_ref",
        "function e() { if ($.in_stock >= $.wanted) { return 'plenty' } else { return 'too few' } } e();",
    )
    inline_task.input("in_stock", http_task.output_ref("response.body.in_stock"))
    inline_task.input("wanted", "${workflow.input.wanted}")
    pause_task = WaitTask("pause_ref", duration=timedelta(seconds=1))
    approval_task = WaitTask("approval_ref")  # nothing but a signal ends it

    wf = ConductorWorkflow(executor).name("example_system_tasks").version(1)
    wf.add(http_task).add(inline_task).add(pause_task).add(approval_task)
    wf.output_parameters(
        {
            "in_stock": http_task.output_ref("response.body.in_stock"),
            "stock": inline_task.output_ref("result"),
            "approved_by": approval_task.output_ref("by"),
        }
    )
    wf.register(overwrite=True)

    with stock_service() as stock_url:
        workflow_id = executor.start_workflow(
            StartWorkflowRequest(name="example_system_tasks", version=1, input={"stock_url": stock_url, "wanted": 2})
        )
        while client.tasks.update_by_reference(workflow_id, "approval_ref", "COMPLETED", {"by": "Ada"}) is None:
            time.sleep(0.05)  # nobody waits for approval yet
        run = executor.monitor_execution(workflow_id).result(timeout=60)

    for step in run.tasks:
        print(f"{step.task_type} {step.reference_task_name}: {step.status}")
    print("Output:", json.dumps(run.output, sort_keys=True))


if __name__ == "__main__":
    main()
