"""The server itself: is it well, which version, its schemas (`/health`, `/version`, `/schema`)."""

from __future__ import annotations

from typing import Any

from conductor_sdk.errors import ApiError
from conductor_sdk.models.task_def import SchemaDef
from conductor_sdk.resources.base import Requester, as_list, as_object, path
from conductor_sdk.resources.dialect import lacks_path


class ServerResource:
    """`client.server`: is it well, and which one is it."""

    def __init__(self, client: Requester) -> None:
        self._client = client

    def health(self) -> dict[str, Any]:
        """What the server says about itself; `healthy` is what to look at."""
        return as_object(self._client.request("GET", "/health"), "GET", "/health")

    def version(self) -> str | None:
        """The server's version, None where it does not tell."""
        try:
            answer = self._client.request("GET", "/version")
        except ApiError as error:
            if lacks_path(error):
                return None
            raise
        return str(answer) if answer else None


class SchemaResource:
    """`client.schemas`: schemas of inputs and outputs. Orkes only.

    `schema`: with `name`, `version` and `data`, the schema itself
    `name`, `version`: of the schema
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def save(self, schema: SchemaDef) -> None:
        """Store a schema; one of the same name and version is replaced."""
        self._client.request("POST", "/schema", json=[schema], repeatable=True)

    def get(self, name: str, version: int | None = None) -> SchemaDef:
        """A schema, its newest version if none is given. Raises NotFound."""
        where = path("/schema/{}", name) if version is None else path("/schema/{}/{}", name, str(version))
        return SchemaDef.from_dict(as_object(self._client.request("GET", where), "GET", where))

    def list_all(self) -> list[SchemaDef]:
        """All schemas."""
        return [SchemaDef.from_dict(item) for item in as_list(self._client.request("GET", "/schema"), "GET", "/schema")]

    def delete(self, name: str, version: int | None = None) -> None:
        """Remove a schema, or one version of it."""
        where = path("/schema/{}", name) if version is None else path("/schema/{}/{}", name, str(version))
        self._client.request("DELETE", where)
