from __future__ import annotations

import itertools
import re
from typing import Any

import pytest

from conductor_sdk import (
    ApiClient,
    BadRequest,
    ConductorWorkflow,
    ConfigurationError,
    Conflict,
    DefinitionError,
    ForkTask,
    HttpInput,
    HttpTask,
    InlineTask,
    KafkaPublishInput,
    KafkaPublishTask,
    NoopTask,
    Reference,
    SetVariableTask,
    SimpleTask,
    StartWorkflowTask,
    SubWorkflowTask,
    SwitchTask,
    TerminateWorkflowTask,
    TimeoutPolicy,
    WaitForWebhookTask,
    WorkflowExecutor,
)


def greetings(workflow: ConductorWorkflow) -> ConductorWorkflow:
    greet = SimpleTask("greet", "greet_ref").input("name", "${workflow.input.name}")
    return workflow.add(greet).output_parameters({"greetings": greet.output_ref("greetings")})


GREETINGS: dict[str, Any] = {
    "name": "greetings",
    "version": 1,
    "tasks": [
        {
            "name": "greet",
            "taskReferenceName": "greet_ref",
            "type": "SIMPLE",
            "inputParameters": {"name": "${workflow.input.name}"},
        }
    ],
    "outputParameters": {"greetings": "${greet_ref.output.greetings}"},
    "schemaVersion": 2,
}


def test_the_fluent_form(client: ApiClient) -> None:
    wf = (
        ConductorWorkflow(WorkflowExecutor(client))
        .name("greetings")
        .version(1)
        .description("Greets")
        .timeout_policy(TimeoutPolicy.TIME_OUT_WF, 600)
    )
    more = {"description": "Greets", "timeoutPolicy": "TIME_OUT_WF", "timeoutSeconds": 600}
    assert greetings(wf).to_dict() == {**GREETINGS, **more}


def test_the_short_form_needs_no_executor() -> None:
    wf = ConductorWorkflow("greetings", version=1)
    greet = SimpleTask("greet", "greet_ref", {"name": wf.input.name})
    wf >> greet
    wf.output_parameters({"greetings": greet.output.greetings})
    assert wf.to_dict() == GREETINGS
    assert wf.to_dict() == wf.to_dict()
    assert ConductorWorkflow(name="greetings").to_dict()["name"] == "greetings"
    assert repr(wf) == "ConductorWorkflow('greetings', version=1)"


def test_all_settings_arrive() -> None:
    wf = (
        ConductorWorkflow("w", description="d")
        .owner_email("a@b.c")
        .failure_workflow("clean_up", 2)
        .restartable(False)
        .input_parameters("a", "b")
        .input_template({"a": 1})
        .variables({"total": 0})
        .status_listener("kafka:topic")
        .metadata({"team": "x"})
        .output_parameter("total", ConductorWorkflow().variable.total)
    )
    assert wf.to_dict() == {
        "name": "w",
        "version": 1,
        "description": "d",
        "ownerEmail": "a@b.c",
        "failureWorkflow": "clean_up",
        "failureWorkflowVersion": 2,
        "restartable": False,
        "inputParameters": ["a", "b"],
        "inputTemplate": {"a": 1},
        "variables": {"total": 0},
        "workflowStatusListenerSink": "kafka:topic",
        "workflowStatusListenerEnabled": True,
        "metadata": {"team": "x"},
        "tasks": [],
        "outputParameters": {"total": "${workflow.variables.total}"},
        "schemaVersion": 2,
    }


def test_chaining() -> None:
    a, b, c, d = (NoopTask(name) for name in "abcd")
    wf = ConductorWorkflow("w") >> a >> [b, c] >> d
    assert [t["taskReferenceName"] for t in wf.to_dict()["tasks"]] == ["a", "fork_1", "fork_1_join", "d"]
    nested = ConductorWorkflow("w") >> [[a, b], c] >> [d]
    fork, join, second, _ = nested.to_dict()["tasks"]
    assert [[t["name"] for t in branch] for branch in fork["forkTasks"]] == [["a", "b"], ["c"]]
    assert join["joinOn"] == ["b", "c"]
    assert second["taskReferenceName"] == "fork_2"
    assert [t["name"] for t in ConductorWorkflow("w").add(a, [b, c]).to_dict()["tasks"]] == ["a", "b", "c"]


