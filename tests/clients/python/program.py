"""What every client's program does, with the Python SDK. It prints its findings as one JSON object."""

import json
import logging
import sys
import time
import uuid

from conductor.client.automator.task_handler import TaskHandler
from conductor.client.configuration.configuration import Configuration
from conductor.client.http.models import StartWorkflowRequest, Task, TaskDef, TaskResult
from conductor.client.http.models.task_result_status import TaskResultStatus
from conductor.client.orkes_clients import OrkesClients
from conductor.client.worker.exception import NonRetryableException
from conductor.client.worker.worker import Worker
from conductor.client.workflow.conductor_workflow import ConductorWorkflow
from conductor.client.workflow.task.simple_task import SimpleTask
from conductor.client.workflow.task.wait_task import WaitTask

ENDED = {"COMPLETED", "FAILED", "TIMED_OUT", "TERMINATED"}


def greet(task: Task) -> TaskResult:
    name = task.input_data.get("name")
    if name == "nobody":
        raise NonRetryableException("there is nobody")
    result = task.to_task_result(TaskResultStatus.COMPLETED)
    if task.retry_count == 0:
        result.status = TaskResultStatus.FAILED
        result.reason_for_incompletion = "not yet"
        return result
    result.log(f"greeting {name}")
    result.output_data = {"greeting": f"Hello, {name}"}
    return result


def main() -> None:
    configuration = Configuration()
    configuration.apply_logging_config(level=logging.ERROR)
    clients = OrkesClients(configuration)
    metadata, workflows, tasks = clients.get_metadata_client(), clients.get_workflow_client(), clients.get_task_client()
    unique = uuid.uuid4().hex[:8]
    greeter, flow, holding = f"py_greet_{unique}", f"py_flow_{unique}", f"py_hold_{unique}"
    metadata.register_task_def(
        TaskDef(name=greeter, retry_count=2, retry_delay_seconds=0, timeout_seconds=60, response_timeout_seconds=50)
    )
    executor = clients.get_workflow_executor()
    workflow = ConductorWorkflow(executor=executor, name=flow, version=1)
    simple = SimpleTask(greeter, "greet")
    simple.input_parameters = {"name": workflow.input("name")}
    workflow >> simple
    workflow.output_parameters({"greeting": "${greet.output.greeting}"})
    workflow.register(overwrite=True)
    hold = ConductorWorkflow(executor=executor, name=holding, version=1)
    hold >> WaitTask(task_ref_name="hold")
    hold.register(overwrite=True)

    worker = Worker(task_definition_name=greeter, execute_function=greet, poll_interval=50)
    with TaskHandler(workers=[worker], configuration=configuration, scan_for_annotated_workers=False) as handler:
        handler.start_processes()

        def ended(workflow_id: str):
            until = time.monotonic() + 30
            while time.monotonic() < until:
                found = workflows.get_workflow(workflow_id, include_tasks=True)
                if found.status in ENDED:
                    return found
                time.sleep(0.05)
            raise TimeoutError(workflow_id)

        started = ended(workflows.start_workflow(StartWorkflowRequest(name=flow, version=1, input={"name": "Ann"})))
        executed = workflow.execute(workflow_input={"name": "Bob"}, wait_for_seconds=20)
        failed = ended(workflows.start_workflow(StartWorkflowRequest(name=flow, version=1, input={"name": "nobody"})))

    def start_holding() -> str:
        return workflows.start_workflow(StartWorkflowRequest(name=holding, version=1, correlation_id=unique))

    terminated = start_holding()
    workflows.pause_workflow(terminated)
    paused = workflows.get_workflow(terminated, include_tasks=False).status
    workflows.resume_workflow(terminated)
    workflows.terminate_workflow(terminated, reason="enough")
    last = workflows.get_workflow(terminated, include_tasks=True)
    signalled = start_holding()
    tasks.update_task_by_ref_name(signalled, "hold", "COMPLETED", {"answer": 42})
    found = workflows.search(query=f"workflowType = '{flow}' AND status IN (COMPLETED)", start=0, size=10)
    correlated = workflows.get_by_correlation_ids(holding, [unique], include_completed=True)
    findings = {
        "greeting": started.output["greeting"],
        "attempts": [task.status for task in started.tasks],
        "log": [line.log for line in tasks.get_task_logs(started.tasks[-1].task_id)],
        "executed": [executed.status, executed.output["greeting"]],
        "failed": [failed.status, failed.tasks[0].status, len(failed.tasks)],
        "terminated": [paused, last.status, last.reason_for_incompletion, last.tasks[0].status],
        "signalled": workflows.get_workflow(signalled, include_tasks=True).tasks[0].output_data["result"]["answer"],
        "found": len(found.results),
        "correlated": len(correlated[unique]),
    }
    print(json.dumps(findings))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
