from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.server.api_client import Client, set_variable, simple

WORKFLOW = "/metadata/workflow"
TASKDEFS = "/metadata/taskdefs"


def flow(name: str = "flow", **fields: Any) -> dict[str, Any]:
    return {"name": name, "tasks": [simple("one")], **fields}


def test_a_workflow_definition_is_kept_with_the_servers_defaults(client: Client) -> None:
    created = client.post(WORKFLOW, flow())
    assert (created.status, created.raw, created.content_type) == (200, b"", None)
    assert client.get(f"{WORKFLOW}/flow").body == {
        "createTime": client.clock.now(),
        "enforceSchema": True,
        "inputParameters": [],
        "inputTemplate": {},
        "maskedFields": [],
        "metadata": {},
        "name": "flow",
        "outputParameters": {},
        "restartable": True,
        "schemaVersion": 2,
        "tasks": [
            {
                "asyncComplete": False,
                "decisionCases": {},
                "defaultCase": [],
                "defaultExclusiveJoinTask": [],
                "forkTasks": [],
                "inputParameters": {},
                "joinOn": [],
                "loopOver": [],
                "metadata": {},
                "name": "work",
                "onStateChange": {},
                "optional": False,
                "permissive": False,
                "startDelay": 0,
                "taskReferenceName": "one",
                "type": "SIMPLE",
            }
        ],
        "timeoutPolicy": "ALERT_ONLY",
        "timeoutSeconds": 0,
        "updateTime": 0,
        "variables": {},
        "version": 1,
        "workflowStatusListenerEnabled": False,
    }


def test_post_of_an_existing_version_is_409_unless_it_overwrites(client: Client) -> None:
    client.post(WORKFLOW, flow())
    refused = client.post(WORKFLOW, flow())
    assert (refused.status, refused.body["message"]) == (409, "Workflow with flow.1 already exists!")
    assert client.post(WORKFLOW, flow(description="new"), overwrite="True").status == 200
    found = client.get(f"{WORKFLOW}/flow").body
    assert (found["description"], found["createTime"], found["updateTime"]) == ("new", 0, client.clock.now())


def test_put_takes_a_list_and_names_what_it_kept(client: Client) -> None:
    answer = client.put(WORKFLOW, [flow("a"), flow("b", version=3), flow("a")])
    assert answer.body == {"bulkErrorResults": {}, "bulkSuccessfulResults": ["a", "b", "a"]}


def test_one_bad_definition_refuses_the_list(client: Client) -> None:
    assert client.put(WORKFLOW, [flow("good"), flow("bad", tasks=[])]).status == 400
    assert client.get(f"{WORKFLOW}/good").status == 404


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "method_name"),
    [
        ("POST", "", {}, {"name": "x", "tasks": []}, "registerWorkflowDef.arg0"),
        ("POST", "", {"overwrite": "true"}, {"name": "flow", "tasks": []}, "updateWorkflowDef.arg0"),
        ("POST", "/validate", {}, {"name": "x", "tasks": []}, "validateWorkflowDef.arg0"),
        ("PUT", "", {}, [{"name": "x", "tasks": []}], "updateWorkflowDef.arg0[0]"),
    ],
)
def test_refusals_name_the_servers_method(
    client: Client, method: str, path: str, query: dict[str, Any], body: Any, method_name: str
) -> None:
    client.post(WORKFLOW, flow())
    answer = client.call(method, WORKFLOW + path, body, **query)
    assert answer.status == 400
    assert answer.body["validationErrors"] == [
        {"path": f"{method_name}.tasks", "message": "WorkflowTask list cannot be empty"}
    ]
    assert "instance" not in answer.body


