"""A definition compiled once: where each reference name stands and what comes after it.

Going from one finished task to the next is a look-up in a ``Plan``, neither a walk over the definition nor over the
tasks so far. The rules of succession are those of ``WorkflowDef#getNextTask`` and ``WorkflowTask#next``; the filling in
of task definitions is ``MetadataMapperService#populateTaskDefinitions``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from typing import TYPE_CHECKING, Any

from conductor_emulator.definitions.task_def import TaskDef
from conductor_emulator.definitions.workflow_def import WorkflowDef
from conductor_emulator.expressions import compile_template, java_text

if TYPE_CHECKING:
    from conductor_emulator.definitions.workflow_task import WorkflowTask
    from conductor_emulator.expressions import Template

#: A task definition by name, None if there is none.
TaskDefLookup = Callable[[str], TaskDef | None]
#: The newest version of a workflow definition by name, None if there is none.
LatestVersionLookup = Callable[[str], int | None]


class Node:
    """One task of a definition in its place."""

    __slots__ = (
        "_extras",
        "_template",
        "as_run",
        "blocks",
        "definition",
        "index",
        "loop",
        "parent",
        "reference",
        "siblings",
    )

    def __init__(self, definition: WorkflowTask, parent: Node | None, siblings: list[Node], index: int) -> None:
        self.definition = definition
        self.reference: str = definition.task_reference_name or ""
        #: the SWITCH, FORK_JOIN or DO_WHILE around it
        self.parent = parent
        self.siblings = siblings
        self.index = index
        #: the blocks of tasks inside it, in the order of ``blocks_of``
        self.blocks: list[list[Node]] = []
        #: the definition as running it leaves it, where that changes it; written by the task's type
        self.as_run: WorkflowTask | None = None
        self._template: Template | None = None
        self._extras: dict[str, Template] | None = None
        #: the nearest DO_WHILE around it
        self.loop: Node | None = None
        if parent is not None:
            self.loop = parent if parent.definition.type == "DO_WHILE" else parent.loop

    @property
    def template(self) -> Template:
        """Its compiled ``inputParameters``."""
        if self._template is None:
            self._template = compile_template(self.definition.input_parameters)
        return self._template

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
        node: Node = self
        while True:
            if node.index + 1 < len(node.siblings):
                return node.siblings[node.index + 1]
            if node.parent is None:
                return None
            if node.parent.definition.type == "DO_WHILE":
                return node.parent
            node = node.parent

    def __repr__(self) -> str:
        return f"<Node {self.reference} {self.definition.type}>"


class Plan:
    """A workflow definition, its task definitions filled in, ready to be run."""

    __slots__ = ("_joined_branches", "_output", "as_run", "definition", "nodes", "top")

    def __init__(self, definition: WorkflowDef) -> None:
        self.definition = definition
        #: by reference name; of two with one name the first counts, as on the server
        self.nodes: dict[str, Node] = {}
        self.top = self._place(definition.tasks, None)
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
                name for name in joined if name in self.nodes and _is_forked(self.nodes[name])
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

    def _place(self, tasks: list[WorkflowTask], parent: Node | None) -> list[Node]:
        siblings: list[Node] = []
        for index, task in enumerate(tasks):
            node = Node(task, parent, siblings, index)
            siblings.append(node)
            self.nodes.setdefault(node.reference, node)
            node.blocks = [self._place(block, node) for block in blocks_of(task)]
        return siblings


def _is_forked(node: Node) -> bool:
    around = node.parent
    while around is not None and around.definition.type != "FORK_JOIN":
        around = around.parent
    return around is not None


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
    node = Node(definition, None, [], 0)
    _place_inside(node)
    return node


def _place_inside(around: Node) -> None:
    for block in blocks_of(around.definition):
        siblings: list[Node] = []
        around.blocks.append(siblings)
        for index, task in enumerate(block):
            siblings.append(Node(task, around, siblings, index))
            _place_inside(siblings[-1])


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
    changes: dict[str, Any] = {}
    if task.task_definition is None and task.name and not task.name.isspace():
        changes["task_definition"] = task_def(task.name) or ad_hoc_task_def(task.name, task.type)
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


def ad_hoc_task_def(name: str, task_type: str) -> TaskDef:
    """The definition of a task that nobody defined: defaults for workers, no retries and time-outs for the rest."""
    if task_type == "SIMPLE":
        return TaskDef(name=name)
    return TaskDef(name=name, retry_count=0, response_timeout_seconds=0)
