"""ApiClient: one server's REST API, with its token, by whatever transport its URL asks for."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from types import TracebackType
from typing import Any, Final, Self

from conductor_sdk import payload
from conductor_sdk.auth import RENEWABLE, TokenSource
from conductor_sdk.errors import AnswerError, RequestTimedOut, TransportError, api_error
from conductor_sdk.events import EventBus, RequestEnded
from conductor_sdk.resources.access import (
    ApplicationResource,
    AuthorizationResource,
    GroupResource,
    RoleResource,
    UserResource,
)
from conductor_sdk.resources.base import RequestPath
from conductor_sdk.resources.bulk import BulkResource
from conductor_sdk.resources.events import EventResource
from conductor_sdk.resources.human_tasks import HumanTaskResource
from conductor_sdk.resources.integrations import IntegrationResource, PromptResource
from conductor_sdk.resources.metadata import MetadataResource
from conductor_sdk.resources.scheduler import SchedulerResource
from conductor_sdk.resources.secrets import EnvironmentResource, SecretResource
from conductor_sdk.resources.server import SchemaResource, ServerResource
from conductor_sdk.resources.service_registry import ServiceRegistryResource
from conductor_sdk.resources.tags import TagResource
from conductor_sdk.resources.tasks import TaskResource
from conductor_sdk.resources.webhooks import WebhookResource
from conductor_sdk.resources.workflows import WorkflowResource
from conductor_sdk.retrying import RetryPolicy, retry_after
from conductor_sdk.settings import DEFAULT_TIMEOUT, Settings
from conductor_sdk.transport import Transport, TransportResponse, transport_for

logger: logging.Logger = logging.getLogger("conductor_sdk.client")

#: Files come as they are.
_JSON_HEADERS = {"Accept": "application/json, text/plain, */*;q=0.1", "Content-Type": "application/json"}
_BINARY = "application/octet-stream"
#: Answers of a gateway, or of a server that is just starting: reading again does no harm.
_PASSING = frozenset({502, 503, 504})
#: The server has turned the request away without looking at it.
_TOO_MANY = 429


class ApiClient:
    """A Conductor server. Thread-safe: make one and share it.

    `ApiClient("http://localhost:8080/api")`, with key and secret where the server asks for them, or with Settings, or
    `ApiClient.from_env()`. Close the client, or use it in a `with`, to give its connections back.

    `server_url`: with or without `/api`; `memory://` is an emulator in this process. Or Settings, which say all the
        rest
    `key`, `secret`: CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET of the environment; both, or neither
    `ui_url`: where links to executions lead, if not to the server
    `timeout`: seconds for one request with its answer
    `transport`: carries the requests, in place of the one that the URL asks for
    `retry`: how often and when requests are sent again
    `environ`: in place of the process's environment
    `workflow_id`: the execution's id
    """

    def __init__(
        self,
        server_url: str | Settings,
        key: str | None = None,
        secret: str | None = None,
        *,
        ui_url: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        transport: Transport | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        settings = (
            server_url if isinstance(server_url, Settings) else Settings(server_url, key, secret, ui_url, timeout)
        )
        self.settings = settings
        self._retry = retry or RetryPolicy()
        self._transport = transport if transport is not None else transport_for(settings)
        #: What happens here and in the runners of this client: `client.events.subscribe(listener)`.
        self.events: EventBus = EventBus()
        self._tokens: TokenSource | None = None
        if settings.auth_key and settings.auth_secret:
            self._tokens = TokenSource(settings.auth_key, settings.auth_secret, self._exchange)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """A client for CONDUCTOR_SERVER_URL, with CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET where they are set.

        Raises ConfigurationError when the URL is missing or cannot be one.
        """
        return cls(Settings.from_env(environ))

    @cached_property
    def workflows(self) -> WorkflowResource:
        """Executions: start, read, control, search."""
        return WorkflowResource(self)

    @cached_property
    def tasks(self) -> TaskResource:
        """Tasks: poll, update, logs, queues."""
        return TaskResource(self)

    @cached_property
    def metadata(self) -> MetadataResource:
        """Definitions of tasks and workflows."""
        return MetadataResource(self)

    @cached_property
    def bulk(self) -> BulkResource:
        """Many executions at once."""
        return BulkResource(self)

    @cached_property
    def event_handlers(self) -> EventResource:
        """What happens when an event comes."""
        return EventResource(self)

    @cached_property
    def scheduler(self) -> SchedulerResource:
        """Workflows started by the clock."""
        return SchedulerResource(self)

    @cached_property
    def secrets(self) -> SecretResource:
        """Secrets of the server."""
        return SecretResource(self)

    @cached_property
    def environment(self) -> EnvironmentResource:
        """Environment variables of the server."""
        return EnvironmentResource(self)

    @cached_property
    def schemas(self) -> SchemaResource:
        """Schemas of inputs and outputs."""
        return SchemaResource(self)

    @cached_property
    def server(self) -> ServerResource:
        """The server itself: health and version."""
        return ServerResource(self)

    @cached_property
    def tags(self) -> TagResource:
        """Tags of definitions, schedules, secrets and the like."""
        return TagResource(self)

    @cached_property
    def applications(self) -> ApplicationResource:
        """Programs that sign in with a key (Orkes)."""
        return ApplicationResource(self)

    @cached_property
    def users(self) -> UserResource:
        """Users (Orkes)."""
        return UserResource(self)

    @cached_property
    def groups(self) -> GroupResource:
        """Groups of users (Orkes)."""
        return GroupResource(self)

    @cached_property
    def roles(self) -> RoleResource:
        """Roles (Orkes)."""
        return RoleResource(self)

    @cached_property
    def authorization(self) -> AuthorizationResource:
        """Who has which access to what (Orkes)."""
        return AuthorizationResource(self)

    @cached_property
    def integrations(self) -> IntegrationResource:
        """Providers of models (Orkes)."""
        return IntegrationResource(self)

    @cached_property
    def prompts(self) -> PromptResource:
        """Texts for models (Orkes)."""
        return PromptResource(self)

    @cached_property
    def human_tasks(self) -> HumanTaskResource:
        """Work for people: tasks and forms (Orkes)."""
        return HumanTaskResource(self)

    @cached_property
    def webhooks(self) -> WebhookResource:
        """Addresses that others call (Orkes)."""
        return WebhookResource(self)

    @cached_property
    def service_registry(self) -> ServiceRegistryResource:
        """Services that tasks call (Orkes)."""
        return ServiceRegistryResource(self)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        text: str | None = None,
        data: bytes | None = None,
        timeout: float | None = None,
        repeatable: bool | None = None,
        advice: Mapping[int, str] | None = None,
    ) -> Any:
        """Send one request and give its answer: parsed JSON, a text, the bytes of a file, or None for an empty body.

        A request that is `repeatable` (by default: GET) is sent again after a broken connection or a gateway's 502,
        503, 504; any other only when it is known that the server has done nothing: it was not reached, answered 429, or
        wants a fresh token. With False it is sent once, but for the token. RetryPolicy says how often and after what
        pauses. Raises ApiError for an error status, TransportError without an answer, AnswerError for a proxy's page.

        `method`, `path`: `request("GET", "/workflow/…")`; the path is below `/api`, percent-encoded
        `params`: of the query; those that are None are left out
        `json`: the body, of what has a JSON form
        `text`: a body of plain text instead
        `data`: or the bytes of a file
        `timeout`: seconds, in place of the client's
        `advice`: what to add to the error of a status
        """
        headers = dict(_JSON_HEADERS)
        body: bytes | None = None
        if text is not None:
            body = text.encode()
            headers["Content-Type"] = "text/plain"
        elif data is not None:
            body = data
            headers["Content-Type"] = _BINARY
        elif json is not None:
            body = payload.dumps(json, "body")
        query = {name: _parameter(value) for name, value in (params or {}).items() if value is not None}
        if repeatable is None:
            repeatable = True if method == "GET" else None
        limit = timeout or self.settings.timeout
        send = self._watched if self.events else self._send
        response = send(method, path, query, body, headers, limit, repeatable)
        content = _decode(response, method, path)
        if response.status >= 300:
            told = (advice or {}).get(response.status) or _advice_for(response)
            wait = retry_after(response.headers)
            raise api_error(response.status, method, path, content, advice=told, retry_after=wait)
        return content

    def execution_url(self, workflow_id: str) -> str:
        """Where to look at an execution in a browser; with `memory://` a file."""
        if self.settings.ui_url:
            return f"{self.settings.ui_url}/execution/{workflow_id}"
        page = self._transport.execution_page(workflow_id)
        return page or f"{self.settings.server_url}/execution/{workflow_id}"

    def close(self) -> None:
        """Give connections back. The client may be used again afterwards."""
        self._transport.close()
        for name in _RESOURCES & self.__dict__.keys():  # they hold the client: without them it is freed at once
            self.__dict__.pop(name, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"ApiClient({self.settings.server_url!r})"

    def _watched(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        body: bytes | None,
        headers: dict[str, str],
        timeout: float,
        repeatable: bool | None,
    ) -> TransportResponse:
        """`_send`, told to the listeners."""
        template = path.template if isinstance(path, RequestPath) else path
        started = time.monotonic()
        status: int | None = None
        try:
            response = self._send(method, path, params, body, headers, timeout, repeatable)
            status = response.status
            return response
        finally:
            self.events.emit(RequestEnded(method, template, status, time.monotonic() - started))

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        body: bytes | None,
        headers: dict[str, str],
        timeout: float,
        repeatable: bool | None,
    ) -> TransportResponse:
        renewed = False
        while True:
            token = self._tokens.token() if self._tokens is not None else None
            if token is not None:
                headers["X-Authorization"] = token
            response = self._attempted(
                lambda: self._transport.send(
                    method, path, params=params or None, body=body, headers=headers, timeout=timeout
                ),
                timeout,
                repeatable,
            )
            if self._tokens is None or renewed or not _wants_new_token(response):
                return response
            self._tokens.reject(token)
            renewed = True

    def _attempted(
        self, send: Callable[[], TransportResponse], timeout: float, repeatable: bool | None
    ) -> TransportResponse:
        """The answer, of the last attempt where several are allowed: True after anything that may pass, None only
        when nothing was done, False never."""
        if repeatable is False:
            return send()
        attempt = 1
        while True:
            asked: float | None = None
            try:
                response = send()
            except RequestTimedOut:
                # Its time is over. Another attempt would take as long again, and one more.
                raise
            except TransportError as error:
                if attempt >= self._retry.attempts or (error.sent and not repeatable):
                    raise
            else:
                passing = response.status == _TOO_MANY or (repeatable and response.status in _PASSING)
                if not passing or attempt >= self._retry.attempts:
                    return response
                asked = retry_after(response.headers)
                if asked is not None and asked > timeout:
                    return response
            self._retry.sleep(max(self._retry.pause(attempt), asked or 0))
            attempt += 1

    def _exchange(self, credentials: dict[str, str]) -> tuple[int, Any]:
        body, timeout = payload.dumps(credentials), self.settings.timeout
        response = self._attempted(
            lambda: self._transport.send("POST", "/token", body=body, headers=_JSON_HEADERS, timeout=timeout),
            timeout,
            repeatable=True,
        )
        return response.status, _decode(response, "POST", "/token")


_RESOURCES: Final = frozenset(name for name, value in vars(ApiClient).items() if isinstance(value, cached_property))


def _wants_new_token(response: TransportResponse) -> bool:
    """Any 401 (gateways have codes of their own), and a 403 that says that the token is at fault."""
    if response.status == 401:
        return True
    if response.status != 403:
        return False
    try:
        body = json.loads(response.body)
    except ValueError:
        return False
    return isinstance(body, dict) and (body.get("error") in RENEWABLE or body.get("code") in RENEWABLE)


def _advice_for(response: TransportResponse) -> str:
    """What to do where the server has no such path."""
    if response.status == 405 or (response.status == 404 and b"No static resource" in response.body):
        return (
            "This server has no such call: some are Orkes Conductor's only; or CONDUCTOR_SERVER_URL is not the address "
            "whose /api serves the REST API."
        )
    if response.status == 404 and response.body and "json" not in response.headers.get("content-type", ""):
        return (
            "This is not Conductor's answer: CONDUCTOR_SERVER_URL should be the address whose /api serves the REST API."
        )
    return ""


def _decode(response: TransportResponse, method: str, path: str) -> Any:
    if not response.body:
        return None
    kind = response.headers.get("content-type", "")
    if response.status < 300 and kind.startswith(_BINARY):
        return response.body
    text = response.body.decode("utf-8", "replace")
    if "json" in kind:
        try:
            return json.loads(text)
        except ValueError:
            # Conductor labels some plain texts as JSON.
            return text
    if response.status < 300 and "html" in kind:
        raise AnswerError(
            f"{method} {path} answered with an HTML page instead of Conductor's API; "
            "check CONDUCTOR_SERVER_URL, it should be the address whose /api serves the REST API."
        )
    return text


def _parameter(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
