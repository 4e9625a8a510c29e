"""When a breaker lets calls through, and when not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conductor_emulator.engine.effects import HttpAnswer
from conductor_emulator.engine.errors import BadRequest
from conductor_emulator.runtime.circuit_breakers import DEFAULTS, CircuitBreaker, CircuitBreakers, State, read_config
from tests.emulator.conftest import Lab

DAY = 24 * 3600 * 1000


def breaker(**config: Any) -> CircuitBreaker:
    return CircuitBreaker("pets", read_config({"maxWaitDurationInHalfOpenState": 0, **config}))


def begin(of: CircuitBreaker, at: int) -> Callable[[int, bool], None]:
    """Begin a call, which is allowed; to be told when it ends, and whether it succeeds."""
    assert of.may_call(at)
    moments = [at]
    watch = of.watch(lambda: moments[-1])

    def end(now: int, succeeds: bool) -> None:
        moments.append(now)
        watch(HttpAnswer(error=None if succeeds else "no"))

    return end


def call(of: CircuitBreaker, *outcomes: bool, at: int = 0, ms: int = 0) -> None:
    """Calls that succeed or fail, each allowed."""
    for succeeds in outcomes:
        begin(of, at)(at + ms, succeeds)


@pytest.mark.parametrize(
    ("config", "outcomes", "state"),
    [
        ({"minimumNumberOfCalls": 4}, [False] * 3, State.CLOSED),
        ({"minimumNumberOfCalls": 4}, [False] * 4, State.OPEN),
        ({"minimumNumberOfCalls": 4}, [True, False, True, False], State.OPEN),
        ({"minimumNumberOfCalls": 4}, [True, False, True, True], State.CLOSED),
        ({"minimumNumberOfCalls": 4, "failureRateThreshold": 25}, [True, False, True, True], State.OPEN),
        ({"minimumNumberOfCalls": 2, "failureRateThreshold": 0}, [False] * 9, State.CLOSED),
        # the window is smaller than the least number of calls, which then counts as its size
        ({"minimumNumberOfCalls": 9, "slidingWindowSize": 2}, [True, False], State.OPEN),
        # only the last two count
        ({"minimumNumberOfCalls": 2, "slidingWindowSize": 2, "failureRateThreshold": 100}, [True, False], State.CLOSED),
        (
            {"minimumNumberOfCalls": 2, "slidingWindowSize": 2, "failureRateThreshold": 100},
            [True, False, False],
            State.OPEN,
        ),
    ],
)
def test_failures_open_it(config: dict[str, Any], outcomes: list[bool], state: State) -> None:
    found = breaker(**config)
    call(found, *outcomes)
    assert found.state(0) is state
    assert found.may_call(0) is (state is State.CLOSED)


@pytest.mark.parametrize(
    ("rate", "ms", "state"),
    [(50, 100, State.CLOSED), (50, 101, State.OPEN), (0, 101, State.CLOSED)],
)
def test_slow_calls_open_it(rate: int, ms: int, state: State) -> None:
    found = breaker(minimumNumberOfCalls=2, slowCallRateThreshold=rate)
    call(found, True, True, ms=ms)
    assert found.state(ms) is state


@pytest.mark.parametrize(("outcomes", "state"), [([True, True], State.CLOSED), ([True, False], State.OPEN)])
def test_after_a_while_a_few_calls_decide(outcomes: list[bool], state: State) -> None:
    found = breaker(minimumNumberOfCalls=1, permittedNumberOfCallsInHalfOpenState=2)
    call(found, False)
    assert (found.state(999), found.state(1000)) == (State.OPEN, State.HALF_OPEN)
    trials = [begin(found, 1000) for _ in outcomes]
    assert not found.may_call(1000)
    for trial, succeeds in zip(trials, outcomes, strict=True):
        trial(1000, succeeds)
    assert found.state(1000) is state


def test_by_hand_only_a_call_half_opens_it() -> None:
    found = breaker(minimumNumberOfCalls=1, automaticTransitionFromOpenToHalfOpenEnabled=False)
    call(found, False)
    assert found.state(DAY) is State.OPEN
    assert not found.may_call(999)
    assert found.may_call(1000)
    assert found.state(1000) is State.HALF_OPEN


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (1000, State.HALF_OPEN),
        (1049, State.HALF_OPEN),
        (1050, State.OPEN),
        (2049, State.OPEN),
        (2050, State.HALF_OPEN),
        (1050 * 10**7 + 1000, State.HALF_OPEN),
        (1050 * 10**7 + 1050, State.OPEN),
    ],
)
def test_half_open_for_too_long_it_opens_again(now: int, state: State) -> None:
    found = breaker(maxWaitDurationInHalfOpenState=50)
    found.switch(State.OPEN, 0)
    assert found.state(now) is state


def test_half_open_for_too_long_where_calls_half_open_it() -> None:
    found = breaker(maxWaitDurationInHalfOpenState=50, automaticTransitionFromOpenToHalfOpenEnabled=False)
    found.switch(State.OPEN, 0)
    assert found.may_call(5000)
    assert (found.state(5049), found.state(5050), found.state(DAY)) == (State.HALF_OPEN, State.OPEN, State.OPEN)


def test_a_call_that_ends_while_it_is_open_does_not_count() -> None:
    found = breaker(minimumNumberOfCalls=1)
    end = begin(found, 0)
    assert found.switch(State.OPEN, 0) is State.CLOSED
    end(5, False)
    assert found.switch(State.CLOSED, 5) is State.OPEN
    call(found, True, at=5)
    assert found.state(5) is State.CLOSED


@pytest.mark.parametrize("succeeds", [True, False])
def test_only_trials_decide_while_it_is_half_open(succeeds: bool) -> None:
    found = breaker(minimumNumberOfCalls=1, permittedNumberOfCallsInHalfOpenState=1, slowCallRateThreshold=0)
    late, last = begin(found, 0), begin(found, 0)
    last(0, False)
    assert found.state(1000) is State.HALF_OPEN
    trial = begin(found, 1000)
    late(1001, not succeeds)
    assert found.state(1001) is State.HALF_OPEN
    trial(1002, succeeds)
    assert found.state(1002) is (State.CLOSED if succeeds else State.OPEN)


def test_a_trial_that_ends_when_it_is_half_open_anew_does_not_count() -> None:
    found = breaker(minimumNumberOfCalls=1, permittedNumberOfCallsInHalfOpenState=1, maxWaitDurationInHalfOpenState=50)
    call(found, False)
    trial = begin(found, 1000)
    trial(2050, True)
    assert found.state(2050) is State.HALF_OPEN


def test_a_call_from_before_it_was_closed_by_hand_does_not_count() -> None:
    found = breaker(minimumNumberOfCalls=1)
    end = begin(found, 0)
    found.switch(State.OPEN, 0)
    found.switch(State.CLOSED, 0)
    end(0, False)
    assert found.state(0) is State.CLOSED


def test_what_a_refused_task_is_told() -> None:
    found = breaker()
    found.switch(State.OPEN, 0)
    text = "CircuitBreaker 'pets' is OPEN and does not permit further calls"
    assert found.refusal(0) == HttpAnswer(response=text, error=f"Failed to invoke HTTP task due to: {text}")


@pytest.mark.parametrize(("answer", "state"), [(HttpAnswer("ok"), State.CLOSED), (HttpAnswer("", "no"), State.OPEN)])
def test_watching_a_call(answer: HttpAnswer, state: State) -> None:
    found = breaker(minimumNumberOfCalls=1)
    moments = iter([5, 6])
    found.watch(lambda: next(moments))(answer)
    assert found.state(6) is state


def test_a_service_has_a_breaker_from_its_first_call_on() -> None:
    breakers = CircuitBreakers()
    assert breakers.for_call("pets") is None
    breakers.configure("pets", DEFAULTS)
    assert breakers.find("pets") is None
    made = breakers.for_call("pets")
    assert made is not None
    breakers.configure("pets", dict(DEFAULTS))
    assert breakers.find("pets") is made is breakers.for_call("pets")
    breakers.configure("pets", {**DEFAULTS, "slidingWindowSize": 3})
    assert breakers.find("pets") is None
    breakers.configure("pets", None)
    assert breakers.for_call("pets") is None


@pytest.mark.parametrize("service", [None, 5, ["pets"], "cats"])
def test_calls_of_no_registered_service(service: Any) -> None:
    breakers = CircuitBreakers()
    breakers.configure("pets", DEFAULTS)
    assert breakers.for_call(service) is None


def test_what_is_left_out_has_its_default() -> None:
    assert read_config({"slidingWindowSize": 7, "minimumNumberOfCalls": None}) == {**DEFAULTS, "slidingWindowSize": 7}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"failureRateThreshold": 101}, "failureRateThreshold has to be a percentage between 0 and 100"),
        ({"slowCallRateThreshold": "1"}, "slowCallRateThreshold has to be a percentage between 0 and 100"),
        ({"failureRateThreshold": True}, "failureRateThreshold has to be a percentage between 0 and 100"),
        ({"slidingWindowSize": 0}, "slidingWindowSize has to be a whole number of at least 1"),
        ({"waitDurationInOpenState": -1}, "waitDurationInOpenState has to be a whole number of at least 0"),
        ({"minimumNumberOfCalls": 1.5}, "minimumNumberOfCalls has to be a whole number of at least 1"),
        (
            {"automaticTransitionFromOpenToHalfOpenEnabled": 1},
            "automaticTransitionFromOpenToHalfOpenEnabled has to be true or false",
        ),
    ],
)
def test_configurations_that_are_refused(config: dict[str, Any], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        read_config(config)


# -- in HTTP tasks -----------------------------------------------------------------------------------------------------
def test_tasks_that_call_a_service_tell_its_breaker(orkes: Lab) -> None:
    calls: list[Callable[[Any], None]] = []
    orkes.runtime.offload = lambda _work, done: calls.append(done)
    config = {"minimumNumberOfCalls": 2, "permittedNumberOfCallsInHalfOpenState": 1, "slowCallRateThreshold": 0}
    orkes.runtime.breakers.configure("pets", read_config({**config, "maxWaitDurationInHalfOpenState": 0}))
    request = {"uri": "http://pets.test/", "method": "GET", "service": "pets"}
    task = {"name": "h", "taskReferenceName": "h", "type": "HTTP", "inputParameters": {"http_request": request}}

    def state() -> State:
        guard = orkes.runtime.breakers.find("pets")
        assert guard is not None
        return guard.state(orkes.runtime.clock.now())

    ran = [orkes.run(task) for _ in range(3)]
    late, *others = calls
    for failing in others:
        failing(HttpAnswer(error="no"))
    assert state() is State.OPEN
    refused = orkes.run(task)
    assert (refused.status, len(calls)) == ("FAILED", 3)
    orkes.advance(1)
    trial = orkes.run(task)
    assert orkes.run(task).status == "FAILED"
    late(HttpAnswer({"statusCode": 200}))
    assert (state(), ran[0].status) == (State.HALF_OPEN, "COMPLETED")
    calls[-1](HttpAnswer({"statusCode": 200}))
    assert (state(), trial.status) == (State.CLOSED, "COMPLETED")
