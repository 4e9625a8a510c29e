"""What nobody is shown: fields by their names, and references to secrets.

Only what is shown is masked; the execution itself, its workers and its scripts have the values.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

#: Fields that are masked wherever they stand.
ALWAYS_MASKED: Final = frozenset({"_secrets", "_masked"})
MASK: Final = "***"

_SECRET: Final = re.compile(r"\$\{workflow\.secrets\.[^}]+\}")


def masked(value: Any, names: Collection[str]) -> Any:
    """The value as it may be shown; the same object if there is nothing to hide."""
    if isinstance(value, str):
        return _SECRET.sub(MASK, value) if "${workflow.secrets." in value else value
    if isinstance(value, dict):
        shown = {key: MASK if key in names else masked(inner, names) for key, inner in value.items()}
        return value if all(shown[key] is inner for key, inner in value.items()) else shown
    if isinstance(value, list):
        items = [masked(inner, names) for inner in value]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    return value
