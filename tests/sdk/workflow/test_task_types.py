"""Every task type that the emulator knows has a class, and what the classes make is run by the emulator."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import conductor_sdk
from conductor_emulator.engine import tasks
from conductor_emulator.engine.tasks.registry import kinds_of
from conductor_emulator.runtime.options import Options
from conductor_emulator.server.serving import BackgroundServer
from conductor_sdk import (
    AgentTask,
    ApiClient,
    CallMcpToolTask,
    CancelAgentTask,
    ConductorWorkflow,
    GenerateAudioTask,
    GenerateImageTask,
    GeneratePdfTask,
    GenerateVideoTask,
    GetAgentCardTask,
    GetWorkflowTask,
    HttpPollInput,
    HttpPollTask,
    JdbcTask,
    ListApiToolsTask,
    ListMcpToolsTask,
    LlmChatCompleteTask,
    LlmGenerateEmbeddingsTask,
    LlmGetEmbeddingsTask,
    LlmIndexTextTask,
    LlmSearchEmbeddingsTask,
    LlmSearchIndexTask,
    LlmStoreEmbeddingsTask,
    LlmTextCompleteTask,
    PlanAndCompileTask,
    StoredTask,
    TaskStatus,
    TerminateWorkflowTask,
    UpdateSecretTask,
    UpdateTask,
    WaitForWebhookTask,
    WaitTask,
    Workflow,
    WorkflowExecutor,
    WorkflowFailed,
    WorkflowStatus,
    WorkflowTask,
    YieldTask,
)
from conductor_sdk.workflow.ai_tasks import _ServiceTask
from tests.sdk.workflow.test_tasks import GOLDEN

#: a safety net only
PATIENCE = 60


def test_every_task_type_has_a_class() -> None:
    tasks.load()
    known = {*kinds_of("oss").names(), *kinds_of("orkes").names()}
    made = {built.type for built, _ in GOLDEN}
    assert known - made == {"USER_DEFINED"}  # any other name: CustomTask
    assert made - known == {"MY_TYPE", "GET_DOCUMENT"}


@pytest.mark.parametrize(
    ("built", "document"), GOLDEN, ids=[f"{n} {built.type}" for n, (built, _) in enumerate(GOLDEN)]
)
def test_what_was_made_is_read_back(built: WorkflowTask, document: dict[str, Any]) -> None:
    workflow = ConductorWorkflow("w").add(built)
    again = ConductorWorkflow.from_dict(workflow.to_dict())
    assert again.to_dict() == workflow.to_dict()
    first = again.tasks[0]
    assert isinstance(first, StoredTask)
    assert (first.type, first.to_dict()) == (built.type, document)


# -- on the emulator ---------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def orkes() -> Iterator[WorkflowExecutor]:
    with BackgroundServer(Options(flavor="orkes")) as server, ApiClient(f"{server.url}/api") as client:
        yield WorkflowExecutor(client)


@pytest.fixture
def flow(orkes: WorkflowExecutor, request: pytest.FixtureRequest) -> Any:
    """Register a workflow of these tasks under a name of its own."""

    def register(*chain: WorkflowTask, name: str = "flow") -> str:
        unique = f"{request.node.name}_{name}"
        workflow = ConductorWorkflow(orkes).name(unique).add(*chain)
        workflow.register(overwrite=True)
        return unique

    return register


def run(executor: WorkflowExecutor, name: str, **given: Any) -> Workflow:
    return executor.run(name, timeout=PATIENCE, **given)


def test_a_call_is_repeated_until_it_says_that_it_is_ready(orkes: WorkflowExecutor, flow: Any) -> None:
    calls: list[str] = []

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            body = b'{"done": %s}' % (b"true" if len(calls) == 2 else b"false")
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the screen."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as remote:
        threading.Thread(target=remote.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        uri = f"http://127.0.0.1:{remote.server_address[1]}/job"
        condition = "$.output.body.done === true"
        poll = HttpPollTask("poll", HttpPollInput(uri, termination_condition=condition, polling_interval=1))
        ended = run(orkes, flow(poll))
        remote.shutdown()
    assert calls == ["/job", "/job"]
    assert ended.output["response"]["body"] == {"done": True}


@pytest.mark.parametrize("by_id", [True, False])
def test_a_task_of_another_workflow_is_updated(orkes: WorkflowExecutor, flow: Any, by_id: bool) -> None:
    wait = WaitTask("approval")
    waiting = orkes.start(flow(wait, name="waiting"))
    if by_id:
        task_id = orkes.get_workflow(waiting).tasks[0].task_id
        update = UpdateTask("update", task_id="${workflow.input.task}", output={"by": "${workflow.input.who}"})
    else:
        task_id = None
        update = UpdateTask("update", workflow_id="${workflow.input.workflow}", task=wait, output={"by": "Ada"})
    ended = run(orkes, flow(update), task=task_id, workflow=waiting, who="Ada")
    assert ended.output["taskOutput"] == {"by": "Ada"}
    assert orkes.wait_for(waiting, PATIENCE).output == {"by": "Ada"}


def test_another_workflow_is_read(orkes: WorkflowExecutor, flow: Any) -> None:
    other = orkes.start(flow(WaitTask("wait"), name="other"))
    read = GetWorkflowTask("read", "${workflow.input.id}", include_tasks=True)
    ended = run(orkes, flow(read), id=other)
    found = ended.output["workflow"]
    assert (found["workflowId"], found["status"]) == (other, "RUNNING")
    assert [task["referenceTaskName"] for task in found["tasks"]] == ["wait"]


def test_other_workflows_are_ended(orkes: WorkflowExecutor, flow: Any) -> None:
    name = flow(WaitTask("wait"), name="other")
    others = [orkes.start(name), orkes.start(name)]
    ended = run(orkes, flow(TerminateWorkflowTask("end", "${workflow.input.ids}", "no more")), ids=others)
    assert ended.output["terminatedWorkflows"] == others
    found = [orkes.get_workflow(other) for other in others]
    assert [(one.status, one.reason_for_incompletion) for one in found] == [(WorkflowStatus.TERMINATED, "no more")] * 2


def test_a_webhook_is_waited_for(orkes: WorkflowExecutor, flow: Any) -> None:
    name = flow(WaitForWebhookTask("paid", {"$['type']": "paid", "$['order']": "${workflow.input.order}"}))
    one, two = orkes.start(name, order="O-1"), orkes.start(name, order="O-2")
    hook = orkes.client.request(
        "POST", "/metadata/webhook", json={"name": name, "receiverWorkflowNamesToVersions": {name: 1}}
    )
    payload = {"type": "paid", "order": "O-2", "sum": 5}
    orkes.client.request("POST", f"/webhook/{hook['id']}", json=payload)
    assert orkes.wait_for(two, PATIENCE).output == payload
    assert orkes.get_workflow(one).status is WorkflowStatus.RUNNING


def test_a_signal_is_waited_for(orkes: WorkflowExecutor, flow: Any) -> None:
    waiting = orkes.start(flow(YieldTask("pause")))
    orkes.client.workflows.signal(waiting, TaskStatus.COMPLETED, {"go": True})
    assert orkes.wait_for(waiting, PATIENCE).output == {"go": True}


def test_a_secret_is_set(orkes: WorkflowExecutor, flow: Any, request: pytest.FixtureRequest) -> None:
    run(orkes, flow(UpdateSecretTask("keep", request.node.name, "${workflow.input.password}")), password="s3cret")
    assert orkes.client.secrets.get(request.node.name) == "s3cret"


#: What a server without such services says: the inputs have arrived under the names that it knows.
WITHOUT_SERVICES: list[tuple[_ServiceTask, str]] = [
    (LlmTextCompleteTask("r", llm_provider="nobody"), "no configuration found for: nobody"),
    (LlmChatCompleteTask("r", llm_provider="nobody", user_input="Hi"), "no configuration found for: nobody"),
    (LlmGenerateEmbeddingsTask("r", llm_provider="nobody", text="Hi"), "no configuration found for: nobody"),
    (LlmStoreEmbeddingsTask("r", vector_db="nowhere"), "VectorDB not found: nowhere"),
    (LlmSearchEmbeddingsTask("r", vector_db="nowhere"), "VectorDB not found: nowhere"),
    (LlmGetEmbeddingsTask("r", vector_db="nowhere"), "VectorDB not found: nowhere"),
    (LlmIndexTextTask("r", doc_id="d", embedding_model_provider="nobody"), "no configuration found for: nobody"),
    (LlmSearchIndexTask("r", embedding_model_provider="nobody"), "no configuration found for: nobody"),
    (GenerateImageTask("r", llm_provider="nobody"), "no configuration found for: nobody"),
    (GenerateAudioTask("r", llm_provider="nobody"), "no configuration found for: nobody"),
    (GenerateVideoTask("r", llm_provider="nobody"), "no configuration found for: nobody"),
    (GeneratePdfTask("r", markdown="# Hi"), "an emulator writes no PDF"),
    (ListMcpToolsTask("r", mcp_server="http://nowhere:1"), "Failed to list MCP tools from http://nowhere:1"),
    (
        CallMcpToolTask("r", mcp_server="http://nowhere:1", method="add"),
        "Failed to call MCP tool 'add' on http://nowhere:1",
    ),
    (ListApiToolsTask("r", spec_url="http://nowhere:1"), "Could not retrieve a valid API spec from http://nowhere:1"),
    (AgentTask("r", agent_url="http://nowhere:1", text="Hi"), "the agent http://nowhere:1 is not called"),
    (GetAgentCardTask("r", agent_url="http://nowhere:1"), "the agent http://nowhere:1 is not called"),
    (CancelAgentTask("r", agent_url="http://nowhere:1", task_id="t"), "the agent http://nowhere:1 is not called"),
    (JdbcTask("r", connection_id="nowhere", statement="SELECT 1"), "No such datasource configured.  input: nowhere"),
]


@pytest.mark.parametrize(("task", "reason"), WITHOUT_SERVICES, ids=[task.type for task, _ in WITHOUT_SERVICES])
def test_services_are_asked_by_the_names_that_the_server_knows(
    orkes: WorkflowExecutor, flow: Any, task: _ServiceTask, reason: str
) -> None:
    # The server tries models three times more; once is enough here.
    name = flow(StoredTask({**task.to_dict(), "retryCount": 0}))
    with pytest.raises(WorkflowFailed) as caught:
        run(orkes, name)
    assert reason in str(caught.value)


def test_a_plan_that_is_none_is_told_in_the_output(orkes: WorkflowExecutor, flow: Any) -> None:
    assert (
        run(orkes, flow(PlanAndCompileTask("plan", plan_json="nonsense"))).output["error"]
        == "Plan must be a JSON object"
    )


def test_every_service_is_in_a_table() -> None:
    classes = {
        kind
        for name in conductor_sdk.__all__
        if isinstance(kind := getattr(conductor_sdk, name), type) and issubclass(kind, _ServiceTask)
    }
    tried = {type(task) for task, _ in WITHOUT_SERVICES}
    assert classes - tried == {PlanAndCompileTask, conductor_sdk.GetDocumentTask}
