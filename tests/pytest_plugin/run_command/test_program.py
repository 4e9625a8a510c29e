from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pytest_plugin.definitions import simple, system, workflow
from tests.pytest_plugin.run_command.conftest import Told

Command = Callable[..., Told]
GOOD = ("--input", '{"order_id": "ORD-1"}')
BAD = ("--input", '{"order_id": "bad"}')


def test_a_workflow_is_run_with_its_workers(command: Command, workers: str) -> None:
    told = command("order.json", "--workers", workers, *GOOD)
    assert told.status == 0
    assert told.out.splitlines() == [
        "order v1 COMPLETED after 0 s",
        "  0 s  validate_ref  validate  COMPLETED",
        "  0 s  ship_ref      ship      COMPLETED",
        "output: {",
        '  "tracking": "T1"',
        "}",
    ]
    assert told.err.splitlines() == [
        "       0 s  · order started",
        "       0 s  ✓ validate_ref completed",
        "       0 s  ✓ ship_ref completed",
        "       0 s  ✓ order completed",
    ]


def test_workers_may_be_a_file(command: Command, workers: str) -> None:
    assert command("order.json", "--workers", f"{workers}.py", *GOOD).status == 0


def test_a_failure_is_shown_with_what_it_started(command: Command, workers: str) -> None:
    told = command("order.json", "--workers", workers, *BAD, "--quiet")
    assert told.status == 1
    assert "validate  FAILED_WITH_TERMINAL_ERROR: no such order" in told.out
    assert "clean_up v1 COMPLETED after 0 s" in told.out
    assert told.err == ""


def test_the_result_is_json(command: Command, workers: str) -> None:
    told = command("order.json", "--workers", workers, *BAD, "--json", "--quiet")
    result = json.loads(told.out)
    assert (result["status"], result["elapsed"], result["path"]) == ("FAILED", 0.0, ["validate_ref"])
    assert result["tasks"][0]["reason"] == "no such order"
    assert (result["stuck"], result["unmet"], result["waits"]) == (None, [], [])


@pytest.mark.parametrize("option", ["--quiet", "--json"])
def test_letters_that_standard_output_lacks_are_escaped(
    command: Command, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    output = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", output)
    stubs = ("--stub", "validate={}", "--stub", 'ship={"tracking": "Tō"}')
    assert command("order.json", *stubs, *GOOD, option).status == 0
    assert isinstance(output.buffer, io.BytesIO)
    assert b"T\\u014d" in output.buffer.getvalue()


def test_time_is_virtual(command: Command) -> None:
    told = command("order.json", "--workflow", "sleep", "--json", "--quiet")
    assert json.loads(told.out)["elapsed"] == 40 * 86_400


def test_a_task_that_nobody_does_is_told_at_once(command: Command) -> None:
    told = command("order.json", *GOOD)
    assert told.status == 1
    last = told.out.splitlines()[-1]
    assert last.startswith("this cannot go on: task `validate_ref` waits for a worker of type `validate`, and there is")
    assert last.endswith("--workers MODULE, or --stub validate='{…}'")


def test_a_person_who_does_not_come_is_told(command: Command) -> None:
    told = command("order.json", "--workflow", "ask", "--quiet")
    assert told.status == 1
    assert told.out.splitlines()[-1].endswith("waits for somebody to complete it: --stub approval='{…}'")
    assert command("order.json", "--workflow", "ask", "--stub", "approval={}").status == 0


def test_a_stub_that_was_not_needed_is_a_remark(command: Command, workers: str) -> None:
    told = command("order.json", "--workers", workers, *GOOD, "--stub", "shp={}")
    assert told.status == 0
    assert told.out.splitlines()[-1] == (
        "stub('shp').returns({}) was never used: no such task came; did you mean `ship`?"
    )


def test_cases_are_run_one_after_the_other(command: Command) -> None:
    told = command("order.conductor.yaml", "--quiet")
    assert told.status == 0
    assert [line for line in told.out.splitlines() if line[0] != " " and line.endswith(":")] == [
        "good:",
        "refused:",
        "left to see:",
    ]


def test_one_case_is_chosen_and_changed(command: Command) -> None:
    told = command("order.conductor.yaml", "--case", "good", "--stub", 'ship={"tracking": "T3"}', "--json", "--quiet")
    assert told.status == 1
    assert json.loads(told.out)["unmet"] == ["output: expected {'tracking': 'T2'}, was {'tracking': 'T3'}"]


def test_a_task_that_a_failed_run_does_not_have_was_expected_in_vain(command: Command, folder: Path) -> None:
    expected = "{status: FAILED, output: {a: 2}, tasks: {ship: {status: COMPLETED}}}"
    said = f"workflow: order.json\nstubs: {{validate: {{fails_terminally: 'no'}}}}\nexpect: {expected}\n"
    (folder / "y.conductor.yaml").write_text(said)
    told = command("y.conductor.yaml", "--json", "--quiet")
    assert told.status == 1
    output, task = json.loads(told.out)["unmet"]
    assert output.startswith("output: expected {'a': 2}, was {'tracking': None")
    assert task == "ship: expected {'status': 'COMPLETED'}, and there is no such task; there are `validate_ref`"


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("input: [1]", "run: bad.conductor.yaml:2: case: input: a workflow's input is an object, not [1]"),
        ("stubs: {ship: {delay: soon}}", "run: bad.conductor.yaml:2: case: stubs: ship: delay: 'soon' is no span"),
        ("stubs: {ship: {crash: 1}}", "run: bad.conductor.yaml:2: case: stubs: ship: write `crash: true`"),
        (
            "run: nope",
            "run: bad.conductor.yaml:2: bad.conductor.yaml: run: no workflow `nope` is among the definitions",
        ),
    ],
)
def test_a_mistake_in_a_file_of_cases_is_told_with_its_name(
    command: Command, folder: Path, case: str, words: str
) -> None:
    (folder / "bad.conductor.yaml").write_text(f"workflow: order.json\n{case}\n")
    told = command("bad.conductor.yaml", "--quiet")
    assert (told.status, told.out) == (2, "")
    assert words in told.err


