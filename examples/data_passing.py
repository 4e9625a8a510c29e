"""One task's output is the next one's input: `charge_card` starts when `validate_order` has completed."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from conductor_sdk import (
    ApiClient,
    ConductorWorkflow,
    SimpleTask,
    StartWorkflowRequest,
    Task,
    TaskDef,
    TaskRunner,
    WorkflowExecutor,
)

dumps = partial(json.dumps, sort_keys=True)


def validate_order(task: Task) -> dict[str, Any]:
    quantity, price = task.input_data["quantity"], task.input_data["price"]
    return {"order_id": task.input_data["order_id"], "amount": round(quantity * price, 2)}


def charge_card(task: Task) -> dict[str, Any]:
    return {"receipt": f"{task.input_data['order_id']}: {task.input_data['amount']:.2f} EUR"}


def order_workflow(executor: WorkflowExecutor | None = None) -> ConductorWorkflow:
    """The definition; without an executor it is only that, and `to_dict()` shows it."""
    wf = ConductorWorkflow(executor).name("example_order").version(1).description("Validates an order, then charges it")
    validate_task = (
        SimpleTask("validate_order", "validate_ref")
        .input("order_id", "${workflow.input.order_id}")
        .input("quantity", "${workflow.input.quantity}")
        .input("price", "${workflow.input.price}")
    )
    charge_task = (
        SimpleTask("charge_card", "charge_ref")
        .input("order_id", validate_task.output_ref("order_id"))
        .input("amount", validate_task.output_ref("amount"))
    )
    wf.add(validate_task)
    wf.add(charge_task)
    wf.output_parameters({"receipt": charge_task.output_ref("receipt")})
    return wf


def main() -> None:
    client = ApiClient.from_env()
    executor = WorkflowExecutor(client)

    with TaskRunner(client) as runner:
        for task_type, worker in (("validate_order", validate_order), ("charge_card", charge_card)):
            client.metadata.register_task(TaskDef(task_type))
            runner.start_worker(task_type, worker, batch_size=1, poll_interval=0.1)
        order_workflow(executor).register(overwrite=True)

        order = {"order_id": "ORD-001", "quantity": 3, "price": 33.33}
        workflow_id = executor.start_workflow(StartWorkflowRequest(name="example_order", version=1, input=order))
        run = executor.monitor_execution(workflow_id).result(timeout=60)
        for step in run.tasks:
            print(f"{step.reference_task_name}: {dumps(step.input_data)} -> {dumps(step.output_data)}")
        print("Output:", dumps(run.output))


if __name__ == "__main__":
    main()
