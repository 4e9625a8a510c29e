from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conductor_emulator.server.serving import BackgroundServer
from conductor_pytest import Conductor
from conductor_pytest.cases import read_cases
from conductor_pytest.errors import HarnessError
from tests.pytest_plugin.definitions import simple, task_def, workflow

DEFINITIONS = [task_def("charge"), workflow(simple("charge"), simple("ship"))]
SHIPPED = {"workflow": DEFINITIONS, "stubs": {"charge": {"returns": {"n": 1}}, "ship": {"returns": {}}}}
GREEN = """
workflow: order.json
stubs:
  ship: {returns: {tracking: T1}}
cases:
  charged:
    input: {order_id: ORD-1}
    stubs:
      ship: {returns: {tracking: T1}}
      charge: {returns: {receipt: R1}}
    expect:
      status: COMPLETED
      path: [charge_ref, ship_ref]
      tasks: {ship: {output: {tracking: T1}}}
  charged once more:
    stubs:
      ship: {returns: {tracking: T1}}
      charge:
        - {attempt: 1, fails: declined}
        - {returns: {receipt: R1}}
    expect: {status: COMPLETED, elapsed: 1 min}
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> Callable[..., pytest.RunResult]:
    """Run a file of cases with pytest."""
    (pytester.path / "order.json").write_text(json.dumps(DEFINITIONS))

    def run(text: str, *arguments: str) -> pytest.RunResult:
        (pytester.path / "order.conductor.yaml").write_text(text)
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:randomly", *arguments)

    return run


def test_cases_are_collected_and_run(run: Callable[..., pytest.RunResult]) -> None:
    result = run(GREEN, "-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*order.conductor.yaml::charged once more PASSED*"])


def test_a_case_runs_on_a_server_too(run: Callable[..., pytest.RunResult]) -> None:
    with BackgroundServer() as server:
        run(GREEN, "--conductor-url", server.url).assert_outcomes(passed=1, skipped=1)
        assert len(server.runtime.store) == 0


def test_what_was_not_met_is_told_with_the_run(run: Callable[..., pytest.RunResult]) -> None:
    result = run(GREEN.replace("path: [charge_ref, ship_ref]", "path: [charge_ref]"))
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        [
            "path: expected ?'charge_ref'?, was ?'charge_ref', 'ship_ref'?",
            "(order.conductor.yaml:6: charged)",
            "*- Conductor -*",
            "order v1 COMPLETED after 0 s",
            "FAILED order.conductor.yaml::charged - path: expected*",
        ]
    )


@pytest.mark.parametrize(("stubs", "status"), [({"undo": {"returns": {}}}, "COMPLETED"), ({}, "RUNNING")])
def test_what_follows_a_run_goes_as_far_as_it_goes(harness: Conductor, stubs: dict[str, Any], status: str) -> None:
    failing = workflow(simple("charge"), failureWorkflow="undoing")
    daily = {"name": "daily", "cronExpression": "0 0 8 * * *", "startWorkflowRequest": {"name": "undoing"}}
    harness.register(daily, workflow(simple("undo"), name="undoing"))
    case = {"workflow": failing, "stubs": {"charge": {"fails_terminally": "declined"}, **stubs}}
    [read] = read_cases({**case, "expect": {"status": "FAILED", "elapsed": 0}}, Path())
    assert read.run(harness) == []
    assert harness.run_of(harness.runs[0].output["conductor.failure_workflow"]).status == status


def test_a_stub_that_no_task_meets_fails_its_case(run: Callable[..., pytest.RunResult]) -> None:
    result = run(GREEN.replace("charge: {returns", "charge: {attempt: 2, returns"))
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["FAILED order.conductor.yaml::charged - nothing can happen any more: task *"])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "workflow: {",
            [
                "not YAML: expected *, while parsing a flow node, at column 12",
                "(order.conductor.yaml:1)",
                "ERROR order.conductor.yaml - not YAML: *",
            ],
        ),
        (
            "workflow: order.json\nexpects: {}\n",
            [
                "there is no `expects`; did you mean `expect`[?]; there are workflow, run, *",
                "(order.conductor.yaml:2: case)",
                "ERROR order.conductor.yaml - there is no `expects`; did you mean `expect`[?]*",
            ],
        ),
        (
            GREEN.replace("path: [charge_ref, ship_ref]", "path: [charge_ref, shp_ref]"),
            [
                "workflow `order` has no task `shp_ref`; did you mean `ship_ref`[?]",
                "(order.conductor.yaml:13: charged: expect: path)",
            ],
        ),
    ],
    ids=["no YAML", "no case", "no such task"],
)
def test_a_file_that_holds_none_is_an_error(
    run: Callable[..., pytest.RunResult], text: str, complaint: list[str]
) -> None:
    result = run(text)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(complaint)


def unmet(said: dict[str, Any]) -> list[str]:
    [case] = read_cases(said, Path())
    return case.run(Conductor())


def test_what_cannot_be_meant_is_told_at_once(run: Callable[..., pytest.RunResult]) -> None:
    result = run(
        """
