"""The state machine of a workflow: commands in, new state and effects out.

Nothing here knows a clock, a thread, a socket or a random source: the time, new ids and whatever else the outside
decides are passed in through :class:`~conductor_emulator.engine.services.Services`. So the same commands give the same
state, and a test needs neither waiting nor mocking.
"""

from conductor_emulator.engine.engine import apply, start

__all__ = ["apply", "start"]
