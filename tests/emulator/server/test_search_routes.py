from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.server.api_client import Client, set_variable


@pytest.fixture
def four(client: Client) -> Client:
    """Two open and two completed executions with the correlation ids q0 … q3."""
    client.define_worker_flow("waits")
    client.define("instants", [set_variable(n=1)], outputParameters={"k": "${workflow.input.k}"})
    for n in range(4):
        client.start(("waits", "instants")[n % 2], {"k": 1}, correlationId=f"q{n}", priority=n)
    return client


def hits(client: Client, **query: Any) -> Any:
    answer = client.get("/workflow/search", **query)
    if answer.status != 200:
        return answer.status, answer.body["message"]
    return [found["correlationId"] for found in answer.body["results"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("workflowType=waits", ["q0", "q2"]),
        ("workflowType IN (waits,instants)", ["q1", "q3", "q0", "q2"]),
        ("workflowType IN (waits, instants)", ["q0", "q2"]),
        ('workflowType = "waits"', ["q0", "q2"]),
        ("workflowType=wai*", ["q0", "q2"]),
        ("workflowType=*s AND status=COMPLETED", ["q1", "q3"]),
        ("workflowType=*s AND status='RUNNING'", ["q0", "q2"]),
        ("status IN (FAILED)", []),
        ("correlationId IN (q2,q3)", ["q2", "q3"]),
        ("workflowType=waits and status=COMPLETED", []),
        ("workflowType=waits OR workflowType=instants", []),
        ("nosuch=1 AND workflowType=waits", ["q0", "q2"]),
        ("workflowType=waits AND status!=RUNNING", ["q0", "q2"]),
        ("workflowType=waits AND startTime>0", ["q0", "q2"]),
        ("workflowType=waits AND startTime<1000", []),
        ("nonsense", (400, "Incorrectly formatted query string: nonsense")),
        ("startTime>yesterday", (500, 'For input string: "yesterday"')),
    ],
)
def test_queries(four: Client, query: str, found: Any) -> None:
    assert hits(four, query=query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"freeText": "WAITS"}, ["q0", "q2"]),
        ({"freeText": "q1"}, ["q1"]),
        ({"freeText": "*"}, ["q0", "q1", "q2", "q3"]),
        ({"freeText": ""}, ["q0", "q1", "q2", "q3"]),
        ({"freeText": "nowhere"}, []),
        ({"classifier": "workflow"}, ["q0", "q1", "q2", "q3"]),
        ({"classifier": "agent"}, []),
        ({"classifier": "agent, workflow"}, ["q0", "q1", "q2", "q3"]),
        ({"topLevelOnly": "true", "query": "status=RUNNING"}, ["q0", "q2"]),
        ({"sort": "correlationId:DESC"}, ["q3", "q2", "q1", "q0"]),
        ({"sort": "status:ASC|correlationId:desc"}, ["q3", "q1", "q2", "q0"]),
        ({"sort": "correlationId:SIDEWAYS"}, ["q0", "q1", "q2", "q3"]),
        ({"sort": "priority:DESC"}, ["q0", "q1", "q2", "q3"]),
        ({"start": 1, "size": 2}, ["q1", "q2"]),
        ({"start": -1, "size": 1}, ["q0"]),
        ({"start": 9}, []),
        ({"size": 0}, []),
    ],
)
def test_other_parameters(four: Client, query: dict[str, Any], found: list[str]) -> None:
    assert hits(four, **query) == found


def test_total_hits_count_all_pages(four: Client) -> None:
    assert four.get("/workflow/search", size=1).body["totalHits"] == 4


def test_a_summary(client: Client) -> None:
    client.define("flow", [set_variable(n=1)], outputParameters={"k": "${workflow.input.k}"})
    workflow_id = client.start("flow", {"k": 1}, correlationId="c-5", priority=4, createdBy="me")
    (summary,) = client.get("/workflow/search", query=f"workflowId={workflow_id}").body["results"]
    begun = "2030-01-01T00:00:00.000Z"
    assert summary == {
        "classifier": "workflow",
        "correlationId": "c-5",
        "endTime": begun,
        "executionTime": 0,
        "failedReferenceTaskNames": "",
        "failedTaskNames": [],
        "input": "{k=1}",
        "inputSize": 5,
        "output": "{k=1}",
        "outputSize": 5,
        "parentWorkflowId": "",
        "priority": 4,
        "startTime": begun,
        "status": "COMPLETED",
        "taskToDomain": {},
        "updateTime": begun,
        "version": 1,
        "workflowId": workflow_id,
        "workflowType": "flow",
    }


def test_search_v2_gives_whole_executions_without_tasks(four: Client) -> None:
    (found,) = four.get("/workflow/search-v2", query="correlationId=q1").body["results"]
    assert (found["tasks"], found["output"], found["workflowName"]) == ([], {"k": 1}, "instants")


def test_a_status_is_found_as_it_is_now(four: Client) -> None:
    assert hits(four, query="status=RUNNING") == ["q0", "q2"]
    four.finish(four.take())  # the one of the higher priority
    assert hits(four, query="status=RUNNING") == ["q0"]
    assert hits(four, query="status=COMPLETED") == ["q1", "q2", "q3"]


def test_what_is_removed_is_not_found(four: Client) -> None:
    (found,) = four.get("/workflow/search", query="correlationId=q1").body["results"]
    four.delete(f"/workflow/{found['workflowId']}/remove", archiveWorkflow="false")
    assert hits(four) == ["q0", "q2", "q3"]