def test_a_start_that_is_refused_is_told_with_its_case(command: Command) -> None:
    told = command("order.conductor.yaml", "--case", "good", "--workflow", "ordr")
    assert told.status == 2
    assert "did you mean `order`?" in told.err
    assert told.err.endswith("; said in order.conductor.yaml: good\n")


def test_a_case_is_given_a_definition_from_elsewhere(command: Command, folder: Path) -> None:
    (folder / "ship.json").write_text('{"name": "ship", "retryCount": 5}')
    assert command("order.conductor.yaml", "ship.json", "--case", "good").status == 0


def test_a_page_is_kept(command: Command, workers: str, folder: Path) -> None:
    told = command("order.json", "--workers", workers, *GOOD, "--pages", "pages")
    [page] = (folder / "pages").iterdir()
    assert told.out.splitlines()[-1] == f"page: {page.as_uri()}"
    assert "ORD-1" in page.read_text(encoding="utf-8")


def test_the_machines_clock_may_be_asked_for(command: Command, workers: str) -> None:
    told = command("order.json", "--workers", workers, *GOOD, "--real-time", "--json", "--quiet")
    assert told.status == 0
    assert json.loads(told.out)["status"] == "COMPLETED"


def test_input_may_come_from_a_file_or_another_program(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "input.yaml").write_text("order_id: ORD-2\n")
    stubs = ("--stub", "validate={}", "--stub", "ship={}", "--json", "--quiet")
    assert json.loads(command("order.json", "--input", "@input.yaml", *stubs).out)["input"] == {"order_id": "ORD-2"}
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"order_id": "ORD-3"}'))
    assert json.loads(command("order.json", "--input", "@-", *stubs).out)["input"] == {"order_id": "ORD-3"}


def test_a_sub_workflow_in_another_file_is_told_with_the_file(command: Command, folder: Path) -> None:
    child = system("SUB_WORKFLOW", "pack", subWorkflowParam={"name": "parcel", "version": 1})
    (folder / "outer.json").write_text(json.dumps(workflow(child, name="outer")))
    said = "workflow `parcel` of task `pack` is in none of the files: give its file as well{}, or --stub pack='{{…}}'"
    assert command("outer.json", "--quiet").out.splitlines()[-1] == said.format("")
    (folder / "parcel.json").write_text(json.dumps(workflow(system("NOOP", "noop"), name="parcel")))
    assert command("outer.json", "--quiet").out.splitlines()[-1] == said.format(" (parcel.json)")
    assert command("outer.json", "parcel.json").status == 0


def test_the_environment_of_the_workflow_is_given(command: Command, folder: Path) -> None:
    wants = '{"a": "${workflow.env.REGION}", "b": "${workflow.secrets.KEY}"}'
    task = '{"name": "n", "taskReferenceName": "n", "type": "NOOP"}'
    (folder / "env.json").write_text(f'{{"name": "e", "version": 1, "tasks": [{task}], "outputParameters": {wants}}}')
    told = command("env.json", "--env", "REGION=eu", "--secret", "KEY=k", "--json", "--quiet")
    assert json.loads(told.out)["output"]["a"] == "eu"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.json"], "none.json: No such file or directory; looked in "),
        (["bad.json"], "bad.json: not JSON: Expecting ',' delimiter: line 2 column 1"),
        (["list.json"], "list.json: expected definitions (of workflows, with `name` and `tasks`"),
        (["task.json"], "task.json: no workflow is among the definitions; a workflow has `tasks`"),
        (["input.json"], "input.json: expected definitions"),
        (["input.json"], "found {'a': 1}; if it is the workflow's input, say --input @input.json"),
        (
            ["order.json", "--workflow", "ordr"],
            "no workflow `ordr` is in order.json; did you mean `order`?; ",
        ),
        (
            ["order.conductor.yaml", "--case", "god"],
            "there is no case 'god'; did you mean `good`?; there are ",
        ),
        (["empty.json"], "`w` is refused: POST /metadata/workflow answered 400"),
        (["."], ". is a directory: give its files, "),
        (["order.json", "--stub", "decide={}", "--workflow", "fork"], "which steers the workflow"),
    ],
)
def test_what_cannot_be_run_is_told_in_words(command: Command, folder: Path, arguments: list[str], words: str) -> None:
    (folder / "bad.json").write_text("[1\n2]")
    (folder / "list.json").write_text("[3]")
    (folder / "task.json").write_text('{"name": "t"}')
    (folder / "input.json").write_text('{"a": 1}')
    (folder / "empty.json").write_text('{"name": "w", "version": 1, "tasks": []}')
    if "fork" in arguments:
        switch = {"name": "s", "taskReferenceName": "decide", "type": "SWITCH", "decisionCases": {"1": [simple("a")]}}
        switch |= {"evaluatorType": "value-param", "expression": "x", "inputParameters": {"x": 1}}
        (folder / "fork.json").write_text(json.dumps({"name": "fork", "version": 1, "tasks": [switch]}))
        arguments = ["fork.json", *arguments]
    told = command(*arguments)
    assert told.status == 2
    assert told.out == ""
    assert "Traceback" not in told.err
    assert words in told.err
