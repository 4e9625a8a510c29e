"""Names that are nearly right: what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

#: How like each other two names are that nobody would give to two things.
ALIKE: Final = 0.75


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """The known name that is most like this one, whatever its case; empty if none is.

    ``cutoff``: how like it has to be, from 0 to 1
    """
    by_folded = {one.casefold(): one for one in known if one != name}
    found = get_close_matches(name.casefold(), by_folded, n=1, cutoff=cutoff)
    return by_folded[found[0]] if found else ""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``; did you mean `charge`?``, or nothing."""
    found = nearest(name, known)
    return f"; did you mean `{found}`?" if found else ""
