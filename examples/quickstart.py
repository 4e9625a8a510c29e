"""A workflow with one worker task, end to end.

CONDUCTOR_SERVER_URL says where it runs: `memory://` (nothing to start), `http://127.0.0.1:8080/api`
(`conductor-emulator serve`), or a cluster's URL with CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET.
"""

from __future__ import annotations

from conductor_sdk import (
    ApiClient,
    ConductorWorkflow,
    SimpleTask,
    StartWorkflowRequest,
    Task,
    TaskDef,
    TaskRunner,
    TimeoutPolicy,
    WorkflowExecutor,
)


def greet(task: Task) -> dict[str, str]:
    return {"greetings": f"Hello, {task.input_data['name']}"}


def main() -> None:
    client = ApiClient.from_env()
    executor = WorkflowExecutor(client)

    with TaskRunner(client) as runner:
        client.metadata.register_task(TaskDef("greet"))
        runner.start_worker("greet", greet, batch_size=1, poll_interval=0.1)

        wf = (
            ConductorWorkflow(executor)
            .name("greetings")
            .version(1)
            .description("Greetings workflow - Greets a user by their name")
            .timeout_policy(TimeoutPolicy.TIME_OUT_WF, 600)
        )
        greet_task = SimpleTask("greet", "greet_ref").input("name", "${workflow.input.name}")
        wf.add(greet_task)
        wf.output_parameters({"greetings": greet_task.output_ref("greetings")})
        wf.register(overwrite=True)

        workflow_id = executor.start_workflow(
            StartWorkflowRequest(name="greetings", version=1, input={"name": "Conductor"})
        )
        run = executor.monitor_execution(workflow_id).result(timeout=30)
        print("Output:", run.output)
        print("Execution:", executor.execution_url(workflow_id))


if __name__ == "__main__":
    main()
