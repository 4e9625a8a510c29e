"""What `validate()` refuses, and that it refuses nothing that runs."""

from __future__ import annotations

import itertools
import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor_emulator.definitions import DefinitionRefused, WorkflowDef
from conductor_emulator.definitions.rules import Surroundings
from conductor_emulator.definitions.validation import check_workflow_def
from conductor_sdk import (
    ConductorWorkflow,
    DefinitionError,
    DoWhileTask,
    DynamicForkTask,
    ForEachTask,
    ForkTask,
    HttpInput,
    HttpPollInput,
    HttpPollTask,
    HttpTask,
    InlineTask,
    JoinTask,
    JsonJQTask,
    LambdaTask,
    LoopTask,
    NoopTask,
    SimpleTask,
    StoredTask,
    SubWorkflowTask,
    SwitchTask,
    TerminateTask,
    WaitTask,
    WorkflowTask,
)
from conductor_sdk.workflow.checks import problems_of
from conductor_sdk.workflow.task_checks import _RULES

N = NoopTask("n")

_FIELDS = (
    *("name", "taskReferenceName", "startDelay", "inputParameters", "sink", "items", "joinOn", "optional"),
    *("evaluatorType", "expression", "caseValueParam", "caseExpression", "loopCondition", "dynamicTaskNameParam"),
    *("dynamicForkTasksParam", "dynamicForkTasksInputParamName", "dynamicForkJoinTasksParam"),
)
_TYPES = ("SIMPLE", "JOIN", "EXCLUSIVE_JOIN", *_RULES)
_INPUTS = ("duration", "until", "http_request", "uri", "pollingStrategy", "startWorkflow", "expression")
_NAMES = st.sampled_from(_FIELDS + _INPUTS) | st.text(max_size=2)


def stored(type: str, inputs: dict[str, Any] | None = None, **fields: Any) -> StoredTask:
    document = {"name": "r", "taskReferenceName": "r", "type": type, "inputParameters": inputs or {}, **fields}
    return StoredTask(document)


def with_input(value: Any) -> SimpleTask:
    return SimpleTask("t", "r").input("v", value)


