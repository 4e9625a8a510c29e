"""Who may do what: applications with their keys, users, groups, roles and grants. Orkes servers have these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conductor_sdk.resources.base import Requester, as_list, as_object, path

_APPLICATIONS = "/applications"
_USERS = "/users"
_GROUPS = "/groups"
_ROLES = "/roles"
_GRANTS = "/auth/authorization"
_LOGINS = "/gateway/config/auth"


class ApplicationResource:
    """`client.applications`: programs that sign in with a key. Objects are as the server writes them. Orkes only.

    `application_id`: as `create` gave it
    `name`: what people call it
    `key_id`: as `create_key` gave it: the client's CONDUCTOR_AUTH_KEY
    `role`: USER, ADMIN, METADATA_MANAGER, WORKFLOW_MANAGER …
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def create(self, name: str) -> dict[str, Any]:
        """A new application; `id` is what the other calls want."""
        return as_object(self._client.request("POST", _APPLICATIONS, json={"name": name}), "POST", _APPLICATIONS)

    def list_all(self) -> list[dict[str, Any]]:
        """All applications."""
        return as_list(self._client.request("GET", _APPLICATIONS), "GET", _APPLICATIONS)

    def get(self, application_id: str) -> dict[str, Any]:
        """An application. Raises NotFound."""
        where = path(_APPLICATIONS + "/{}", application_id)
        return as_object(self._client.request("GET", where), "GET", where)

    def rename(self, application_id: str, name: str) -> dict[str, Any]:
        """Give an application another name."""
        where = path(_APPLICATIONS + "/{}", application_id)
        return as_object(self._client.request("PUT", where, json={"name": name}, repeatable=True), "PUT", where)

    def delete(self, application_id: str) -> None:
        """Remove an application and its keys."""
        self._client.request("DELETE", path(_APPLICATIONS + "/{}", application_id))

    def of_key(self, key_id: str) -> dict[str, Any]:
        """The application that a key belongs to."""
        where = path(_APPLICATIONS + "/key/{}", key_id)
        return as_object(self._client.request("GET", where), "GET", where)

    def create_key(self, application_id: str) -> dict[str, Any]:
        """A new key: its `id` and its `secret`, which is told this once."""
        where = path(_APPLICATIONS + "/{}/accessKeys", application_id)
        return as_object(self._client.request("POST", where), "POST", where)

    def keys(self, application_id: str) -> list[dict[str, Any]]:
        """The keys of an application, without their secrets."""
        where = path(_APPLICATIONS + "/{}/accessKeys", application_id)
        return as_list(self._client.request("GET", where), "GET", where)

    def toggle_key(self, application_id: str, key_id: str) -> dict[str, Any]:
        """Switch a key off, or on again."""
        where = path(_APPLICATIONS + "/{}/accessKeys/{}/status", application_id, key_id)
        return as_object(self._client.request("POST", where), "POST", where)

    def delete_key(self, application_id: str, key_id: str) -> None:
        """Remove a key."""
        self._client.request("DELETE", path(_APPLICATIONS + "/{}/accessKeys/{}", application_id, key_id))

    def add_role(self, application_id: str, role: str) -> None:
        """Give an application a role."""
        self._client.request("POST", path(_APPLICATIONS + "/{}/roles/{}", application_id, role), repeatable=True)

    def remove_role(self, application_id: str, role: str) -> None:
        """Take a role from an application."""
        self._client.request("DELETE", path(_APPLICATIONS + "/{}/roles/{}", application_id, role))


