"""Secrets and environment variables of the server (`/secrets`, `/environment`)."""

from __future__ import annotations

from conductor_sdk.errors import NotFound
from conductor_sdk.resources.base import Requester, as_list, path


class SecretResource:
    """`client.secrets`: what `${workflow.secrets.NAME}` reads. The open-source server has those of its own environment.

    `key`: the secret's name: letters, digits, `_` and `-`
    `value`: a text
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def get(self, key: str) -> str:
        """A secret's value. Raises NotFound."""
        return _value(self._client, path("/secrets/{}", key), f"secret {key!r}")

    def put(self, key: str, value: str) -> None:
        """Store a secret. Orkes only."""
        self._client.request("PUT", path("/secrets/{}", key), text=value)

    def delete(self, key: str) -> None:
        """Remove a secret. Orkes only."""
        self._client.request("DELETE", path("/secrets/{}", key))

    def exists(self, key: str) -> bool:
        """Whether there is a secret of this name."""
        return self._client.request("GET", path("/secrets/{}/exists", key)) is True

    def names(self) -> list[str]:
        """The names of all secrets."""
        return [str(name) for name in as_list(self._client.request("GET", "/secrets"), "GET", "/secrets")]


class EnvironmentResource:
    """`client.environment`: what `${workflow.env.NAME}` reads. The open-source server has those of its own environment.

    `key`: the variable's name
    `value`: a text
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def get(self, key: str) -> str:
        """A variable's value. Raises NotFound."""
        return _value(self._client, path("/environment/{}", key), f"environment variable {key!r}")

    def put(self, key: str, value: str) -> None:
        """Set a variable. Orkes only."""
        self._client.request("PUT", path("/environment/{}", key), text=value)

    def delete(self, key: str) -> None:
        """Remove a variable. Orkes only."""
        self._client.request("DELETE", path("/environment/{}", key))

    def all(self) -> dict[str, str]:
        """All variables."""
        answer = self._client.request("GET", "/environment")
        if isinstance(answer, dict):
            return {str(name): str(value) for name, value in answer.items()}
        items = as_list(answer, "GET", "/environment")
        return {str(item.get("name", "")): str(item.get("value", "")) for item in items if isinstance(item, dict)}


def _value(client: Requester, where: str, what: str) -> str:
    """A text that the server has; it answers with nothing where it has none, or with 404."""
    answer = client.request("GET", where)
    if answer is None:
        raise NotFound(f"there is no {what}.", status=404, method="GET", path=where, code=None, body=None)
    return str(answer)
