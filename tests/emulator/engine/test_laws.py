"""What holds whatever happens: hypothesis plays random commands against a workflow with forks, waits and retries."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from conductor_emulator.engine import commands
from conductor_emulator.engine.errors import EngineError
from conductor_emulator.engine.execution import Execution
from tests.emulator.conftest import Lab, simple

_FORK = {
    "name": "f",
    "taskReferenceName": "f",
    "type": "FORK_JOIN",
    "forkTasks": [[simple("b1", "work"), simple("b2", "work")], [simple("c1", "tolerated", optional=True)]],
}
_FLOW = (
    simple("a", "work"),
    _FORK,
    {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["b2", "c1"]},
    {"name": "w", "taskReferenceName": "w", "type": "WAIT", "inputParameters": {"duration": "30 seconds"}},
    simple("d", "permitted", permissive=True),
    simple("e", "work"),
)

_COMMANDS = st.sampled_from(
    [
        commands.Pause(),
        commands.Resume(),
        commands.Terminate("by hand"),
        commands.Retry(),
        commands.Restart(),
        commands.Rerun(),
        commands.Decide(),
        commands.ResetCallbacks(),
        commands.SkipTask("e"),
    ]
)
_RESULTS = st.sampled_from(["COMPLETED", "FAILED", "FAILED_WITH_TERMINAL_ERROR", "IN_PROGRESS", "CANCELED"])
_TYPES = st.sampled_from(["work", "tolerated", "permitted"])
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("work"), _TYPES, _RESULTS),
        st.tuples(st.just("poll"), _TYPES),
        st.tuples(st.just("time"), st.integers(1, 90)),
        st.tuples(st.just("command"), _COMMANDS),
        st.tuples(st.just("rerun"), st.integers(0, 8)),
    ),
    max_size=40,
)


def _new() -> tuple[Lab, Execution]:
    lab = Lab()
    lab.task("work", retryCount=1, retryDelaySeconds=10, responseTimeoutSeconds=60)
    lab.task("tolerated", timeoutSeconds=45, timeoutPolicy="RETRY")
    lab.task("permitted", pollTimeoutSeconds=50, timeoutPolicy="TIME_OUT_WF")
    return lab, lab.run(*_FLOW, timeoutSeconds=600, timeoutPolicy="TIME_OUT_WF")


def _play(lab: Lab, run: Execution, step: tuple[Any, ...]) -> None:
    try:
        match step:
            case ("work", task_type, result):
                for _, task in lab.runtime.poll(task_type):
                    lab.finish(task, result, {"by": task_type})
            case ("poll", task_type):
                lab.runtime.poll(task_type)
            case ("time", seconds):
                lab.advance(seconds)
            case ("command", command):
                lab.do(run, command)
            case ("rerun", index) if run.tasks:
                lab.do(run, commands.Rerun(run.tasks[index % len(run.tasks)].task_id))
    except EngineError:
        pass  # refused: nothing has changed, which the invariants show


def _check(lab: Lab, run: Execution) -> None:
    """The invariants of the tables, after any command."""
    open_tasks = [t for t in run.tasks if not t.status.is_terminal]
    assert run.open_count == len(open_tasks)
    if run.status.is_terminal:
        assert open_tasks == []
        assert lab.runtime.queues.sizes() == {}
        assert run.end_time > 0
        assert lab.runtime.next_due() is None
    references = [t.reference for t in open_tasks]
    assert len(references) == len(set(references)), "two open attempts at one reference name"
    numbers = [t.seq for t in run.tasks if t.status != "SKIPPED"]
    assert len(numbers) == len(set(numbers))
    for task in run.tasks:
        assert run.by_id[task.task_id] is task
        if task.retried_task_id is not None and task.retried_task_id in run.by_id:
            assert run.by_id[task.retried_task_id].retried
    if run.status == "RUNNING":
        assert open_tasks, "it runs, yet nothing is open: it would hang"
        assert all(t.status.is_successful for t in run.unsettled.values()), "a failure that nobody looked at"
    queued = {m.task_id for m in lab.runtime.queues.messages()}
    waiting = {
        t.task_id for t in open_tasks if t.status == "SCHEDULED" and t.task_type in ("work", "tolerated", "permitted")
    }
    assert queued == waiting
    assert set(lab.runtime.held) == {t.task_id for t in open_tasks if t.status == "IN_PROGRESS" and t.poll_count}


@settings(max_examples=150)
@given(_STEPS)
def test_after_any_commands_every_invariant_holds(steps: list[tuple[Any, ...]]) -> None:
    lab, run = _new()
    _check(lab, run)
    for step in steps:
        _play(lab, run, step)
        _check(lab, run)


def _picture(run: Execution) -> Any:
    tasks = [
        (t.task_id, t.reference, t.status, t.seq, t.retry_count, t.output, t.reason, t.end_time) for t in run.tasks
    ]
    return run.status, run.reason, run.output, run.version_tag, tasks, run.events


@settings(max_examples=50)
@given(_STEPS)
def test_the_same_commands_give_the_same_state_and_events(steps: list[tuple[Any, ...]]) -> None:
    pictures = []
    for _ in range(2):
        lab, run = _new()
        for step in steps:
            _play(lab, run, step)
        pictures.append(_picture(run))
    assert pictures[0] == pictures[1]
