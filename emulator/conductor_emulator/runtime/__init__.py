"""What surrounds the engine: clock, timers, queues, stores, and whoever performs the engine's effects."""

from conductor_emulator.runtime.options import Options
from conductor_emulator.runtime.runtime import Runtime

__all__ = ["Options", "Runtime"]
