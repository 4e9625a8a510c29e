"""HTTP and HTTP_POLL: the server calls a remote service, once or until it says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from conductor_sdk.errors import DefinitionError
from conductor_sdk.workflow.reference import Reference, is_expression
from conductor_sdk.workflow.task import WorkflowTask, values_or_expression


@dataclass(slots=True)
class HttpInput:
    """The request that an HTTP task makes. Time-outs are in milliseconds; what is None is left to the server.

    `service`: the registered service that is called, through its circuit breaker (Orkes)
    """

    uri: str | Reference
    method: str | Reference = "GET"
    headers: Mapping[str, Any] | str | Reference = field(default_factory=dict)
    body: Any = None
    accept: str | Reference | None = None
    content_type: str | Reference | None = None
    connection_time_out: int | str | Reference | None = None
    read_time_out: int | str | Reference | None = None
    service: str | Reference | None = None

    def __json_form__(self) -> dict[str, Any]:
        headers = values_or_expression(self.headers, "The headers of a request")
        fields = {
            "uri": self.uri,
            "method": self.method.upper() if isinstance(self.method, str) and "${" not in self.method else self.method,
            "headers": headers or None,
            "body": self.body,
            "accept": self.accept,
            "contentType": self.content_type,
            "connectionTimeOut": self.connection_time_out,
            "readTimeOut": self.read_time_out,
            "service": self.service,
        }
        return {name: value for name, value in fields.items() if value is not None}


class HttpTask(WorkflowTask):
    """Calls a URL once. Output: `response.body`, `response.statusCode`, `response.headers`.

    `http`: an HttpInput, or its JSON object
    """

    def __init__(self, reference_name: str, http: HttpInput | Mapping[str, Any]) -> None:
        super().__init__("HTTP", reference_name, inputs={"http_request": _request(http, reference_name)})


@dataclass(slots=True)
class HttpPollInput(HttpInput):
    """The request that an HTTP_POLL task repeats, and until when.

    `termination_condition` is JavaScript: `$.output` is this call's answer, `$.input` the task's input, `$.ref.output`
    an earlier task's output. True or 1 completes the task, -1 fails it. `polling_interval` is in seconds; by the
    strategy LINEAR_BACKOFF or EXPONENTIAL_BACKOFF the waits grow.
    """

    termination_condition: str | None = None
    polling_interval: int | str | Reference | None = None
    polling_strategy: Literal["FIXED", "LINEAR_BACKOFF", "EXPONENTIAL_BACKOFF"] | Reference | None = None
    max_poll_count: int | str | Reference | None = None

    def __json_form__(self) -> dict[str, Any]:
        fields = {
            "terminationCondition": self.termination_condition,
            "pollingInterval": self.polling_interval,
            "pollingStrategy": self.polling_strategy,
            "maxPollCount": self.max_poll_count,
        }
        given = {name: value for name, value in fields.items() if value is not None}
        return {**HttpInput.__json_form__(self), **given}


class HttpPollTask(WorkflowTask):
    """Calls a URL again and again until its termination condition is true. Output: as HttpTask's. Orkes only.

    `http`: an HttpPollInput, or its JSON object
    """

    def __init__(self, reference_name: str, http: HttpPollInput | Mapping[str, Any]) -> None:
        super().__init__("HTTP_POLL", reference_name, inputs={"http_request": _request(http, reference_name)})


def _request(http: Any, reference_name: str) -> Any:
    """The request, if it can be one: an object, or an expression that gives one."""
    if isinstance(http, (HttpInput, Mapping)) or is_expression(http):
        return http
    raise DefinitionError(f"The request of task {reference_name} is {http!r}; write HttpInput(uri=…, method=…).")
