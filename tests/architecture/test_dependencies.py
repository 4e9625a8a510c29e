"""Who may import whom: the SDK stands alone, and inside the emulator arrows point inward."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest

from tests.architecture.sources import ROOT, Import, Source, imports_of, sources, sources_of_tests

THE_THREE = ("conductor_sdk", "conductor_emulator", "conductor_pytest")

#: What a package may import of the other two when it is loaded, and only inside a function.
MAY_IMPORT: dict[str, dict[str, tuple[str, ...]]] = {
    "conductor_sdk": {"eager": (), "lazy": ("conductor_emulator",)},  # memory:// loads the emulator on first use
    "conductor_emulator": {"eager": (), "lazy": ()},
    # what pytest loads of it is in LIGHT
    "conductor_pytest": {
        "eager": ("conductor_sdk", "conductor_emulator"),
        "lazy": ("conductor_sdk", "conductor_emulator"),
    },
}


INNER = ("definitions", "expressions", "scripting")
#: A ring of the emulator and the rings that it may know besides itself.
RINGS = {
    "definitions": ("expressions",),
    "expressions": (),
    "scripting": ("expressions",),  # a value reads the same in a text and in a script
    "engine": INNER,
    "runtime": ("engine", *INNER),
    "ui": ("engine", *INNER),
    "server": ("runtime", "ui", "engine", *INNER),
}

PURE = ("definitions", "expressions", "engine")
WORLD = ("time", "random", "uuid", "secrets", "threading", "asyncio", "socket", "requests", "starlette", "uvicorn")
#: Calls that read the world's clock or chance through an otherwise harmless module.
WORLDLY_CALLS = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "os.urandom")

LIGHT = ("conductor_pytest/plugin.py", "conductor_pytest/__init__.py")
HEAVY = ("starlette", "uvicorn", "requests", "pydantic", "conductor_sdk", "conductor_emulator")


def under(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def ring(module: str) -> str | None:
    """`conductor_emulator.engine.decide` → `engine`; None for what stands beside the rings."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "conductor_emulator" and parts[1] in RINGS else None


def at(source: Source, imported: Import) -> str:
    return f"{source.name}:{imported.line} imports {imported.module}"


@pytest.mark.parametrize("package", THE_THREE)
def test_packages_import_only_what_they_may_of_each_other(package: str) -> None:
    others = [other for other in THE_THREE if other != package]
    allowed = MAY_IMPORT[package]
    wrong = [
        at(source, imported)
        for source in sources()
        if under(source.module, package)
        for imported in source.imports
        for other in others
        if under(imported.module, other)
        if other not in (allowed["lazy"] if imported.lazy else allowed["eager"])
    ]
    assert wrong == []


def test_one_room_of_the_sdk_loads_the_emulator() -> None:
    rooms = {
        source.module
        for source in sources()
        if under(source.module, "conductor_sdk")
        if any(under(imported.module, "conductor_emulator") for imported in source.imports)
    }
    assert len(rooms) <= 1, f"{sorted(rooms)} know the emulator; one place is enough"


@pytest.mark.parametrize("name", RINGS)
def test_arrows_inside_the_emulator_point_inward(name: str) -> None:
    wrong = [
        at(source, imported)
        for source in sources()
        if ring(source.module) == name
        for imported in source.imports
        if (target := ring(imported.module)) is not None
        if target != name and target not in RINGS[name]
    ]
    assert wrong == []


@pytest.mark.parametrize("name", PURE)
def test_the_pure_rings_import_nothing_of_the_world(name: str) -> None:
    wrong = [
        at(source, imported)
        for source in sources()
        if ring(source.module) == name
        for imported in source.imports
        if imported.module.split(".")[0] in WORLD
    ]
    assert wrong == []


@pytest.mark.parametrize("name", PURE)
def test_the_pure_rings_read_no_clock_and_no_chance(name: str) -> None:
    wrong = [
        f"{source.name}:{node.lineno} calls {ast.unparse(node.func)}"
        for source in sources()
        if ring(source.module) == name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and reads_the_world(node)
    ]
    assert wrong == []


def reads_the_world(call: ast.Call) -> bool:
    called = ast.unparse(call.func)
    return any(called == name or called.endswith(f".{name}") for name in WORLDLY_CALLS)


def test_the_plugins_of_the_tests_are_named() -> None:
    """`pip install --group test` brings the plugins whose marks the tests and the examples carry."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    lists = [project["project"]["dependencies"], project["dependency-groups"]["test"], *extras.values()]
    named = {re.split(r"[\[<>=;]", each)[0].lower().replace("_", "-") for part in lists for each in part}
    marks = {"anyio": "anyio", "asyncio": "pytest-asyncio"}
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "examples").rglob("*.py")]
    texts += [source.text for source in sources_of_tests() if "neighbours" not in source.path.parts]
    used = {marks[mark] for text in texts for mark in re.findall(r"@pytest\.mark\.(anyio|asyncio)\b", text)}
    assert used <= named


@pytest.mark.parametrize("name", LIGHT)
def test_the_plugin_loads_nothing_heavy_before_a_fixture_asks(name: str) -> None:
    [source] = [source for source in sources() if source.name.endswith(name)]
    heavy = [at(source, i) for i in source.imports if not i.lazy and any(under(i.module, h) for h in HEAVY)]
    assert heavy == []


@pytest.mark.parametrize(
    ("code", "module", "lazy"),
    [
        ("import a.b", "a.b", False),
        ("from a import b", "a.b", False),
        ("from . import c", "p.q.c", False),
        ("from ..x import y", "p.x.y", False),
        ("def f():\n    import a", "a", True),
        ("async def f():\n    from a import b", "a.b", True),
        ("if TYPE_CHECKING:\n    import a", "a", True),
        ("class C:\n    import a", "a", False),
        ("try:\n    import a\nexcept ImportError:\n    pass", "a", False),
    ],
)
def test_imports_are_seen_wherever_they_stand(code: str, module: str, *, lazy: bool) -> None:
    found = {i.module: i.lazy for i in imports_of(ast.parse(code), "p.q.r")}
    assert found[module] is lazy


def test_a_relative_import_of_a_package_is_its_own() -> None:
    [base, name] = imports_of(ast.parse("from .a import b"), "p.q", is_package=True)
    assert (base.module, name.module) == ("p.q.a", "p.q.a.b")


@pytest.mark.parametrize("code", ["datetime.now()", "dt.datetime.now(UTC)", "date.today()", "os.urandom(8)"])
def test_a_look_at_the_clock_is_seen(code: str) -> None:
    call = ast.parse(code, mode="eval").body
    assert isinstance(call, ast.Call)
    assert reads_the_world(call)
