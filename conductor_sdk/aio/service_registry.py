"""Services that tasks call, with their methods, proto files and circuit breakers. Orkes servers have these.

For asyncio. Written by .ci/async_client.py: change the synchronous module instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conductor_sdk.aio.calls import Calls
from conductor_sdk.resources.service_registry import ServiceRegistryResource


class AsyncServiceRegistryResource:
    """`client.service_registry`: services that tasks call. Objects are as the server writes them. Orkes only.

    `name`: of the service
    `service`: `{"name": …, "type": "HTTP", "serviceURI": …, "circuitBreakerEnabled": True}`; of a method: its
    `operationName`
    `new_name`: of the copy
    `method`: as an object, or its name
    `method_type`: GET, POST …; UNARY and the like for gRPC
    `create`: store what was found
    `filename`: of the proto file
    `data`: what `protoc --descriptor_set_out=FILE` has written"""

    def __init__(self, calls: Calls, sync: ServiceRegistryResource) -> None:
        self._calls = calls
        self._sync = sync

    async def list_all(self) -> list[dict[str, Any]]:
        """All services."""
        return await self._calls.call(self._sync.list_all)

    async def save(self, service: Mapping[str, Any]) -> None:
        """Add a service, or overwrite one."""
        await self._calls.call(self._sync.save, service)

    async def get(self, name: str) -> dict[str, Any]:
        """A service. Raises NotFound."""
        return await self._calls.call(self._sync.get, name)

    async def clone(self, name: str, new_name: str) -> dict[str, Any]:
        """Add a copy of a service with its methods; the answer is the copy. Since Orkes 5.4.2."""
        return await self._calls.call(self._sync.clone, name, new_name)

    async def delete(self, name: str) -> None:
        """Remove a service."""
        await self._calls.call(self._sync.delete, name)

    async def discover(self, name: str, *, create: bool = False) -> list[dict[str, Any]]:
        """The methods that a service says it has."""
        return await self._calls.call(self._sync.discover, name, create=create)

    async def save_method(self, name: str, method: Mapping[str, Any]) -> None:
        """Add or change a method of a service."""
        await self._calls.call(self._sync.save_method, name, method)

    async def delete_method(self, name: str, service: str, method: str, method_type: str) -> None:
        """Remove a method of a service."""
        await self._calls.call(self._sync.delete_method, name, service, method, method_type)

    async def breaker(self, name: str) -> dict[str, Any]:
        """The state of a service's circuit breaker."""
        return await self._calls.call(self._sync.breaker, name)

    async def open_breaker(self, name: str) -> dict[str, Any]:
        """Call the service no more for now."""
        return await self._calls.call(self._sync.open_breaker, name)

    async def close_breaker(self, name: str) -> dict[str, Any]:
        """Call the service again."""
        return await self._calls.call(self._sync.close_breaker, name)

    async def protos(self, name: str) -> list[dict[str, Any]]:
        """The proto files of a gRPC service."""
        return await self._calls.call(self._sync.protos, name)

    async def proto(self, name: str, filename: str) -> bytes:
        """One proto file. Raises NotFound."""
        return await self._calls.call(self._sync.proto, name, filename)

    async def save_proto(self, name: str, filename: str, data: bytes) -> None:
        """Add or change a compiled proto file of a gRPC service; the service gets the methods in it."""
        await self._calls.call(self._sync.save_proto, name, filename, data)

    async def delete_proto(self, name: str, filename: str) -> None:
        """Remove a proto file."""
        await self._calls.call(self._sync.delete_proto, name, filename)