#: tasks that cannot be right, and what is said about them
WRONG: list[tuple[list[WorkflowTask], str]] = [
    # expressions
    (
        [with_input("Dear ${n.output.name"), N],
        "'Dear ${n.output.name' in input of task r (tasks[0]) has a ${ that no }",
    ),
    ([with_input({"deep": ["${n.output.${x}"]}), N], "has a ${ that no } closes"),
    ([with_input("${}")], "has an expression with nothing in it"),
    (
        [with_input("${workflow.inputs.a}")],
        "${workflow.inputs.a} in input of task r (tasks[0]) is always null; did you",
    ),
    ([with_input("${workflow.variable.a}")], "did you mean workflow.variables?"),
    ([with_input("${n.outputs.a}"), N], "did you mean n.output?"),
    ([with_input("${n.outputData.a}"), N], "did you mean n.output?"),
    (
        [with_input("a ${workflow.input.${gone.output.x}}")],
        "${gone.output.x} in input of task r (tasks[0]) names a task",
    ),
    ([ForEachTask("r", "${gone.output.list}", N)], "in items of task r"),
    ([SubWorkflowTask("r", "${gone.output.name}")], "in subWorkflowParam of task r"),
    # scripts
    ([InlineTask("r", "`Dear ${$.name}`")], "task r (tasks[0]) is read by the server"),
    ([InlineTask("r", "`Dear ${$.name}`")], "in a script write $${$.name}"),
    ([LoopTask("l", 2, InlineTask("r", "`${name}`"))], "${name} in expression of task r (tasks[0].loopOver[0])"),
    ([InlineTask("r", "`${f(x)}`")], "in a script write $${f(x)}"),
    ([InlineTask("r", "`${workflow.inputs.x}`")], "did you mean workflow.input?"),
    ([InlineTask("r", "")], "its expression is empty"),
    ([LambdaTask("r", " ")], "its scriptExpression is empty"),
    ([JsonJQTask("r", "")], "its queryExpression is empty"),
    # names
    ([NoopTask("workflow")], "no expression can name the task 'workflow' (tasks[0])"),
    ([LoopTask("l", 2, NoopTask("a.b"))], "no expression can name the task 'a.b' (tasks[0].loopOver[0])"),
    # what every task has
    ([SimpleTask("t", "r").start_delay(-1)], "task r (tasks[0]): its start delay is -1 s"),
    ([StoredTask({"name": "r", "type": "SIMPLE"})], "it has no reference name"),
    # containers
    ([ForkTask("r")], "it has no branch"),
    ([ForkTask("r", N, join=False)], "it has to be followed by a JOIN"),
    ([ForkTask("r", N, join=False), SimpleTask("t", "x")], "it has to be followed by a JOIN"),
    ([DynamicForkTask("r", "${workflow.input.t}", join=False)], "it has to be followed by a JOIN"),
    ([stored("FORK_JOIN", forkTasks=[[]]), JoinTask("j")], "one of its branches has no tasks"),
    ([N, JoinTask("r", ["n", "gone"])], "task r (tasks[1]): it waits for 'gone' in vain"),
    ([stored("EXCLUSIVE_JOIN", joinOn=["gone"])], "it waits for 'gone' in vain"),
    ([DoWhileTask("r", "true")], "it has no tasks to repeat"),
    (
        [LoopTask("r", 2, SwitchTask("s", "a").switch_case("a", LoopTask("inner", 2, N)))],
        "the loop 'inner' is inside it, which no server ends: put the inner loop into a sub-workflow",
    ),
    ([DoWhileTask("r", " ", N)], "it has neither a condition nor a list"),
    ([stored("DO_WHILE", loopOver=[N.to_dict()], items="${workflow.input.a}")], "it has no loopCondition"),
    ([SwitchTask("r", "${workflow.input.a}")], "it has no case"),
    ([stored("SWITCH", decisionCases={"a": [N.to_dict()]}, expression="x")], "no evaluatorType or no expression"),
    (
        [stored("SWITCH", decisionCases={"a": []}, evaluatorType="value-param", expression="x")],
        "it switches by its input 'x', which it does not have",
    ),
    ([stored("DECISION", decisionCases={"a": []})], "it has neither caseValueParam nor caseExpression"),
    # what is made at run time
    ([stored("DYNAMIC")], "it has no dynamicTaskNameParam"),
    ([stored("DYNAMIC", dynamicTaskNameParam="p")], "its input 'p', the name of the task to run, is missing"),
    ([DynamicForkTask("r")], "its input 'dynamicTasks' is missing"),
    ([DynamicForkTask.for_each("r", "t", {"no": "list"})], "its forkTaskInputs must be a list"),
    ([stored("FORK_JOIN_DYNAMIC"), JoinTask("j")], "it has neither forkTaskInputs nor"),
    (
        [stored("FORK_JOIN_DYNAMIC", dynamicForkJoinTasksParam="a", dynamicForkTasksParam="b"), JoinTask("j")],
        "it has dynamicForkJoinTasksParam and dynamicForkTasksParam",
    ),
    # other workflows
    ([stored("SUB_WORKFLOW")], "it has no subWorkflowParam"),
    ([stored("SUB_WORKFLOW", subWorkflowParam={"version": 1})], "it names no workflow"),
    ([stored("START_WORKFLOW")], "it names no workflow"),
    ([stored("START_WORKFLOW", {"startWorkflow": {"input": {}}})], "it names no workflow"),
    (
        [SubWorkflowTask("r", ConductorWorkflow("inner") >> with_input("${gone.output.x}"))],
        "in the workflow of task r (tasks[0]), ${gone.output.x} in input of task r (tasks[0]) names a task",
    ),
    # the others
    ([stored("EVENT")], "it has no sink"),
    ([HttpTask("r", {"method": "GET"})], "its http_request has no uri"),
    ([HttpTask("r", HttpInput(""))], "its http_request has no uri"),
    ([HttpTask("r", {"uri": "example.com/x"})], "its uri 'example.com/x' has no scheme"),
    ([stored("HTTP", {"uri": "/x"})], "its uri '/x' has no scheme"),
    (
        [HttpPollTask("r", HttpPollInput("http://h/", polling_interval=0))],
        "its pollingInterval must be 1 or more, not 0",
    ),
    (
        [HttpPollTask("r", {"uri": "http://h/", "pollingStrategy": "SOMETIMES"})],
        "its pollingStrategy 'SOMETIMES' is none of",
    ),
    ([TerminateTask("r", "DONE")], "its terminationStatus must be COMPLETED, FAILED or TERMINATED, not 'DONE'"),
    ([TerminateTask("r", "${workflow.input.s}")], "its terminationStatus must be"),
    ([TerminateTask("r").optional()], "it cannot be optional"),
    ([stored("WAIT", {"duration": "soon"})], "the duration 'soon' cannot be read"),
    ([stored("WAIT", {"duration": "99999999999 s"})], "is above 2147483647, more than servers count"),
    ([stored("WAIT", {"duration": "5 s ${workflow.input.d}"})], "cannot be read"),
    ([stored("WAIT", {"until": "tomorrow"})], "the time 'tomorrow' cannot be read"),
    ([stored("WAIT", {"until": "2030-01-01T10:00"})], "the time '2030-01-01T10:00' cannot be read"),
    ([stored("WAIT", {"duration": "1s", "until": "2030-01-01"})], "it has a duration and a time"),
]