def test_a_workflow_as_a_step_is_a_sub_workflow() -> None:
    inner = ConductorWorkflow("inner", version=3) >> NoopTask("n")
    (task,) = (ConductorWorkflow("outer") >> inner).to_dict()["tasks"]
    assert (task["type"], task["taskReferenceName"]) == ("SUB_WORKFLOW", "inner_ref")
    assert task["subWorkflowParam"]["workflowDefinition"] == inner.to_dict()
    assert task["subWorkflowParam"]["version"] == 3


def test_the_model_of_a_definition() -> None:
    definition = greetings(ConductorWorkflow("greetings")).to_workflow_def()
    assert definition.tasks[0].task_reference_name == "greet_ref"


@pytest.mark.parametrize("thing", ["a task", None, 5, {"name": "a"}, NoopTask("n").output])
def test_what_is_no_task_is_refused(thing: Any) -> None:
    said = f"^{re.escape(repr(thing))} is no task: give a SimpleTask"
    with pytest.raises(DefinitionError, match=said):
        ConductorWorkflow("w").add([thing])
    with pytest.raises(DefinitionError, match=said):
        ConductorWorkflow("w").add(thing)
    with pytest.raises(DefinitionError, match=said):
        ConductorWorkflow("w") >> thing
    with pytest.raises(DefinitionError, match=said):
        ConductorWorkflow("w") >> [NoopTask("n"), thing]


@pytest.mark.parametrize(
    "build",
    [
        lambda all_of_it: SimpleTask("a", "a", all_of_it),
        lambda all_of_it: SimpleTask("a", "a").inputs(all_of_it),
        lambda all_of_it: SetVariableTask("v", all_of_it),
        lambda all_of_it: SubWorkflowTask("s", "w", inputs=all_of_it),
        lambda all_of_it: SubWorkflowTask("s", "w", task_to_domain=all_of_it),
        lambda all_of_it: WaitForWebhookTask("w", all_of_it),
        lambda all_of_it: ConductorWorkflow("w").output_parameters(all_of_it),
        lambda all_of_it: ConductorWorkflow("w").variables(all_of_it),
        lambda all_of_it: ConductorWorkflow("w").input_template(all_of_it),
    ],
    ids=itertools.count(),
)
@pytest.mark.parametrize("all_of_it", [Reference("workflow.input"), "${workflow.input}", 5])
def test_one_expression_is_no_dict_of_values(build: Any, all_of_it: Any) -> None:
    with pytest.raises(DefinitionError, match=f"must be a dict of names and values, not {re.escape(repr(all_of_it))}"):
        build(all_of_it)


@pytest.mark.parametrize("all_of_it", [Reference("workflow.input"), "${workflow.input}"])
def test_one_expression_may_stand_for_headers_and_for_the_input_of_a_start(all_of_it: Any) -> None:
    start = StartWorkflowTask("s", "w", inputs=all_of_it).to_dict()
    assert start["inputParameters"]["startWorkflow"]["input"] == "${workflow.input}"
    request = HttpInput(
        "http://h/", "get", all_of_it, accept=all_of_it, content_type=all_of_it, connection_time_out=all_of_it
    )
    sent = HttpTask("h", request).to_dict()["inputParameters"]["http_request"]
    assert sent == {
        "uri": "http://h/",
        "method": "GET",
        **dict.fromkeys(("headers", "accept", "contentType", "connectionTimeOut"), "${workflow.input}"),
    }
    message = KafkaPublishTask("k", KafkaPublishInput("h:1", "t", 1, headers=all_of_it)).to_dict()
    assert message["inputParameters"]["kafka_request"]["headers"] == "${workflow.input}"
    for wrong in ({"headers": 5}, {"headers": "X-A: 1"}):
        with pytest.raises(DefinitionError, match="The headers of a request must be a dict"):
            HttpTask("h", HttpInput("http://h/", **wrong)).to_dict()


def test_other_workflows_are_ended_by_their_ids() -> None:
    for wrong in (None, 5, {"id": 1}):
        with pytest.raises(DefinitionError, match="needs ids of workflows, not"):
            TerminateWorkflowTask("t", wrong)  # type: ignore[arg-type]


