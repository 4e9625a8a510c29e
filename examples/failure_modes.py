"""How a worker fails: for good when trying again can't help, or for now, so that the server tries again.

The definition of the task type says how often and how long after; the worker only says what happened.
"""

from __future__ import annotations

from conductor_sdk import (
    ApiClient,
    ConductorWorkflow,
    RetryLogic,
    SimpleTask,
    StartWorkflowRequest,
    Task,
    TaskDef,
    TaskExecLog,
    TaskResult,
    TaskRunner,
    TaskStatus,
    TerminalError,
    Workflow,
    WorkflowExecutor,
)


def check_customer(task: Task) -> dict[str, str]:
    customer_id = task.input_data.get("customer_id")
    if not customer_id:
        # No retry: the input stays as it is. A TaskResult with FAILED_WITH_TERMINAL_ERROR says the same.
        raise TerminalError("Missing customer ID")
    return {"customer_id": customer_id}


def charge_payment(task: Task) -> TaskResult:
    logs = [TaskExecLog(f"Charge attempt {task.retry_count}")]
    if task.retry_count < task.input_data["busy_for"]:
        return TaskResult(
            status=TaskStatus.FAILED,
            reason_for_incompletion="The payment provider is busy",
            logs=[*logs, TaskExecLog("No answer, so nothing was charged")],
        )
    return TaskResult(status=TaskStatus.COMPLETED, output_data={"charged": True}, logs=logs)


def payment_workflow(executor: WorkflowExecutor) -> ConductorWorkflow:
    wf = ConductorWorkflow(executor).name("example_payment").version(1)
    check_task = SimpleTask("check_customer", "check_ref").input("customer_id", "${workflow.input.customer_id}")
    charge_task = SimpleTask("charge_payment", "charge_ref").input("busy_for", "${workflow.input.busy_for}")
    return wf.add(check_task).add(charge_task).output_parameters({"charged": charge_task.output_ref("charged")})


def show(client: ApiClient, title: str, run: Workflow) -> None:
    print(f"{title}: {run.status}")
    for attempt in run.tasks:
        print(f"  {attempt.reference_task_name} attempt {attempt.retry_count}: {attempt.status}", end="")
        print(f" ({attempt.reason_for_incompletion})" if attempt.reason_for_incompletion else "")
        for line in client.tasks.logs(attempt.task_id):
            print(f"    log: {line.log}")


def main() -> None:
    client = ApiClient.from_env()
    executor = WorkflowExecutor(client)

    with TaskRunner(client) as runner:
        client.metadata.register_task(TaskDef("check_customer"))
        client.metadata.register_task(
            TaskDef("charge_payment", retry_count=2, retry_logic=RetryLogic.FIXED, retry_delay_seconds=0)
        )
        runner.start_worker("check_customer", check_customer, batch_size=1, poll_interval=0.1)
        runner.start_worker("charge_payment", charge_payment, batch_size=1, poll_interval=0.1)
        payment_workflow(executor).register(overwrite=True)

        for title, order in (
            ("No customer", {"customer_id": "", "busy_for": 0}),
            ("Busy once", {"customer_id": "CUST-123", "busy_for": 1}),
            ("Busy all day", {"customer_id": "CUST-123", "busy_for": 9}),
        ):
            workflow_id = executor.start_workflow(StartWorkflowRequest(name="example_payment", version=1, input=order))
            show(client, title, executor.monitor_execution(workflow_id).result(timeout=60))


if __name__ == "__main__":
    main()
