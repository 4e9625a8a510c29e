"""A definition compiled once: where each reference name stands and what comes after it.

Going from one finished task to the next is a look-up in a ``Plan``, neither a walk over the definition nor over the
tasks so far. The rules of succession are those of ``WorkflowDef#getNextTask`` and ``WorkflowTask#next``; the filling in
of task definitions is ``MetadataMapperService#populateTaskDefinitions``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from weakref import ref

from conductor_emulator.definitions.task_def import TaskDef
from conductor_emulator.definitions.workflow_def import WorkflowDef
from conductor_emulator.expressions import compile_template, java_text

if TYPE_CHECKING:
    from weakref import ReferenceType

    from conductor_emulator.definitions.workflow_task import WorkflowTask
    from conductor_emulator.expressions import Template

#: A task definition by name, None if there is none.
TaskDefLookup = Callable[[str], TaskDef | None]
#: A way into a value: the keys and indices on it.
Place = tuple[str | int, ...]
#: The newest version of a workflow definition by name, None if there is none.
LatestVersionLookup = Callable[[str], int | None]


class Node:
    """One task of a definition in its place.

    It knows what is inside it and what comes behind it, but the loop around it only weakly: nodes make no circles, so
    the nodes of a definition that one execution brought along are freed with it.
    """

    __slots__ = (
        "__weakref__",
        "_extras",
        "_following",
        "_status_places",
        "_template",
        "as_run",
        "blocks",
        "definition",
        "is_forked",
        "loop_ref",
        "place",
        "reference",
    )

    def __init__(self, definition: WorkflowTask, around: Node | None, following: Node | None) -> None:
        """``around``: the SWITCH, FORK_JOIN or DO_WHILE that it is in; ``following``: see ``next``."""
        self.definition = definition
        #: the definition that stands in this place, also for what ``standing_for`` made
        self.place = definition
        self.reference: str = definition.task_reference_name or ""
        #: the blocks of tasks inside it, in the order of ``blocks_of``
        self.blocks: list[list[Node]] = []
        #: the definition as running it leaves it, where that changes it; written by the task's type
        self.as_run: WorkflowTask | None = None
        self._template: Template | None = None
        self._extras: dict[str, Template] | None = None
        self._status_places: tuple[Place, ...] | None = None
        self._following = following
        #: the nearest DO_WHILE around it, see ``loop``
        self.loop_ref: ReferenceType[Node] | None = None
        #: it is in a FORK_JOIN, at any depth
        self.is_forked = False
        if around is not None:
            self.loop_ref = ref(around) if around.definition.type == "DO_WHILE" else around.loop_ref
            self.is_forked = around.is_forked or around.definition.type == "FORK_JOIN"

    def standing_for(self, definition: WorkflowTask) -> Node:
        """A node in the same place with another definition; nothing is inside it."""
        node = Node(definition, None, self._following)
        node.place = self.place
        node.loop_ref = self.loop_ref
        node.is_forked = self.is_forked
        return node

    @property
    def loop(self) -> Node | None:
        """The nearest DO_WHILE around it."""
        return None if self.loop_ref is None else self.loop_ref()

    @property
    def template(self) -> Template:
        """Its compiled ``inputParameters``."""
        if self._template is None:
            self._template = compile_template(self.definition.input_parameters)
        return self._template

    @property
    def status_places(self) -> tuple[Place, ...]:
        """Where its ``inputParameters`` ask for the workflow's status, which scripts see in another way."""
        if self._status_places is None:
            self._status_places = tuple(_places_of("${workflow.status}", self.definition.input_parameters))
        return self._status_places

    def compiled(self, what: str, value: Any) -> Template:
        """The compiled form of another value of the definition, kept under ``what``."""
        if self._extras is None:
            self._extras = {}
        found = self._extras.get(what)
        if found is None:
            found = self._extras[what] = compile_template(value)
        return found

    @property
    def next(self) -> Node | None:
        """What follows when it has ended; the loop itself behind the last task of a loop."""
        if self.definition.type == "TERMINATE":
            return None
        return self._following or self.loop

    def __repr__(self) -> str:
        return f"<Node {self.reference} {self.definition.type}>"


class Plan:
    """A workflow definition, its task definitions filled in, ready to be run."""

    __slots__ = ("_joined_branches", "_output", "as_run", "definition", "nodes", "top")

    def __init__(self, definition: WorkflowDef) -> None:
        self.definition = definition
        #: by reference name; of two with one name the first counts, as on the server
        self.nodes: dict[str, Node] = {}
        self.top = _placed(definition.tasks, None, None)
        self._name(self.top)
        self._output: Template | None = None
        self._joined_branches: frozenset[str] | None = None
        #: the definitions that its executions have left behind, by what they changed (see ``engine/as_run``)
        self.as_run: dict[Any, Any] = {}

    @property
    def joined_branches(self) -> frozenset[str]:
        """The reference names inside a FORK_JOIN that some JOIN waits for.

        The end of such a task does not by itself lead to an evaluation: its JOIN does
        (``WorkflowExecutorOps#isLazyEvaluateWorkflow``).
        """
        if self._joined_branches is None:
            joins = (node.definition.join_on for node in self.nodes.values() if node.definition.type == "JOIN")
            joined = {name for join_on in joins for name in join_on}
            self._joined_branches = frozenset(
                name for name in joined if name in self.nodes and self.nodes[name].is_forked
            )
        return self._joined_branches

    @property
    def output_template(self) -> Template:
        """The compiled ``outputParameters``."""
        if self._output is None:
            self._output = compile_template(self.definition.output_parameters)
        return self._output

    def next_after(self, reference: str) -> Node | None:
        """What follows a task of the definition; None for a task that was made at run time."""
        node = self.nodes.get(reference)
        return None if node is None else node.next

    def with_variables(self, variables: dict[str, Any]) -> Plan:
        """The same plan with other variables in its definition."""
        plan = copy(self)
        plan.definition = self.definition.replace(variables=variables)
        plan.as_run = {}
        return plan

    def _name(self, block: list[Node]) -> None:
        for node in block:
            self.nodes.setdefault(node.reference, node)
            for inside in node.blocks:
                self._name(inside)


