"""The project's own sources, parsed once for all rules about them."""

from __future__ import annotations

import ast
import gc
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = (
    ROOT / "conductor_sdk",
    ROOT / "emulator" / "conductor_emulator",
    ROOT / "pytest_plugin" / "conductor_pytest",
)


@dataclass(frozen=True)
class Import:
    """One imported module, and whether that happens when the importing module is loaded."""

    module: str
    line: int
    lazy: bool  #: inside a function, or for type checkers only


@dataclass
class Source:
    """A Python file with its dotted module name."""

    path: Path
    module: str

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        gc.disable()  # Python 3.11 fails when somebody's finalizer parses in between, as that of an asyncio task may
        try:
            return ast.parse(self.text, filename=str(self.path))
        finally:
            gc.enable()

    @cached_property
    def imports(self) -> list[Import]:
        return imports_of(self.tree, self.module, is_package=self.path.name == "__init__.py")


def imports_of(tree: ast.Module, module: str, *, is_package: bool = False) -> list[Import]:
    """Every import of a module by its full name; `from a import b` counts as `a` and as `a.b`."""
    found: list[Import] = []

    def visit(node: ast.AST, *, lazy: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend(Import(alias.name, node.lineno, lazy) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, module, is_package=is_package)
            found.append(Import(base, node.lineno, lazy))
            found.extend(Import(f"{base}.{alias.name}", node.lineno, lazy) for alias in node.names)
        inner = lazy or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or for_type_checkers(node)
        for child in ast.iter_child_nodes(node):
            visit(child, lazy=inner)

    visit(tree, lazy=False)
    return found


def absolute(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    kept = parts[: len(parts) - node.level + is_package]
    return ".".join(kept + ([node.module] if node.module else []))


def for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def sources_under(folder: Path, base: Path) -> list[Source]:
    out = []
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(base).with_suffix("").parts
        out.append(Source(path, ".".join(parts[:-1] if parts[-1] == "__init__" else parts)))
    return out


@cache
def sources() -> list[Source]:
    """All modules of the three packages."""
    return [source for package in PACKAGES for source in sources_under(package, package.parent)]


@cache
def sources_of_tests() -> list[Source]:
    """All Python files of the tests, but for what was recorded with and the programs of other SDKs."""
    others = (ROOT / "tests" / "parity", ROOT / "tests" / "clients" / "python")
    found = sources_under(ROOT / "tests", ROOT)
    return [source for source in found if not any(source.path.is_relative_to(folder) for folder in others)]