@pytest.mark.parametrize(
    ("tasks", "problem"), WRONG, ids=[f"{n} {problem[:40]}" for n, (_, problem) in enumerate(WRONG)]
)
def test_what_cannot_be_right_is_told(tasks: list[WorkflowTask], problem: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        ConductorWorkflow("w").add(*tasks).validate()
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"schemaVersion": 1}, "its schemaVersion is 1; servers take 2 only"),
        ({"timeoutPolicy": "RETRY"}, "its timeout policy is RETRY"),
        ({"outputParameters": {"a": "${n.output.x"}}, "'${n.output.x' in outputParameters has a ${ that no } closes"),
    ],
)
def test_what_cannot_be_right_in_a_workflow_is_told(fields: dict[str, Any], problem: str) -> None:
    document = {"name": "w", "tasks": [N.to_dict()], **fields}
    with pytest.raises(DefinitionError) as caught:
        ConductorWorkflow.from_dict(document).validate()
    assert problem in str(caught.value)


#: tasks that look odd and run
RIGHT: list[list[WorkflowTask]] = [
    [with_input("costs $${5")],
    [with_input("${SOME_PARAMETER}")],
    [with_input("${workflow.input.a[0].b} ${workflow.createTime} ${r.output['a.b']}")],
    [InlineTask("r", "'${'")],
    [InlineTask("r", "`${SOME_PARAMETER} ${workflow.input.x} $${$.name}`")],
    [JsonJQTask("r", '.a as {$b} | "\\($b)"', {"a": 1})],
    [with_input({"dynamic": [InlineTask("i", "'${'").to_dict()]})],
    [SwitchTask("r", "a").switch_case("a", ForkTask("f", N, join=False)), JoinTask("j", ["n"])],
    [DynamicForkTask.for_each("f", "t", "${workflow.input.l}"), JoinTask("r", ["_t_0"])],
    [HttpTask("r", {"uri": "${workflow.input.host}/x"})],
    [stored("HTTP")],  # its definition may bring a request
    [stored("SWITCH", decisionCases={"a": []}, evaluatorType="javascript", expression="'a'")],
    [ForEachTask("r", "${workflow.input.l}", N)],
    [ForEachTask("r", [1, 2], N)],
    [WaitTask("r", duration="${workflow.input.d} seconds")],
    [WaitTask("r", duration="1day 2 hrs 3m 4 secs")],
    [WaitTask("r", until="2030-1-2 3:04 PST")],
    [stored("WAIT", {"duration": None, "until": " "})],
    [SubWorkflowTask("r", {"name": "inner", "tasks": [N.to_dict()]})],
    [stored("SUB_WORKFLOW", subWorkflowParam={"name": "x", "workflowDefinition": "${workflow.input.definition}"})],
]


@pytest.mark.parametrize("tasks", RIGHT, ids=[f"{n} {tasks[0].type}" for n, tasks in enumerate(RIGHT)])
def test_what_may_be_right_passes(tasks: list[WorkflowTask]) -> None:
    ConductorWorkflow("w").add(*tasks).validate()


MALFORMED: list[tuple[Any, str]] = [
    (5, "a workflow definition is an object, not 5"),
    ({"name": ["w"], "tasks": []}, "name must be a text, not ['w']"),
    ({"tasks": {"a": 1}}, "tasks must be a list of tasks, not {'a': 1}"),
    ({"tasks": [None]}, "tasks[0] must be a task, an object, not None"),
    ({"outputParameters": "${a.output}"}, "outputParameters must be an object"),
]
#: fields of a task
MALFORMED_TASKS: list[tuple[dict[str, Any], str]] = [
    ({"type": "SUB_WORKFLOW", "subWorkflowParam": "x"}, "tasks[0].subWorkflowParam must be an object, not 'x'"),
    ({"type": ["SIMPLE"]}, "tasks[0].type must be a text"),
    ({"inputParameters": [1]}, "tasks[0].inputParameters must be an object, not [1]"),
    ({"decisionCases": []}, "tasks[0].decisionCases must be an object, not []"),
    ({"decisionCases": {"x": 5}}, "tasks[0].decisionCases.x must be a list of tasks, not 5"),
    ({"defaultCase": {}}, "tasks[0].defaultCase must be a list of tasks, not {}"),
    ({"loopOver": [{"name": {}}]}, "tasks[0].loopOver[0].name must be a text"),
    ({"forkTasks": 5}, "tasks[0].forkTasks must be a list of branches, not 5"),
    ({"forkTasks": [5]}, "tasks[0].forkTasks[0] must be a list of tasks, not 5"),
    ({"joinOn": "a"}, "tasks[0].joinOn must be a list of reference names, not 'a'"),
    ({"joinOn": [["a"]]}, "tasks[0].joinOn must be a list of reference names"),
    ({"dynamicTaskNameParam": [], "type": "DYNAMIC"}, "tasks[0].dynamicTaskNameParam must be a text, not []"),
]