workflow: order.json
stubs:
  charge: {return: {}}
  ship: {fails: {code: 1}}
expect:
  status: COMPLETD
  elapsed: 5 minits
  tasks: {charge: {retry_count: -1}}
cases:
  one: {}
  two: {input: [1]}
"""
    )
    result.assert_outcomes(errors=1)
    told = "\n".join(result.outlines).partition("short test summary")[0].splitlines()
    for said in (
        "there is no `return`; did you mean `returns`?*",
        "`fails` takes a reason, which is a text, not {'code': 1}",
        "there is no status 'COMPLETD'; did you mean `COMPLETED`?*",
        "elapsed: '5 minits' is no span of time*",
        "`retry_count` is a number from 0 on, not -1",
        "a workflow's input is an object, not [[]1[]]",
    ):
        assert len(fnmatch.filter(told, said)) == 1, said  # what is said for all cases is told once


def test_a_file_of_definitions_that_is_not_there_is_an_error_of_the_file(
    run: Callable[..., pytest.RunResult],
) -> None:
    result = run("workflow: [order.json, oder.json]\nexpect: {status: COMPLETED}\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*oder.json: No such file or directory; looked in *; did you mean `order.json`?", "(order.conductor.yaml:1: *"]
    )


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ({"status": "COMPLETED", "elapsed": 0, "variables": {}}, []),
        ({"status": "FAILED"}, ["status: expected 'FAILED', was 'COMPLETED'"]),
        ({"elapsed": "5 min"}, ["elapsed: expected '5 min', was '0 s'"]),
        ({"elapsed": "PT0S"}, []),
        ({"elapsed": 1}, ["elapsed: expected 1, was 0.0"]),
        ({"tasks": {"charge": {"output": {}, "attempt": 1}}}, ["charge: output: expected {}, was {'n': 1}"]),
        (
            {"tasks": {"pay": {"attempt": 1}}, "status": "FAILED"},
            [
                "pay: expected {'attempt': 1}, and there is no such task; there are `charge_ref`, `ship_ref`",
                "status: expected 'FAILED', was 'COMPLETED'",
            ],
        ),
    ],
)
def test_expectations(expect: dict[str, Any], told: list[str]) -> None:
    assert unmet({**SHIPPED, "expect": expect}) == told


@pytest.mark.parametrize(
    ("fault", "elapsed"),
    [
        ({"attempt": 1, "crash": True}, "11 min"),
        ({"attempt": [1], "fails": "no"}, "1 min"),
        ({"delay": 30}, "30 s"),
        ({"delay": "1m30s"}, "1.5 min"),
        ({"times": 1, "lose_request": True}, "0.1 s"),
    ],
)
def test_faults(fault: dict[str, Any], elapsed: str) -> None:
    assert unmet({**SHIPPED, "faults": {"charge": fault}, "expect": {"status": "COMPLETED", "elapsed": elapsed}}) == []


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ([], "a case has keys"),
        ({"cases": []}, "give each case a name"),
        ({"workflow": []}, "`expect` is missing"),
        ({"expect": {}}, "`workflow` is missing"),
        ({"workflow": [], "expect": {}}, "case: `expect` expects nothing; write"),
        ({"workflow": [], "expect": {"tasks": {}}}, "case: `expect` expects nothing; write"),
        (
            {"workflow": [], "expect": {"state": 1}},
            r"expect: there is no `state`; did you mean `status`\?; there are status, reason",
        ),
        ({"workflow": [], "expect": {"status": "COMPLETED"}, "stubs": []}, "`stubs` has names and what they say"),
        (
            {"workflow": [], "expect": {"status": "COMPLETED"}, "stubs": {"a": {"return": 1}}},
            "stubs: a: there is no `return`",
        ),
        ({"workflow": [], "expect": {"status": "COMPLETED"}, "stubs": {"a": 1}}, "stubs: a: expected keys out of"),
        ({"workflow": [], "expect": {"tasks": {"a": {"n": 1}}}}, "tasks: a: there is no `n`"),
        (
            {"workflow": [], "expect": {"status": "COMPLETD"}},
            r"^case: expect: there is no status 'COMPLETD'; did you mean `COMPLETED`\?; it may be COMPLETED, FAILED, ",
        ),
        ({"workflow": [], "expect": {"status": "RUNNING"}}, "there is no status 'RUNNING'; it may be COMPLETED, "),
        ({"workflow": [], "expect": {"status": ["FAILED"]}}, r"there is no status \['FAILED'\]"),
        (
            {"workflow": [], "expect": {"tasks": {"a": {"status": "CANCELLED"}}}},
            r"^case: expect: tasks: a: there is no status 'CANCELLED'; did you mean `CANCELED`\?",
        ),
        ({"workflow": [], "expect": {"reason": False}}, "^case: expect: a reason is a text, not False"),
        ({"workflow": [], "expect": {"output": []}}, r"^case: expect: `output` is an object, not \[\]"),
        ({"workflow": [], "expect": {"path": [1]}}, "^case: expect: path: expected reference names, not 1"),
        ({"workflow": [], "expect": {"tasks": {"a": {"attempt": 0}}}}, "a: `attempt` is a number from 1 on, not 0"),
        ({"workflow": [], "expect": {"tasks": {"a": {"retry_count": True}}}}, "`retry_count` is a number from 0 on"),
        ({"workflow": [], "expect": {"status": "COMPLETED"}}, "no workflow is among these definitions"),
        ({"workflow": [], "cases": {"a": 5}}, "^a: expected keys out of workflow, "),
        (
            {"workflow": [], "expect": {"status": "COMPLETED"}, "input": [1]},
            r"^case: input: .* is an object, not \[1\]",
        ),
        (
            {"workflow": [], "expect": {"status": "COMPLETED"}, "run": 1},
            "^case: run: expected a workflow's name, not 1",
        ),
        ({"workflow": [], "expect": {"elapsed": "soon"}}, "^case: expect: elapsed: 'soon' is no span of time"),
        ({"workflow": [], "expect": {"elapsed": True}}, "^case: expect: elapsed takes a timedelta"),
        ({"workflow": [], "expect": {"tasks": ["a"]}}, "^case: expect: tasks: expected names"),
        ({"workflow": [], "expect": {"path": "a"}}, "^case: expect: path: expected a list of names, not 'a'"),
        (
            {"workflow": [], "expect": {"status": "COMPLETED"}, "faults": {"a": {"delay": "5"}}},
            "^case: faults: a: delay: '5' is no span",
        ),
        (
            {**SHIPPED, "expect": {"status": "COMPLETED"}, "faults": {"charge": {"crash": 1}}},
            "^case: faults: charge: write `crash: true`",
        ),
        (
            {**SHIPPED, "expect": {"status": "COMPLETED"}, "stubs": {"a": {"attempt": "1", "returns": 1}}},
            "^case: stubs: a: attempt",
        ),
        (
            {**SHIPPED, "expect": {"status": "COMPLETED"}, "stubs": {"a": {"fails": ["no"]}}},
            "^case: stubs: a: `fails` takes a reason, which is a text, not \\['no'\\]",
        ),
        (
            {**SHIPPED, "expect": {"status": "COMPLETED"}, "stubs": {"a": {"fails": None}}},
            "^case: stubs: a: `fails` takes a reason, which is a text, not None",
        ),
        (
            {**SHIPPED, "expect": {"status": "COMPLETED"}, "stubs": {"a": {"fails_terminally": 404}}},
            "^case: stubs: a: `fails_terminally` takes a reason, which is a text, not 404",
        ),
        (
            {**SHIPPED, "expect": {"status": "COMPLETED"}, "stubs": {"a": {"fails": False}}},
            "^case: stubs: a: `fails` takes a reason, and YAML reads yes, no, on and off as False",
        ),
    ],
)
def test_what_can_be_no_case_is_refused(said: Any, complaint: str) -> None:
    with pytest.raises(HarnessError, match=complaint):
        unmet(said)


def test_what_holds_for_all_cases_is_not_lost_to_what_one_says() -> None:
    own = {
        "stubs": {"ship": {"fails_terminally": "no stock"}},
        "expect": {"output": {}, "tasks": {"ship": {"attempt": 1}}},
    }
    common = {**SHIPPED, "expect": {"status": "COMPLETED", "tasks": {"charge": {"attempt": 2}}}}
    [case] = read_cases({**common, "cases": {"sold out": own}}, Path())
    assert [told.partition(",")[0] for told in case.run(Conductor())] == [
        "status: expected 'COMPLETED'",
        "charge: attempt: expected 2",
    ]


@pytest.mark.parametrize(
    ("wanted", "given", "is_met"),
    [
        (True, 1, False),
        (0, False, False),
        ([{"a": 1}], [{"a": True}], False),
        ([{"a": True}], [{"a": True}], True),
        ([1], [1, 2], False),
        (1, 1.0, True),
    ],
)
def test_a_truth_is_no_number(wanted: Any, given: Any, is_met: bool) -> None:
    stubs = {"charge": {"returns": {"n": given}}, "ship": {"returns": {}}}
    told = unmet({**SHIPPED, "stubs": stubs, "expect": {"tasks": {"charge": {"output": {"n": wanted}}}}})
    assert bool(told) is not is_met