def test_what_is_archived_is_found_in_short_only(client: Client) -> None:
    workflow_id = client.start(client.define_worker_flow())
    task = client.take()
    client.post(f"/tasks/{task['taskId']}/log", raw=b"a line")
    client.finish(task)
    client.delete(f"/workflow/{workflow_id}/remove")
    found = {
        path: (body["totalHits"], len(body["results"]))
        for path in ("workflow/search", "tasks/search", "workflow/search-v2", "tasks/search-v2")
        for body in [client.get(f"/{path}").body]
    }
    assert found == {
        "workflow/search": (1, 1),
        "tasks/search": (1, 1),
        "workflow/search-v2": (0, 0),
        "tasks/search-v2": (0, 0),
    }
    for path in ("search-by-tasks", "search-by-tasks-v2"):
        assert client.get(f"/workflow/{path}").body == {"totalHits": 0, "results": []}
    assert client.get(f"/workflow/{workflow_id}").status == client.get(f"/tasks/{task['taskId']}").status == 404
    (line,) = client.get(f"/tasks/{task['taskId']}/log").body
    assert line["log"] == "a line"


def test_archiving_changes_nothing_in_a_summary(client: Client) -> None:
    name = client.define_worker_flow()
    workflow_id = client.start(name, {"k": "Grüße \ud83d\ude00"}, correlationId="one")
    client.finish(client.take(), "FAILED")
    client.post(f"/workflow/{workflow_id}/restart", {})
    client.finish(client.take())
    searches: list[tuple[str, dict[str, str]]] = [
        ("workflow/search", {"query": "status=COMPLETED", "sort": "endTime:DESC"}),
        ("workflow/search", {"query": "correlationId=one AND startTime>0", "freeText": "grüße"}),
        ("workflow/search", {"query": "classifier=work* AND workflowType=flow"}),
        ("tasks/search", {"query": "status=FAILED", "freeText": "grüße"}),
        ("tasks/search", {"query": "taskDefName=work AND endTime>0", "sort": "updateTime:ASC"}),
    ]
    before = [client.get(f"/{path}", **query).body for path, query in searches]
    assert [found["totalHits"] for found in before] == [1, 1, 1, 1, 2]
    client.delete(f"/workflow/{workflow_id}/remove")
    assert [client.get(f"/{path}", **query).body for path, query in searches] == before
    assert client.delete(f"/workflow/{workflow_id}/remove", archiveWorkflow="false").status == 404
    assert [client.get(f"/{path}", **query).body for path, query in searches] == before


@pytest.mark.parametrize(("path", "limited"), [("search", "searchWorkflows"), ("search-v2", "searchWorkflowsV2")])
def test_size_is_limited(client: Client, path: str, limited: str) -> None:
    assert client.get(f"/workflow/{path}", size=5000).status == 200
    (violation,) = client.get(f"/workflow/{path}", size=5001).body["validationErrors"]
    assert violation == {
        "path": f"{limited}.arg1",
        "message": "Cannot return more than 5000 workflows. Please use pagination.",
        "invalidValue": "5001",
    }
    assert client.get(f"/workflow/{path.replace('search', 'search-by-tasks')}", size=5001).status == 200


# -- tasks -------------------------------------------------------------------------------------------------------------
def test_tasks_are_found_once_somebody_touched_them(client: Client) -> None:
    client.start(client.define_worker_flow())
    assert client.get("/tasks/search", query="taskDefName=work").body == {"results": [], "totalHits": 0}
    client.take()
    (summary,) = client.get("/tasks/search", query="taskDefName=work").body["results"]
    assert (summary["status"], summary["workflowType"], summary["input"]) == ("IN_PROGRESS", "flow", "{k=null}")
    (task,) = client.get("/tasks/search-v2", query="taskType=wo*").body["results"]
    assert task == client.get(f"/tasks/{task['taskId']}").body


def test_executions_by_their_tasks(client: Client) -> None:
    workflow_id = client.start(client.define_worker_flow())
    client.finish(client.take())
    for path in ("search-by-tasks", "search-by-tasks-v2"):
        page = client.get(f"/workflow/{path}", query="taskDefName=work AND status=COMPLETED").body
        assert (page["totalHits"], [w["workflowId"] for w in page["results"]]) == (1, [workflow_id])
    assert client.get("/workflow/search-by-tasks", query="status=FAILED").body["totalHits"] == 0


@pytest.mark.parametrize("again", ["restart", "rerun"])
def test_tasks_dropped_by_a_restart_are_found_in_short_only(client: Client, again: str) -> None:
    workflow_id = client.start(client.define_worker_flow())
    client.finish(client.take(), "FAILED")
    client.post(f"/workflow/{workflow_id}/{again}", {})
    assert client.get("/tasks/search", query="status=FAILED").body["totalHits"] == 1
    assert client.get("/tasks/search-v2", query="status=FAILED").body == {"totalHits": 0, "results": []}
    client.delete(f"/workflow/{workflow_id}/terminate-remove", archiveWorkflow="false")
    assert client.get("/tasks/search").body["totalHits"] == 0


def test_a_field_of_the_other_table(client: Client) -> None:
    assert client.get("/workflow/search", query="taskType=x").status == 500
    assert client.get("/tasks/search", query="correlationId=x").status == 500
