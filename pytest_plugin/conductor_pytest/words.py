"""Words that an object of the harness nearly has: ``stub("a").return_value({})`` is told of ``returns``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Final

from conductor_pytest.near_names import nearest

#: As other tools call it.
_CALLED: Final = {
    "side_effect": "returns",
    "throws": "raises",
    "completes": "returns",
    "once": "times",
    "wait_until": "wait_for",
    "execute": "run",
    "state": "status",
    "result": "output",
    "error": "reason",
}
#: So many words are told where none is near.
_MOST_TOLD: Final = 20


def no_such_word(what: str, word: str, words: Iterable[str]) -> AttributeError:
    """What to raise for a word that something does not have.

    `what`: how it is called
    `words`: those that it has
    """
    known = [one for one in words if not one.startswith("_")]
    meant = _CALLED.get(word, "")
    if meant not in known:
        meant = nearest(word, known)
    hint = f"; did you mean `{meant}`?" if meant else ""
    if not meant and len(known) <= _MOST_TOLD:
        hint = f"; there are {', '.join(known)}"
    return AttributeError(f"{what} has no `{word}`{hint}", name=word)


class Worded:
    """Tells what was probably meant by a word that it does not have."""

    #: how it is called
    _what: ClassVar[str]
    #: that it has, for the reader; empty: all that are public
    _words: ClassVar[tuple[str, ...]] = ()

    if not TYPE_CHECKING:  # checkers are to see what is there

        def __getattr__(self, word: str) -> Any:
            __tracebackhide__ = True
            if word.startswith("_") or hasattr(type(self), word):  # nobody's mistake; what a property has raised
                return object.__getattribute__(self, word)
            raise no_such_word(self._what, word, self._words or dir(self))
