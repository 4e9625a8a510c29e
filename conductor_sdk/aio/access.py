"""Who may do what: applications with their keys, users, groups, roles and grants. Orkes servers have these.

For asyncio. Written by .ci/async_client.py: change the synchronous module instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conductor_sdk.aio.calls import Calls
from conductor_sdk.resources.access import (
    ApplicationResource,
    AuthorizationResource,
    GroupResource,
    RoleResource,
    UserResource,
)


class AsyncApplicationResource:
    """`client.applications`: programs that sign in with a key. Objects are as the server writes them. Orkes only.

    `application_id`: as `create` gave it
    `name`: what people call it
    `key_id`: as `create_key` gave it: the client's CONDUCTOR_AUTH_KEY
    `role`: USER, ADMIN, METADATA_MANAGER, WORKFLOW_MANAGER …"""

    def __init__(self, calls: Calls, sync: ApplicationResource) -> None:
        self._calls = calls
        self._sync = sync

    async def create(self, name: str) -> dict[str, Any]:
        """A new application; `id` is what the other calls want."""
        return await self._calls.call(self._sync.create, name)

    async def list_all(self) -> list[dict[str, Any]]:
        """All applications."""
        return await self._calls.call(self._sync.list_all)

    async def get(self, application_id: str) -> dict[str, Any]:
        """An application. Raises NotFound."""
        return await self._calls.call(self._sync.get, application_id)

    async def rename(self, application_id: str, name: str) -> dict[str, Any]:
        """Give an application another name."""
        return await self._calls.call(self._sync.rename, application_id, name)

    async def delete(self, application_id: str) -> None:
        """Remove an application and its keys."""
        await self._calls.call(self._sync.delete, application_id)

    async def of_key(self, key_id: str) -> dict[str, Any]:
        """The application that a key belongs to."""
        return await self._calls.call(self._sync.of_key, key_id)

    async def create_key(self, application_id: str) -> dict[str, Any]:
        """A new key: its `id` and its `secret`, which is told this once."""
        return await self._calls.call(self._sync.create_key, application_id)

    async def keys(self, application_id: str) -> list[dict[str, Any]]:
        """The keys of an application, without their secrets."""
        return await self._calls.call(self._sync.keys, application_id)

    async def toggle_key(self, application_id: str, key_id: str) -> dict[str, Any]:
        """Switch a key off, or on again."""
        return await self._calls.call(self._sync.toggle_key, application_id, key_id)

    async def delete_key(self, application_id: str, key_id: str) -> None:
        """Remove a key."""
        await self._calls.call(self._sync.delete_key, application_id, key_id)

    async def add_role(self, application_id: str, role: str) -> None:
        """Give an application a role."""
        await self._calls.call(self._sync.add_role, application_id, role)

    async def remove_role(self, application_id: str, role: str) -> None:
        """Take a role from an application."""
        await self._calls.call(self._sync.remove_role, application_id, role)


class AsyncUserResource:
    """`client.users`. Objects are as the server writes them. Orkes only.

    `user_id`: the user's e-mail address
    `user`: `{"name": …, "roles": […], "groups": […]}`
    `target_type`: WORKFLOW_DEF, TASK_DEF, SECRET_NAME …
    `target_id`: the name of that thing"""

    def __init__(self, calls: Calls, sync: UserResource) -> None:
        self._calls = calls
        self._sync = sync

    async def save(self, user_id: str, user: Mapping[str, Any]) -> dict[str, Any]:
        """Add or change a user."""
        return await self._calls.call(self._sync.save, user_id, user)

    async def get(self, user_id: str) -> dict[str, Any]:
        """A user. Raises NotFound."""
        return await self._calls.call(self._sync.get, user_id)

    async def list_all(self, *, applications: bool = False) -> list[dict[str, Any]]:
        """All users; with `applications`, those of applications too."""
        return await self._calls.call(self._sync.list_all, applications=applications)

    async def delete(self, user_id: str) -> None:
        """Remove a user."""
        await self._calls.call(self._sync.delete, user_id)

    async def permissions(self, user_id: str) -> list[dict[str, Any]]:
        """What a user was granted, by groups and roles too."""
        return await self._calls.call(self._sync.permissions, user_id)

    async def may(self, user_id: str, target_type: str, target_id: str) -> dict[str, bool]:
        """Which kinds of access a user has to one thing."""
        return await self._calls.call(self._sync.may, user_id, target_type, target_id)

    async def me(self) -> dict[str, Any]:
        """Who this client is signed in as."""
        return await self._calls.call(self._sync.me)


class AsyncGroupResource:
    """`client.groups`. Objects are as the server writes them. Orkes only.

    `group_id`: the group's name
    `group`: `{"description": …, "roles": […]}`
    `user_ids`: the users' e-mail addresses"""

    def __init__(self, calls: Calls, sync: GroupResource) -> None:
        self._calls = calls
        self._sync = sync

    async def save(self, group_id: str, group: Mapping[str, Any]) -> dict[str, Any]:
        """Add or change a group."""
        return await self._calls.call(self._sync.save, group_id, group)

    async def get(self, group_id: str) -> dict[str, Any]:
        """A group. Raises NotFound."""
        return await self._calls.call(self._sync.get, group_id)

    async def list_all(self) -> list[dict[str, Any]]:
        """All groups."""
        return await self._calls.call(self._sync.list_all)

    async def delete(self, group_id: str) -> None:
        """Remove a group; its members stay."""
        await self._calls.call(self._sync.delete, group_id)

    async def users(self, group_id: str) -> list[dict[str, Any]]:
        """The members of a group."""
        return await self._calls.call(self._sync.users, group_id)

    async def add_users(self, group_id: str, user_ids: Iterable[str]) -> None:
        """Add members."""
        await self._calls.call(self._sync.add_users, group_id, user_ids)

    async def remove_users(self, group_id: str, user_ids: Iterable[str]) -> None:
        """Take members out."""
        await self._calls.call(self._sync.remove_users, group_id, user_ids)

    async def permissions(self, group_id: str) -> list[dict[str, Any]]:
        """What a group was granted."""
        return await self._calls.call(self._sync.permissions, group_id)


