"""Get, pause, resume, terminate, restart and retry executions of a workflow with two worker tasks."""

from __future__ import annotations

import threading
import time

from conductor_sdk import (
    ApiClient,
    ConductorWorkflow,
    SimpleTask,
    StartWorkflowRequest,
    Task,
    TaskDef,
    TaskRunner,
    Workflow,
    WorkflowExecutor,
)


class Warehouse:
    """The workers, and what this program decides for them."""

    def __init__(self) -> None:
        self.picking = threading.Event()  #: somebody has begun to pick
        self.may_finish = threading.Event()  #: and may bring it
        self.van_is_there = True

    def pick(self, task: Task) -> dict[str, str]:
        self.picking.set()
        self.may_finish.wait(timeout=60)
        return {"parcel": f"parcel of {task.input_data['order_id']}"}

    def ship(self, task: Task) -> dict[str, str]:
        if not self.van_is_there:
            raise RuntimeError("No van")
        return {"shipped": task.input_data["parcel"]}


def shipping_workflow(executor: WorkflowExecutor) -> ConductorWorkflow:
    wf = ConductorWorkflow(executor).name("example_shipping").version(1)
    pick_task = SimpleTask("pick_order", "pick_ref").input("order_id", "${workflow.input.order_id}")
    ship_task = SimpleTask("ship_order", "ship_ref").input("parcel", pick_task.output_ref("parcel"))
    return wf.add(pick_task).add(ship_task).output_parameters({"shipped": ship_task.output_ref("shipped")})


def show(title: str, run: Workflow, reason: str | None = None) -> None:
    steps = ", ".join(f"{step.reference_task_name} {step.status}" for step in run.tasks)
    print(f"{title}: {run.status}" + (f" ({reason})" if reason else "") + f"; {steps}")


class Program:
    """One warehouse, one executor, and the steps of this example."""

    def __init__(self, executor: WorkflowExecutor, warehouse: Warehouse) -> None:
        self.executor = executor
        self.warehouse = warehouse

    def start(self, order_id: str) -> str:
        self.warehouse.picking.clear()
        self.warehouse.may_finish.clear()
        return self.executor.start_workflow(
            StartWorkflowRequest(name="example_shipping", version=1, input={"order_id": order_id})
        )

    def final(self, workflow_id: str) -> Workflow:
        return self.executor.monitor_execution(workflow_id).result(timeout=60)

    def until_picked(self, workflow_id: str) -> Workflow:
        """For long executions: look at the state now and then, here until the first task has completed."""
        while True:
            run = self.executor.get_workflow(workflow_id, include_tasks=True)
            if run.tasks[0].status == "COMPLETED":
                return run
            time.sleep(0.05)

    def pause_and_resume(self) -> None:
        workflow_id = self.start("ORD-001")
        self.warehouse.picking.wait(timeout=60)
        self.executor.pause(workflow_id)
        self.warehouse.may_finish.set()  # what runs may finish; nothing new is scheduled
        show("Paused", self.until_picked(workflow_id))
        self.executor.resume(workflow_id)
        show("Resumed", self.final(workflow_id))

    def terminate_and_restart(self) -> None:
        workflow_id = self.start("ORD-002")
        self.warehouse.picking.wait(timeout=60)
        self.executor.terminate(workflow_id, "Cancelled by user")
        run = self.final(workflow_id)
        show("Terminated", run, run.reason_for_incompletion)
        self.warehouse.may_finish.set()
        self.executor.restart(workflow_id, use_latest_definitions=True)
        show("Restarted", self.final(workflow_id))

    def fail_and_retry(self) -> None:
        self.warehouse.van_is_there = False
        workflow_id = self.start("ORD-003")
        self.warehouse.may_finish.set()
        run = self.final(workflow_id)
        show("Failed", run, run.tasks[-1].reason_for_incompletion)
        self.warehouse.van_is_there = True
        self.executor.retry(workflow_id, resume_subworkflow_tasks=False)  # picks nothing again: that has completed
        show("Retried", self.final(workflow_id))


def main() -> None:
    client = ApiClient.from_env()
    executor = WorkflowExecutor(client)
    warehouse = Warehouse()

    with TaskRunner(client) as runner:
        for task_type, worker in (("pick_order", warehouse.pick), ("ship_order", warehouse.ship)):
            client.metadata.register_task(TaskDef(task_type, retry_count=0))
            runner.start_worker(task_type, worker, batch_size=1, poll_interval=0.1)
        shipping_workflow(executor).register(overwrite=True)

        program = Program(executor, warehouse)
        program.pause_and_resume()
        program.terminate_and_restart()
        program.fail_and_retry()


if __name__ == "__main__":
    main()
