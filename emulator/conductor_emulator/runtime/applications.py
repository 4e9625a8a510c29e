"""Applications and the keys by which programs log in as them (flavor ``orkes``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.engine.errors import BadRequest, NotFound
from conductor_emulator.runtime.registry import Registry

if TYPE_CHECKING:
    from conductor_emulator.runtime.runtime import Runtime

#: How the user of an application is called: this and the application's id.
USER_PREFIX: Final = "app:"


@dataclass(slots=True)
class AccessKey:
    """One key of an application. Its secret is told once, when it is made."""

    key_id: str
    secret: str
    created_at: int
    active: bool = True

    def to_wire(self) -> dict[str, Any]:
        return {"id": self.key_id, "createdAt": self.created_at, "status": "ACTIVE" if self.active else "INACTIVE"}


@dataclass(slots=True)
class Application:
    """One application; names need not be unique."""

    application_id: str
    name: str
    created_by: str
    create_time: int
    updated_by: str
    update_time: int
    keys: dict[str, AccessKey] = field(default_factory=dict)
    roles: list[str] = field(default_factory=list)

    @property
    def user_id(self) -> str:
        """The user that its programs are."""
        return USER_PREFIX + self.application_id

    def to_wire(self) -> dict[str, Any]:
        return {
            "id": self.application_id,
            "name": self.name,
            "createdBy": self.created_by,
            "createTime": self.create_time,
            "updatedBy": self.updated_by,
            "updateTime": self.update_time,
        }

    def key(self, key_id: str) -> AccessKey:
        """Raises ``NotFound``."""
        if key_id not in self.keys:
            raise NotFound(f"Access key {key_id} not found in application {self.application_id}")
        return self.keys[key_id]


class Applications(Registry[Application]):
    """Applications by id."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__("Application")
        self._runtime = runtime

    def create(self, name: Any, by: str) -> Application:
        """A new application. Raises ``BadRequest`` without a name."""
        now = self._runtime.clock.now()
        application_id = self._runtime.services.new_id()
        return self.save(application_id, Application(application_id, _checked(name), by, now, by, now))

    def rename(self, application_id: str, name: Any, by: str) -> Application:
        """Give an application another name. Raises ``NotFound``, and ``BadRequest`` without a name."""
        application = self.get(application_id)
        application.name = _checked(name)
        application.updated_by, application.update_time = by, self._runtime.clock.now()
        return application

    def create_key(self, application_id: str) -> AccessKey:
        """A new key. Raises ``NotFound``."""
        application = self.get(application_id)
        new_id = self._runtime.services.new_id
        key = AccessKey(new_id(), new_id() + new_id(), self._runtime.clock.now())
        application.keys[key.key_id] = key
        return key

    def with_key(self, key_id: str) -> Application:
        """The application that a key belongs to. Raises ``NotFound``."""
        application = self.find_by_key(key_id)
        if application is None:
            raise NotFound(f"Access key {key_id} not found")
        return application

    def find_by_key(self, key_id: str) -> Application | None:
        """The application that a key belongs to, or None."""
        return next((application for application in self if key_id in application.keys), None)

    def secret(self, key_id: str) -> str | None:
        """The secret of a key that may be used; None if there is none."""
        application = self.find_by_key(key_id)
        key = None if application is None else application.keys[key_id]
        return key.secret if key is not None and key.active else None


def _checked(name: Any) -> str:
    if not isinstance(name, str) or not name.strip():
        raise BadRequest("An application needs a name")
    return name
