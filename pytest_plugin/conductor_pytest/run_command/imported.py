"""Modules of a user that the command line names."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType

from conductor_pytest.errors import HarnessError


def imported(name: str, what: str) -> ModuleType:
    """A module by its name or its file. Raises ``HarnessError``, which begins with ``what`` was given."""
    path = Path(name)
    if path.suffix == ".py" and not path.is_file():
        raise HarnessError(f"{what}: there is no such file; looked in {path.absolute().parent}")
    folder = path.resolve().parent if path.suffix == ".py" else Path.cwd()
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    module = path.stem if path.suffix == ".py" else name
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = error.name or module
        known = module == missing or module.startswith(f"{missing}.")
        why = f"there is no module {module!r}" if known else f"it imports {missing!r}, which is not installed"
        raise HarnessError(f"{what}: {why}; looked in {folder} first") from None
    except Exception as error:  # noqa: BLE001 - whatever a user's module raises is told in one line
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{os.path.relpath(where.filename)}:{where.lineno}"
        raise HarnessError(f"{what}: {type(error).__name__}: {error} ({place})") from None
