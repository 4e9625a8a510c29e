"""Schemas by name and version (flavor ``orkes``). They are kept and given back; nothing is held against them."""

from __future__ import annotations

from typing import Any

from conductor_emulator.engine.errors import NotFound

Schema = dict[str, Any]


class SchemaRegistry:
    """Every version of every schema."""

    def __init__(self) -> None:
        self._schemas: dict[str, dict[int, Schema]] = {}

    def save(self, schema: Schema, now: int, *, new_version: bool = False) -> Schema:
        """Register a schema or replace its version; without a version it is the first, or the next one if wanted."""
        name = str(schema["name"])
        versions = self._schemas.setdefault(name, {})
        given = schema.get("version")
        version = max(versions, default=0) + 1 if new_version else given if type(given) is int and given > 0 else 1
        former = versions.get(version)
        times = {"createTime": now} if former is None else {"createTime": former["createTime"], "updateTime": now}
        versions[version] = {**schema, "version": version, **times}
        return versions[version]

    def all(self) -> list[Schema]:
        """Every version of every schema, by name."""
        return [
            self._schemas[name][version] for name in sorted(self._schemas) for version in sorted(self._schemas[name])
        ]

    def get(self, name: str, version: int | None = None) -> Schema:
        """One schema, without a version the newest. Raises ``NotFound``."""
        versions = self._schemas.get(name, {})
        found = versions.get(max(versions, default=0) if version is None else version)
        if found is None:
            raise NotFound(f"Schema {name}{'' if version is None else f' version {version}'} not found")
        return found

    def remove(self, name: str, version: int | None = None) -> None:
        """Forget a version, or all of them. Raises ``NotFound``."""
        self.get(name, version)
        if version is not None:
            del self._schemas[name][version]
        if version is None or not self._schemas[name]:
            del self._schemas[name]
