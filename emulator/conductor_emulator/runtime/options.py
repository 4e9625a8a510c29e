"""What a user may choose about an emulator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conductor_emulator.engine.flavors import FlavorName


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Chosen once, when an emulator is made."""

    #: which server to be like where they differ
    flavor: FlavorName = "oss"
    #: values of ``${NAME}``, such as NETFLIX_STACK; the machine's own environment is never shown
    parameters: Mapping[str, str] = field(default_factory=dict)
    #: values of ``${workflow.env.NAME}``
    environment: Mapping[str, str] = field(default_factory=dict)
    #: values of ``${workflow.secrets.NAME}``
    secrets: Mapping[str, str] = field(default_factory=dict)
    #: key and secret that a client has to show; None: no authentication
    auth_key: str | None = None
    auth_secret: str | None = None
    token_seconds: int = 3600
    #: how many ms after its moment a time-out is looked at, as the real server's sweeper is late; a result that
    #: comes in between still counts for its task. None: 500 by the machine's clock, 0 in virtual time
    sweep_lag_ms: int | None = None
    #: what a script may use when it runs beside (on the spot it gets a few milliseconds)
    script_seconds: float = 4.0
    #: no HTTP_POLL task polls at shorter intervals (s); Orkes sets 60
    http_poll_floor_seconds: int = 0
    #: seed of everything that is left to chance (jitter); None: the machine's chance
    seed: int | None = None
