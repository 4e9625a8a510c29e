"""What came to events and what was done about it, for people to look at: flavor ``orkes`` serves it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from conductor_emulator.definitions import EventHandler

#: So many messages are remembered; older ones are forgotten.
MOST: Final = 1000


@dataclass(slots=True)
class Message:
    """One message that came to an event."""

    message_id: str
    event: str
    payload: dict[str, Any]
    created_at: int
    #: what was done: by whom, which action, and what went wrong
    actions: list[tuple[EventHandler, str | None, str | None]] = field(default_factory=list)
    #: handlers whose condition was not true, and what went wrong in it
    declined: list[tuple[EventHandler, str | None]] = field(default_factory=list)
    #: False until its moment has come
    is_handled: bool = False

    def executions(self) -> list[dict[str, Any]]:
        """What was done about it, in order."""
        return [
            {
                "id": f"{self.message_id}_{position}",
                "messageId": self.message_id,
                "name": handler.name,
                "event": self.event,
                "created": self.created_at,
                "status": "COMPLETED" if error is None else "FAILED",
                "action": action,
                "output": {} if error is None else {"error": error},
                "fullMessagePayload": self.payload,
                "eventHandler": handler.to_wire(),
            }
            for position, (handler, action, error) in enumerate(self.actions)
        ]

    def to_wire(self) -> dict[str, Any]:
        return {
            "id": self.message_id,
            "eventTarget": self.event,
            "eventType": "MESSAGE",
            "createdAt": self.created_at,
            "fullPayload": self.payload,
            "status": "HANDLED" if self.actions else "RECEIVED",
            "eventExecutions": self.executions(),
        }


class EventRecords:
    """The last messages, with the actions that they led to."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque(maxlen=MOST)
        #: the last events that came and had no handler at all
        self.without_handlers: dict[str, None] = {}

    def unheard(self, event: str) -> None:
        """A message has come to an event that has no handler; it is gone."""
        self.without_handlers.pop(event, None)
        self.without_handlers[event] = None
        if len(self.without_handlers) > MOST:
            del self.without_handlers[next(iter(self.without_handlers))]

    def all(self) -> list[Message]:
        """The messages, the oldest first."""
        return list(self._messages)

    def received(self, message_id: str, event: str, payload: dict[str, Any], now: int) -> Message:
        """A message has come."""
        message = Message(message_id, event, payload, now)
        self._messages.append(message)
        return message

    def messages(self, event: str) -> list[dict[str, Any]]:
        """The messages of an event, the newest first."""
        return [message.to_wire() for message in reversed(self._messages) if message.event == event]

    def executions(self, handler: str) -> list[dict[str, Any]]:
        """What a handler has done, the newest first."""
        done = (execution for message in reversed(self._messages) for execution in reversed(message.executions()))
        return [execution for execution in done if execution["name"] == handler]

    def handled(self, handlers: list[EventHandler]) -> list[dict[str, Any]]:
        """Handlers with how much has come to their events."""
        counts: dict[str, int] = {}
        for message in self._messages:
            counts[message.event] = counts.get(message.event, 0) + 1
        return [
            {
                "name": handler.name,
                "event": handler.event,
                "active": handler.active,
                "numberOfActions": len(handler.actions),
                "numberOfMessages": counts.get(handler.event or "", 0),
            }
            for handler in handlers
        ]
