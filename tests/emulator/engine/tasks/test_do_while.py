from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands
from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.engine.tasks.do_while import reads_only_iteration


def _noop(reference: str) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "NOOP"}


def _worker(reference: str, **fields: Any) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "SIMPLE", **fields}


def _set(reference: str, **values: Any) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "SET_VARIABLE", "inputParameters": values}


def _inline(reference: str, expression: str, **given: Any) -> dict[str, Any]:
    parameters = {"evaluatorType": "javascript", "expression": expression, **given}
    return {"name": reference, "taskReferenceName": reference, "type": "INLINE", "inputParameters": parameters}


def _loop(*inside: dict[str, Any], condition: str | None = "$.loop.iteration < 2", **fields: Any) -> dict[str, Any]:
    loop = {"name": "loop", "taskReferenceName": "loop", "type": "DO_WHILE", "loopOver": list(inside), **fields}
    return loop if condition is None else {**loop, "loopCondition": condition}


def _ran(run: Any) -> list[str]:
    return [f"{t.reference} {t.status}" for t in run.tasks]


def test_it_counts(scripted: Any) -> None:
    run = scripted.run(_loop(_inline("a", "$.i * 10", i="${loop.output.iteration}"), _noop("b")), _noop("after"))
    assert [t.reference for t in run.tasks] == ["loop", "a__1", "b__1", "a__2", "b__2", "after"]
    assert [(t.iteration, t.plain_reference) for t in run.tasks[1:5]] == [(1, "a"), (1, "b"), (2, "a"), (2, "b")]
    loop = run.tasks[0]
    assert (loop.status, loop.iteration, loop.is_loop_over) == ("COMPLETED", 2, True)
    assert loop.output == {"iteration": 2, "1": {"a": {"result": 10}, "b": {}}, "2": {"a": {"result": 20}, "b": {}}}


@pytest.mark.parametrize(
    ("condition", "iterations"),
    [
        ("false", 1), ("0", 1), ("-1", 1), ("null", 1), ("'true'", 1), ("[]", 1), ("NaN", 1),
        ("$.loop['iteration'] < 3", 3), ("$.loop.iteration == 1 ? 0.5 : 0", 2), ("$.n.result !== 2", 2),
        ("Object.keys($).length > 0 && $.loop['2'] === undefined", 2), ("$.max > $.loop.iteration", 3),
    ],
)  # fmt: skip
def test_what_counts_as_yes(scripted: Any, condition: str, iterations: int) -> None:
    inside = _inline("n", "$.i", i="${loop.output.iteration}")
    run = scripted.run(_loop(inside, condition=condition, inputParameters={"max": 3}))
    assert (run.status, run.tasks[0].iteration) == ("COMPLETED", iterations)


def test_variables_are_read_anew_for_each_condition(scripted: Any) -> None:
    inside = [_inline("inc", "$.n + 1", n="${workflow.variables.n}"), _set("keep", n="${inc.output.result}")]
    run = scripted.run(
        _set("init", n=0), _loop(*inside, condition="$.n < 3", inputParameters={"n": "${workflow.variables.n}"})
    )
    assert (run.status, run.variables) == ("COMPLETED", {"n": 3})


def test_workers_inside(lab: Any) -> None:
    run = lab.run(_loop(_worker("w"), condition="$.w['more']"))
    lab.work("w", output={"more": True})
    loop = run.tasks[0]
    assert _ran(run) == ["loop IN_PROGRESS", "w__1 COMPLETED", "w__2 SCHEDULED"]
    assert loop.output == {"iteration": 2, "1": {"w": {"more": True}}}
    lab.work("w", output={"more": False})
    assert (run.status, loop.iteration) == ("COMPLETED", 2)


@pytest.mark.parametrize("condition", ["$.nope.x > 1", "if ("])
def test_a_failing_condition_ends_the_workflow(scripted: Any, condition: str) -> None:
    run = scripted.run(_loop(_noop("a"), condition=condition))
    loop = run.tasks[0]
    assert (run.status, loop.status) == ("FAILED", "FAILED_WITH_TERMINAL_ERROR")
    assert loop.reason.startswith(f"Unable to evaluate condition {condition}, exception Error evaluating the script `")
    assert loop.output == {"iteration": 1, "1": {"a": {}}}


