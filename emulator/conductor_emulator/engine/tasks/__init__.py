"""The task types, one module each. ``load`` makes all of them known; a new type is a new module in this folder."""

from __future__ import annotations

import importlib
import pkgutil


def load() -> None:
    """Import every module of this folder; each registers its type."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