class AsyncRoleResource:
    """`client.roles`. Objects are as the server writes them. Orkes only.

    `name`: of the role
    `permissions`: what it allows, by the names that `permissions()` gives"""

    def __init__(self, calls: Calls, sync: RoleResource) -> None:
        self._calls = calls
        self._sync = sync

    async def list_all(self) -> list[dict[str, Any]]:
        """All roles."""
        return await self._calls.call(self._sync.list_all)

    async def system(self) -> dict[str, Any]:
        """The roles that every server has, by name."""
        return await self._calls.call(self._sync.system)

    async def custom(self) -> list[dict[str, Any]]:
        """The roles that people have made."""
        return await self._calls.call(self._sync.custom)

    async def permissions(self) -> dict[str, Any]:
        """What a role may allow, by name."""
        return await self._calls.call(self._sync.permissions)

    async def create(self, name: str, permissions: Iterable[str]) -> dict[str, Any]:
        """Make a role."""
        return await self._calls.call(self._sync.create, name, permissions)

    async def get(self, name: str) -> dict[str, Any]:
        """A role. Raises NotFound."""
        return await self._calls.call(self._sync.get, name)

    async def update(self, name: str, permissions: Iterable[str]) -> dict[str, Any]:
        """Change what a role allows."""
        return await self._calls.call(self._sync.update, name, permissions)

    async def delete(self, name: str) -> None:
        """Remove a role."""
        await self._calls.call(self._sync.delete, name)


class AsyncAuthorizationResource:
    """`client.authorization`: who has which access to what. Orkes only.

    `subject`: who: `{"type": "USER", "id": "ada@example.com"}`, or a GROUP, a ROLE
    `target`: what: `{"type": "WORKFLOW_DEF", "id": "orders"}`
    `access`: CREATE, READ, UPDATE, DELETE, EXECUTE
    `target_type`, `target_id`: the same two of a target
    `config`: as the server keeps it
    `config_id`: as `create_gateway_config` gave it"""

    def __init__(self, calls: Calls, sync: AuthorizationResource) -> None:
        self._calls = calls
        self._sync = sync

    async def grant(self, subject: Mapping[str, str], target: Mapping[str, str], access: Iterable[str]) -> None:
        """Let a subject do something with a target."""
        await self._calls.call(self._sync.grant, subject, target, access)

    async def revoke(self, subject: Mapping[str, str], target: Mapping[str, str], access: Iterable[str]) -> None:
        """Take that back."""
        await self._calls.call(self._sync.revoke, subject, target, access)

    async def granted_on(self, target_type: str, target_id: str) -> dict[str, list[dict[str, Any]]]:
        """Who has which access to a target."""
        return await self._calls.call(self._sync.granted_on, target_type, target_id)

    async def create_gateway_config(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Keep how callers of workflows that are served as APIs sign in."""
        return await self._calls.call(self._sync.create_gateway_config, config)

    async def gateway_configs(self) -> list[dict[str, Any]]:
        """All of these."""
        return await self._calls.call(self._sync.gateway_configs)

    async def gateway_config(self, config_id: str) -> dict[str, Any]:
        """One of these. Raises NotFound."""
        return await self._calls.call(self._sync.gateway_config, config_id)

    async def update_gateway_config(self, config_id: str, config: Mapping[str, Any]) -> dict[str, Any]:
        """Replace one of these."""
        return await self._calls.call(self._sync.update_gateway_config, config_id, config)

    async def delete_gateway_config(self, config_id: str) -> None:
        """Remove one of these."""
        await self._calls.call(self._sync.delete_gateway_config, config_id)