def test_versions(client: Client) -> None:
    for version in (2, 10, 3):
        client.put(WORKFLOW, [flow(version=version)])
    assert client.get(f"{WORKFLOW}/flow").body["version"] == 10
    assert client.get(f"{WORKFLOW}/flow", version=3).body["version"] == 3
    missing = client.get(f"{WORKFLOW}/flow", version=1)
    assert (missing.status, missing.body["message"]) == (404, "No such workflow found by name: flow, version: 1")
    summaries = [{"name": "flow", "version": version, "createTime": 0} for version in (2, 3, 10)]
    assert client.get(f"{WORKFLOW}/flow/versions").body == summaries
    assert client.get(f"{WORKFLOW}/ghost/versions").body == []
    now = client.clock.now()
    assert client.get(f"{WORKFLOW}/names-and-versions").body == {
        "flow": [{**summary, "updateTime": now} for summary in summaries]
    }
    assert client.get(f"{WORKFLOW}/names").body == ["flow"]
    assert [d["version"] for d in client.get(f"{WORKFLOW}/latest-versions").body] == [10]
    assert len(client.get(WORKFLOW).body) == 3
    assert client.delete(f"{WORKFLOW}/flow/10").status == 200
    assert client.get(f"{WORKFLOW}/flow").body["version"] == 3


@pytest.mark.parametrize(("classifier", "names"), [("workflow", ["flow"]), (" ", ["flow", "bot"]), ("AGENT", ["bot"])])
def test_definitions_by_classifier(client: Client, classifier: str, names: list[str]) -> None:
    client.put(WORKFLOW, [flow(), flow("bot", metadata={"classifier": "agent"})])
    assert [d["name"] for d in client.get(WORKFLOW, classifier=classifier).body] == names


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/workflow/ghost", 404, "No such workflow found by name: ghost, version: null"),
        ("DELETE", "/workflow/ghost/1", 500, "No such workflow definition: ghost version: 1"),
        ("DELETE", "/workflow/ghost", 405, "Request method 'DELETE' is not supported"),
        ("GET", "/taskdefs/ghost", 404, "No such taskType found by name: ghost"),
        ("DELETE", "/taskdefs/ghost", 500, "No such task definition"),
    ],
)
def test_what_is_not_there(client: Client, method: str, path: str, status: int, message: str) -> None:
    answer = client.call(method, f"/metadata{path}")
    assert (answer.status, answer.body["message"]) == (status, message)


def test_a_version_that_is_no_number(client: Client) -> None:
    assert client.delete(f"{WORKFLOW}/flow/latest").status == 500
    assert client.get(f"{WORKFLOW}/flow", version="two").status == 500


def test_task_definitions_replace_each_other(client: Client) -> None:
    client.post(TASKDEFS, [{"name": "t", "retryCount": 9}, {"name": "t", "description": "last"}])
    found = client.get(f"{TASKDEFS}/t").body
    assert (found["retryCount"], found["description"]) == (3, "last")
    assert (found["createTime"], found["updateTime"], found["createdBy"]) == (client.clock.now(), 0, "")
    assert "updatedBy" not in found


def test_an_update_of_a_task_definition_keeps_its_creation(client: Client) -> None:
    assert client.put(TASKDEFS, {"name": "t"}).body["message"] == "No such task by name t"
    client.post(TASKDEFS, [{"name": "t"}])
    created = client.clock.now()
    client.driver.advance(1000)
    assert client.put(TASKDEFS, {"name": "t", "timeoutSeconds": 5000}).status == 200
    found = client.get(f"{TASKDEFS}/t").body
    assert (found["createTime"], found["updateTime"], found["updatedBy"]) == (created, created + 1000, "")
    assert [d["name"] for d in client.get(TASKDEFS).body] == ["t"]
    assert client.delete(f"{TASKDEFS}/t").status == 200
    assert client.get(TASKDEFS).body == []


@pytest.mark.parametrize("body", [[], [{"name": ""}], [None]])
def test_task_definitions_that_are_refused(client: Client, body: Any) -> None:
    assert client.post(TASKDEFS, body).status in (400, 500)
    assert client.get(TASKDEFS).body == []


def test_of_negative_versions_none_is_the_newest(client: Client) -> None:
    client.define("below", [set_variable(n=1)], version=-1)
    assert client.get("/metadata/workflow/below").status == 404
    assert client.get("/metadata/workflow/below", version=-1).status == 200
    client.define("below", [set_variable(n=1)], version=0)
    assert client.get("/metadata/workflow/below").body["version"] == 0
