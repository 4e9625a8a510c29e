"""Circuit breakers of registered services (flavor ``orkes``): HTTP tasks that name a service call it through one.

CLOSED lets every call through and counts the last ones; if too many of them failed or were slow it becomes OPEN, which
lets none through; after a while HALF_OPEN lets a few through and decides by them.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Self

from conductor_emulator.engine.effects import HttpAnswer
from conductor_emulator.engine.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

_PERCENTAGES: Final = ("failureRateThreshold", "slowCallRateThreshold")
_COUNTS: Final = ("slidingWindowSize", "minimumNumberOfCalls", "permittedNumberOfCallsInHalfOpenState")
_DURATIONS: Final = ("waitDurationInOpenState", "slowCallDurationThreshold", "maxWaitDurationInHalfOpenState")

#: What a service has without a configuration of its own; durations in ms.
DEFAULTS: Final[dict[str, Any]] = {
    "failureRateThreshold": 50,
    "slidingWindowSize": 100,
    "minimumNumberOfCalls": 100,
    "waitDurationInOpenState": 1000,
    "permittedNumberOfCallsInHalfOpenState": 100,
    "slowCallRateThreshold": 50,
    "slowCallDurationThreshold": 100,
    "automaticTransitionFromOpenToHalfOpenEnabled": True,
    "maxWaitDurationInHalfOpenState": 1,
}


def read_config(given: dict[str, Any]) -> dict[str, Any]:
    """A configuration with the defaults for what it leaves out. Raises ``BadRequest``."""
    config = {name: default if given.get(name) is None else given[name] for name, default in DEFAULTS.items()}
    for name in _PERCENTAGES:
        if not _is_number(config[name]) or not 0 <= config[name] <= 100:
            raise BadRequest(f"{name} has to be a percentage between 0 and 100")
    for names, least in ((_COUNTS, 1), (_DURATIONS, 0)):
        for name in names:
            if type(config[name]) is not int or config[name] < least:
                raise BadRequest(f"{name} has to be a whole number of at least {least}")
    if not isinstance(config["automaticTransitionFromOpenToHalfOpenEnabled"], bool):
        raise BadRequest("automaticTransitionFromOpenToHalfOpenEnabled has to be true or false")
    return config


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class State(Enum):
    """What a breaker does with calls."""

    #: lets them through
    CLOSED = "CLOSED"
    #: lets none through
    OPEN = "OPEN"
    #: lets a few through
    HALF_OPEN = "HALF_OPEN"


@dataclass(frozen=True, slots=True)
class _Limits:
    """A configuration, as the breaker reads it."""

    failure_rate: float
    slow_rate: float
    #: ms
    slow_after: int
    window: int
    fewest: int
    trials: int
    #: ms
    open_for: int
    #: ms; 0: without end
    half_open_for: int
    is_automatic: bool

    @classmethod
    def of(cls, config: dict[str, Any]) -> Self:
        window = config["slidingWindowSize"]
        return cls(
            failure_rate=config["failureRateThreshold"],
            slow_rate=config["slowCallRateThreshold"],
            slow_after=config["slowCallDurationThreshold"],
            window=window,
            fewest=min(config["minimumNumberOfCalls"], window),
            trials=config["permittedNumberOfCallsInHalfOpenState"],
            open_for=config["waitDurationInOpenState"],
            half_open_for=config["maxWaitDurationInHalfOpenState"],
            is_automatic=config["automaticTransitionFromOpenToHalfOpenEnabled"],
        )


class CircuitBreaker:
    """The breaker of one service. Moments are ms."""

    def __init__(self, service: str, config: dict[str, Any]) -> None:
        self.service = service
        self._limits = _Limits.of(config)
        self._state = State.CLOSED
        self._since = 0
        #: how many states there have been: only calls that began in the present one count in it
        self._turn = 0
        #: how many calls may still begin while half open
        self._trials = 0
        #: of the last calls: (failed, slow)
        self._outcomes: deque[tuple[bool, bool]] = deque(maxlen=self._limits.window)

    def state(self, now: int) -> State:
        """The state at a moment, which may be another one than before only because time has passed."""
        limits = self._limits
        if self._state is State.OPEN and limits.is_automatic and limits.half_open_for:
            # nobody calls: it opens and half opens over and over, in periods of the same length
            period = limits.open_for + limits.half_open_for
            self._since += (now - self._since) // period * period
        if self._state is State.OPEN and limits.is_automatic and now >= self._since + limits.open_for:
            self._become(State.HALF_OPEN, self._since + limits.open_for)
        if self._state is State.HALF_OPEN and limits.half_open_for and now >= self._since + limits.half_open_for:
            self._become(State.OPEN, self._since + limits.half_open_for)
            return self.state(now)
        return self._state

    def switch(self, state: State, now: int) -> State:
        """Open or close it by hand; the answer is the state before."""
        former = self.state(now)
        self._become(state, now)
        return former

    def may_call(self, now: int) -> bool:
        """Whether a call may begin; who is told so makes it, and tells of its end."""
        state = self.state(now)
        if state is State.OPEN and not self._limits.is_automatic and now >= self._since + self._limits.open_for:
            self._become(State.HALF_OPEN, now)
            state = State.HALF_OPEN
        if state is not State.HALF_OPEN:
            return state is State.CLOSED
        if not self._trials:
            return False
        self._trials -= 1
        return True

    def watch(self, now: Callable[[], int]) -> Callable[[HttpAnswer], None]:
        """To be told the answer to a call that begins now."""
        began, turn = now(), self._turn
        return lambda answer: self._called(began, turn, now(), failed=answer.error is not None)

    def _called(self, began: int, turn: int, now: int, *, failed: bool) -> None:
        """A call has ended that began in the state of this turn."""
        state = self.state(now)
        if state is State.OPEN or turn != self._turn:
            return
        limits, outcomes = self._limits, self._outcomes
        outcomes.append((failed, now - began > limits.slow_after))
        if len(outcomes) < (limits.fewest if state is State.CLOSED else limits.trials):
            return
        is_bad = any(
            threshold and sum(outcome[which] for outcome in outcomes) * 100 >= threshold * len(outcomes)
            for which, threshold in enumerate((limits.failure_rate, limits.slow_rate))
        )
        if is_bad:
            self._become(State.OPEN, now)
        elif state is State.HALF_OPEN:
            self._become(State.CLOSED, now)

    def _become(self, state: State, at: int) -> None:
        self._state, self._since = state, at
        self._turn += 1
        limits = self._limits
        self._trials = limits.trials
        self._outcomes = deque(maxlen=limits.trials if state is State.HALF_OPEN else limits.window)

    def refusal(self, now: int) -> HttpAnswer:
        """What a task is answered whose call is not made."""
        text = f"CircuitBreaker '{self.service}' is {self.state(now).value} and does not permit further calls"
        return HttpAnswer(response=text, error=f"Failed to invoke HTTP task due to: {text}")


class CircuitBreakers:
    """The breakers by the names of their services. A service has one from its first call on."""

    def __init__(self) -> None:
        self._configs: dict[str, dict[str, Any]] = {}
        self._breakers: dict[str, CircuitBreaker] = {}

    def configure(self, service: str, config: dict[str, Any] | None) -> None:
        """Give a service a breaker with this configuration, or none; the same one again changes nothing."""
        if self._configs.get(service) != config:
            self._breakers.pop(service, None)
            if config is None:
                del self._configs[service]
            else:
                self._configs[service] = config

    def find(self, service: str) -> CircuitBreaker | None:
        """The breaker of a service that has been called."""
        return self._breakers.get(service)

    def for_call(self, service: Any) -> CircuitBreaker | None:
        """The breaker that a call of a service goes through; None if there is none, or no such service."""
        config = self._configs.get(service) if isinstance(service, str) else None
        if config is None:
            return None
        breaker = self._breakers.get(service)
        if breaker is None:
            breaker = self._breakers[service] = CircuitBreaker(service, config)
        return breaker