def test_a_task_inside_that_fails_at_once_shows_in_the_cancelled_loop(lab: Any) -> None:
    run = lab.run(_loop(_inline("a", "throw 'no'"), _noop("b")))
    assert _ran(run) == ["loop CANCELED", "a__1 FAILED_WITH_TERMINAL_ERROR"]
    assert run.tasks[0].output == {"iteration": 1, "1": {"a": run.tasks[1].output}}


def test_a_worker_inside_that_fails_does_not(lab: Any) -> None:
    lab.task("w")
    run = lab.run(_loop(_worker("w"), condition="true"))
    lab.work("w", output={"n": 1})
    lab.work("w", "FAILED", {"n": 2})
    assert _ran(run) == ["loop CANCELED", "w__1 COMPLETED", "w__2 FAILED"]
    assert run.tasks[0].output == {"iteration": 2, "1": {"w": {"n": 1}}}


def test_nor_does_an_iteration_that_ends_with_its_own_beginning(lab: Any) -> None:
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN"}
    join = {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["loop"]}
    run = lab.run({**fork, "forkTasks": [[_loop(_noop("a"))], [_inline("b", "throw 'x'")]]}, join)
    assert (run.status, run.by_reference["loop"].output) == ("FAILED", {"iteration": 1})


def test_a_permissive_failure_shows_what_ran_before_it(lab: Any) -> None:
    run = lab.run(_loop(_noop("n"), {**_inline("a", "throw 'no'"), "permissive": True}, _noop("b")))
    loop = run.tasks[0]
    assert (loop.status, loop.reason) == ("FAILED", f"{run.by_reference['a__1'].reason} ")
    assert set(loop.output["1"]) == {"n", "a"}


def test_a_worker_inside_is_retried(lab: Any) -> None:
    lab.task("w", retryCount=1)
    run = lab.run(_loop(_worker("w")))
    lab.work("w", "FAILED", {"n": 1})
    lab.work("w", output={"n": 2})
    lab.work("w", output={"n": 3})
    assert _ran(run) == ["loop COMPLETED", "w__1 FAILED", "w__1 COMPLETED", "w__2 COMPLETED"]
    assert run.tasks[0].output == {"iteration": 2, "1": {"w": {"n": 2}}, "2": {"w": {"n": 3}}}


@pytest.mark.parametrize(("field", "status"), [("optional", "COMPLETED"), ("permissive", "FAILED")])
def test_a_tolerated_failure_inside(lab: Any, field: str, status: str) -> None:
    run = lab.run(_loop({**_inline("a", "throw 'no'"), field: True}, _noop("b"), condition="false"))
    assert (run.status, run.tasks[0].status) == (status, status)


def test_a_switch_inside(lab: Any) -> None:
    switch = {
        "name": "sw", "taskReferenceName": "sw", "type": "SWITCH", "evaluatorType": "value-param", "expression": "i",
        "inputParameters": {"i": "${loop.output.iteration}"}, "decisionCases": {"1": [_noop("one"), _noop("one_b")]},
    }  # fmt: skip
    run = lab.run(_loop(switch), _noop("after"))
    assert [t.reference for t in run.tasks] == ["loop", "sw__1", "one__1", "one_b__1", "sw__2", "after"]
    assert set(run.tasks[0].output["1"]) == {"sw", "one", "one_b"}


def test_a_fork_inside_is_joined_in_each_iteration(lab: Any) -> None:
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": [[_worker("x")], [_noop("y")]]}
    join = {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["x", "y"]}
    run = lab.run(_loop(fork, join))
    lab.work("x", output={"n": 1})
    assert run.by_reference["j__1"].output == {"x__1": {"n": 1}}
    lab.work("x", output={"n": 2})
    assert run.status == "COMPLETED"
    assert run.by_reference["j__2"].output == {"x__2": {"n": 2}}


