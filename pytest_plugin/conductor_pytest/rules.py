"""Stubs and faults: what a test says about tasks, in one vocabulary.

``stub(…)`` stands in for a worker (or for the server, where the task is an HTTP call, a script, a sub-workflow …);
``task(…)`` puts a fault between a task and whoever does its work. Both are rules: they name tasks by type or reference
name, may be narrowed (``attempt``, ``iteration``, ``when``, ``times``) and say what happens then. Of the rules that fit
a task, faults go before stubs, narrow ones before wide ones, later ones before earlier ones.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, Literal, NamedTuple, Self

from conductor_pytest.callers import place_of_caller
from conductor_pytest.durations import milliseconds_of
from conductor_pytest.errors import HarnessError, raised_by_the_test, shown_at_the_test
from conductor_pytest.shortened import shown
from conductor_pytest.words import Worded
from conductor_sdk import InProgress, PayloadError, Task, TaskResult, TaskStatus
from conductor_sdk.payload import dumps
from conductor_sdk.worker.context import TaskContext
from conductor_sdk.worker.outcome import result_of

__tracebackhide__ = shown_at_the_test

Silence = Literal["times_out", "never_answers", "crash"]
Manner = Literal["delay", "late", "lose_request", "lose_response", "duplicate"]

#: A worker of the SDK sends a result that was not acknowledged again after so long.
RESEND_MS = 100

#: What each silence looks like while it lasts.
SILENCES: dict[Silence, str] = {
    "times_out": "is to run into its time-out",
    "never_answers": "is in the hands of a worker that never answers",
    "crash": "was taken by a worker that died",
}

#: How the SDK begins to say why what a worker returned is none of JSON.
UNSENDABLE: Final = "returned what cannot be sent: "
#: Stands for a function in the text of a rule.
_UNSHOWN: Final = "…"


class Subject(NamedTuple):
    """A task that rules are held against, before it is worked on."""

    reference: str
    #: without the loop's ``__2``
    plain_reference: str
    task_type: str
    definition_name: str
    #: 1 for the first
    attempt: int
    iteration: int
    #: the task as its worker would get it; made only for rules that ask
    task: Callable[[], Task]

    @property
    def names(self) -> tuple[str, ...]:
        return (self.reference, self.plain_reference, self.definition_name, self.task_type)

    @classmethod
    def of(cls, task: Task) -> Subject:
        """A task as a client reads it."""
        reference = task.reference_task_name
        plain, attempt = plain_reference(task), task.retry_count + 1
        return cls(reference, plain, task.task_type, task.task_def_name, attempt, task.iteration, lambda: task)


class Rule(Worded):
    """One stub or fault. Every method returns the rule, so that they can be chained.

    `numbers`: one or several, from 1
    `output`: of the task; anything that a worker may return
    `reason`: why it failed
    """

    _what = "a stub or fault"
    _words = (
        *("attempt", "iteration", "when", "times", "optional"),
        *("returns", "fails", "fails_terminally", "raises", "times_out", "never_answers", "crash"),
        *("delay", "late", "lose_request", "lose_response", "duplicate"),
    )

    def __init__(self, word: str, target: str, place: str) -> None:
        self.target = target
        self.place = place
        #: how many tasks it has met
        self.used = 0
        #: does the work, as a worker would
        self.work: Callable[[Task], Any] | None = None
        self.calls = False  # a function of the test
        self.silence: Silence | None = None
        self.manner: Manner | None = None
        self.delay_ms = 0
        self.is_fault = word == "task"
        self.is_optional = False
        #: how it begins: ``stub('ship')``
        self.name = f"{word}({target!r})"
        self._text = self.name
        #: only these; empty: all
        self.attempts: frozenset[int] = frozenset()
        self.iterations: frozenset[int] = frozenset()
        self._conditions: list[Callable[[Task], object]] = []
        self._times: int | None = None
        #: grows with each word that is added
        self.revision = 0

    # -- which tasks -------------------------------------------------------------------------------------------------
    def attempt(self, *numbers: int) -> Self:
        """Only these attempts; 1 is the first (``retry_count`` 0)."""
        self.attempts |= _counted("attempt", numbers, "attempt(1) is the first one, with retry_count 0")
        return self._said("attempt", *numbers)

    def iteration(self, *numbers: int) -> Self:
        """Only these iterations of the loop around the task; 1 is the first."""
        self.iterations |= _counted("iteration", numbers, "iteration(1) is the first one")
        return self._said("iteration", *numbers)

    def when(self, condition: Callable[[Task], object]) -> Self:
        """Only tasks for which the condition is true: ``.when(lambda task: task.input_data["amount"] > 100)``. Of
        several all have to be.

        `condition`: a function of the SDK's ``Task``
        """
        if not callable(condition):
            raise HarnessError(f"when() takes a function of the task, not {condition!r}")
        self._conditions.append(condition)
        return self._said("when", _UNSHOWN)

    def times(self, count: int) -> Self:
        """Only the first ``count`` tasks that fit."""
        _counted("times", (count,), "give 1 or more")
        if self._times is not None:
            raise HarnessError(f"{self._text} says already how often; make another rule for .times({count})")
        self._times = count
        return self._said("times", count)

    def optional(self) -> Self:
        """It is no mistake if no task comes that this fits."""
        self.is_optional = True
        return self._said("optional")

    # -- what the work is --------------------------------------------------------------------------------------------
    def returns(self, output: Any = None) -> Self:
        """The task is COMPLETED with this output, or with what this function of the task returns.

        What the function raises fails the test, as its own assertions do; a task is failed by ``fails``, ``raises``, or
        a ``TaskResult`` that the function returns.
        """
        if callable(output):
            self.calls = True
            return self._works(_of_the_task(output), "returns", _UNSHOWN)
        self._check_output("returns", output)
        return self._works(lambda task: output, "returns", output)

    def fails(self, reason: str = "stubbed failure", output: Mapping[str, Any] | None = None) -> Self:
        """The attempt is FAILED; the definition's retries apply."""
        self._check_failure("fails", reason, output)
        return self._works(lambda task: _failed("FAILED", reason, output), "fails", reason)

    def fails_terminally(
        self, reason: str = "stubbed terminal failure", output: Mapping[str, Any] | None = None
    ) -> Self:
        """The task is FAILED_WITH_TERMINAL_ERROR: it is not retried."""
        self._check_failure("fails_terminally", reason, output)
        return self._works(
            lambda task: _failed("FAILED_WITH_TERMINAL_ERROR", reason, output), "fails_terminally", reason
        )

    def raises(self, error: BaseException | type[BaseException]) -> Self:
        """The worker raises this.

        `error`: an exception, or its class
        """
        self._check_error(error)

        def work(task: Task) -> None:
            raise error

        return self._works(work, "raises", error)

    # -- or its absence ----------------------------------------------------------------------------------------------
    def times_out(self) -> Self:
        """The attempt runs into its time-out. It has to have one."""
        return self._is_silent("times_out")

    def never_answers(self) -> Self:
        """A worker takes the task and never answers; it may have a time-out or not."""
        return self._is_silent("never_answers")

    def crash(self) -> Self:
        """A worker takes the task and dies before it has done anything."""
        return self._is_silent("crash")

    # -- how the result arrives --------------------------------------------------------------------------------------
    def delay(self, duration: timedelta | float) -> Self:
        """The work takes so long: ``.delay(timedelta(minutes=1))``, or ``.delay(60)``.

        `duration`: a timedelta or seconds, in the engine's time
        """
        self.delay_ms = milliseconds_of(duration, "delay()")
        return self._arrives("delay", duration)

    def late(self) -> Self:
        """The work is done, but its result comes only after the attempt has timed out."""
        return self._arrives("late")

    def lose_request(self) -> Self:
        """The result is lost on its way to the server; the worker sends it again."""
        return self._arrives("lose_request")

    def lose_response(self) -> Self:
        """The server has the result, but its answer is lost; the worker sends it again."""
        return self._arrives("lose_response")

    def duplicate(self) -> Self:
        """The task is delivered to two workers; both do the work and report."""
        return self._arrives("duplicate")

    # -- for the harness ---------------------------------------------------------------------------------------------
    def fits(self, subject: Subject) -> bool:
        """Whether this is one of its tasks."""
        return (
            self.target in subject.names
            and (not self.attempts or subject.attempt in self.attempts)
            and (not self.iterations or subject.iteration in self.iterations)
            and (self._times is None or self.used < self._times)
            and all(self._is_true(condition, subject) for condition in self._conditions)
        )

    def why_not(self, subject: Subject) -> str:
        """Why a stub leaves one of its tasks to others, in words; empty if it does not, or if it is not its task."""
        if self.is_fault or self.target not in subject.names:
            return ""
        if not self.answers:
            return f"{self} says nothing{' of its result' if self.manner else ''}: add .returns(…), .fails(…) …"
        if self.attempts and subject.attempt not in self.attempts:
            return f"{self} does not take attempt {subject.attempt}"
        if self.iterations and not subject.iteration:
            return f"{self} does not take it: `{self.target}` stands in no loop"
        if self.iterations and subject.iteration not in self.iterations:
            return f"{self} does not take iteration {subject.iteration}"
        if self._times is not None and self.used >= self._times:
            return f"{self} is used up"
        return f"{self} does not take it: its when(…) is not true" if self._conditions else ""

    @property
    def answers(self) -> bool:
        """It needs nobody else to do the work."""
        return self.work is not None or self.silence is not None

    @property
    def asks(self) -> bool:
        """What it fits may change by itself: it asks a function of the test."""
        return bool(self._conditions)

    @property
    def says_something(self) -> bool:
        """It says what happens, not only to which tasks."""
        return self.answers or self.manner is not None

    @property
    def rank(self) -> tuple[bool, int]:
        """Of several rules that fit the greatest counts; of equal ones the latest."""
        narrow = (bool(self.attempts), bool(self.iterations), bool(self._conditions), self._times is not None)
        return (self.is_fault, sum(narrow))

    def _is_true(self, condition: Callable[[Task], object], subject: Subject) -> bool:
        try:
            return bool(condition(subject.task()))
        except Exception as error:
            raised_by_the_test(error, f"raised by when() of {self}, asked about task `{subject.reference}`")
            raise

    def __repr__(self) -> str:
        return f"{self._text} ({self.place})" if self.place else self._text

    # What a worker cannot report would make a failed task of a mistake in the call: it is refused there.

    def _check_output(self, verb: str, output: Any) -> None:
        complaint = unsendable(output)
        if complaint:
            raise HarnessError(f"{self._text}.{verb}(…): {complaint}")

    def _check_failure(self, verb: str, reason: str, output: Mapping[str, Any] | None) -> None:
        if not isinstance(reason, str):
            raise HarnessError(
                f"{self.name}.{verb}() takes a reason, which is a text, not {shown(reason)}: "
                f'.{verb}("declined"); an output goes behind it, .{verb}("declined", output={{…}})'
            )
        if output is None:
            return
        if not isinstance(output, Mapping):
            raise HarnessError(f"{self.name}.{verb}(output=…) takes an object (a dict), not {shown(output)}")
        self._check_output(verb, output)

    def _check_error(self, error: Any) -> None:
        if isinstance(error, BaseException):
            return
        if not (isinstance(error, type) and issubclass(error, BaseException)):
            instead = f"raises(RuntimeError({error!r})), or .fails({error!r})" if isinstance(error, str) else ""
            raise HarnessError(
                f"{self.name}.raises() takes an exception or its class, not {shown(error)}"
                f"{f'; write .{instead}' if instead else ''}"
            )
        try:
            error()
        except Exception as lacking:  # noqa: BLE001 - whatever its constructor asks for
            raise HarnessError(
                f"{self.name}.raises({error.__name__}): it cannot be made without arguments ({lacking}); give one "
                f"that is made, .raises({error.__name__}(…))"
            ) from None

    def _works(self, work: Callable[[Task], Any], verb: str, *shown: Any) -> Self:
        self._is_new(verb)
        self.work = work
        return self._said(verb, *shown)

    def _is_silent(self, silence: Silence) -> Self:
        self._is_new(silence)
        self.silence = silence
        return self._said(silence)

    def _arrives(self, manner: Manner, *shown: Any) -> Self:
        if self.manner is not None or self.silence is not None:
            raise HarnessError(f"{self._text} says already how it goes on; make another rule for .{manner}()")
        self.manner = manner
        return self._said(manner, *shown)

    def _is_new(self, verb: str) -> None:
        if self.answers or (self.manner is not None and verb in SILENCES):
            raise HarnessError(f"{self._text} says already what happens; make another rule for .{verb}()")

    def _said(self, verb: str, *given: Any) -> Self:
        self._text += f".{verb}({', '.join(map(_shown, given))})"
        self.revision += 1
        return self


