"""HTTP: the server calls a remote service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conductor_sdk.workflow.reference import Reference
from conductor_sdk.workflow.task import WorkflowTask


@dataclass(slots=True)
class HttpInput:
    """The request that an HTTP task makes. Time-outs are in milliseconds; what is None is left to the server."""

    uri: str | Reference
    method: str | Reference = "GET"
    headers: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    accept: str | None = None
    content_type: str | None = None
    connection_time_out: int | None = None
    read_time_out: int | None = None

    def __json_form__(self) -> dict[str, Any]:
        fields = {
            "uri": self.uri,
            "method": self.method,
            "headers": dict(self.headers) or None,
            "body": self.body,
            "accept": self.accept,
            "contentType": self.content_type,
            "connectionTimeOut": self.connection_time_out,
            "readTimeOut": self.read_time_out,
        }
        return {name: value for name, value in fields.items() if value is not None}


class HttpTask(WorkflowTask):
    """Calls `http.uri`. Output: `response.body`, `response.statusCode`, `response.headers`."""

    def __init__(self, reference_name: str, http: HttpInput | Mapping[str, Any]) -> None:
        super().__init__("HTTP", reference_name, inputs={"http_request": http})
