"""A one-task workflow without a socket, its worker included: in virtual time, by the harness, by `memory://`."""

from __future__ import annotations

from row import Figures, ProcessRow, Reach, in_fresh_process
from run import main

_FLOW = """{"name": "one", "version": 1, "tasks": [{"name": "w", "taskReferenceName": "w", "type": "SIMPLE",
    "inputParameters": {"n": "${workflow.input.n}"}}]}"""

_MEASURE = """
import json, time
def ms_of(one, times):
    for _ in range(times // 5):
        one()
    began = time.process_time()
    for _ in range(times):
        one()
    return (time.process_time() - began) * 1000 / times
"""

_RUNTIME = f"""
{_MEASURE}
from conductor_emulator.definitions.start_request import StartWorkflowRequest
from conductor_emulator.definitions.workflow_def import WorkflowDef
from conductor_emulator.engine.commands import UpdateTask
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.runtime import Runtime
runtime = Runtime(clock=VirtualClock())
runtime.metadata.put_workflow_def(WorkflowDef.from_wire({_FLOW}))
def one():
    workflow_id = runtime.start(StartWorkflowRequest(name="one", input={{"n": 1}}))
    ((_, task),) = runtime.poll("w", "worker")
    result = UpdateTask(task.task_id, TaskStatus.COMPLETED, {{"n": task.input["n"] + 1}}, worker_id="worker")
    runtime.submit(workflow_id, result)
    assert runtime.execution(workflow_id).status == "COMPLETED"
print(json.dumps({{"CPU ms/workflow, runtime and worker": ms_of(one, 4000)}}))
"""

_HARNESS = f"""
{_MEASURE}
from conductor_pytest import Conductor
conductor = Conductor()
conductor.register({_FLOW})
conductor.worker("w", lambda task: {{"n": 2}})
def one():
    assert conductor.run("one", {{"n": 1}}).status == "COMPLETED"
print(json.dumps({{"CPU ms/workflow, harness": ms_of(one, 500)}}))
"""

_MEMORY = f"""
{_MEASURE}
from conductor_sdk import ApiClient, StartWorkflowRequest, TaskResult
client = ApiClient("memory://")
client.metadata.update_workflows([{_FLOW}])
def one():
    workflow_id = client.workflows.start(StartWorkflowRequest(name="one", input={{"n": 1}}))
    (task,) = client.tasks.poll_batch("w", count=1, timeout_ms=100)
    client.tasks.update(TaskResult(task_id=task.task_id, workflow_instance_id=workflow_id,
        status="COMPLETED", output_data={{"n": 2}}))
    assert client.workflows.get(workflow_id).status == "COMPLETED"
print(json.dumps({{"CPU ms/workflow, SDK over memory://": ms_of(one, 300)}}))
"""


def one_round() -> Figures:
    """Each layer in a process of its own."""
    return {**in_fresh_process(_RUNTIME), **in_fresh_process(_HARNESS), **in_fresh_process(_MEMORY)}


ROW = ProcessRow(
    "in_process",
    "one-task workflow without a socket",
    (Reach("CPU ms/workflow, runtime and worker", "≤", 0.15),),
    one_round,
)

if __name__ == "__main__":
    main(["in_process"])