@pytest.mark.parametrize(("fields", "problem"), MALFORMED_TASKS, ids=itertools.count())
def test_a_task_of_another_shape_is_told(fields: dict[str, Any], problem: str) -> None:
    document = {"name": "w", "tasks": [{"name": "a", "taskReferenceName": "a", **fields}]}
    assert any(said.startswith(problem) for said in problems_of(document))


@pytest.mark.parametrize(("document", "problem"), MALFORMED, ids=itertools.count())
def test_what_has_another_shape_is_told(document: Any, problem: str) -> None:
    assert any(said.startswith(problem) for said in problems_of(document))


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just("${a.output}")
_ANYTHING = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3)
)


def _tasks(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects with the fields of tasks, of the right shape or any other."""
    block = st.lists(inner, max_size=2) | inner
    return st.fixed_dictionaries(
        {"type": st.sampled_from(_TYPES) | _ANYTHING},
        optional={
            **dict.fromkeys(_FIELDS, _ANYTHING),
            **dict.fromkeys(("defaultCase", "loopOver"), block),
            "forkTasks": st.lists(block, max_size=2),
            "decisionCases": st.dictionaries(_NAMES, block, max_size=2) | inner,
            "subWorkflowParam": st.fixed_dictionaries({"workflowDefinition": _definitions(inner)}) | _ANYTHING,
        },
    )


def _definitions(tasks: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = dict.fromkeys(("name", "schemaVersion", "timeoutPolicy", "outputParameters"), _ANYTHING)
    return st.fixed_dictionaries({"tasks": st.lists(tasks, max_size=3) | _ANYTHING}, optional=fields)


@given(_ANYTHING | _definitions(st.recursive(_ANYTHING, _tasks, max_leaves=5)))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_document_gives_problems_and_no_other_error(document: Any) -> None:
    assert all(isinstance(problem, str) for problem in problems_of(document))


def test_branches_of_a_dynamic_fork_may_be_named_where_the_server_does_not_look() -> None:
    fork = DynamicForkTask.for_each("f", "t", "${workflow.input.l}")
    inside = SwitchTask("s", "a").switch_case("a", with_input("${_t_0.output.x}"))
    (ConductorWorkflow("w") >> fork >> inside).output_parameters({"first": "${_t_0.output.x}"}).validate()
    with pytest.raises(DefinitionError, match="names a task that the workflow does not have"):
        (ConductorWorkflow("w") >> fork >> with_input("${_t_0.output.x}")).validate()


# Held against the server


def refused_by_the_server(document: dict[str, Any]) -> bool:
    try:
        check_workflow_def(WorkflowDef.from_wire(document), Surroundings(environment={"SOME_PARAMETER"}))
    except DefinitionRefused:
        return True
    return False


@pytest.mark.parametrize("tasks", RIGHT, ids=[f"{n} {tasks[0].type}" for n, tasks in enumerate(RIGHT)])
def test_the_server_takes_what_passes(tasks: list[WorkflowTask]) -> None:
    document = ConductorWorkflow("w").add(*tasks).to_dict()
    assert refused_by_the_server(document) == (tasks[0].type == "HTTP" and tasks[0].to_dict()["inputParameters"] == {})


def test_no_definition_that_the_real_server_ran_is_refused() -> None:
    recordings = Path(__file__).parents[2] / "parity"
    make = runpy.run_path(str(recordings / "fuzz.py"))["Definition"]
    seeds = json.loads((recordings / "golden-fuzz.json").read_text(encoding="utf-8"))
    made = [make(int(seed)) for seed in seeds]
    definitions = [{"name": "w", **definition} for one in made for definition in (one.workflow, *one.subs)]
    assert len(definitions) > len(seeds)
    assert [problems for definition in definitions if (problems := problems_of(definition))] == []