def test_a_terminate_inside_ends_the_workflow(lab: Any) -> None:
    stop = {
        "name": "stop", "taskReferenceName": "stop", "type": "TERMINATE",
        "inputParameters": {"terminationStatus": "COMPLETED", "workflowOutput": {"i": "${loop.output.iteration}"}},
    }  # fmt: skip
    run = lab.run(_loop(_noop("a"), stop), _noop("never"))
    assert (run.status, run.output) == ("COMPLETED", {"i": 1})
    assert run.tasks[0].output == {"iteration": 1, "1": {"a": {}, "stop": {}}}


# -- lists -------------------------------------------------------------------------------------------------------------
_ITEM = _inline("a", "$.item + '#' + $.index", item="${loop.output.loopItem}", index="${loop.output.loopIndex}")


@pytest.mark.parametrize(
    "fields", [{"items": "${workflow.input.l}"}, {"inputParameters": {"_items": "${workflow.input.l}"}}]
)
def test_it_goes_through_a_list(scripted: Any, fields: dict[str, Any]) -> None:
    run = scripted.run(_loop(_ITEM, condition="", **fields), input={"l": ["x", "y"]})
    assert run.tasks[0].output == {
        "iteration": 2, "loopIndex": 1, "loopItem": "y", "1": {"a": {"result": "x#0"}}, "2": {"a": {"result": "y#1"}},
    }  # fmt: skip


@pytest.mark.parametrize("value", [[], None])
def test_an_empty_list_is_done_at_once(lab: Any, value: Any) -> None:
    run = lab.run(_loop(_noop("a"), condition="", items="${workflow.input.l}"), _noop("after"), input={"l": value})
    assert _ran(run) == ["loop COMPLETED", "after COMPLETED"]
    assert run.tasks[0].output == {"iteration": 0}


def test_one_value_counts_as_a_list(lab: Any) -> None:
    run = lab.run(_loop(_noop("a"), condition="", items="${workflow.input.l}"), input={"l": {"k": 1}})
    assert run.tasks[0].output == {"iteration": 1, "loopIndex": 0, "loopItem": {"k": 1}, "1": {"a": {}}}


def test_list_and_condition_both_have_to_go_on(scripted: Any) -> None:
    loop = _loop(_noop("a"), condition="$.loopItem < 3", items="${workflow.input.l}")
    assert scripted.run(loop, input={"l": [1, 2, 3, 4]}).tasks[0].iteration == 3


# -- when it is looked at ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("last", "executed"), [("JSON_JQ_TRANSFORM", False), ("NOOP", True)])
def test_it_ends_in_the_pass_in_which_its_last_task_was_made(lab: Any, last: str, executed: bool) -> None:
    """A jq task ends while it is made: the pass that would have marked it executed ends the workflow."""
    query = {"name": "q", "taskReferenceName": "q", "type": last, "inputParameters": {"queryExpression": "1"}}
    run = lab.run(_loop(_noop("a"), query))
    assert run.status == "COMPLETED"
    assert [(t.reference, t.executed) for t in run.tasks[1:]] == [
        ("a__1", True),
        ("q__1", True),
        ("a__2", True),
        ("q__2", executed),
    ]


def test_a_report_on_a_loop_takes_its_count_away(lab: Any) -> None:
    run = lab.run(_loop(_worker("a")))
    lab.finish(run.tasks[0], "IN_PROGRESS")
    lab.work("a")
    assert (run.status, run.tasks[0].output) == ("COMPLETED", {"1": {"a": {}}})


# -- what is kept ------------------------------------------------------------------------------------------------------
def test_only_the_last_iterations_are_kept(lab: Any) -> None:
    run = lab.run(_loop(_noop("a"), _noop("b"), condition="$.loop.iteration < 5", inputParameters={"keepLastN": 2}))
    assert [t.reference for t in run.tasks] == ["loop", "a__4", "b__4", "a__5", "b__5"]
    assert run.tasks[0].output == {"iteration": 5, "4": {"a": {}, "b": {}}, "5": {"a": {}, "b": {}}}
    assert set(run.by_id) == {t.task_id for t in run.tasks}
    assert set(run.by_reference) == {t.reference for t in run.tasks}


