"""Names that are nearly right: what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is most like this one, whatever its case; empty if none is."""
    by_folded = {one.casefold(): one for one in known if one != name}
    found = get_close_matches(name.casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else ""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``; did you mean `charge`?``, or nothing."""
    found = nearest(name, known)
    return f"; did you mean `{found}`?" if found else ""