class Match(NamedTuple):
    """What the rules say about one task: who does its work, and how the result arrives."""

    answer: Rule | None
    manner: Rule | None

    @property
    def silence(self) -> Silence | None:
        return None if self.answer is None else self.answer.silence

    def check(self, result: TaskResult, task: Task) -> TaskResult:
        """What its work has given. Raises ``HarnessError`` where that is none of a stub's function: what this returned
        has no JSON form, and the failure that the SDK makes of it is not one that the test has asked for."""
        if result.status == TaskStatus.FAILED_WITH_TERMINAL_ERROR and self.answer is not None and self.answer.calls:
            complaint = (result.reason_for_incompletion or "").partition(UNSENDABLE)[2]
            if complaint:
                raise HarnessError(f"{self.answer}, for task `{task.reference_task_name}`: {complaint}")
        return result

    def use(self) -> None:
        """The task has come to be worked on."""
        for rule in dict.fromkeys((self.answer, self.manner)):
            if rule is not None:
                rule.used += 1


class RuleBook:
    """All rules of one test."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def add(self, word: str, target: str) -> Rule:
        if not isinstance(target, str) or not target:
            raise HarnessError(f"{word}() takes a task type or a reference name, not {target!r}")
        rule = Rule(word, target, place_of_caller())
        self.rules.append(rule)
        return rule

    @property
    def revision(self) -> tuple[int, int]:
        """Another one whenever a rule was added or changed."""
        return len(self.rules), sum(rule.revision for rule in self.rules)

    @property
    def asks(self) -> bool:
        """Whether what is said about a task may change without a change of the rules."""
        return any(rule.asks for rule in self.rules)

    def match(self, subject: Subject) -> Match:
        """What is said about a task."""
        answer: Rule | None = None
        manner: Rule | None = None
        for rule in self.rules:
            if not rule.says_something or not rule.fits(subject):
                continue
            if rule.answers and (answer is None or rule.rank >= answer.rank):
                answer = rule
            if rule.manner is not None and (manner is None or rule.rank >= manner.rank):
                manner = rule
        if answer is not None and answer.silence is not None:
            manner = None  # nothing arrives
        return Match(answer, manner)


class Mistake(BaseException):
    """What a function of the test raised, on its way past whoever makes a failed task of what workers raise."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error

    @classmethod
    def in_a_stub(cls, error: Exception, task: Task) -> Self:
        """What the function of a stub raised."""
        raised_by_the_test(error, f"raised by the function of a stub, for task `{task.reference_task_name}`")
        return cls(error)


