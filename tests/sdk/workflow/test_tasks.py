"""One class for each task type: what it becomes in the definition. All of these were accepted by the real server."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import conductor_sdk
from conductor_sdk import (
    AgentTask,
    CallMcpToolTask,
    CancelAgentTask,
    ConductorWorkflow,
    CustomTask,
    DecisionTask,
    DefinitionError,
    DoWhileTask,
    DynamicForkTask,
    DynamicTask,
    EventTask,
    ExclusiveJoinTask,
    ForEachTask,
    ForkTask,
    GenerateAudioTask,
    GenerateImageTask,
    GeneratePdfTask,
    GenerateVideoTask,
    GetAgentCardTask,
    GetDocumentTask,
    GetWorkflowTask,
    HttpInput,
    HttpPollInput,
    HttpPollTask,
    HttpTask,
    HumanTask,
    IdempotencyStrategy,
    InlineTask,
    JdbcTask,
    JoinTask,
    JsonJQTask,
    KafkaPublishInput,
    KafkaPublishTask,
    LambdaTask,
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
    LoopTask,
    NoopTask,
    PlanAndCompileTask,
    PullWorkflowMessagesTask,
    Reference,
    SetVariableTask,
    SimpleTask,
    StartWorkflowTask,
    SubWorkflowTask,
    SwitchTask,
    TaskDef,
    TerminateTask,
    TerminateWorkflowTask,
    UpdateSecretTask,
    UpdateTask,
    WaitForWebhookTask,
    WaitTask,
    WorkflowStatus,
    WorkflowTask,
    YieldTask,
)

X = Reference("workflow.input.x")


def simple(name: str) -> SimpleTask:
    return SimpleTask("t", name)


def simple_dict(name: str) -> dict[str, Any]:
    return {"name": "t", "taskReferenceName": name, "type": "SIMPLE", "inputParameters": {}}


def task(type: str, inputs: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {"name": "r", "taskReferenceName": "r", "type": type, "inputParameters": inputs or {}, **fields}


GOLDEN: list[tuple[WorkflowTask, dict[str, Any]]] = [
    (SimpleTask("t", "r", {"a": 1}).input("b", X), task("SIMPLE", {"a": 1, "b": "${workflow.input.x}"}, name="t")),
    (WaitTask("r"), task("WAIT")),
    (WaitTask("r", duration="2 hours"), task("WAIT", {"duration": "2 hours"})),
    (WaitTask("r", duration=dt.timedelta(minutes=2)), task("WAIT", {"duration": "120 seconds"})),
    (WaitTask("r", duration=dt.timedelta(milliseconds=1)), task("WAIT", {"duration": "1 seconds"})),
    (WaitTask("r", until=X), task("WAIT", {"until": "${workflow.input.x}"})),
    (WaitTask("r", until=dt.date(2030, 1, 2)), task("WAIT", {"until": "2030-01-02"})),
    (
        WaitTask("r", until=dt.datetime(2030, 1, 2, 3, 4, 5)),  # noqa: DTZ001 - the server's own zone
        task("WAIT", {"until": "2030-01-02 03:05"}),
    ),
    (
        WaitTask("r", until=dt.datetime(2030, 1, 2, 3, 4, tzinfo=dt.timezone(dt.timedelta(hours=2)))),
        task("WAIT", {"until": "2030-01-02 01:04 UTC"}),
    ),
    (HttpTask("r", HttpInput("http://h/")), task("HTTP", {"http_request": {"uri": "http://h/", "method": "GET"}})),
    (
        HttpTask(
            "r",
            HttpInput(
                uri=X,
                method="POST",
                headers={"A": X},
                body={"x": X, "none": None},
                accept="text/plain",
                content_type="application/json",
                connection_time_out=1,
                read_time_out=2,
            ),
        ),
        task(
            "HTTP",
            {
                "http_request": {
                    "uri": "${workflow.input.x}",
                    "method": "POST",
                    "headers": {"A": "${workflow.input.x}"},
                    "body": {"x": "${workflow.input.x}", "none": None},
                    "accept": "text/plain",
                    "contentType": "application/json",
                    "connectionTimeOut": 1,
                    "readTimeOut": 2,
                }
            },
        ),
    ),
    (InlineTask("r", "1"), task("INLINE", {"evaluatorType": "javascript", "expression": "1"})),
    (
        InlineTask("r", "$.v", {"v": X}, evaluator="graaljs"),
        task("INLINE", {"evaluatorType": "graaljs", "expression": "$.v", "v": "${workflow.input.x}"}),
    ),
    (LambdaTask("r", "return 1", {"v": 1}), task("LAMBDA", {"scriptExpression": "return 1", "v": 1})),
    (JsonJQTask("r", ".a", {"a": 1}), task("JSON_JQ_TRANSFORM", {"queryExpression": ".a", "a": 1})),
    (
        SwitchTask("r", X).switch_case("1", simple("a")).switch_case("1", simple("b")).default_case(simple("c")),
        task(
            "SWITCH",
            {"switchCaseValue": "${workflow.input.x}"},
            evaluatorType="value-param",
            expression="switchCaseValue",
            decisionCases={"1": [simple_dict("a"), simple_dict("b")]},
            defaultCase=[simple_dict("c")],
        ),
    ),
    (
        SwitchTask("r", "$.v", javascript=True).input("v", 1),
        task("SWITCH", {"v": 1}, evaluatorType="javascript", expression="$.v", decisionCases={}, defaultCase=[]),
    ),
    (
        SwitchTask("r", X).use_javascript("'a'"),
        task("SWITCH", evaluatorType="javascript", expression="'a'", decisionCases={}, defaultCase=[]),
    ),
    (
        DecisionTask("r", X).switch_case("1", simple("a")),
        task(
            "DECISION",
            {"case_value_param": "${workflow.input.x}"},
            caseValueParam="case_value_param",
            decisionCases={"1": [simple_dict("a")]},
            defaultCase=[],
        ),
    ),
    (JoinTask("r", [simple("a"), "b"]), task("JOIN", joinOn=["a", "b"])),
    (
        ExclusiveJoinTask("r", ["a"], [simple("b")]),
        task("EXCLUSIVE_JOIN", joinOn=["a"], defaultExclusiveJoinTask=["b"]),
    ),
    (
        ForkTask("r", [simple("a"), simple("b")], simple("c")),
        task("FORK_JOIN", forkTasks=[[simple_dict("a"), simple_dict("b")], [simple_dict("c")]]),
    ),
    (
        DynamicTask("r", X),
        task("DYNAMIC", {"taskToExecute": "${workflow.input.x}"}, dynamicTaskNameParam="taskToExecute"),
    ),
    (
        DynamicForkTask("r", X),
        task(
            "FORK_JOIN_DYNAMIC",
            {"dynamicTasks": "${workflow.input.x}", "dynamicTasksInput": {}},
            dynamicForkTasksParam="dynamicTasks",
            dynamicForkTasksInputParamName="dynamicTasksInput",
        ),
    ),
    (
        DynamicForkTask.for_each("r", "t", X, task_type="HTTP"),
        task(
            "FORK_JOIN_DYNAMIC",
            {"forkTaskName": "t", "forkTaskInputs": "${workflow.input.x}", "forkTaskType": "HTTP"},
            dynamicForkTasksParam="dynamicTasks",
            dynamicForkTasksInputParamName="dynamicTasksInput",
        ),
    ),
    (
        DoWhileTask("r", "$.r.iteration < 3", simple("a")),
        task("DO_WHILE", loopCondition="$.r.iteration < 3", loopOver=[simple_dict("a")]),
    ),
    (
        LoopTask("r", 3, simple("a")),
        task(
            "DO_WHILE",
            {"loop_times": 3},
            loopCondition="$.r['iteration'] < $.loop_times",
            loopOver=[simple_dict("a")],
        ),
    ),
    (ForEachTask("r", X), task("DO_WHILE", loopCondition="", loopOver=[], items="${workflow.input.x}")),
    (ForEachTask("r", [1, 2]), task("DO_WHILE", {"_items": [1, 2]}, loopCondition="", loopOver=[])),
    (
        SubWorkflowTask("r", "child", 2, inputs={"a": X}, task_to_domain={"*": "d"}),
        task(
            "SUB_WORKFLOW",
            {"a": "${workflow.input.x}"},
            subWorkflowParam={"name": "child", "version": 2, "taskToDomain": {"*": "d"}},
        ),
    ),
    (
        SubWorkflowTask("r", {"name": "child", "tasks": []}),
        task("SUB_WORKFLOW", subWorkflowParam={"name": "child", "workflowDefinition": {"name": "child", "tasks": []}}),
    ),
    (
        SubWorkflowTask("r", "child", priority=X, idempotency_key="k", idempotency_strategy=IdempotencyStrategy.FAIL),
        task(
            "SUB_WORKFLOW",
            subWorkflowParam={
                "name": "child",
                "priority": "${workflow.input.x}",
                "idempotencyKey": "k",
                "idempotencyStrategy": "FAIL",
            },
        ),
    ),
    (
        StartWorkflowTask("r", X, priority=5, idempotency_key=X, task_to_domain={"*": "d"}),
        task(
            "START_WORKFLOW",
            {
                "startWorkflow": {
                    "name": "${workflow.input.x}",
                    "input": {},
                    "taskToDomain": {"*": "d"},
                    "priority": 5,
                    "idempotencyKey": "${workflow.input.x}",
                }
            },
        ),
    ),
    (
        StartWorkflowTask("r", "child", 2, inputs={"a": 1}, correlation_id=X),
        task(
            "START_WORKFLOW",
            {
                "startWorkflow": {
                    "name": "child",
                    "input": {"a": 1},
                    "version": 2,
                    "correlationId": "${workflow.input.x}",
                }
            },
        ),
    ),
    (TerminateTask("r"), task("TERMINATE", {"terminationStatus": "COMPLETED"})),
    (
        TerminateTask("r", WorkflowStatus.FAILED, "why", {"a": X}),
        task(
            "TERMINATE",
            {
                "terminationStatus": "FAILED",
                "terminationReason": "why",
                "workflowOutput": {"a": "${workflow.input.x}"},
            },
        ),
    ),
    (SetVariableTask("r", {"a": 1}).input("b", 2), task("SET_VARIABLE", {"a": 1, "b": 2})),
    (NoopTask("r"), task("NOOP")),
    (HumanTask("r", {"form": "f"}), task("HUMAN", {"form": "f"})),
    (EventTask("r", "sqs:q", {"a": 1}), task("EVENT", {"a": 1}, sink="sqs:q")),
    (
        KafkaPublishTask("r", KafkaPublishInput("h:1", "topic", {"v": X}, key="k")),
        task(
            "KAFKA_PUBLISH",
            {
                "kafka_request": {
                    "bootStrapServers": "h:1",
                    "topic": "topic",
                    "value": {"v": "${workflow.input.x}"},
                    "key": "k",
                }
            },
        ),
    ),
    (PullWorkflowMessagesTask("r", 5), task("PULL_WORKFLOW_MESSAGES", {"batchSize": 5, "blocking": True})),
    (CustomTask("MY_TYPE", "r", {"a": 1}, settings={"sink": "s"}), task("MY_TYPE", {"a": 1}, sink="s")),
    (
        HttpPollTask("r", HttpPollInput("http://h/", termination_condition="$.output.body.done", polling_interval=60)),
        task(
            "HTTP_POLL",
            {
                "http_request": {
                    "uri": "http://h/",
                    "method": "GET",
                    "terminationCondition": "$.output.body.done",
                    "pollingInterval": 60,
                }
            },
        ),
    ),
    (
        HttpPollTask("r", HttpPollInput(X, polling_strategy="LINEAR_BACKOFF", max_poll_count=3)),
        task(
            "HTTP_POLL",
            {
                "http_request": {
                    "uri": "${workflow.input.x}",
                    "method": "GET",
                    "pollingStrategy": "LINEAR_BACKOFF",
                    "maxPollCount": 3,
                }
            },
        ),
    ),
    (UpdateTask("r", task_id=X), task("UPDATE_TASK", {"taskStatus": "COMPLETED", "taskId": "${workflow.input.x}"})),
    (
        UpdateTask("r", "FAILED", workflow_id=X, task=simple("a"), output={"b": X}, merge_output=True),
        task(
            "UPDATE_TASK",
            {
                "taskStatus": "FAILED",
                "workflowId": "${workflow.input.x}",
                "taskRefName": "a",
                "taskOutput": {"b": "${workflow.input.x}"},
                "mergeOutput": True,
            },
        ),
    ),
    (GetWorkflowTask("r", X), task("GET_WORKFLOW", {"id": "${workflow.input.x}", "includeTasks": False})),
    (TerminateWorkflowTask("r", X), task("TERMINATE_WORKFLOW", {"workflowId": "${workflow.input.x}"})),
    (
        TerminateWorkflowTask("r", [X, "id"], "why", trigger_failure_workflow=True),
        task(
            "TERMINATE_WORKFLOW",
            {
                "workflowId": ["${workflow.input.x}", "id"],
                "terminationReason": "why",
                "triggerFailureWorkflow": True,
            },
        ),
    ),
    (
        WaitForWebhookTask("r", {"$['id']": X}),
        task("WAIT_FOR_WEBHOOK", {"matches": {"$['id']": "${workflow.input.x}"}}),
    ),
    (YieldTask("r", {"a": 1}), task("YIELD", {"a": 1})),
    (
        UpdateSecretTask("r", "k", X),
        task("UPDATE_SECRET", {"_secrets": {"secretKey": "k", "secretValue": "${workflow.input.x}"}}),
    ),
    (
        LlmTextCompleteTask("r", llm_provider="p", model="m", prompt_name="n", prompt_variables={"a": X}, top_p=0.5),
        task(
            "LLM_TEXT_COMPLETE",
            {
                "llmProvider": "p",
                "model": "m",
                "promptName": "n",
                "promptVariables": {"a": "${workflow.input.x}"},
                "topP": 0.5,
            },
        ),
    ),
    (
        LlmChatCompleteTask("r", {"newest": 1}, model="m", messages=[{"role": "user", "message": "Hi"}]),
        task("LLM_CHAT_COMPLETE", {"model": "m", "messages": [{"role": "user", "message": "Hi"}], "newest": 1}),
    ),
    (
        LlmIndexTextTask("r", vector_db="v", index="i", doc_id="d", text=X, embedding_model_provider="p"),
        task(
            "LLM_INDEX_TEXT",
            {
                "vectorDB": "v",
                "index": "i",
                "docId": "d",
                "text": "${workflow.input.x}",
                "embeddingModelProvider": "p",
            },
        ),
    ),
    (LlmSearchIndexTask("r", query=X), task("LLM_SEARCH_INDEX", {"query": "${workflow.input.x}"})),
    (LlmGenerateEmbeddingsTask("r", text="t"), task("LLM_GENERATE_EMBEDDINGS", {"text": "t"})),
    (
        LlmStoreEmbeddingsTask("r", id="a", embeddings=[0.5]),
        task("LLM_STORE_EMBEDDINGS", {"id": "a", "embeddings": [0.5]}),
    ),
    (LlmSearchEmbeddingsTask("r", embeddings=X), task("LLM_SEARCH_EMBEDDINGS", {"embeddings": "${workflow.input.x}"})),
    (LlmGetEmbeddingsTask("r", namespace="n"), task("LLM_GET_EMBEDDINGS", {"namespace": "n"})),
    (GenerateImageTask("r", prompt="p", width=8), task("GENERATE_IMAGE", {"prompt": "p", "width": 8})),
    (GenerateAudioTask("r", text="t", voice="v"), task("GENERATE_AUDIO", {"text": "t", "voice": "v"})),
    (
        GenerateVideoTask("r", prompt="p", aspect_ratio="1:1"),
        task("GENERATE_VIDEO", {"prompt": "p", "aspectRatio": "1:1"}),
    ),
    (GeneratePdfTask("r", markdown=X), task("GENERATE_PDF", {"markdown": "${workflow.input.x}"})),
    (ListMcpToolsTask("r", mcp_server="u"), task("LIST_MCP_TOOLS", {"mcpServer": "u"})),
    (
        CallMcpToolTask("r", mcp_server="u", method="m", arguments={"a": X}),
        task("CALL_MCP_TOOL", {"mcpServer": "u", "method": "m", "arguments": {"a": "${workflow.input.x}"}}),
    ),
    (ListApiToolsTask("r", spec_url="u"), task("LIST_API_TOOLS", {"specUrl": "u"})),
    (AgentTask("r", agent_url="u", text=X), task("AGENT", {"agentUrl": "u", "text": "${workflow.input.x}"})),
    (GetAgentCardTask("r", agent_url="u"), task("GET_AGENT_CARD", {"agentUrl": "u"})),
    (CancelAgentTask("r", agent_url="u", task_id="t"), task("CANCEL_AGENT", {"agentUrl": "u", "taskId": "t"})),
    (PlanAndCompileTask("r", plan_json=X), task("PLAN_AND_COMPILE", {"planJson": "${workflow.input.x}"})),
    (
        JdbcTask("r", connection_id="c", statement="SELECT ?", parameters=[1], type="SELECT"),
        task("JDBC", {"connectionId": "c", "statement": "SELECT ?", "parameters": [1], "type": "SELECT"}),
    ),
    (
        GetDocumentTask("r", url="u", media_type="text/plain"),
        task("GET_DOCUMENT", {"url": "u", "mediaType": "text/plain"}),
    ),
]


@pytest.mark.parametrize(
    ("built", "document"), GOLDEN, ids=[f"{n} {built.type}" for n, (built, _) in enumerate(GOLDEN)]
)
def test_what_a_task_becomes(built: WorkflowTask, document: dict[str, Any]) -> None:
    assert built.to_dict() == document
    assert built.to_dict() == document


def test_every_class_is_in_the_table() -> None:
    public = {
        thing
        for name in conductor_sdk.__all__
        if isinstance(thing := getattr(conductor_sdk, name), type)
        and issubclass(thing, WorkflowTask)
        and thing not in {WorkflowTask, conductor_sdk.StoredTask}
    }
    assert {type(built) for built, _ in GOLDEN} == public


def test_what_all_tasks_can_have() -> None:
    built = (
        simple("r")
        .description("d")
        .optional()
        .permissive()
        .start_delay(5)
        .retry_count(2)
        .async_complete()
        .cache("${k}", 60)
        .task_definition(TaskDef("t", retry_count=0))
    )
    document = built.to_dict()
    assert document.pop("taskDefinition")["retryCount"] == 0
    assert document == {
        **simple_dict("r"),
        "description": "d",
        "optional": True,
        "permissive": True,
        "startDelay": 5,
        "retryCount": 2,
        "asyncComplete": True,
        "cacheConfig": {"key": "${k}", "ttlInSecond": 60},
    }
    assert repr(built) == "SimpleTask('r')"


def test_forks_bring_their_join() -> None:
    fork, join = ForkTask("f", [simple("a"), simple("b")], simple("c")).to_dicts()
    assert (fork["type"], join["taskReferenceName"], join["joinOn"]) == ("FORK_JOIN", "f_join", ["b", "c"])
    inner = ForkTask("g", simple("d"), simple("e"))
    assert ForkTask("f", inner, simple("c")).to_dicts()[1]["joinOn"] == ["g_join", "c"]
    own = JoinTask("j", ["a"])
    assert ForkTask("f", simple("a"), join=own).to_dicts()[1] == own.to_dict()
    assert len(ForkTask("f", simple("a"), join=False).to_dicts()) == 1
    assert ForkTask("f").branch(simple("a")).branch(simple("b")).join.join_on == ["a", "b"]
    assert DynamicForkTask("f", X).to_dicts()[1]["taskReferenceName"] == "f_join"
    assert DynamicForkTask("f", X, join=own).join is own
    assert len(DynamicForkTask.for_each("f", "t", X, join=False).to_dicts()) == 1


def test_forks_inside_branches_bring_theirs_too() -> None:
    loop = DoWhileTask("l", "false", ForkTask("f", simple("a"), simple("b")))
    assert [t["taskReferenceName"] for t in loop.to_dict()["loopOver"]] == ["f", "f_join"]


def test_a_loop_over_a_list_knows_its_element() -> None:
    loop = ForEachTask("each", X)
    assert [str(loop.item), str(loop.index)] == ["${each.output.loopItem}", "${each.output.loopIndex}"]
    assert LoopTask("my-loop", 2).to_dict()["loopCondition"] == "$['my-loop']['iteration'] < $.loop_times"


def test_a_workflow_object_as_a_sub_workflow() -> None:
    child = ConductorWorkflow("child", version=4) >> NoopTask("n")
    expected = {"name": "child", "version": 4, "workflowDefinition": child.to_dict()}
    assert SubWorkflowTask("r", child).to_dict()["subWorkflowParam"] == expected
    assert SubWorkflowTask("r", child.to_workflow_def()).to_dict()["subWorkflowParam"]["version"] == 4


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SimpleTask("t", ""), "needs a reference name"),
        (lambda: NoopTask(None), "needs a reference name, not None"),  # type: ignore[arg-type]
        (lambda: WaitTask("r", duration="1s", until="2030-01-01"), "has a duration and a time"),
        (lambda: WaitTask("r", duration="soon"), "WAIT task r: the duration 'soon' cannot be read: write a timedelta"),
        (lambda: WaitTask("r", duration=5), "the duration 5 cannot be read"),  # type: ignore[arg-type]
        (lambda: WaitTask("r", duration=""), "the duration '' cannot be read"),
        (lambda: WaitTask("r", duration=dt.timedelta(seconds=-5)), "the duration '-5 seconds' cannot be read"),
        (lambda: WaitTask("r", until="2030-01-01T10:00"), "the time '2030-01-01T10:00' cannot be read"),
        (lambda: SimpleTask("", "r"), "SimpleTask r needs the type that workers poll, not ''"),
        (lambda: LoopTask("r", 0, simple("a")), "LoopTask r runs 1 time or more often, not 0 times"),
        (lambda: LoopTask("r", True, simple("a")), "not True times"),
        (lambda: SwitchTask("s", "1").switch_case(1.0), "has a case for 1.0; write it as the text"),  # type: ignore[arg-type]
        (lambda: UpdateTask("r", "DONE", task_id="t"), "UPDATE_TASK r reports 'DONE'"),
        (lambda: UpdateTask("r", workflow_id="w"), "UPDATE_TASK r needs a task_id, or a workflow_id"),
        (
            lambda: UpdateTask("r", task_id="t", workflow_id="w", task="a"),
            "needs a task_id, or a workflow_id and a task",
        ),
        (lambda: ForkTask("f", []), "Fork f has a branch without tasks"),
        (lambda: ForkTask("g").branch(), "Fork g has a branch without tasks"),
        (lambda: SwitchTask("s", "1").switch_case("a", "b"), "'b' is no task"),  # type: ignore[arg-type]
        (lambda: HttpTask("h", "http://h"), r"write HttpInput\(uri=…"),  # type: ignore[arg-type]
        (lambda: HttpPollTask("h", None), r"task h is None; write HttpInput\(uri=…"),  # type: ignore[arg-type]
    ],
)
def test_mistakes_are_told(make: Any, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        make()


def test_an_input_that_a_service_task_does_not_have() -> None:
    with pytest.raises(TypeError, match="LlmChatCompleteTask has no input 'temprature'; did you mean temperature"):
        LlmChatCompleteTask("r", temprature=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"'xyzzy'; it has mcp_server, headers\. .* inputs={\"xyzzy\": …}"):
        ListMcpToolsTask("r", xyzzy=1)  # type: ignore[call-arg]


@pytest.mark.parametrize(("value", "case"), [(True, "true"), (False, "false"), (1, "1"), ("a", "a")], ids=repr)
def test_cases_are_texts(value: str | bool | int, case: str) -> None:
    assert list(SwitchTask("s", X).switch_case(value, simple("a")).to_dict()["decisionCases"]) == [case]
