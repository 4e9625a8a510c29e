"""What an execution that does not go on waits for, in words, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from conductor_pytest.durations import span
from conductor_pytest.kinds import kind_of
from conductor_pytest.misspelt import misspelt_inputs, misspelt_type
from conductor_pytest.near_names import did_you_mean, nearest
from conductor_pytest.rules import Subject
from conductor_pytest.task_names import TaskNames, nodes
from conductor_sdk import Task, Workflow, WorkflowStatus

if TYPE_CHECKING:
    from conductor_pytest.place import Place

#: Of more tasks that wait for the same only one is told in full.
_ALIKE_TOLD = 2
_NAME = re.compile(r"`[^`]+`")


def blockers_of(place: Place, workflow: Workflow) -> list[str]:
    """One sentence for each thing that this execution (not its sub-workflows) waits for; empty when it has ended."""
    if workflow.status.is_terminal:
        return []
    found = []
    if workflow.status == WorkflowStatus.PAUSED:
        found.append(f"workflow `{workflow.workflow_name}` is paused: resume it, conductor.resume(run)")
    if complaint := place.cannot_go_on(workflow.workflow_id):
        found.append(f"workflow `{workflow.workflow_name}` cannot go on: {complaint}")
    open_tasks = [task for task in workflow.tasks if not task.status.is_terminal]
    for task in open_tasks:
        found.extend(_of_task(place, workflow, task, alone=len(open_tasks) == 1))
    if not found and not open_tasks:
        found.append(f"workflow `{workflow.workflow_name}` is {workflow.status} and none of its tasks is open")
    if not found:
        names = ", ".join(f"`{task.reference_task_name}`" for task in open_tasks)
        found.append(f"workflow `{workflow.workflow_name}` waits for {names}")
    return found


def family_blockers(place: Place, workflow_id: str) -> list[str]:
    """The same for an execution and the sub-workflows that it waits for; these first, as the cause is there."""
    workflow = place.read(workflow_id)
    found: list[str] = []
    for task in workflow.tasks:
        if task.sub_workflow_id and not task.status.is_terminal and _has_child(task):
            found.extend(family_blockers(place, task.sub_workflow_id))
    return [*found, *blockers_of(place, workflow)]


def waiting_tasks(read: Callable[[str], Workflow], workflow_id: str) -> Iterator[Task]:
    """The open tasks that an execution waits for, those of its sub-workflows last: no loops and JOINs, which wait for
    other ones, and no sub-workflows, which have their own."""
    tasks = read(workflow_id).tasks
    children = []
    for task in tasks:
        if task.status.is_terminal:
            continue
        if task.sub_workflow_id and _has_child(task):
            children.append(task.sub_workflow_id)
        elif not _waits_for_others(task, tasks):
            yield task
    for child in children:
        yield from waiting_tasks(read, child)


def _waits_for_others(task: Task, tasks: Sequence[Task]) -> bool:
    """Whether it is a JOIN or a loop that can go on when others have ended; one that could now goes on by itself."""
    kind = kind_of(task.task_type)
    if kind is None:
        return False
    if kind.joins:
        ended = {other.reference_task_name for other in tasks if other.status.is_terminal}
        return any(name not in ended for name in _joined(task))
    return kind.is_loop and any(other.iteration and not other.status.is_terminal for other in tasks if other != task)


def takes_signals(place: Place, workflow_id: str) -> bool:
    """Whether the execution, or a sub-workflow of it, stands at a task that a signal ends."""
    for task in place.read(workflow_id).tasks:
        kind = None if task.status.is_terminal else kind_of(task.task_type)
        if kind is not None and kind.takes_signals:
            return True
        if task.sub_workflow_id and not task.status.is_terminal and takes_signals(place, task.sub_workflow_id):
            return True
    return False


def told_once(sentences: Iterable[str]) -> list[str]:
    """Sentences that say the same of several tasks as one: "task `a_0` (and 29 like it, to `a_29`) waits for …"."""
    alike: dict[str, list[tuple[str, str]]] = {}
    for sentence in sentences:
        found = _NAME.search(sentence)
        name = found[0] if found else ""
        what = sentence.replace(name, "", 1).replace(f'"{name[1:-1]}"', "") if name else sentence
        alike.setdefault(what, []).append((name, sentence))
    told = []
    for same in alike.values():
        (name, first), (last, _) = same[0], same[-1]
        if len(same) > _ALIKE_TOLD:
            told.append(first.replace(name, f"{name} (and {len(same) - 1} like it, to {last})", 1))
        else:
            told += [sentence for _, sentence in same]
    return told


def _of_task(place: Place, workflow: Workflow, task: Task, *, alone: bool) -> Iterator[str]:
    name = f"task `{task.reference_task_name}`"
    if held := place.is_held(task):
        yield f"{name} {held}{_and_then(place, task)}"
    elif (kind := kind_of(task.task_type)) is None:
        yield from _of_workers(place, task, name)
    elif kind.joins:
        yield from _of_join(workflow, task, alone=alone)
    elif kind.is_loop or kind.branches:
        return  # the tasks inside are named themselves
    elif kind.has_child:
        if task.sub_workflow_id is None:
            yield f"{name} has not started its sub-workflow"
        elif alone:
            yield f"{name} waits for its sub-workflow `{place.read(task.sub_workflow_id).workflow_name}`"
    elif kind.waits_for_outside or kind.takes_signals:
        due = place.due_in(task)
        if due is None:
            yield (
                f"{name} ({task.task_type}) waits for somebody to complete it: "
                f'conductor.complete_task(run, "{task.reference_task_name}", {{…}}){_no_time_out(workflow, task)}'
                f"{_unread_inputs(task)}"
            )
        else:
            yield f"{name} ({task.task_type}) waits for {span(due)} more"
    else:
        yield from _of_workers(place, task, name)


def _unread_inputs(task: Task) -> str:
    """Why a task waits for somebody where a time was meant."""
    return "".join(f"; {one.sentence}" for one in misspelt_inputs(task))


def _no_time_out(workflow: Workflow, task: Task) -> str:
    """A note where a limit was given that does not hold: a server sweeps nothing that waits for a person."""
    kind, definition = kind_of(task.task_type), workflow.workflow_definition
    limits = (task.task_definition, definition)
    if kind is None or not kind.keeps_the_sweeper_away or not any(limit and limit.timeout_seconds for limit in limits):
        return ""
    return (
        f" (no time-out comes while a {task.task_type} is open, on a server neither: a limit is a WAIT in a branch "
        "beside it)"
    )


def _of_workers(place: Place, task: Task, name: str) -> Iterator[str]:
    if task.status == "SCHEDULED":
        yield from _of_queued(place, task, name)
    else:
        yield f"{name} ({task.task_type}) is IN_PROGRESS and waits to be updated from outside{_and_then(place, task)}"


def _has_child(task: Task) -> bool:
    kind = kind_of(task.task_type)
    return kind is not None and kind.has_child


def _of_queued(place: Place, task: Task, name: str) -> Iterator[str]:
    server = place.server_of(task)
    due = place.due_in(task)
    if not server:
        where = f"`{task.task_type}`" + (f" in domain `{task.domain}`" if task.domain else "")
        yield f"{name} waits for a worker of type {where}, and {_none_registered(place, task)}"
    elif due:
        then = datetime.fromtimestamp((place.now() + due) / 1000, UTC)
        yield f"{name} is delayed until {then:%Y-%m-%d %H:%M:%S} UTC, for {span(due)} more"
    elif place.is_lost(task):
        yield f"{name} is in no queue any more: no worker will get it"
    elif limit := place.kept_back(task):
        yield f"{name} waits for its {server}: {limit}"
    else:
        runs_here = place.is_emulator and server in {"worker", "stub"}
        yield f"{name} is ready for its {server}{'; wait_for(run) or step() runs it' if runs_here else ''}"


def _none_registered(place: Place, task: Task) -> str:
    subject = Subject.of(task)
    declined = [said for rule in place.rules.rules if (said := rule.why_not(subject))]
    if declined:
        return "; ".join(["none is registered", *declined])
    types = place.workers.types
    there = _nearly_named(place, subject)
    if not there and (meant := misspelt_type(task)):
        return f"none is registered; {meant}"
    if not there and types:
        there = "; there are workers of type " + ", ".join(f"`{name}`" for name in types)
    domain = f', domain="{task.domain}"' if task.domain else ""
    remedy = f'conductor.worker("{task.task_type}", …{domain}) or conductor.stub("{task.task_type}").returns({{…}})'
    return f"none is registered{there}; add {remedy}"


def _nearly_named(place: Place, subject: Subject) -> str:
    """A worker or a stub that has nearly the name of this task, and the name of no other one."""
    workers = {name: f"; there is one of type `{name}`" for name in place.workers.types}
    stubs = {
        rule.target: f"; there is {rule}"
        for rule in place.rules.rules
        if not rule.is_fault and not rule.used and not rule.is_optional
    }
    for name, there in (
        (subject.task_type, workers),
        (subject.plain_reference, stubs),
        (subject.task_type, stubs),
    ):
        if nearest(name, there):
            tasks = TaskNames(place)
            nobodys = [one for one in there if not tasks.named(one) and not tasks.workflows_with(one)]
            if near := nearest(name, nobodys):
                return there[near]
    return ""


def _of_join(workflow: Workflow, task: Task, *, alone: bool) -> Iterator[str]:
    by_reference = {other.reference_task_name: other for other in workflow.tasks}
    awaited = _joined(task)
    missing = [name for name in awaited if name not in by_reference]
    unfinished = [name for name in awaited if name in by_reference and not by_reference[name].status.is_terminal]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        never = "which has not been scheduled" if len(missing) == 1 else "which have not been scheduled"
        hint = _meant(workflow, missing)
        yield f"{task.task_type} `{task.reference_task_name}` waits for {names}, {never}{hint}"
    elif alone and unfinished:
        names = ", ".join(f"`{name}`" for name in unfinished)
        yield f"{task.task_type} `{task.reference_task_name}` waits for {names}"
    elif alone:
        yield f"{task.task_type} `{task.reference_task_name}` is open, though all that it waits for has ended"


def _joined(task: Task) -> list[str]:
    """The reference names that a JOIN waits for."""
    names = [str(name) for name in task.input_data.get("joinOn") or ()]
    return [f"{name}__{task.iteration}" for name in names] if task.iteration else names


def _meant(workflow: Workflow, missing: list[str]) -> str:
    """What an awaited task is probably called, if the definition has none of its name."""
    definition = workflow.workflow_definition
    known = {
        *(node.task_reference_name for node in nodes([] if definition is None else definition.tasks)),
        *(task.reference_task_name for task in workflow.tasks),
    }
    return next((hint for name in missing if name not in known and (hint := did_you_mean(name, known))), "")


def _and_then(place: Place, task: Task) -> str:
    due = place.due_in(task)
    return "" if due is None else f"; it times out in {span(due)}"
