"""DO_WHILE: its tasks again and again, as long as a condition holds or a list has items.

Theory. A loop remembers in ``memo`` what stands inside it; the tasks of an iteration are found by their reference
names (``charge__3``). It is looked at when one of them is settled (``execution.open_loops``), and what that costs
depends on the loop's own size, not on the iterations so far: the output is one dict that grows until the loop ends, and
only the last task of the block is looked at until that one has ended.

The real server re-reads all tasks at each look (``DoWhile#execute``). Two of its oddities show here. A loop's
unfinished iteration is in its output only if the loop is closed by an evaluation that has looked at it before
(``cancel``). And a loop inside a loop works for one iteration each, and at the end of its block: beyond that its tasks
would have the names of earlier ones, what follows it would have no iteration, and the server never ends the workflow.
So here it fails.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final

from conductor_emulator.engine.errors import EndWorkflow, EngineError, ServerFault
from conductor_emulator.engine.scheduling import take_in, tasks_for
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.engine.tasks.scripted import ScriptedKind, seen_by
from conductor_emulator.expressions import java_text
from conductor_emulator.scripting import as_condition

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step
    from conductor_emulator.scripting import ScriptAnswer


#: ``$`` as a whole, a method of it, or ways to it that do not show in the text
_SEES_EVERYTHING = re.compile(r"""\$(?!\.[A-Za-z_])|\$\.\w+\s*[(?]|\\|`|\b(eval|Function|this|globalThis|with)\b""")


_LOST: Final = (
    "keepLastN is {}: on a server the loop takes its open task {} away as well, and never ends. Let it be 1 or more"
)


class _Place:
    """Where an open loop stands."""

    __slots__ = ("asked", "has_begun", "has_failed", "inside", "more_items", "scheduled_by", "scheduled_in_pass")

    def __init__(self, node: Node, *, has_begun: bool) -> None:
        #: everything inside the loop, in the definition's order
        self.inside = list(_inside(node))
        #: an iteration has been scheduled
        self.has_begun = has_begun
        #: a task of the iteration was made unsuccessful
        self.has_failed = False
        #: the condition is being evaluated beside
        self.asked = False
        #: the list has another item behind the current one; True without a list
        self.more_items = True
        #: the command that scheduled the current iteration (its list of effects stands for it), and in which pass
        self.scheduled_by: object = None
        self.scheduled_in_pass = 0

    def has_been_looked_at(self, step: Step) -> bool:
        """Whether the evaluation that goes on has made a pass in which the iteration's tasks were already there."""
        since = self.scheduled_in_pass + 1 if self.scheduled_by is step.effects else 0
        return step.passes > since


def _inside(node: Node) -> list[Node]:
    found: list[Node] = []
    pending = [inner for block in reversed(node.blocks) for inner in reversed(block)]
    while pending:
        inner = pending.pop()
        found.append(inner)
        pending.extend(n for block in reversed(inner.blocks) for n in reversed(block))
    return found


class DoWhile(ScriptedKind):
    """Open from its first iteration to its last; ``iteration`` and the outputs of each are in its output."""

    name: ClassVar[str] = "DO_WHILE"
    first_status: ClassVar[TaskStatus] = TaskStatus.IN_PROGRESS
    is_retried: ClassVar[bool] = False
    steers: ClassVar[bool] = True
    goes_on_in_place: ClassVar[bool] = True
    opened_again_after: ClassVar[frozenset[TaskStatus]] = frozenset({TaskStatus.CANCELED})
    is_loop: ClassVar[bool] = True
    is_operator: ClassVar[bool] = True
    uses_input_template: ClassVar[bool] = True

    def fill(self, step: Step, node: Node, task: TaskRun) -> None:
        super().fill(step, node, task)
        task.start_time = step.now
        _kept(node)
        self.limit(task, node.definition.task_definition)

    def reopened(self, step: Step, task: TaskRun) -> None:
        node = task.node
        if node is None or not node.blocks:
            return
        if task.memo is None:
            known = step.execution.by_reference
            place = task.memo = _Place(node, has_begun=False)
            place.has_begun = task.iteration > 0 and any(
                f"{inner.reference}__{task.iteration}" in known for inner in place.inside
            )
            task.output = dict(task.output)
        if task.memo.has_begun:
            step.execution.open_loops[(node.reference, task.iteration)] = task

    def is_waiting(self, task: TaskRun) -> bool:
        return task.memo is not None and task.memo.asked

    def wait(self, task: TaskRun) -> None:
        task.memo.asked = True

    def execute(self, step: Step, task: TaskRun) -> bool:
        node = task.node
        if node is None or not node.blocks or not node.blocks[0]:
            raise ServerFault("Index 0 out of bounds for length 0")
        if task.memo is None:
            self.reopened(step, task)
        place: _Place = task.memo
        if place.asked:
            return False
        if not place.has_begun:
            return self._begin(step, task, node)
        failed = self._failed(step, task) if step.execution.permissive_failures or place.has_failed else None
        if failed is None and not self._is_iteration_complete(step, task, node):
            return self._loses_open_task(step, task, node)
        self._show_iteration(step, task, node, up_to=failed)
        step.touched(task)
        if failed is not None:
            self._finish(step, task, TaskStatus.FAILED, f"{java_text(failed.reason)} ")
            return True
        self._ask_for_more(step, task, node)
        return True

    def cancel(self, step: Step, task: TaskRun) -> None:
        """Show the unfinished iteration if the server has looked at it (``tasks_do_while_task_inside_fails``)."""
        place: _Place | None = task.memo
        if place is not None and place.has_begun and task.node is not None and place.has_been_looked_at(step):
            self._show_iteration(step, task, task.node)
        self._close(step, task)

    # -- one iteration -----------------------------------------------------------------------------------------------
    def _begin(self, step: Step, task: TaskRun, node: Node) -> bool:
        items = _items(step, task, node)
        if items is not None and not items:
            task.output["iteration"] = 0
            self._complete(step, task, node)
            return True
        task.memo.has_begun = True
        self._schedule(step, task, node, 1, items)
        return True

    def _schedule(self, step: Step, task: TaskRun, node: Node, iteration: int, items: list[Any] | None) -> None:
        """Start an iteration: the first task inside; the others follow as everywhere."""
        execution = step.execution
        execution.open_loops.pop((node.reference, task.iteration), None)
        task.iteration = iteration
        task.output["iteration"] = iteration
        if items is not None:
            task.output["loopIndex"] = iteration - 1
            if iteration <= len(items):
                task.output["loopItem"] = items[iteration - 1]
        execution.open_loops[(node.reference, iteration)] = task
        task.memo.scheduled_by = step.effects
        task.memo.scheduled_in_pass = step.passes
        step.touched(task)
        step.note("task.iteration", f"iteration {iteration}", task)
        first = node.blocks[0][0]
        is_there = _is_there(step, task, first, iteration)
        if is_there:
            execution.highest_seq += 1  # of the task that is not stored
            step.unsettle(task)  # perhaps the iteration is complete
        elif task.reference == task.plain_reference:  # a rerun may begin an earlier iteration again
            execution.by_reference.pop(f"{first.reference}__{iteration}", None)
        new = tasks_for(step, first, iteration)
        if not new and not is_there:
            self._finish(step, task, TaskStatus.FAILED_WITH_TERMINAL_ERROR, _only_once(node))
            return
        for inner in new:
            if step.kind_of(inner) is None:
                inner.retry_count = task.retry_count
        for inner in take_in(step, new):
            step.unsettle(inner)
        kept = _kept(node)
        if kept is not None:
            _forget(step, task, iteration - max(kept, 1))
            if kept < 1:
                step.unsettle(task)

    def _is_iteration_complete(self, step: Step, task: TaskRun, node: Node) -> bool:
        """Everything of the iteration has ended and what follows inside has been scheduled."""
        known = step.execution.by_reference
        suffix = f"__{task.iteration}"
        for inner in reversed(node.blocks[0]):  # the last one first: mostly that is all
            run = known.get(inner.reference + suffix)
            if run is None or not run.status.is_terminal:
                return False
        for inner in task.memo.inside:
            run = known.get(inner.reference + suffix)
            if run is None:
                continue
            if not run.status.is_terminal:
                return False
            follower = inner.next
            if follower is not None and follower is not node and follower.reference + suffix not in known:
                return False
        return True

    def _loses_open_task(self, step: Step, task: TaskRun, node: Node) -> bool:
        """Fail where the server's ``keepLastN`` takes away a task that somebody has still to do; True if it does."""
        kept = _kept(node)
        if kept is None or kept > 0:
            return False
        known = step.execution.by_reference
        runs = (known.get(f"{inner.reference}__{task.iteration}") for inner in task.memo.inside)
        lost = next((run for run in runs if run is not None and _is_left_open(step, run)), None)
        if lost is not None:
            self._finish(step, task, TaskStatus.FAILED_WITH_TERMINAL_ERROR, _LOST.format(kept, lost.reference))
        return lost is not None

    def _failed(self, step: Step, task: TaskRun) -> TaskRun | None:
        """The first task of the iteration that failed without ending the workflow (a permissive one)."""
        known = step.execution.by_reference
        runs = (known.get(f"{inner.reference}__{task.iteration}") for inner in task.memo.inside)
        failed = [run for run in runs if run is not None and not run.status.is_successful]
        return min(failed, key=lambda run: run.seq, default=None)

    def _show_iteration(self, step: Step, task: TaskRun, node: Node, up_to: TaskRun | None = None) -> None:
        """Put what the iteration gave so far into the output; what ``keepLastN`` does not keep goes out."""
        known = step.execution.by_reference
        shown: dict[str, Any] = {}
        for inner in task.memo.inside:
            run = known.get(f"{inner.reference}__{task.iteration}")
            if run is not None and (up_to is None or run.seq <= up_to.seq):
                # a TERMINATE gets its output after the look at it, and there is no other look
                kind = step.kind_of(run)
                shown[inner.reference] = {} if kind is not None and kind.ends_workflow else run.output
        task.output[str(task.iteration)] = shown
        kept = _kept(node)
        if kept is not None and task.iteration > kept:
            for old in range(task.iteration - max(kept, 0), 0, -1):
                if task.output.pop(str(old), None) is None:
                    break

    # -- whether there is another one ----------------------------------------------------------------------------------
    def _ask_for_more(self, step: Step, task: TaskRun, node: Node) -> None:
        place: _Place = task.memo
        items = _items(step, task, node)
        place.more_items = items is None or task.iteration < len(items)
        condition = node.definition.loop_condition
        if condition is None or (items is not None and not condition.strip()):
            self._go_on(step, task, goes_on=items is not None and place.more_items)
            return
        bindings = step.input_of(node, task.task_id, with_template=True)
        if reads_only_iteration(condition, task.reference):
            bindings[task.reference] = {key: task.output[key] for key in ("iteration",) if key in task.output}
        else:
            bindings[task.reference] = task.output
        newest = step.execution.by_plain_reference
        for inner in place.inside:
            run = newest.get(inner.reference)
            if run is not None:
                bindings[inner.reference] = run.output
        if items is not None:
            bindings["loopIndex"] = task.iteration - 1
            if task.iteration <= len(items):
                bindings["loopItem"] = items[task.iteration - 1]
        self.ask(step, task, "javascript", condition, seen_by("javascript", node, bindings))

    def answered(self, step: Step, task: TaskRun, answer: ScriptAnswer) -> None:
        if not self.is_waiting(task):
            return
        task.memo.asked = False
        self.scripted(step, task, answer)

    def scripted(self, step: Step, task: TaskRun, answer: ScriptAnswer) -> None:
        if answer.error is not None:
            self._fail_at_condition(step, task, answer.error)
        else:
            self._go_on(step, task, goes_on=as_condition(answer.value) and task.memo.more_items)

    def _go_on(self, step: Step, task: TaskRun, *, goes_on: bool) -> None:
        node = task.node
        assert node is not None  # noqa: S101 - only a skipped task has none
        if goes_on and task.reference != task.plain_reference:
            self._finish(step, task, TaskStatus.FAILED_WITH_TERMINAL_ERROR, _only_once(node))
        elif not goes_on:
            self._complete(step, task, node)
        else:
            try:
                self._schedule(step, task, node, task.iteration + 1, _items(step, task, node))
            except (EndWorkflow, EngineError) as error:
                self._fail_at_condition(step, task, str(error))

    def _fail_at_condition(self, step: Step, task: TaskRun, error: str) -> None:
        condition = None if task.node is None else task.node.definition.loop_condition
        self._finish(
            step,
            task,
            TaskStatus.FAILED_WITH_TERMINAL_ERROR,
            f"Unable to evaluate condition {java_text(condition)}, exception {error}",
        )

    def _complete(self, step: Step, task: TaskRun, node: Node) -> None:
        following = step.execution.plan.next_after(node.reference)
        if following is not None and node.loop is not None and following.loop is node.loop:
            self._finish(step, task, TaskStatus.FAILED_WITH_TERMINAL_ERROR, _only_once(node))
        else:
            self._finish(step, task, TaskStatus.COMPLETED)

    def _finish(self, step: Step, task: TaskRun, status: TaskStatus, reason: str | None = None) -> None:
        self._close(step, task)
        step.finish(task, status, reason)

    def _close(self, step: Step, task: TaskRun) -> None:
        task.memo = None
        if task.node is not None:
            step.execution.open_loops.pop((task.node.reference, task.iteration), None)


@lru_cache(maxsize=1024)
def reads_only_iteration(condition: str, reference: str) -> bool:
    """Whether a condition plainly reads nothing of its loop's output but ``iteration``.

    Then it is not given the rest: what is given to a script is copied, and the output grows with each iteration.
    """
    if _SEES_EVERYTHING.search(condition):
        return False
    name = re.escape(reference)
    rest = re.sub(rf"""\$\.{name}(\.iteration\b|\['iteration'\]|\["iteration"\])""", "", condition)
    return reference not in rest


def _items(step: Step, task: TaskRun, node: Node) -> list[Any] | None:
    """The list that the loop goes through; None for a loop that only counts (``DoWhile#evaluateItemsList``)."""
    definition = node.definition
    by_field = definition.items is not None and bool(definition.items.strip())
    given = definition.input_parameters.get("_items")
    if not by_field and not (isinstance(given, list) or (isinstance(given, str) and given.strip())):
        return None
    value = step.resolve(node.compiled("items", definition.items), task.task_id) if by_field else None
    if value is None:
        value = step.input_of(node, task.task_id, with_template=True).get("_items")
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _kept(node: Node) -> int | None:
    """``keepLastN``: how many iterations stay; None for all."""
    kept = node.definition.input_parameters.get("keepLastN")
    if kept is not None and (not isinstance(kept, int) or isinstance(kept, bool)):
        raise ServerFault(
            f"keepLastN of the loop {node.reference} must be a whole number (not an expression), got {kept!r}"
        )
    return kept


def _is_left_open(step: Step, task: TaskRun) -> bool:
    """Whether the pass that makes this task leaves it to somebody else."""
    if task.status.is_terminal:
        return False
    kind = step.kind_of(task)
    return kind is None or kind.is_asynchronous or kind.joins or kind.waits_for_outside or kind.takes_signals


def _is_there(step: Step, task: TaskRun, first: Node, iteration: int) -> bool:
    """Whether a rerun left the task that an iteration begins with: the loop goes on with that one.

    A second task of the same name and attempt is not stored (``ExecutionDAO#createTasks``), unless the evaluation does
    its work itself and stores it with its result.
    """
    if task.reference != task.plain_reference:
        return False
    run = step.execution.by_reference.get(f"{first.reference}__{iteration}")
    kind = None if run is None else step.kind_of(run)
    if kind is not None and not kind.is_asynchronous:
        return False
    attempt = task.retry_count if kind is None else 0
    while run is not None and run.retry_count != attempt:
        run = None if run.retried_task_id is None else step.execution.by_id.get(run.retried_task_id)
    return run is not None


def _only_once(node: Node) -> str:
    around = None if node.loop is None else node.loop.reference
    return (
        f"DO_WHILE {node.reference} stands inside DO_WHILE {around}: the server runs such loops for one iteration "
        "only, and nothing may follow the inner one, beyond that it never ends the workflow. Put the inner loop into a "
        "sub-workflow"
    )


def _forget(step: Step, task: TaskRun, iteration: int) -> None:
    """Take the tasks of an old iteration out of the execution (``DoWhile#removeIterations``)."""
    execution = step.execution
    gone: set[str] = set()
    for inner in task.memo.inside if iteration > 0 else ():
        run = execution.by_reference.pop(f"{inner.reference}__{iteration}", None)
        while run is not None:  # with its earlier attempts
            gone.add(run.task_id)
            del execution.by_id[run.task_id]
            execution.leave_directory((run.task_id,))
            run = None if run.retried_task_id is None else execution.by_id.get(run.retried_task_id)
    tasks = execution.tasks
    at = len(tasks)
    while gone:
        at -= 1
        if tasks[at].task_id in gone:
            gone.discard(tasks[at].task_id)
            execution.unsettled.pop(tasks[at].task_id, None)
            del tasks[at]


register(DoWhile())