def _of_the_task(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is given the task, however its parameter is called and annotated."""
    if inspect.iscoroutinefunction(function):

        async def work_async(task: Task) -> Any:
            try:
                return await function(task)
            except Exception as error:
                raise Mistake.in_a_stub(error, task) from error

        return work_async

    def work(task: Task) -> Any:
        try:
            return function(task)
        except Exception as error:
            raise Mistake.in_a_stub(error, task) from error

    return work


def unsendable(output: Any) -> str:
    """Why a worker could not return this, in words; empty if it could."""
    if isinstance(output, TaskResult | InProgress):
        context = TaskContext(Task())
        result_of(output, context)
        return "" if context.error is None else str(context.error).partition(UNSENDABLE)[2]
    try:
        dumps(output, "output")
    except PayloadError as error:
        return str(error)
    return ""


def _failed(status: str, reason: str, output: Mapping[str, Any] | None) -> TaskResult:
    return TaskResult(status=TaskStatus(status), reason_for_incompletion=reason, output_data=dict(output or {}))


def _counted(verb: str, numbers: tuple[int, ...], hint: str) -> frozenset[int]:
    if not numbers or any(isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in numbers):
        given = ", ".join(map(repr, numbers))
        raise HarnessError(f"{verb}({given}): numbers count from 1; {hint}")
    return frozenset(numbers)


def _shown(value: Any) -> str:
    return _UNSHOWN if value is _UNSHOWN else shown(value)


def plain_reference(task: Task) -> str:
    """A task's reference name without the iteration behind it."""
    return task.reference_task_name.removesuffix(f"__{task.iteration}") if task.iteration else task.reference_task_name