@pytest.mark.parametrize(("kept", "left"), [(0, ["n__3"]), (1, ["n__3"]), (9, ["n__1", "n__2", "n__3"])])
def test_how_many_are_kept(lab: Any, kept: int, left: list[str]) -> None:
    run = lab.run(_loop(_noop("n"), condition="$.loop.iteration < 3", inputParameters={"keepLastN": kept}))
    assert [t.reference for t in run.tasks[1:]] == left
    assert len(run.tasks[0].output) == 1 + min(kept, 3)


@pytest.mark.parametrize(
    "inside", [[_worker("a")], [_noop("n"), _worker("a")], [_noop("n"), {**_noop("a"), "type": "WAIT"}]]
)
def test_a_loop_that_keeps_nothing_fails_with_a_task_that_somebody_has_to_do(
    lab: Any, inside: list[dict[str, Any]]
) -> None:
    run = lab.run(_loop(*inside, inputParameters={"keepLastN": 0}))
    assert (run.status, run.tasks[0].status) == ("FAILED", "FAILED_WITH_TERMINAL_ERROR")
    assert "keepLastN is 0" in run.reason
    assert "its open task a__1 away" in run.reason


def test_how_many_to_keep_has_to_be_a_number(lab: Any) -> None:
    with pytest.raises(ServerFault, match="keepLastN"):
        lab.run(_loop(_noop("n"), inputParameters={"keepLastN": "${workflow.input.k}"}), input={"k": 2})


# -- loops in loops ----------------------------------------------------------------------------------------------------
def _inner(condition: str) -> dict[str, Any]:
    return {**_loop(_noop("a"), condition=condition), "taskReferenceName": "inner", "name": "inner"}


def test_a_loop_in_a_loop_works_for_one_iteration_each(lab: Any) -> None:
    run = lab.run(_loop(_noop("z"), _inner("false"), condition="false"))
    assert _ran(run) == ["loop COMPLETED", "z__1 COMPLETED", "inner__1 COMPLETED", "a__1 COMPLETED"]


@pytest.mark.parametrize(("inner", "outer"), [("true", "false"), ("false", "$.loop.iteration < 2")])
def test_beyond_that_it_fails_and_says_why(lab: Any, inner: str, outer: str) -> None:
    run = lab.run(_loop(_inner(inner), condition=outer))
    assert run.status == "FAILED"
    assert "DO_WHILE inner stands inside DO_WHILE loop" in run.reason


@pytest.mark.parametrize("is_in_a_fork", [False, True])
def test_nothing_may_follow_the_inner_one(lab: Any, is_in_a_fork: bool) -> None:
    """``DeciderService#decide`` lets what follows a loop be in no iteration, and the outer one waits for it."""
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": [[_inner("false")]]}
    join = {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["inner"]}
    inside = (fork, join) if is_in_a_fork else (_inner("false"), _noop("z"))
    run = lab.run(_loop(*inside, condition="false"))
    assert run.status == "FAILED"
    assert "nothing may follow the inner one" in run.by_reference["inner__1"].reason


# -- brought back ------------------------------------------------------------------------------------------------------
def test_a_loop_goes_on_after_a_retry(lab: Any) -> None:
    lab.task("w")
    run = lab.run(_loop(_worker("w")))
    lab.work("w", output={"n": 1})
    lab.work("w", "FAILED")
    lab.do(run, commands.Retry())
    assert run.tasks[0].status == "IN_PROGRESS"
    lab.work("w", output={"n": 2})
    assert (run.status, run.tasks[0].output) == (
        "COMPLETED",
        {"iteration": 2, "1": {"w": {"n": 1}}, "2": {"w": {"n": 2}}},
    )


