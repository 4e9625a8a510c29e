"""Roles: what those who have them may do (flavor ``orkes``). A permission is an access and its target in one word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from conductor_emulator.engine.errors import BadRequest
from conductor_emulator.runtime.registry import Registry

#: In how many ways something may be reached.
ACCESSES: Final = ("CREATE", "READ", "UPDATE", "DELETE", "EXECUTE")
#: What access is granted to.
TARGETS: Final = (
    "WORKFLOW_DEF",
    "TASK_DEF",
    "WORKFLOW_SCHEDULE",
    "EVENT_HANDLER",
    "APPLICATION",
    "USER",
    "SECRET_NAME",
    "ENV_VARIABLE",
    "TAG",
    "DOMAIN",
    "INTEGRATION_PROVIDER",
    "INTEGRATION",
    "PROMPT",
    "USER_FORM_TEMPLATE",
    "SCHEMA",
    "WEBHOOK",
    "API_GATEWAY_SERVICE",
    "API_GATEWAY_SERVICE_ROUTE",
)
PERMISSIONS: Final = tuple(f"{access}_{target}" for target in TARGETS for access in ACCESSES)

_METADATA: Final = ("WORKFLOW_DEF", "TASK_DEF", "WORKFLOW_SCHEDULE", "EVENT_HANDLER", "SCHEMA", "WEBHOOK")


def _all(*targets: str) -> tuple[str, ...]:
    return tuple(f"{access}_{target}" for target in targets for access in ACCESSES)


#: The roles that every server has.
_SYSTEM: Final[dict[str, tuple[str, ...]]] = {
    "ADMIN": PERMISSIONS,
    "USER": tuple(f"CREATE_{target}" for target in (*_METADATA, "SECRET_NAME", "ENV_VARIABLE", "PROMPT")),
    "USER_READ_ONLY": (),
    "METADATA_MANAGER": _all(*_METADATA),
    "METADATA_API": _all("WORKFLOW_DEF", "TASK_DEF"),
    "WORKFLOW_MANAGER": ("READ_WORKFLOW_DEF", "EXECUTE_WORKFLOW_DEF", "READ_TASK_DEF", "EXECUTE_TASK_DEF"),
    "WORKER": (),
    "UNRESTRICTED_WORKER": ("READ_TASK_DEF", "EXECUTE_TASK_DEF"),
    "APPLICATION_MANAGER": _all("APPLICATION"),
    "APPLICATION_CREATOR": ("CREATE_APPLICATION",),
    "PROMPT_MANAGER": _all("PROMPT"),
}


class Roles:
    """The roles that every server has, and those that people make."""

    def __init__(self) -> None:
        self._custom: Registry[tuple[str, ...]] = Registry("Role")

    def __iter__(self) -> Iterator[dict[str, Any]]:
        yield from self.system().values()
        yield from self.custom()

    def system(self) -> dict[str, dict[str, Any]]:
        """Those that every server has, by name."""
        return {name: _wire(name, permissions) for name, permissions in _SYSTEM.items()}

    def custom(self) -> list[dict[str, Any]]:
        """Those that people have made."""
        return [self.shown(name) for name in self._custom.names()]

    def shown(self, name: str) -> dict[str, Any]:
        """A role with its permissions. Raises ``NotFound``."""
        return _wire(name, self.permissions(name))

    def permissions(self, name: str) -> tuple[str, ...]:
        """What a role allows. Raises ``NotFound``."""
        return _SYSTEM[name] if name in _SYSTEM else self._custom.get(name)

    def check(self, names: Iterable[str]) -> list[str]:
        """The names, if there are such roles. Raises ``BadRequest``."""
        checked = list(names)
        for name in checked:
            if name not in _SYSTEM and name not in self._custom:
                raise BadRequest(f"Invalid role {name}")
        return checked

    def save(self, name: Any, permissions: Any) -> dict[str, Any]:
        """Make a role, or change one. Raises ``BadRequest`` for one of the system's and for unknown permissions."""
        if not isinstance(name, str) or not name.strip():
            raise BadRequest("A role needs a name")
        if name in _SYSTEM:
            raise BadRequest(f"Role {name} is one of the system's and cannot be changed")
        if not isinstance(permissions, list):
            raise BadRequest('A role needs permissions, a list such as ["READ_WORKFLOW_DEF"]')
        for permission in permissions:
            if permission not in PERMISSIONS:
                raise BadRequest(f"Invalid permission {permission}")
        self._custom.save(name, tuple(permissions))
        return self.shown(name)

    def remove(self, name: str) -> None:
        """Forget a role that people have made. Raises ``NotFound``, and ``BadRequest`` for one of the system's."""
        if name in _SYSTEM:
            raise BadRequest(f"Role {name} is one of the system's and cannot be removed")
        self._custom.remove(name)


def _wire(name: str, permissions: Iterable[str]) -> dict[str, Any]:
    return {"name": name, "permissions": [{"name": permission} for permission in permissions]}
