"""How an outgoing call fails."""

from __future__ import annotations


class CallFailed(Exception):
    """A call that brought no answer, or a bad one; its text is what the task shows."""

    def __init__(self, text: str, *, io: bool = False) -> None:
        super().__init__(text)
        self.text = text
        #: whether method and address still have to be said before the text
        self.io = io
