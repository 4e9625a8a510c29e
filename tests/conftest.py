"""What holds for every test: the machine's own settings do not reach it, and laws have no deadline in real time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import hypothesis
import pytest


def pytest_report_header(config: pytest.Config) -> str:
    """Where the SDK's tests that talk to a server run (`server_url` in tests/sdk/conftest.py)."""
    named = real_server(config)
    third = named or "on a real server NOT RUN, as neither --conductor-url nor CONDUCTOR_TEST_URL names one"
    return f"SDK tests with a server: in memory, on the emulator, {third}"


def real_server(config: pytest.Config) -> str:
    """The server that the option or the environment names, or an empty text."""
    return str(config.getoption("--conductor-url", default=None) or os.environ.get("CONDUCTOR_TEST_URL", "").strip())


hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CONDUCTOR_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def _temporary_files_below_the_tests_own_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Pages of `memory://` runs, for example, here and in programs that tests start."""
    folder = str(tmp_path_factory.mktemp("temp"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", folder)
        for name in ("TMPDIR", "TEMP", "TMP"):
            patch.setenv(name, folder)
        yield
