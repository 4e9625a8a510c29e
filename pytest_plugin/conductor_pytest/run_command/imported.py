"""Modules of a user that the command line names."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType

from conductor_pytest.errors import HarnessError


def imported(name: str, what: str) -> ModuleType:
    """A module by its name or its file. Raises ``HarnessError``, which begins with ``what`` was given."""
    path = Path(name)
    is_file = path.suffix == ".py"
    if is_file and not path.is_file():
        raise HarnessError(f"{what}: there is no such file; looked in {path.absolute().parent}")
    file = path.resolve()
    folder = file.parent if is_file else Path.cwd()
    if sys.path[:1] != [str(folder)]:
        sys.path.insert(0, str(folder))
    module = file.stem if is_file else name
    try:
        return _of_file(file) if is_file else importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or module
        known = module == missing or module.startswith(f"{missing}.")
        why = f"there is no module {module!r}" if known else f"it imports {missing!r}, which is not installed"
        raise HarnessError(f"{what}: {why}; looked in {folder} first") from None
    except Exception as error:  # noqa: BLE001 - whatever a user's module raises is told in one line
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{os.path.relpath(where.filename)}:{where.lineno}"
        raise HarnessError(f"{what}: {type(error).__name__}: {error} ({place})") from None


def _of_file(file: Path) -> ModuleType:
    """The module of a file whose folder is the first of ``sys.path``.

    It goes by its stem, as those beside it import it. Where that means another file already, as ``json`` or the
    ``flows`` of another folder, it goes by its path.
    """
    if _is_meant_by(file.stem, file):
        return importlib.import_module(file.stem)
    name = str(file).replace("%", "%25").replace(".", "%2E")  # a dot would make it the module of a package
    known = sys.modules.get(name)
    if known is not None:
        return known
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _is_meant_by(name: str, file: Path) -> bool:
    """Whether importing the name gives the module of the file."""
    known = sys.modules.get(name)
    if known is not None:
        found = getattr(known, "__file__", None)
    elif "." in name:
        return False
    else:
        spec = importlib.util.find_spec(name)
        found = None if spec is None else spec.origin
    return found is not None and Path(found).resolve() == file