def test_a_loop_rerun_from_itself_begins_anew(lab: Any) -> None:
    run = lab.run(_loop(_worker("w"), condition="false"))
    lab.work("w", output={"n": 1})
    lab.do(run, commands.Rerun(from_task_id=run.tasks[0].task_id))
    assert [t.reference for t in run.tasks] == ["loop", "w__1"]
    lab.work("w", output={"n": 2})
    assert (run.status, run.tasks[0].output) == ("COMPLETED", {"iteration": 1, "1": {"w": {"n": 2}}})


def test_an_evaluation_by_hand_changes_nothing(lab: Any) -> None:
    run = lab.run(_loop(_worker("w")))
    lab.do(run, commands.Decide())
    lab.work("w")
    lab.do(run, commands.Decide())
    lab.work("w")
    assert _ran(run) == ["loop COMPLETED", "w__1 COMPLETED", "w__2 COMPLETED"]


@pytest.mark.parametrize(
    ("condition", "only"),
    [
        ("$.loop.iteration < 3", True),
        ("if ($.loop['iteration'] < $.max) { true; } else { false; }", True),
        ('$.loop["iteration"] < 3 && $.w.more', True),
        ("true", True),
        ("$.loop['1'].a", False),
        ("$.loop.iterations", False),
        ("Object.keys($).length", False),
        ("$.values()", False),
        ("$['lo' + 'op']", False),
        ("eval('1')", False),
        ("let l = $.loop; l.iteration < 2", False),
    ],
)
def test_a_condition_that_reads_no_more_than_the_iteration(condition: str, only: bool) -> None:
    assert reads_only_iteration(condition, "loop") is only


# -- a task that is made unsuccessful ----------------------------------------------------------------------------------
def _bad_switch(**fields: Any) -> dict[str, Any]:
    return {
        "name": "bad", "taskReferenceName": "bad", "type": "SWITCH", "evaluatorType": "javascript",
        "expression": "throw 'no'", "decisionCases": {"a": [_noop("n")]}, **fields,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("is_first", "field", "loop_status", "status"),
    [
        (False, None, "FAILED", "FAILED"),
        (False, "optional", "FAILED", "FAILED"),
        (True, None, "CANCELED", "FAILED"),
        (True, "optional", "COMPLETED", "COMPLETED"),
    ],
)
def test_a_loop_fails_with_a_switch_that_cannot_be_decided(
    scripted: Any, is_first: bool, field: str | None, loop_status: str, status: str
) -> None:
    """``SwitchTaskMapper`` makes it FAILED; ``DoWhile#execute`` sees that in the same pass, unless it began with it."""
    bad = _bad_switch(**({field: True} if field else {}))
    run = scripted.run(_loop(*((bad,) if is_first else (_noop("a"), bad)), condition="false"))
    assert (run.status, run.tasks[0].status) == (status, loop_status)
    if loop_status == "FAILED":
        assert run.tasks[0].reason == f"{run.by_reference['bad__1'].reason} "
        assert (
            run.reason == f"Task {run.tasks[0].task_id} failed with status: FAILED and reason: '{run.tasks[0].reason}'"
        )


@pytest.mark.parametrize(
    ("inside", "at_start", "after_one"),
    [
        (["w"], False, False),
        (["w", "i"], False, False),
        (["w", "i", "n"], False, False),
        (["i", "w"], True, True),
        (["w", "v"], False, True),
    ],
)
def test_the_workflow_is_stored_with_a_pass_that_executes_nothing(
    scripted: Any, inside: list[str], at_start: bool, after_one: bool
) -> None:
    """``updateTime``: the loop that goes on by itself is followed by a pass in which nothing has changed."""
    kinds = {"w": _worker("w"), "i": _inline("i", "1"), "n": _noop("n"), "v": _worker("v")}
    run = scripted.run(_loop(*(kinds[name] for name in inside)))
    assert (run.update_time > 0) == at_start
    scripted.work("w")
    assert (run.update_time > 0) == after_one
