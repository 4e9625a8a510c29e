"""When a request is sent again, and after how long a pause."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Up to `attempts` in all, with pauses of `first` seconds, twice that, and so on, at most `longest`.

    Each pause is shortened by chance, by up to a half, so that many clients do not come back at the same time. A
    server's `Retry-After` counts where it asks for more, unless it asks for more than the request's own time limit.
    """

    attempts: int = 3
    first: float = 0.1
    longest: float = 2.0
    sleep: Callable[[float], None] = time.sleep
    #: A number from 0 to 1.
    chance: Callable[[], float] = random.Random().random  # programs may seed the common one

    def pause(self, attempt: int) -> float:
        """Seconds to wait after the n-th `attempt`, from 1."""
        whole = min(self.longest, self.first * 2.0 ** (attempt - 1))
        return whole * (1 - self.chance() / 2)


def retry_after(headers: Mapping[str, str], now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> float | None:
    """The seconds that a `Retry-After` header asks to wait, by a number or a date. None where it says neither."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isdecimal():
        return float(text)
    from email.utils import parsedate_to_datetime  # dates are rare, and it takes sockets along

    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - now()).total_seconds())
