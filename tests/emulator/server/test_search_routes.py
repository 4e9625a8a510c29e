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


_AMBIGUOUS = (
    "Cannot prepare statement for query: [SQLITE_ERROR] SQL error or missing database "
    "(ambiguous column name: workflow_id)"
)


@pytest.fixture
def agents(client: Client) -> Client:
    """Two agents with a sub-agent each, the second one's started first, and a plain workflow."""
    human = {"name": "h", "taskReferenceName": "h", "type": "HUMAN"}
    client.define("sub", [human], metadata={"classifier": "agent"})
    calls = {"name": "s", "taskReferenceName": "s", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "sub"}}
    client.define("top", [calls], metadata={"agent_sdk": "x"})
    client.define("plain", [human])
    for name, correlation_id in (("top", "one"), ("plain", "two"), ("sub", "three"), ("top", "four")):
        client.start(name, correlationId=correlation_id)
        client.clock.move_to(client.clock.now() + 10)
    return client


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["top four", "sub four", "sub three", "top one", "sub one"]),
        ({"sort": "startTime:DESC"}, ["top four", "sub four", "sub three", "top one", "sub one"]),
        ({"start": "1", "size": "2"}, ["sub four", "sub three"]),
        ({"classifier": " AGENT", "query": "workflowType=top"}, []),
        ({"topLevelOnly": "true", "sort": "startTime:DESC"}, ["top four", "sub three", "top one"]),
        ({"classifier": "", "sort": "agentHierarchy:ASC", "query": "workflowType=sub"}, ["one", "three", "four"]),
        ({"query": "workflowId=x"}, (500, _AMBIGUOUS)),
        ({"sort": "workflowId:ASC"}, (500, _AMBIGUOUS)),
        ({"sort": "workflowId:ASC", "topLevelOnly": "true", "query": "workflowId=x"}, []),
    ],
)
def test_agents_come_with_those_that_they_have_started(agents: Client, query: dict[str, Any], found: Any) -> None:
    answer = agents.get("/workflow/search", **{"classifier": "agent", **query})
    if isinstance(found, tuple):
        assert (answer.status, answer.body["message"]) == found
        return
    told = [f"{one['workflowType']} {one['correlationId']}" for one in answer.body["results"]]
    assert told == [text if " " in text else f"sub {text}" for text in found]


def test_agents_cannot_be_searched_by_the_second_way(agents: Client) -> None:
    for query in ({"classifier": "agent"}, {"sort": "agentHierarchy"}):
        answer = agents.get("/workflow/search-v2", **query)
        assert (answer.status, answer.body["message"]) == (500, _AMBIGUOUS)
    answer = agents.get("/tasks/search", sort="agentHierarchy:ASC")
    assert answer.body["message"].endswith("(no such column: workflow_hierarchy.root_start_time)")


def test_a_sub_agent_whose_parent_has_been_removed_stands_alone(agents: Client) -> None:
    (one,) = agents.get("/workflow/search", query="workflowType=top AND correlationId=one").body["results"]
    agents.delete(f"/workflow/{one['workflowId']}/terminate-remove", archiveWorkflow="false")
    found = agents.get("/workflow/search", sort="agentHierarchy:ASC", query="workflowType=sub").body["results"]
    assert [row["correlationId"] for row in found] == ["one", "three", "four"]


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
    assert client.get("/tasks/search").body["totalHits"] == 1


def test_a_field_of_the_other_table(client: Client) -> None:
    assert client.get("/workflow/search", query="taskType=x").status == 500
    assert client.get("/tasks/search", query="correlationId=x").status == 500


def test_what_tasks_of_the_server_add_to_their_input_stands_where_its_maps_have_it(client: Client) -> None:
    given = {"k": "a"}
    case = [{"name": "n", "taskReferenceName": "n", "type": "NOOP"}]
    switch = {"type": "SWITCH", "evaluatorType": "value-param", "expression": "k", "decisionCases": {"a": case}}
    event = {"type": "EVENT", "sink": "conductor:q"}
    tasks = [{"name": "t", "taskReferenceName": t["type"], "inputParameters": given, **t} for t in (switch, event)]
    client.start(client.define("flow", tasks))
    found = {row["taskType"]: row for row in client.get("/tasks/search").body["results"]}
    assert found["SWITCH"]["input"] == "{case=a, hasChildren=true, k=a}"
    names = [part.partition("=")[0] for part in found["EVENT"]["output"].strip("{}").split(", ")]
    assert (names[0], names[1:3]) == ("event_produced", ["asyncComplete", "sink"])
