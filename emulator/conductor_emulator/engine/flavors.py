"""The two servers that an emulator can be like, and everything in which they differ.

``oss`` is the open-source server, as recorded. ``orkes`` adds what Orkes Conductor does with fields that the
open-source server only stores, and the task types that it knows; it follows Orkes' public documentation and the tests
of its SDKs. This table is the only list of the differences: the rules ask ``Feature … in flavor.features``,
``docs/flavors.md`` is held against it by a test.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal

FlavorName = Literal["oss", "orkes"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One row: what it is about, and one sentence for each server."""

    about: str
    oss: str
    orkes: str


class Feature(Enum):
    """What ``orkes`` has and ``oss`` has not."""

    #: each is itself and nothing else; the hash of an ``Enum`` is computed of its name, in Python
    __hash__ = object.__hash__

    IDEMPOTENCY = Difference(
        "idempotencyKey, idempotencyStrategy",
        "Read and not looked at: every start makes a new execution.",
        "RETURN_EXISTING gives the execution of the same workflow name and key, FAIL (the default with a key) answers "
        "409, FAIL_ON_RUNNING does so only while that is RUNNING or PAUSED; it holds for starts, executes, schedules, "
        "START_WORKFLOW and SUB_WORKFLOW, which with a strategy and no key takes its parent's key.",
    )
    TASK_RATE_LIMIT = Difference(
        "rateLimitPerFrequency, rateLimitFrequencyInSeconds",
        "Stored and shown, without effect.",
        "Within any window of rateLimitFrequencyInSeconds workers get at most rateLimitPerFrequency tasks of a "
        "definition; the others stay in the queue.",
    )
    WORKFLOW_RATE_LIMIT = Difference(
        "rateLimitConfig, tags of type RATE_LIMIT",
        "Stored and shown, without effect.",
        "At most concurrentExecLimit executions of a workflow name and rateLimitKey work at a time; a further one is "
        "RUNNING, rateLimited and without tasks until one of them ends (policy QUEUE), or is answered with 429 "
        "(REJECT); a key that comes out empty limits nothing. A tag of type RATE_LIMIT on a workflow without it queues "
        "all its executions beyond the tag's value in the same way.",
    )
    CACHE = Difference(
        "cacheConfig",
        "Stored and shown, without effect: the task runs every time.",
        "A worker, HTTP, HTTP_POLL, YIELD, JDBC or LLM task whose key (over its input) was completed less than "
        "ttlInSecond ago under the same task definition name is completed from the cache, with _cachedResponse in its "
        "output.",
    )
    ON_STATE_CHANGE = Difference(
        "onStateChange",
        "Stored and shown, without effect.",
        "onScheduled, onStart, onSuccess, onFailed and onCancelled publish their events: to the event handlers of the "
        "event's type, and, if the type is no queue (no colon), as a task of that type for workers.",
    )
    MASKED_FIELDS = Difference(
        "maskedFields, _secrets, _masked",
        "Stored and shown as they are.",
        "Shown as *** wherever REST shows an execution, and so are references to secrets; workers and scripts see the "
        "values.",
    )
    FAILURE_WORKFLOW_ON_TERMINATE = Difference(
        "terminate with triggerFailureWorkflow=true",
        "The parameter is not looked at.",
        "The failure workflow is started; its id is conductor.failure_workflow in the output.",
    )
    REMOVE_RUNNING = Difference(
        "removing an execution that runs, with archiveWorkflow",
        "400.",
        "It is removed.",
    )
    NO_WAIT = Difference(
        "executing with waitForSeconds=0",
        "Waits 10 s, as if it were left out.",
        "Answers at once.",
    )
    ANSWER_WITHOUT_A_TASK = Difference(
        "signals and executions that answer with a task, where nothing blocks",
        "500.",
        "200 with an empty body.",
    )
    SIGNAL_IN_VAIN = Difference(
        "signalling synchronously where no task waits for a signal",
        "404.",
        "Answers as after a signal, at once if the workflow has ended.",
    )
    UNKNOWN_REFERENCE_IS_404 = Difference(
        "reporting by reference name where no such task is open",
        "200 with an empty body.",
        "404.",
    )
    UNKNOWN_DEFINITION_IS_404 = Difference(
        "removing a workflow or task definition, or an event handler, that is not there",
        "500.",
        "404.",
    )
    SEARCH_FIELDS = Difference(
        "searching tasks by workflowId or correlationId, anything by modifiedTime",
        "500; modifiedTime is passed over.",
        "They are found.",
    )
    STRICT_SEARCH = Difference(
        "searching with IN (a, b), and by a field that is not indexed",
        "The blank behind the comma belongs to the value; the condition is passed over.",
        "It does not; 400.",
    )
    SKIP_BODY = Difference(
        "taskInput, taskOutput of a task that is skipped",
        "Read from query parameters, taskOutput[key]=value.",
        "Read from the body too.",
    )
    BRANCHES_GO_ON = Difference(
        "a task in a fork that a JOIN awaits although another one follows it in its branch",
        "What follows it is scheduled by the sweeper, every 30 s from the start on.",
        "What follows it is scheduled at once.",
    )
    UNCHECKED_SCRIPTS = Difference(
        "registering a SWITCH or DECISION whose script cannot be parsed",
        "400.",
        "It is kept, and the task fails when it is evaluated.",
    )
    EVENT_ACTIONS = Difference(
        "event handlers with terminate_workflow, update_workflow_variables",
        "Stored and shown; when a message comes the action fails.",
        "They end the workflow, or set its variables (with appendArray behind the lists that are there).",
    )
    ACCEPTED_STATUS_CODES = Difference(
        "acceptedStatusCodes of HTTP and HTTP_POLL tasks",
        "The field is not looked at: 200 to 299 are good.",
        'The codes ("404") and families ("4xx") in it are good, and no others.',
    )
    CIRCUIT_BREAKER = Difference(
        "HTTP tasks that name a registered service",
        "The field service is not looked at.",
        "With circuitBreakerEnabled the service is called through its circuit breaker: while that is OPEN the task "
        "fails without a call.",
    )
    EVENT_QUEUES = Difference(
        "EVENT tasks whose sink is a message broker (amqp, azure, gcp_pubsub, ibm_mq, kafka, nats, sqs)",
        "The task fails: the type of queue is unknown.",
        "The message goes to a queue of that name in the emulator, for the event handlers that listen to it.",
    )
    HTTP_POLL = Difference(
        "task type HTTP_POLL",
        "A task for workers.",
        "Repeats an HTTP call every pollingInterval (FIXED, LINEAR_BACKOFF, EXPONENTIAL_BACKOFF) until "
        "terminationCondition is true; Orkes raises shorter intervals to 60 s, the emulator only by the option "
        "http_poll_floor_seconds.",
    )
    UPDATE_TASK = Difference(
        "task type UPDATE_TASK",
        "A task for workers.",
        "Reports on another open task, by taskId or by workflowId and taskRefName.",
    )
    GET_WORKFLOW = Difference(
        "task type GET_WORKFLOW",
        "A task for workers.",
        "Gives another execution as workflow in its output, with its tasks if includeTasks is true.",
    )
    TERMINATE_WORKFLOW = Difference(
        "task type TERMINATE_WORKFLOW",
        "A task for workers.",
        "Ends other executions, with their failure workflows if triggerFailureWorkflow is true.",
    )
    UPDATE_SECRET = Difference(
        "task type UPDATE_SECRET",
        "A task for workers.",
        "Sets the secret named in its input.",
    )
    WAIT_FOR_WEBHOOK = Difference(
        "task type WAIT_FOR_WEBHOOK",
        "A task for workers.",
        "Open until a webhook's payload fulfils its matches; the payload is its output.",
    )
    YIELD = Difference(
        "task type YIELD",
        "A task for workers.",
        "Open until it is signalled; synchronous calls answer when a workflow comes to it.",
    )


@dataclass(frozen=True, slots=True)
class Flavor:
    """Which server to be like, as the rules see it."""

    name: FlavorName
    features: frozenset[Feature]
    #: tasks are looked at as they begin and end: their outputs may be kept, their changes of state announced
    follows_tasks: bool = field(init=False)

    def __post_init__(self) -> None:
        follows = not self.features.isdisjoint((Feature.CACHE, Feature.ON_STATE_CHANGE))
        object.__setattr__(self, "follows_tasks", follows)


FLAVORS: Final[dict[FlavorName, Flavor]] = {
    "oss": Flavor("oss", frozenset()),
    "orkes": Flavor("orkes", frozenset(Feature)),
}
