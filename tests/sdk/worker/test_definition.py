from __future__ import annotations

import functools
import logging
from typing import Any

import pytest

from conductor_sdk import ConfigurationError, TaskDef, WorkerDefinition, worker
from conductor_sdk.worker.definition import decorated_workers, definition_of


def test_the_decorator_gives_the_function_back() -> None:
    def greet(name: str) -> str:
        return name

    decorated = worker("definition_greet", batch_size=5, poll_interval=2, domain="eu", worker_id="me")(greet)
    assert decorated is greet
    noted = definition_of(greet)
    assert noted is not None
    assert (noted.task_type, noted.batch_size, noted.poll_interval) == ("definition_greet", 5, 2.0)
    assert (noted.domain, noted.worker_id, noted.register) == ("eu", "me", False)
    assert noted in decorated_workers()
    assert decorated_workers(["definition_greet"]) == [noted]


def test_milliseconds_by_mistake_are_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "conductor_sdk"):
        WorkerDefinition("definition_seconds", print, poll_interval=99.0)
        assert caplog.text == ""
        WorkerDefinition("definition_milliseconds", print, poll_interval=100)
    assert "Worker definition_milliseconds polls every 100 s: poll_interval is in seconds" in caplog.text


def test_a_task_definition_can_be_given() -> None:
    definition = TaskDef("definition_registered", retry_count=1)

    @worker("definition_registered", register=definition)
    def fn() -> None: ...

    noted = definition_of(fn)
    assert noted is not None
    assert noted.register is definition


def test_types_of_the_function_around_are_known() -> None:
    class Local(str):
        __slots__ = ()

    @worker("definition_local")
    def fn(value: Local | None = None) -> None: ...

    noted = definition_of(fn)
    assert noted is not None
    assert noted._scope is not None
    assert noted._scope["Local"] is Local


def test_an_unknown_type_names_those_that_there_are() -> None:
    @worker("definition_known")
    def fn() -> None: ...

    with pytest.raises(
        ConfigurationError, match=r"No function is decorated as worker nope; there are: .*definition_known"
    ):
        decorated_workers(["nope", "definition_known"])
    assert definition_of(fn) is not None


def test_two_functions_of_one_type_are_told(caplog: pytest.LogCaptureFixture) -> None:
    @worker("definition_twice")
    def first() -> None: ...

    with caplog.at_level(logging.WARNING, "conductor_sdk"):

        @worker("definition_twice")
        def second() -> None: ...

    assert "Two functions are decorated as worker definition_twice" in caplog.text
    assert [d.function for d in decorated_workers(["definition_twice"])] == [second]
    assert definition_of(first) is not None


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("", print), {}, "needs a task type"),
        ((None, print), {}, "needs a task type"),
        (("t", "no function"), {}, "is no function"),
        (("t", print), {"batch_size": 0}, "batch_size is 0"),
        (("t", print), {"batch_size": True}, "batch_size is True"),
        (("t", print), {"batch_size": 1.5}, "batch_size is 1.5"),
        (("t", print), {"poll_interval": -1}, "poll_interval is -1"),
        (("t", print), {"poll_interval": "soon"}, "poll_interval is 'soon'"),
    ],
)
def test_settings_that_cannot_work_are_refused(arguments: Any, options: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        WorkerDefinition(*arguments, **options)


def test_the_decorator_needs_a_type() -> None:
    with pytest.raises(ConfigurationError, match=r'write @worker\("greet"\)'):
        worker(print)  # type: ignore[arg-type]


def test_async_is_seen_through_partials_and_objects() -> None:
    async def fn(a: int) -> int:
        return a

    class Callable:
        async def __call__(self) -> None: ...

    assert WorkerDefinition("t", fn).is_async
    assert WorkerDefinition("t", functools.partial(fn, 1)).is_async
    assert WorkerDefinition("t", Callable()).is_async
    assert not WorkerDefinition("t", print).is_async
    assert definition_of(functools.partial(fn)) is None
    assert "t" in repr(WorkerDefinition("t", fn))