class UserResource:
    """`client.users`. Objects are as the server writes them. Orkes only.

    `user_id`: the user's e-mail address
    `user`: `{"name": …, "roles": […], "groups": […]}`
    `target_type`: WORKFLOW_DEF, TASK_DEF, SECRET_NAME …
    `target_id`: the name of that thing
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def save(self, user_id: str, user: Mapping[str, Any]) -> dict[str, Any]:
        """Add or change a user."""
        where = path(_USERS + "/{}", user_id)
        return as_object(self._client.request("PUT", where, json=dict(user), repeatable=True), "PUT", where)

    def get(self, user_id: str) -> dict[str, Any]:
        """A user. Raises NotFound."""
        where = path(_USERS + "/{}", user_id)
        return as_object(self._client.request("GET", where), "GET", where)

    def list_all(self, *, applications: bool = False) -> list[dict[str, Any]]:
        """All users; with `applications`, those of applications too."""
        return as_list(self._client.request("GET", _USERS, params={"apps": applications}), "GET", _USERS)

    def delete(self, user_id: str) -> None:
        """Remove a user."""
        self._client.request("DELETE", path(_USERS + "/{}", user_id))

    def permissions(self, user_id: str) -> list[dict[str, Any]]:
        """What a user was granted, by groups and roles too."""
        where = path(_USERS + "/{}/permissions", user_id)
        answer = as_object(self._client.request("GET", where), "GET", where)
        return as_list(answer.get("grantedAccess"), "GET", where)

    def may(self, user_id: str, target_type: str, target_id: str) -> dict[str, bool]:
        """Which kinds of access a user has to one thing."""
        where = path(_USERS + "/{}/checkPermissions", user_id)
        params = {"type": target_type, "id": target_id}
        return as_object(self._client.request("GET", where, params=params), "GET", where)

    def me(self) -> dict[str, Any]:
        """Who this client is signed in as."""
        return as_object(self._client.request("GET", "/token/userInfo"), "GET", "/token/userInfo")


class GroupResource:
    """`client.groups`. Objects are as the server writes them. Orkes only.

    `group_id`: the group's name
    `group`: `{"description": …, "roles": […]}`
    `user_ids`: the users' e-mail addresses
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def save(self, group_id: str, group: Mapping[str, Any]) -> dict[str, Any]:
        """Add or change a group."""
        where = path(_GROUPS + "/{}", group_id)
        return as_object(self._client.request("PUT", where, json=dict(group), repeatable=True), "PUT", where)

    def get(self, group_id: str) -> dict[str, Any]:
        """A group. Raises NotFound."""
        where = path(_GROUPS + "/{}", group_id)
        return as_object(self._client.request("GET", where), "GET", where)

    def list_all(self) -> list[dict[str, Any]]:
        """All groups."""
        return as_list(self._client.request("GET", _GROUPS), "GET", _GROUPS)

    def delete(self, group_id: str) -> None:
        """Remove a group; its members stay."""
        self._client.request("DELETE", path(_GROUPS + "/{}", group_id))

    def users(self, group_id: str) -> list[dict[str, Any]]:
        """The members of a group."""
        where = path(_GROUPS + "/{}/users", group_id)
        return as_list(self._client.request("GET", where), "GET", where)

    def add_users(self, group_id: str, user_ids: Iterable[str]) -> None:
        """Add members."""
        self._client.request("POST", path(_GROUPS + "/{}/users", group_id), json=list(user_ids), repeatable=True)

    def remove_users(self, group_id: str, user_ids: Iterable[str]) -> None:
        """Take members out."""
        self._client.request("DELETE", path(_GROUPS + "/{}/users", group_id), json=list(user_ids))

    def permissions(self, group_id: str) -> list[dict[str, Any]]:
        """What a group was granted."""
        where = path(_GROUPS + "/{}/permissions", group_id)
        answer = as_object(self._client.request("GET", where), "GET", where)
        return as_list(answer.get("grantedAccess"), "GET", where)


