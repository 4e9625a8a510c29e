"""The built wheel and the archive of the sources: what is in them, and what an installer reads."""

from __future__ import annotations

import importlib
import tarfile
import zipfile
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder

from tests.architecture.sources import ROOT

PACKAGES = ("conductor_sdk", "conductor_emulator", "conductor_pytest")


@pytest.fixture
def metadata(wheel: zipfile.ZipFile) -> Message:
    return message_from_string(read(wheel, "METADATA"))


def read(wheel: zipfile.ZipFile, name: str) -> str:
    [path] = [path for path in wheel.namelist() if path.endswith(f".dist-info/{name}")]
    return wheel.read(path).decode()


def test_the_three_packages_are_all_that_it_installs(wheel: zipfile.ZipFile) -> None:
    tops = {path.split("/")[0] for path in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_marked_as_typed(wheel: zipfile.ZipFile, package: str) -> None:
    assert {f"{package}/__init__.py", f"{package}/py.typed"} <= set(wheel.namelist())


def test_no_module_of_the_sources_is_left_out(wheel: zipfile.ZipFile) -> None:
    bases = {"conductor_sdk": ROOT, "conductor_emulator": ROOT / "emulator", "conductor_pytest": ROOT / "pytest_plugin"}
    modules = {
        str(path.relative_to(base)) for package, base in bases.items() for path in (base / package).rglob("*.py")
    }
    assert modules == {path for path in wheel.namelist() if path.endswith(".py")}


def test_name_licence_and_python(metadata: Message) -> None:
    assert metadata["Name"] == "conductor-sdk"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["License-File"] == "LICENSE"
    assert metadata["Requires-Python"] == ">=3.11"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_that_says_its_version_says_the_wheels(metadata: Message, package: str) -> None:
    version = metadata["Version"]
    assert getattr(importlib.import_module(package), "__version__", version) == version


def test_the_sdk_says_its_version() -> None:
    assert importlib.import_module("conductor_sdk").__version__


def test_a_worker_installs_requests_and_pydantic_only(metadata: Message) -> None:
    needed = [need for need in metadata.get_all("Requires-Dist", []) if "extra ==" not in need]
    assert sorted(need.split(">")[0] for need in needed) == ["pydantic", "requests"]


def test_a_library_sets_no_upper_bounds(metadata: Message) -> None:
    versions = [need.split(";")[0] for need in metadata.get_all("Requires-Dist", [])]
    assert [need for need in versions if "<" in need or "==" in need or "~" in need] == []


def test_the_extras(metadata: Message) -> None:
    assert set(metadata.get_all("Provides-Extra", [])) == {"emulator", "js", "opentelemetry", "prometheus", "pytest"}


def test_the_entry_points(wheel: zipfile.ZipFile) -> None:
    assert read(wheel, "entry_points.txt").split("\n\n") == [
        "[console_scripts]\nconductor-emulator = conductor_emulator.cli:main",
        "[conductor_emulator.commands]\nrun = conductor_pytest.run_command:add",
        "[pytest11]\nconductor_local = conductor_pytest.plugin\n",
    ]


def test_the_archive_of_the_sources_has_what_its_commands_need(tmp_path: Path) -> None:
    [built] = SdistBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with tarfile.open(built) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"Makefile", "constraints.txt", "pyproject.toml", ".ci/run", "CONTRIBUTING.md", "docs/index.md"} <= names
    assert [name for name in names if "__pycache__" in name or name.startswith((".venv", "build"))] == []
