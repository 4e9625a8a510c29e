"""Writes the asynchronous resources, `conductor_sdk/aio/*.py`, from the synchronous ones: `python .ci/async_client.py`.

Each method has the same name, parameters and description, and hands its call to the synchronous method in a thread.
`--check` writes nothing and fails when the files are not what they should be.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "conductor_sdk" / "resources"
TARGET = ROOT / "conductor_sdk" / "aio"
MODULES = (
    "access",
    "bulk",
    "events",
    "human_tasks",
    "integrations",
    "metadata",
    "scheduler",
    "secrets",
    "server",
    "service_registry",
    "tags",
    "tasks",
    "webhooks",
    "workflows",
)


def generated(module: str) -> str:
    """The asynchronous module for a synchronous one."""
    tree = ast.parse((SOURCES / f"{module}.py").read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name.endswith("Resource")]
    described = ast.get_docstring(tree)
    home = f"conductor_sdk.resources.{module}"
    names = {name.id for cls in classes for name in ast.walk(cls) if isinstance(name, ast.Name)}
    lines = [
        f'"""{described}',
        "",
        "For asyncio. Written by .ci/async_client.py: change the synchronous module instead.",
    ]
    lines += ['"""', ""]
    lines += ["from __future__ import annotations", ""]
    aliases = []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module not in {"__future__", "conductor_sdk.resources.base"}:
            lines.append(ast.unparse(node))
        elif isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Name):
            aliases += [target.id] if not target.id.startswith("_") and target.id in names else []
    lines.append("from conductor_sdk.aio.calls import Calls")
    lines += [f"from {home} import {name}" for name in (*aliases, *(cls.name for cls in classes))]
    for cls in classes:
        lines += ["", "", f"class Async{cls.name}:", f'    """{ast.get_docstring(cls)}"""', ""]
        lines += [f"    def __init__(self, calls: Calls, sync: {cls.name}) -> None:"]
        lines += ["        self._calls = calls", "        self._sync = sync"]
        for method in cls.body:
            if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
                lines += ["", *_method(method)]
    return _tidy("\n".join(lines) + "\n")


def _method(method: ast.FunctionDef) -> list[str]:
    returns = ast.unparse(method.returns) if method.returns else "None"
    iterates = returns.startswith("Iterator[")
    signature = ast.unparse(method.args)
    passed = [arg.arg for arg in method.args.args[1:]] + [f"{a.arg}={a.arg}" for a in method.args.kwonlyargs]
    call = ", ".join([f"self._sync.{method.name}", *passed])
    if iterates:
        head = f"    def {method.name}({signature}) -> Async{returns}:"
        return [head, *_docstring(method), f"        return self._calls.iterate({call})"]
    keyword = "return " if returns != "None" else ""
    return [
        f"    async def {method.name}({signature}) -> {returns}:",
        *_docstring(method),
        f"        {keyword}await self._calls.call({call})",
    ]


def _docstring(method: ast.FunctionDef) -> list[str]:
    text = ast.get_docstring(method, clean=False) or ""
    return [f'        """{text}"""']


def _tidy(source: str) -> str:
    """As the linter and the formatter want it: sorted imports, none too many."""
    source = source.replace("import Iterable, Iterator, Mapping", "import AsyncIterator, Iterable, Mapping")
    source = source.replace("from collections.abc import Iterator\n", "from collections.abc import AsyncIterator\n")
    ruff = [sys.executable, "-m", "ruff"]
    name = ["--stdin-filename", str(TARGET / "module.py")]
    fixed = subprocess.run(
        [*ruff, "check", "--fix-only", "--quiet", *name, "-"], input=source, capture_output=True, text=True, check=True
    )
    tidied = subprocess.run(
        [*ruff, "format", "--quiet", *name, "-"], input=fixed.stdout, capture_output=True, text=True, check=True
    )
    return tidied.stdout


def main() -> int:
    """Write, or check, all modules."""
    wrong = []
    for module in MODULES:
        path, text = TARGET / f"{module}.py", generated(module)
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            wrong.append(module)
    if wrong:
        print(f"Not up to date: {', '.join(wrong)}. Run: python .ci/async_client.py", file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