# What cannot be right


def a(name: str) -> SimpleTask:
    return SimpleTask("t", name)


@pytest.mark.parametrize(
    ("wf", "problems"),
    [
        (ConductorWorkflow(), ["it has no name", "it has no tasks"]),
        (ConductorWorkflow("w"), ["it has no tasks"]),
        (
            ConductorWorkflow("w") >> a("x") >> SwitchTask("s", "1").switch_case("1", a("y"), a("x")),
            ["two tasks have the reference name 'x', tasks[0] and tasks[1].decisionCases.1[1]"],
        ),
        (
            ConductorWorkflow("w") >> ForkTask("f", a("x"), a("f_join")),
            ["two tasks have the reference name 'f_join', tasks[0].forkTasks[1][0] and tasks[1]"],
        ),
        (
            ConductorWorkflow("w").output_parameters({"a": {"b": ["hi ${greet.output.x}"]}}) >> a("greet_ref"),
            ["in outputParameters names a task that the workflow does not have; did you mean greet_ref?"],
        ),
        (
            ConductorWorkflow("w") >> a("x").input("v", "${nowhere.output}"),
            ["${nowhere.output} in input of task x (tasks[0]) names a task that the workflow does not have"],
        ),
    ],
)
def test_what_cannot_be_right_is_told(wf: ConductorWorkflow, problems: list[str]) -> None:
    with pytest.raises(DefinitionError) as caught:
        wf.validate()
    lines = str(caught.value).splitlines()
    assert "cannot be registered:" in lines[0]
    assert len(lines) == len(problems) + 1
    for line, problem in zip(lines[1:], problems, strict=True):
        assert problem in line


def test_what_may_be_right_passes() -> None:
    wf = ConductorWorkflow("w") >> a("x").inputs(
        {
            "v": "${workflow.input.a}",
            "w": "$${nowhere.output}",
            "y": "${CPEWF_TASK_ID}",
            "z": "${x.output[0].a}",
            "s": InlineTask("i", "${").to_dict(),
        }
    )
    wf.validate()


# Registering


def test_register(server: Any, client: ApiClient) -> None:
    server.on("POST", "/metadata/workflow", None)
    greetings(ConductorWorkflow(WorkflowExecutor(client)).name("greetings")).register(overwrite=True)
    greetings(ConductorWorkflow("greetings", executor=WorkflowExecutor(client))).register()
    sent = server.asked("POST", "/metadata/workflow")
    assert [(r.body, r.params) for r in sent] == [
        (GREETINGS, {"overwrite": "true"}),
        (GREETINGS, {"overwrite": "false"}),
    ]


def test_register_refuses_before_it_asks(server: Any, client: ApiClient) -> None:
    with pytest.raises(DefinitionError, match="no tasks"):
        ConductorWorkflow(WorkflowExecutor(client)).name("w").register(True)
    with pytest.raises(ConfigurationError, match="has no executor"):
        greetings(ConductorWorkflow("w")).register()
    assert server.log == []


def test_register_does_not_overwrite_unasked(server: Any, client: ApiClient, answer: Any) -> None:
    server.on("POST", "/metadata/workflow", answer(409, {"message": "Workflow with greetings.1 already exists!"}))
    with pytest.raises(Conflict, match=r"greetings\.1 already exists!\nTo replace it, register with overwrite=True"):
        greetings(ConductorWorkflow(WorkflowExecutor(client)).name("greetings")).register(overwrite=False)


def test_the_servers_complaints_are_readable(server: Any, client: ApiClient, answer: Any) -> None:
    complaint = {"path": "registerWorkflowDef.arg0.tasks[0]", "message": "loopOver field is required"}
    body = {"message": "Validation failed, check below errors for detail.", "validationErrors": [complaint]}
    server.on("POST", "/metadata/workflow", answer(400, body))
    with pytest.raises(BadRequest) as caught:
        greetings(ConductorWorkflow(WorkflowExecutor(client)).name("greetings")).register()
    assert "\n  - loopOver field is required (at registerWorkflowDef.arg0.tasks[0])" in str(caught.value)
