"""How what a case says is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn, Protocol

from conductor_pytest.lines import Path
from conductor_pytest.near_names import did_you_mean


class Refuse(Protocol):
    """Raises ``FileMistake`` for what stands at a path of a case; ``keys``: where below it, for the line alone."""

    def __call__(self, path: Path, said: str, *keys: str) -> NoReturn: ...


def refuse_unknown(said: Any, known: Sequence[str], path: Path, refuse: Refuse, *keys: str) -> None:
    """Refuse what is no object, and keys that it cannot have."""
    if not isinstance(said, dict):
        refuse(path, f"expected keys out of {', '.join(known)}, found {said!r}", *keys)
    for key in said:
        if key not in known:
            hint = did_you_mean(str(key), known)
            refuse(path, f"there is no `{key}`{hint}; there are {', '.join(known)}", *keys, str(key))
