from __future__ import annotations

from typing import Any

import pytest

from conductor_sdk import ConductorError, ConfigurationError, Settings

NO_URLS = [
    *("localhost:8080", "ftp://host/api", "http://", "memory", "memory:/x", "/api"),
    *("http://host:80800/api", "http://host:port/api", None, b"http://host"),
]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://localhost:8080/api", "http://localhost:8080"),
        ("http://localhost:8080/api/", "http://localhost:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
        (" https://cluster.example/tenant/api ", "https://cluster.example/tenant"),
        ("memory://", "memory://"),
        ("memory://two", "memory://two"),
    ],
)
def test_the_url_is_accepted_with_and_without_api(given: str, kept: str) -> None:
    assert Settings(given).server_url == kept
    assert Settings(given).api_url == f"{kept}/api"


@pytest.mark.parametrize("url", NO_URLS)
def test_what_is_no_url_is_refused(url: Any) -> None:
    with pytest.raises(ConfigurationError, match="is no server URL"):
        Settings(url)


def test_a_missing_url_says_what_to_set() -> None:
    with pytest.raises(ConductorError, match=r"CONDUCTOR_SERVER_URL is not set.*http://localhost:8080/api.*memory://"):
        Settings.from_env({})


def test_all_variables_are_read() -> None:
    settings = Settings.from_env(
        {
            "CONDUCTOR_SERVER_URL": "https://c.example/api",
            "CONDUCTOR_AUTH_KEY": "k",
            "CONDUCTOR_AUTH_SECRET": "s",
            "CONDUCTOR_UI_SERVER_URL": "https://ui.example/",
            "CONDUCTOR_CLIENT_HTTP_TIMEOUT": "5",
        }
    )
    assert settings == Settings("https://c.example", "k", "s", "https://ui.example", 5.0)


def test_the_environment_of_the_process_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDUCTOR_SERVER_URL", "memory://")
    assert Settings.from_env().in_memory


def test_the_secret_is_not_printed() -> None:
    assert "hidden" not in repr(Settings("http://h", "key", "hidden"))


@pytest.mark.parametrize(("key", "secret", "missing"), [("k", None, "SECRET"), (None, "s", "KEY"), ("k", "", "SECRET")])
def test_key_and_secret_belong_together(key: str | None, secret: str | None, missing: str) -> None:
    with pytest.raises(ConfigurationError, match=f"CONDUCTOR_AUTH_{missing} is missing"):
        Settings("http://h", key, secret)


@pytest.mark.parametrize("text", ["soon", "0", "-1"])
def test_a_timeout_is_a_number_above_zero(text: str) -> None:
    with pytest.raises(ConfigurationError, match="seconds"):
        Settings.from_env({"CONDUCTOR_SERVER_URL": "http://h", "CONDUCTOR_CLIENT_HTTP_TIMEOUT": text})
