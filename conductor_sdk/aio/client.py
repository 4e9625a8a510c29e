"""AsyncApiClient: ApiClient for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cached_property
from types import TracebackType
from typing import Any, Self

from conductor_sdk.aio.access import (
    AsyncApplicationResource,
    AsyncAuthorizationResource,
    AsyncGroupResource,
    AsyncRoleResource,
    AsyncUserResource,
)
from conductor_sdk.aio.bulk import AsyncBulkResource
from conductor_sdk.aio.calls import Calls
from conductor_sdk.aio.events import AsyncEventResource
from conductor_sdk.aio.human_tasks import AsyncHumanTaskResource
from conductor_sdk.aio.integrations import AsyncIntegrationResource, AsyncPromptResource
from conductor_sdk.aio.metadata import AsyncMetadataResource
from conductor_sdk.aio.scheduler import AsyncSchedulerResource
from conductor_sdk.aio.secrets import AsyncEnvironmentResource, AsyncSecretResource
from conductor_sdk.aio.server import AsyncSchemaResource, AsyncServerResource
from conductor_sdk.aio.service_registry import AsyncServiceRegistryResource
from conductor_sdk.aio.tags import AsyncTagResource
from conductor_sdk.aio.tasks import AsyncTaskResource
from conductor_sdk.aio.webhooks import AsyncWebhookResource
from conductor_sdk.aio.workflows import AsyncWorkflowResource
from conductor_sdk.client import ApiClient
from conductor_sdk.events import EventBus
from conductor_sdk.executor import WorkflowExecutor
from conductor_sdk.models.workflow_run import Workflow
from conductor_sdk.monitor import wait_timed_out
from conductor_sdk.retrying import RetryPolicy
from conductor_sdk.settings import DEFAULT_TIMEOUT, Settings
from conductor_sdk.transport import Transport


class AsyncApiClient:
    """A Conductor server for `async` programs: the resources of ApiClient, with the same methods, to be awaited.

    Requests are sent by an ApiClient, `sync`, which is there for what is not asynchronous: a TaskRunner for example.
    Close it, or use it in an `async with`.

    `server_url`, `key`, `secret`, `ui_url`, `timeout`, `transport`, `retry`: as for ApiClient; or one ApiClient alone
    `threads`: in so many threads at most requests are sent
    `workflow_id`: the execution's id
    `method`, `path`, `options`: as for `ApiClient.request`
    `environ`: in place of the process's environment
    """

    def __init__(
        self,
        server_url: str | Settings | ApiClient,
        key: str | None = None,
        secret: str | None = None,
        *,
        ui_url: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        transport: Transport | None = None,
        retry: RetryPolicy | None = None,
        threads: int = 32,
    ) -> None:
        self.sync: ApiClient = (
            server_url
            if isinstance(server_url, ApiClient)
            else ApiClient(server_url, key, secret, ui_url=ui_url, timeout=timeout, transport=transport, retry=retry)
        )
        self._calls = Calls(threads)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """A client for CONDUCTOR_SERVER_URL, as `ApiClient.from_env`."""
        return cls(Settings.from_env(environ))

    @property
    def settings(self) -> Settings:
        """Address and credentials."""
        return self.sync.settings

    @property
    def events(self) -> EventBus:
        """What happens here; listeners are called in the threads of the requests."""
        return self.sync.events

    @cached_property
    def workflows(self) -> AsyncWorkflowResource:
        """Executions: start, read, control, search."""
        return AsyncWorkflowResource(self._calls, self.sync.workflows)

    @cached_property
    def tasks(self) -> AsyncTaskResource:
        """Tasks: poll, update, logs, queues."""
        return AsyncTaskResource(self._calls, self.sync.tasks)

    @cached_property
    def metadata(self) -> AsyncMetadataResource:
        """Definitions of tasks and workflows."""
        return AsyncMetadataResource(self._calls, self.sync.metadata)

    @cached_property
    def bulk(self) -> AsyncBulkResource:
        """Many executions at once."""
        return AsyncBulkResource(self._calls, self.sync.bulk)

    @cached_property
    def event_handlers(self) -> AsyncEventResource:
        """What happens when an event comes."""
        return AsyncEventResource(self._calls, self.sync.event_handlers)

    @cached_property
    def scheduler(self) -> AsyncSchedulerResource:
        """Workflows started by the clock."""
        return AsyncSchedulerResource(self._calls, self.sync.scheduler)

    @cached_property
    def secrets(self) -> AsyncSecretResource:
        """Secrets of the server."""
        return AsyncSecretResource(self._calls, self.sync.secrets)

    @cached_property
    def environment(self) -> AsyncEnvironmentResource:
        """Environment variables of the server."""
        return AsyncEnvironmentResource(self._calls, self.sync.environment)

    @cached_property
    def schemas(self) -> AsyncSchemaResource:
        """Schemas of inputs and outputs."""
        return AsyncSchemaResource(self._calls, self.sync.schemas)

    @cached_property
    def server(self) -> AsyncServerResource:
        """The server itself: health and version."""
        return AsyncServerResource(self._calls, self.sync.server)

    @cached_property
    def tags(self) -> AsyncTagResource:
        """Tags of definitions, schedules, secrets and the like."""
        return AsyncTagResource(self._calls, self.sync.tags)

    @cached_property
    def applications(self) -> AsyncApplicationResource:
        """Programs that sign in with a key (Orkes)."""
        return AsyncApplicationResource(self._calls, self.sync.applications)

    @cached_property
    def users(self) -> AsyncUserResource:
        """Users (Orkes)."""
        return AsyncUserResource(self._calls, self.sync.users)

    @cached_property
    def groups(self) -> AsyncGroupResource:
        """Groups of users (Orkes)."""
        return AsyncGroupResource(self._calls, self.sync.groups)

    @cached_property
    def roles(self) -> AsyncRoleResource:
        """Roles (Orkes)."""
        return AsyncRoleResource(self._calls, self.sync.roles)

    @cached_property
    def authorization(self) -> AsyncAuthorizationResource:
        """Who has which access to what (Orkes)."""
        return AsyncAuthorizationResource(self._calls, self.sync.authorization)

    @cached_property
    def integrations(self) -> AsyncIntegrationResource:
        """Providers of models (Orkes)."""
        return AsyncIntegrationResource(self._calls, self.sync.integrations)

    @cached_property
    def prompts(self) -> AsyncPromptResource:
        """Texts for models (Orkes)."""
        return AsyncPromptResource(self._calls, self.sync.prompts)

    @cached_property
    def human_tasks(self) -> AsyncHumanTaskResource:
        """Work for people: tasks and forms (Orkes)."""
        return AsyncHumanTaskResource(self._calls, self.sync.human_tasks)

    @cached_property
    def webhooks(self) -> AsyncWebhookResource:
        """Addresses that others call (Orkes)."""
        return AsyncWebhookResource(self._calls, self.sync.webhooks)

    @cached_property
    def service_registry(self) -> AsyncServiceRegistryResource:
        """Services that tasks call (Orkes)."""
        return AsyncServiceRegistryResource(self._calls, self.sync.service_registry)

    async def request(self, method: str, path: str, **options: Any) -> Any:
        """Send one request and give its answer, as `ApiClient.request` with its arguments and errors."""
        return await self._calls.call(self.sync.request, method, path, **options)

    async def wait_for(self, workflow_id: str, timeout: float | None = None) -> Workflow:  # noqa: ASYNC109 - as its twin
        """Wait until the workflow is COMPLETED; no thread waits. Raises WorkflowFailed when it ends otherwise, naming
        the task that failed and why, and WaitTimedOut after `timeout` seconds, saying what it waits for.
        """
        watched = asyncio.wrap_future(self._executor.monitor_execution(workflow_id))
        try:
            workflow = await asyncio.wait_for(watched, timeout)
        except TimeoutError:
            if not watched.cancelled():  # a request's time-out, not this one's
                raise
            raise await self._calls.call(wait_timed_out, self.sync, workflow_id, timeout or 0) from None
        return self._executor.completed(workflow)

    def execution_url(self, workflow_id: str) -> str:
        """Where to look at an execution in a browser."""
        return self.sync.execution_url(workflow_id)

    async def close(self) -> None:
        """Give connections and threads back."""
        await self._calls.call(self.sync.close)
        self._calls.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @cached_property
    def _executor(self) -> WorkflowExecutor:
        return WorkflowExecutor(self.sync)
