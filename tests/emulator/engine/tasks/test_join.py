from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands


def _worker(reference: str, **fields: Any) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "SIMPLE", **fields}


def _fork(*branches: dict[str, Any]) -> dict[str, Any]:
    return {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": [[b] for b in branches]}


def _join(*on: str, **fields: Any) -> dict[str, Any]:
    return {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": list(on), **fields}


def _call(reference: str) -> dict[str, Any]:
    called = {"name": f"{reference}_child"}
    return {**_worker(reference), "type": "SUB_WORKFLOW", "subWorkflowParam": called, "permissive": True}


def _join_of(run: Any) -> Any:
    return run.by_reference["j"]


def test_it_gathers_the_outputs_that_are_not_empty(lab: Any) -> None:
    run = lab.run(_fork(_worker("a"), _worker("b")), _join("a", "b"))
    lab.work("b", output={"n": 2})
    assert (_join_of(run).status, _join_of(run).output) == ("IN_PROGRESS", {"b": {"n": 2}})
    lab.work("a")
    assert (_join_of(run).status, run.output) == ("COMPLETED", {"b": {"n": 2}})
    assert _join_of(run).input == {"joinOn": ["a", "b"]}


def test_it_may_wait_for_some_only(lab: Any) -> None:
    run = lab.run(_fork(_worker("a"), _worker("slow")), _join("a"), _worker("after"))
    lab.work("a")
    lab.work("after")
    assert (_join_of(run).status, run.status) == ("COMPLETED", "RUNNING")
    lab.work("slow")
    assert run.status == "COMPLETED"


@pytest.mark.parametrize(("on", "status"), [((), "COMPLETED"), (("nobody",), "IN_PROGRESS")])
def test_nothing_and_nobody_to_wait_for(lab: Any, on: tuple[str, ...], status: str) -> None:
    assert _join_of(lab.run(_fork(_worker("a")), _join(*on))).status == status


@pytest.mark.parametrize(
    ("field", "join_status", "workflow_status"),
    [
        (None, "CANCELED", "FAILED"),
        ("optional", "COMPLETED_WITH_ERRORS", "COMPLETED"),
        ("permissive", "FAILED", "FAILED"),
    ],
)
def test_a_branch_that_fails(lab: Any, field: str | None, join_status: str, workflow_status: str) -> None:
    lab.task("a")
    run = lab.run(_fork(_worker("a", **({field: True} if field else {})), _worker("b")), _join("a", "b"))
    lab.work("a", "FAILED", {"o": 1}, reason="broken")
    if field:
        assert run.status == "RUNNING"
        lab.work("b")
    assert (_join_of(run).status, run.status) == (join_status, workflow_status)
    assert _join_of(run).output == ({"a": {"o": 1}} if field else {})


def test_why_it_is_not_simply_completed(lab: Any) -> None:
    lab.task("a")
    run = lab.run(_fork(_worker("a", optional=True)), _join("a"))
    task = lab.work("a", "FAILED")
    assert _join_of(run).reason == f"a/{task.task_id} completed with errors"


def test_a_retried_branch_is_waited_for(lab: Any) -> None:
    lab.task("a", retryCount=1)
    run = lab.run(_fork(_worker("a")), _join("a"))
    lab.work("a", "FAILED")
    assert _join_of(run).status == "IN_PROGRESS"
    lab.work("a", output={"n": 2})
    assert (run.status, _join_of(run).output) == ("COMPLETED", {"a": {"n": 2}})


def test_it_waits_again_after_a_retry_of_the_workflow(lab: Any) -> None:
    lab.task("a")
    run = lab.run(_fork(_worker("a"), _worker("b")), _join("a", "b"))
    lab.work("b", output={"n": 1})
    lab.work("a", "FAILED")
    lab.do(run, commands.Retry())
    lab.work("a")
    assert (run.status, _join_of(run).output) == ("COMPLETED", {"b": {"n": 1}})


@pytest.mark.parametrize(
    ("first", "second", "seen"),
    [
        (("a", "FAILED"), ("b", "COMPLETED"), {"a"}),
        (("b", "COMPLETED"), ("a", "FAILED"), {"a", "b"}),
        (("a", "COMPLETED"), ("b", "FAILED"), {"a", "b"}),
    ],
)
def test_the_last_look_goes_no_further_than_to_a_permissive_failure(
    lab: Any, first: tuple[str, str], second: tuple[str, str], seen: set[str]
) -> None:
    """``Join#execute`` gathers in the order of ``joinOn`` and leaves at the first failure once all have ended."""
    for name in ("a", "b"):
        lab.task(name)
    run = lab.run(_fork(_worker("a", permissive=True), _worker("b", permissive=True)), _join("a", "b"))
    for name, status in (first, second):
        lab.work(name, status, {"by": name})
    assert (_join_of(run).status, set(_join_of(run).output)) == ("FAILED", seen)


def test_in_a_loop_that_fails_by_a_permissive_task_the_join_does_not_look_again(lab: Any) -> None:
    for name in ("a", "b"):
        lab.task(name)
    over = [_fork(_worker("a", permissive=True), _worker("b")), _join("a")]
    run = lab.run(
        {"name": "l", "taskReferenceName": "l", "type": "DO_WHILE", "loopCondition": "false", "loopOver": over}
    )
    lab.work("b")
    lab.work("a", "FAILED")
    assert [(t.reference, t.status) for t in run.tasks if t.reference in ("l", "j__1")] == [
        ("l", "FAILED"),
        ("j__1", "CANCELED"),
    ]


@pytest.mark.parametrize(
    ("ends", "join_status", "workflow_status"),
    [
        (("terminated", "terminated"), "CANCELED", "TERMINATED"),
        (("terminated", "COMPLETED"), "CANCELED", "TERMINATED"),
        (("terminated", "FAILED"), "FAILED", "FAILED"),
        (("COMPLETED", "COMPLETED"), "COMPLETED", "COMPLETED"),
    ],
)
def test_what_was_canceled_is_no_failure(
    lab: Any, ends: tuple[str, str], join_status: str, workflow_status: str
) -> None:
    """``Join#execute`` since 3.32.2: a permissive call whose workflow was terminated."""
    for reference in ("a", "b"):
        lab.task(f"{reference}_work")
        lab.workflow(_worker(f"{reference}_work"), name=f"{reference}_child")
    run = lab.run(_fork(_call("a"), _call("b")), _join("a", "b"))
    for reference, end in zip(("a", "b"), ends, strict=True):
        if end == "terminated":
            lab.do(lab.runtime.execution(run.by_reference[reference].sub_workflow_id), commands.Terminate("by hand"))
        else:
            lab.work(f"{reference}_work", end)
    join = _join_of(run)
    assert (join.status, run.status) == (join_status, workflow_status)
    assert (join.reason or "").count("failure reason: by hand") == ends.count("terminated")
    if join_status != "COMPLETED":
        assert run.reason == f"Task {join.task_id} failed with status: {workflow_status} and reason: '{join.reason}'"


def test_a_failure_without_a_reason_is_not_told(lab: Any) -> None:
    lab.task("a")
    lab.task("b")
    run = lab.run(_fork(_worker("a", permissive=True), _worker("b", permissive=True)), _join("a", "b"))
    lab.work("a", "FAILED")
    lab.work("b", "FAILED", reason="broken")
    assert _join_of(run).reason == "broken"


def test_one_that_is_run_again_from_stands_still(lab: Any) -> None:
    """``AsyncSystemTaskExecutor`` starts a SCHEDULED task, and a JOIN has nothing to start."""
    lab.task("z")
    run = lab.run(_fork(_worker("a")), _join("a"), _worker("z"))
    lab.work("a")
    lab.work("z", "FAILED")
    lab.do(run, commands.Rerun(_join_of(run).task_id))
    lab.do(run, commands.Decide())
    assert (run.status, _join_of(run).status, _join_of(run).output) == ("RUNNING", "SCHEDULED", {})
    lab.do(run, commands.Terminate("by hand"))
    assert _join_of(run).status == "CANCELED"


def test_it_cannot_await_a_task_that_was_skipped_by_hand(lab: Any) -> None:
    """On the server it stays IN_PROGRESS for ever (``Join#execute`` asks the task's definition, which it has not)."""
    fork = {**_fork(), "forkTasks": [[_worker("a"), _worker("a2")], [_worker("b")]]}
    run = lab.run(fork, _join("a2", "b"))
    lab.do(run, commands.SkipTask("a2"))
    lab.work("b")
    assert (_join_of(run).status, run.status) == ("FAILED", "FAILED")
    assert _join_of(run).reason.startswith("a2 was skipped by hand")
