"""Tags of all kinds of things, where the server has tags. Conductor OSS 3.32 has none."""

from __future__ import annotations

from collections.abc import Sequence

from conductor_sdk.errors import ConfigurationError
from conductor_sdk.models.answers import Tag
from conductor_sdk.resources.base import Requester, RequestPath, as_list, path

#: What can have tags, and where. An integration's model is named `PROVIDER:MODEL`.
_PLACES = {
    "workflow": "/metadata/workflow/{}/tags",
    "task": "/metadata/task/{}/tags",
    "schedule": "/scheduler/schedules/{}/tags",
    "secret": "/secrets/{}/tags",
    "environment": "/environment/{}/tags",
    "event": "/event/{}/tags",
    "webhook": "/metadata/webhook/{}/tags",
    "application": "/applications/{}/tags",
    "prompt": "/prompts/{}/tags",
    "integration": "/integrations/provider/{}/tags",
    "model": "/integrations/provider/{}/integration/{}/tags",
}


class TagResource:
    """`client.tags`: tags of all kinds of things. Orkes only.

    `kind`: workflow, task, schedule, secret, environment, event, webhook, application, prompt, integration or model
    `name`: of the thing; that of a model is `PROVIDER:MODEL`
    `tag`, `tags`: with `key`, `value` and `type`
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def get(self, kind: str, name: str) -> list[Tag]:
        """The tags of one thing. Raises ConfigurationError for a kind that has none."""
        where = _place(kind, name)
        return [Tag.from_dict(item) for item in as_list(self._client.request("GET", where), "GET", where)]

    def set(self, kind: str, name: str, tags: Sequence[Tag]) -> None:
        """Replace the tags of one thing."""
        self._client.request("PUT", _place(kind, name), json=list(tags), repeatable=True)

    def add(self, kind: str, name: str, tag: Tag) -> None:
        """Add a tag to one thing."""
        self._client.request("POST", _place(kind, name), json=tag, repeatable=True)

    def delete(self, kind: str, name: str, tags: Sequence[Tag]) -> None:
        """Remove tags from one thing."""
        self._client.request("DELETE", _place(kind, name), json=list(tags))

    def list_all(self) -> list[Tag]:
        """All tags that there are."""
        where = "/metadata/tags"
        return [Tag.from_dict(item) for item in as_list(self._client.request("GET", where), "GET", where)]


def _place(kind: str, name: str) -> RequestPath:
    template = _PLACES.get(kind)
    if template is None:
        raise ConfigurationError(f"{kind!r} has no tags; what has: {', '.join(_PLACES)}.")
    if template.count("{}") == 1:
        return path(template, name)
    provider, _, model = name.partition(":")
    return path(template, provider, model)
