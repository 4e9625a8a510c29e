"""Users, groups, roles, and what they were granted (flavor ``orkes``).

All of it is kept and told. Nobody is refused anything because of it: whoever may ask the emulator may do everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.engine.errors import BadRequest
from conductor_emulator.runtime.applications import USER_PREFIX, Applications
from conductor_emulator.runtime.registry import Registry
from conductor_emulator.runtime.roles import ACCESSES, TARGETS, Roles

if TYPE_CHECKING:
    from conductor_emulator.runtime.runtime import Runtime

#: A kind and a name: USER, GROUP or ROLE for whom, one of ``TARGETS`` for what.
Reference = tuple[str, str]

_SUBJECTS: Final = ("USER", "GROUP", "ROLE", "TAG")


@dataclass(slots=True)
class User:
    """One person."""

    user_id: str
    name: str
    roles: list[str]
    uuid: str
    groups: list[str] = field(default_factory=list)
    contact: Any = None


@dataclass(slots=True)
class Group:
    """People who are granted the same."""

    group_id: str
    description: str
    roles: list[str]
    #: kind of target → accesses that members have to what another member makes
    default_access: dict[str, list[str]]


class AccessControl:
    """Who there is, and who may do what."""

    def __init__(self, runtime: Runtime) -> None:
        self._new_id = runtime.services.new_id
        self.roles = Roles()
        self.applications = Applications(runtime)
        self._users: Registry[User] = Registry("User")
        self._groups: Registry[Group] = Registry("Group")
        #: what → access → for whom
        self._grants: dict[Reference, dict[str, list[Reference]]] = {}

    # -- users ---------------------------------------------------------------------------------------------------------
    def users(self, *, applications: bool = False) -> list[dict[str, Any]]:
        """Everybody; with those that applications are if wanted."""
        found = [self.user(user_id) for user_id in self._users.names()]
        if applications:
            found += [self.user(application.user_id) for application in self.applications]
        return found

    def user(self, user_id: str) -> dict[str, Any]:
        """One user, whatever the case of the letters. Raises ``NotFound``."""
        if user_id.startswith(USER_PREFIX):
            application = self.applications.get(user_id.removeprefix(USER_PREFIX))
            return {
                "id": user_id,
                "name": application.name,
                "roles": self._shown_roles(application.roles),
                "groups": [],
                "uuid": application.application_id,
                "applicationUser": True,
                "encryptedId": False,
            }
        user = self._users.get(user_id.lower())
        shown = {
            "id": user.user_id,
            "name": user.name,
            "roles": self._shown_roles(user.roles),
            "groups": [self.group(group_id) for group_id in user.groups if group_id in self._groups],
            "uuid": user.uuid,
            "applicationUser": False,
            "encryptedId": False,
        }
        return shown if user.contact is None else {**shown, "contactInformation": user.contact}

    def save_user(self, user_id: str, given: dict[str, Any]) -> dict[str, Any]:
        """Add a user or change one; groups that are left out stay. Raises ``BadRequest``, ``NotFound`` for a group."""
        user_id = user_id.lower()
        name = given.get("name")
        if not isinstance(name, str) or not name.strip():
            raise BadRequest("A user needs a name")
        former = self._users.find(user_id)
        user = User(
            user_id,
            name,
            self.roles.check(_names(given, "roles")),
            self._new_id() if former is None else former.uuid,
            [] if former is None else former.groups,
            given.get("contactInformation", None if former is None else former.contact),
        )
        if given.get("groups") is not None:
            user.groups = [self._groups.get(group_id).group_id for group_id in _names(given, "groups")]
        self._users.save(user_id, user)
        return self.user(user_id)

    def remove_user(self, user_id: str) -> None:
        """Forget a user, and what was granted. Raises ``NotFound``."""
        self._users.remove(user_id.lower())
        self._forget(("USER", user_id.lower()))

    # -- groups --------------------------------------------------------------------------------------------------------
    def groups(self) -> list[dict[str, Any]]:
        """Every group."""
        return [self.group(group_id) for group_id in self._groups.names()]

    def group(self, group_id: str) -> dict[str, Any]:
        """One group. Raises ``NotFound``."""
        group = self._groups.get(group_id)
        return {
            "id": group.group_id,
            "description": group.description,
            "roles": self._shown_roles(group.roles),
            "defaultAccess": group.default_access,
        }

    def save_group(self, group_id: str, given: dict[str, Any]) -> dict[str, Any]:
        """Add a group or change one. Raises ``BadRequest``."""
        default_access = given.get("defaultAccess") or {}
        if not isinstance(default_access, dict):
            raise BadRequest('defaultAccess has to be an object such as {"WORKFLOW_DEF": ["READ"]}')
        for target, accesses in default_access.items():
            _one_of("defaultAccess", target, TARGETS)
            _accesses(accesses)
        roles = self.roles.check(_names(given, "roles"))
        self._groups.save(group_id, Group(group_id, str(given.get("description") or ""), roles, default_access))
        return self.group(group_id)

    def remove_group(self, group_id: str) -> None:
        """Forget a group, and what was granted. Raises ``NotFound``."""
        self._groups.remove(group_id)
        for user in self._users:
            user.groups = [other for other in user.groups if other != group_id]
        self._forget(("GROUP", group_id))

    def members(self, group_id: str) -> list[dict[str, Any]]:
        """The users of a group. Raises ``NotFound``."""
        self._groups.get(group_id)
        return [self.user(user.user_id) for user in self._users if group_id in user.groups]

    def join(self, group_id: str, user_ids: list[str]) -> None:
        """Add users to a group: all of them or none. Raises ``NotFound``."""
        self._groups.get(group_id)
        for user in [self._users.get(user_id.lower()) for user_id in user_ids]:
            if group_id not in user.groups:
                user.groups.append(group_id)

    def leave(self, group_id: str, user_ids: list[str]) -> None:
        """Take users out of a group; who is not in it may stay out. Raises ``NotFound``."""
        self._groups.get(group_id)
        for user in [self._users.get(user_id.lower()) for user_id in user_ids]:
            user.groups = [other for other in user.groups if other != group_id]

    # -- applications' users -------------------------------------------------------------------------------------------
    def add_role(self, application_id: str, role: str) -> None:
        """Give the user of an application a role. Raises ``NotFound``, and ``BadRequest`` for an unknown role."""
        application = self.applications.get(application_id)
        application.roles = list(dict.fromkeys([*application.roles, *self.roles.check([role])]))

    def remove_role(self, application_id: str, role: str) -> None:
        """Take a role from the user of an application. Raises ``NotFound``."""
        application = self.applications.get(application_id)
        application.roles = [other for other in application.roles if other != role]

    def forget_role(self, name: str) -> None:
        """Forget a role that people have made, and that anybody has it. Raises ``NotFound``, ``BadRequest``."""
        self.roles.remove(name)
        for holder in (*self._users, *self._groups, *self.applications):
            holder.roles = [other for other in holder.roles if other != name]
        self._forget(("ROLE", name))

    # -- grants --------------------------------------------------------------------------------------------------------
    def grant(self, given: dict[str, Any]) -> None:
        """Allow ``{subject, target, access}``. Raises ``BadRequest``, and ``NotFound`` for an unknown subject."""
        subject, target, accesses = self._read(given)
        granted = self._grants.setdefault(target, {})
        for access in accesses:
            subjects = granted.setdefault(access, [])
            if subject not in subjects:
                subjects.append(subject)

    def revoke(self, given: dict[str, Any]) -> None:
        """Take back ``{subject, target, access}``; what was not granted is gone already."""
        subject, target, accesses = self._read(given)
        self._forget(subject, target, accesses)

    def granted_on(self, target: Reference) -> dict[str, list[dict[str, str]]]:
        """Every access → who has it. Raises ``BadRequest`` for an unknown kind of target."""
        _one_of("target type", target[0], TARGETS)
        granted = self._grants.get(target, {})
        return {access: [{"type": kind, "id": name} for kind, name in granted.get(access, ())] for access in ACCESSES}

    def granted_to_user(self, user_id: str) -> list[dict[str, Any]]:
        """What a user was granted, also by way of groups and roles. Raises ``NotFound``."""
        return list(self._granted_to(self._subjects_of(user_id)))

    def granted_to_group(self, group_id: str) -> list[dict[str, Any]]:
        """What a group was granted. Raises ``NotFound``."""
        return list(self._granted_to({("GROUP", self._groups.get(group_id).group_id)}))

    def may(self, user_id: str, target: Reference) -> dict[str, bool]:
        """Access → whether a user has it, by a role or a grant. Raises ``NotFound``, ``BadRequest``."""
        _one_of("target type", target[0], TARGETS)
        subjects = self._subjects_of(user_id)
        allowed = {
            permission for kind, name in subjects if kind == "ROLE" for permission in self.roles.permissions(name)
        }
        granted = self._grants.get(target, {})
        return {
            access: f"{access}_{target[0]}" in allowed or not subjects.isdisjoint(granted.get(access, ()))
            for access in ACCESSES
        }

    def _subjects_of(self, user_id: str) -> set[Reference]:
        """A user, its groups, and the roles of both."""
        shown = self.user(user_id)
        holders = [shown, *shown["groups"]]
        return {
            ("USER", shown["id"]),
            *(("GROUP", group["id"]) for group in shown["groups"]),
            *(("ROLE", role["name"]) for holder in holders for role in holder["roles"]),
        }

    def _granted_to(self, subjects: set[Reference]) -> Iterator[dict[str, Any]]:
        for (kind, name), granted in self._grants.items():
            accesses = [access for access in ACCESSES if not subjects.isdisjoint(granted.get(access, ()))]
            if accesses:
                yield {"target": {"type": kind, "id": name}, "access": accesses}

    def _forget(self, subject: Reference, target: Reference | None = None, accesses: list[str] | None = None) -> None:
        for of, granted in list(self._grants.items()):
            if target is not None and of != target:
                continue
            for access in list(granted):
                if accesses is None or access in accesses:
                    granted[access] = [other for other in granted[access] if other != subject]
                if not granted[access]:
                    del granted[access]
            if not granted:
                del self._grants[of]

    def _read(self, given: dict[str, Any]) -> tuple[Reference, Reference, list[str]]:
        subject = _reference(given, "subject", _SUBJECTS)
        target = _reference(given, "target", TARGETS)
        kind, name = subject
        if kind == "USER":
            subject = kind, str(self.user(name)["id"])
        elif kind == "GROUP":
            self._groups.get(name)
        elif kind == "ROLE":
            self.roles.permissions(name)
        return subject, target, _accesses(given.get("access"))

    def _shown_roles(self, names: list[str]) -> list[dict[str, Any]]:
        return [self.roles.shown(name) for name in names]


def _names(given: dict[str, Any], field_name: str) -> list[str]:
    """A list of names, or a single one; none if it is left out."""
    value = given.get(field_name)
    names = [] if value is None else value if isinstance(value, list) else [value]
    if not all(isinstance(name, str) for name in names):
        raise BadRequest(f"{field_name} has to be a list of names")
    return names


def _accesses(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise BadRequest('access has to be a list such as ["READ"]')
    return [_one_of("access", access, ACCESSES) for access in value]


def _reference(given: dict[str, Any], field_name: str, kinds: tuple[str, ...]) -> Reference:
    value = given.get(field_name)
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        raise BadRequest(f"{field_name} has to be an object with type and id")
    return _one_of(f"{field_name} type", value.get("type"), kinds), value["id"]


def _one_of(what: str, value: Any, names: tuple[str, ...]) -> str:
    if value not in names:
        raise BadRequest(f"Invalid {what} {value}: expected one of {', '.join(names)}")
    return str(value)