def _places_of(text: str, value: Any) -> Iterator[Place]:
    """Where a text stands in a value, and nothing but it."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if value == text:
        yield ()
    for key, item in inside:
        if isinstance(item, str | dict | list):
            yield from ((key, *place) for place in _places_of(text, item))


def _placed(tasks: list[WorkflowTask], around: Node | None, following: Node | None) -> list[Node]:
    """The nodes of a block; ``following`` is what comes behind it within the loop around it."""
    block: list[Node] = []
    for task in reversed(tasks):
        node = Node(task, around, following)
        behind = None if task.type == "DO_WHILE" else following
        node.blocks = [_placed(inside, node, behind) for inside in blocks_of(task)]
        block.append(node)
        following = node
    block.reverse()
    return block


def blocks_of(task: WorkflowTask) -> Iterator[list[WorkflowTask]]:
    """The lists of tasks inside a task, in the order of the server (``WorkflowTask#children``)."""
    match task.type:
        case "SWITCH" | "DECISION":
            yield from task.decision_cases.values()
            yield task.default_case
        case "FORK_JOIN":
            yield from task.fork_tasks
        case "DO_WHILE":
            yield task.loop_over


def with_blocks(task: WorkflowTask, blocks: list[list[WorkflowTask]]) -> WorkflowTask:
    """The task with other tasks inside it; ``blocks`` are in the order of ``blocks_of``."""
    match task.type:
        case "SWITCH" | "DECISION":
            *cases, default = blocks
            return task.replace(decision_cases=dict(zip(task.decision_cases, cases, strict=True)), default_case=default)
        case "FORK_JOIN":
            return task.replace(fork_tasks=blocks)
        case "DO_WHILE":
            return task.replace(loop_over=blocks[0])
    return task


def loose_node(definition: WorkflowTask) -> Node:
    """A node for a task that stands in no definition: made by a dynamic fork, with what is inside it."""
    return _placed([definition], None, None)[0]


class MissingSubWorkflow(LookupError):
    """A SUB_WORKFLOW names no version and there is no definition of its name."""

    def __init__(self, name: str | None) -> None:
        super().__init__(f"The Task {java_text(name)} defined as a sub-workflow has no workflow definition available ")


def compile_plan(definition: WorkflowDef, task_def: TaskDefLookup, latest_version: LatestVersionLookup) -> Plan:
    """The plan of a definition as it would be run now; raises ``MissingSubWorkflow``."""
    tasks = [populate(task, task_def, latest_version) for task in definition.tasks]
    return Plan(definition.replace(tasks=tasks))


def populate(task: WorkflowTask, task_def: TaskDefLookup, latest_version: LatestVersionLookup) -> WorkflowTask:
    """The task with the task definition that it will run under, and so everything inside it."""
    if task.task_definition is None and task.name and not task.name.isspace():
        registered = task_def(task.name)
        if registered is None:
            task = task.with_task_definition(ad_hoc_task_def(task.name, task.type))
        else:  # a task that engines share keeps nothing of one of them
            task = task.replace(task_definition=registered)
    changes: dict[str, Any] = {}
    if task.type == "SUB_WORKFLOW" and task.sub_workflow_param is not None and task.sub_workflow_param.version is None:
        name = task.sub_workflow_param.name
        version = latest_version(name) if name else None
        if version is None:
            raise MissingSubWorkflow(name)
        changes["sub_workflow_param"] = task.sub_workflow_param.replace(version=version)

    def inside(block: list[WorkflowTask]) -> list[WorkflowTask]:
        return [populate(t, task_def, latest_version) for t in block]

    match task.type:
        case "SWITCH" | "DECISION":
            changes["decision_cases"] = {case: inside(block) for case, block in task.decision_cases.items()}
            changes["default_case"] = inside(task.default_case)
        case "FORK_JOIN":
            changes["fork_tasks"] = [inside(branch) for branch in task.fork_tasks]
        case "DO_WHILE":
            changes["loop_over"] = inside(task.loop_over)
    return task.replace(**changes) if changes else task


@lru_cache(maxsize=256)
def ad_hoc_task_def(name: str, task_type: str) -> TaskDef:
    """The definition of a task that nobody defined: defaults for workers, no retries and time-outs for the rest."""
    if task_type == "SIMPLE":
        return TaskDef(name=name)
    return TaskDef(name=name, retry_count=0, response_timeout_seconds=0)
