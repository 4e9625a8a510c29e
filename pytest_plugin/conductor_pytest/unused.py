"""Stubs and faults that no task met, and why, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from conductor_pytest.near_names import did_you_mean, nearest
from conductor_pytest.rules import Rule, Subject
from conductor_pytest.task_names import TaskNames

if TYPE_CHECKING:
    from conductor_pytest.place import Place


def unused(place: Place) -> list[str]:
    """One sentence for each rule that says nothing, or that no task met."""
    idle = [rule for rule in place.rules.rules if rule.says_something and not rule.used and not rule.is_optional]
    found = [
        f"{rule} says nothing: add .returns(…), .fails(…) …" for rule in place.rules.rules if not rule.says_something
    ]
    if not idle:
        return found
    names = TaskNames(place)
    return [*found, *(f"{rule} was never used: {_why(rule, names, place)}" for rule in idle)]


def misnamed(place: Place) -> list[str]:
    """The rules that are about no task there is, and have nearly the name of one."""
    idle = [rule for rule in place.rules.rules if not rule.used]
    if not idle:
        return []
    names = TaskNames(place)
    return [
        f"{rule} fits no task: did you mean `{near}`?"
        for rule in idle
        if not names.named(rule.target) and not names.workflows_with(rule.target)
        if (near := nearest(rule.target, names.all))
    ]


def _why(rule: Rule, names: TaskNames, place: Place) -> str:
    came = names.named(rule.target)
    if came:
        return _why_not_these(rule, came, place)
    workflows = names.workflows_with(rule.target)
    if not workflows:
        return f"no such task came{did_you_mean(rule.target, names.all)}"
    where = " and ".join(f"`{name}`" for name in workflows)
    if names.workflows_run.isdisjoint(workflows):
        return f"no such task came: it is of workflow {where}, which was not run"
    return f"no such task came: the run did not get to `{rule.target}` of {where}"


def _why_not_these(rule: Rule, came: Sequence[Subject], place: Place) -> str:
    """Tasks of its name came, and others did their work, or nobody."""
    attempts, iterations = {subject.attempt for subject in came}, {subject.iteration for subject in came}
    if rule.attempts and not rule.attempts & attempts:
        return f"`{rule.target}` had attempt {_numbers(attempts)} only"
    if rule.iterations and not any(iterations):
        return f"`{rule.target}` is in no loop"
    if rule.iterations and not rule.iterations & iterations:
        return f"`{rule.target}` had iteration {_numbers(iterations)} only"
    if rule.asks:
        return f"its when(…) was true of no `{rule.target}`"
    answered = {name for subject in came for name in subject.names}
    for other in place.rules.rules:
        if other.used and other.answers and other.target in answered:
            return f"{other} did the work"
    states = dict.fromkeys(subject.task().status for subject in came)
    if any(not status.is_terminal for status in states):
        return f"`{rule.target}` is waiting still, and the test does not wait for it: conductor.wait_for(run)"
    return f"`{rule.target}` was {', '.join(states)} before that could happen"


def _numbers(numbers: set[int]) -> str:
    ordered = sorted(numbers)
    return str(ordered[0]) if len(ordered) == 1 else f"{ordered[0]} to {ordered[-1]}"