class RoleResource:
    """`client.roles`. Objects are as the server writes them. Orkes only.

    `name`: of the role
    `permissions`: what it allows, by the names that `permissions()` gives
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def list_all(self) -> list[dict[str, Any]]:
        """All roles."""
        return as_list(self._client.request("GET", _ROLES), "GET", _ROLES)

    def system(self) -> dict[str, Any]:
        """The roles that every server has, by name."""
        return as_object(self._client.request("GET", _ROLES + "/system"), "GET", _ROLES + "/system")

    def custom(self) -> list[dict[str, Any]]:
        """The roles that people have made."""
        return as_list(self._client.request("GET", _ROLES + "/custom"), "GET", _ROLES + "/custom")

    def permissions(self) -> dict[str, Any]:
        """What a role may allow, by name."""
        return as_object(self._client.request("GET", _ROLES + "/permissions"), "GET", _ROLES + "/permissions")

    def create(self, name: str, permissions: Iterable[str]) -> dict[str, Any]:
        """Make a role."""
        role = {"name": name, "permissions": list(permissions)}
        return as_object(self._client.request("POST", _ROLES, json=role), "POST", _ROLES)

    def get(self, name: str) -> dict[str, Any]:
        """A role. Raises NotFound."""
        where = path(_ROLES + "/{}", name)
        return as_object(self._client.request("GET", where), "GET", where)

    def update(self, name: str, permissions: Iterable[str]) -> dict[str, Any]:
        """Change what a role allows."""
        where = path(_ROLES + "/{}", name)
        role = {"name": name, "permissions": list(permissions)}
        return as_object(self._client.request("PUT", where, json=role, repeatable=True), "PUT", where)

    def delete(self, name: str) -> None:
        """Remove a role."""
        self._client.request("DELETE", path(_ROLES + "/{}", name))


class AuthorizationResource:
    """`client.authorization`: who has which access to what. Orkes only.

    `subject`: who: `{"type": "USER", "id": "ada@example.com"}`, or a GROUP, a ROLE
    `target`: what: `{"type": "WORKFLOW_DEF", "id": "orders"}`
    `access`: CREATE, READ, UPDATE, DELETE, EXECUTE
    `target_type`, `target_id`: the same two of a target
    `config`: as the server keeps it
    `config_id`: as `create_gateway_config` gave it
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def grant(self, subject: Mapping[str, str], target: Mapping[str, str], access: Iterable[str]) -> None:
        """Let a subject do something with a target."""
        grant = {"subject": dict(subject), "target": dict(target), "access": list(access)}
        self._client.request("POST", _GRANTS, json=grant, repeatable=True)

    def revoke(self, subject: Mapping[str, str], target: Mapping[str, str], access: Iterable[str]) -> None:
        """Take that back."""
        grant = {"subject": dict(subject), "target": dict(target), "access": list(access)}
        self._client.request("DELETE", _GRANTS, json=grant)

    def granted_on(self, target_type: str, target_id: str) -> dict[str, list[dict[str, Any]]]:
        """Who has which access to a target."""
        where = path(_GRANTS + "/{}/{}", target_type, target_id)
        return as_object(self._client.request("GET", where), "GET", where)

    def create_gateway_config(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Keep how callers of workflows that are served as APIs sign in."""
        return as_object(self._client.request("POST", _LOGINS, json=dict(config)), "POST", _LOGINS)

    def gateway_configs(self) -> list[dict[str, Any]]:
        """All of these."""
        return as_list(self._client.request("GET", _LOGINS), "GET", _LOGINS)

    def gateway_config(self, config_id: str) -> dict[str, Any]:
        """One of these. Raises NotFound."""
        where = path(_LOGINS + "/{}", config_id)
        return as_object(self._client.request("GET", where), "GET", where)

    def update_gateway_config(self, config_id: str, config: Mapping[str, Any]) -> dict[str, Any]:
        """Replace one of these."""
        where = path(_LOGINS + "/{}", config_id)
        return as_object(self._client.request("PUT", where, json=dict(config), repeatable=True), "PUT", where)

    def delete_gateway_config(self, config_id: str) -> None:
        """Remove one of these."""
        self._client.request("DELETE", path(_LOGINS + "/{}", config_id))
