"""Settings of workers by environment, by the names that all SDKs of the family read.

For a property of worker `send-email`, the first of these that is set counts, and it beats what the code says:
`conductor.worker.send-email.PROPERTY`, `CONDUCTOR_WORKER_SEND_EMAIL_PROPERTY`, `conductor_worker_send-email_property`,
then for all workers `conductor.worker.all.PROPERTY`, `CONDUCTOR_WORKER_ALL_PROPERTY`, `conductor_worker_all_property`,
`CONDUCTOR_WORKER_PROPERTY`. Intervals and time-outs are in milliseconds there; true is `true`, `1`, `yes` or `on`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from conductor_sdk.errors import ConfigurationError
from conductor_sdk.settings import flag


def _seconds(text: str) -> float:
    milliseconds = float(text)
    if not 0 <= milliseconds < float("inf"):
        raise ValueError(text)
    return milliseconds / 1000


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError(text)
    return count


def _text(text: str) -> str | None:
    return text.strip() or None


#: Ours → the family's names for it, how it is read, and what it should be.
_PROPERTIES: dict[str, tuple[tuple[str, ...], Callable[[str], Any], str]] = {
    "poll_interval": (
        ("poll_interval", "poll_interval_millis", "polling_interval"),
        _seconds,
        "a number of milliseconds",
    ),
    "poll_timeout": (("poll_timeout",), _seconds, "a number of milliseconds"),
    "batch_size": (("thread_count", "batch_size"), _count, "a whole number of tasks, 1 or more"),
    "domain": (("domain",), _text, "a text"),
    "worker_id": (("worker_id",), _text, "a text"),
    "register": (("register_task_def",), flag, "true or false"),
    "overwrite": (("overwrite_task_def",), flag, "true or false"),
    "register_schema": (("register_schema",), flag, "true or false"),
    "strict_schema": (("strict_schema",), flag, "true or false"),
    "lease_extend": (("lease_extend_enabled",), flag, "true or false"),
    "paused": (("paused",), flag, "true or false"),
}


def overrides(task_type: str, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What the environment says about a worker, by the names of WorkerDefinition. Raises ConfigurationError."""
    env = os.environ if environ is None else environ
    if not any(name.lower().startswith("conductor") for name in env):
        return {}
    found: dict[str, Any] = {}
    for ours, (names, read, wanted) in _PROPERTIES.items():
        for variable in _variables(task_type, names):
            text = env.get(variable)
            if text is None:
                continue
            try:
                found[ours] = read(text)
            except ValueError:
                raise ConfigurationError(f"{variable} is {text!r}; set it to {wanted}, or unset it.") from None
            break
    return found


def _variables(task_type: str, properties: tuple[str, ...]) -> Iterator[str]:
    """The variables to look at, the one that counts first."""
    upper = re.sub(r"[^A-Za-z0-9]", "_", task_type).upper()
    for name, shouted in ((task_type, upper), ("all", "ALL")):
        for prop in properties:
            yield f"conductor.worker.{name}.{prop}"
            yield f"CONDUCTOR_WORKER_{shouted}_{prop.upper()}"
            yield f"conductor_worker_{name}_{prop}"
    for prop in properties:
        yield f"CONDUCTOR_WORKER_{prop.upper()}"
