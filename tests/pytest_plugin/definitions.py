"""Small workflows for the tests of the harness."""

from __future__ import annotations

from typing import Any


def simple(name: str, reference: str | None = None, **fields: Any) -> dict[str, Any]:
    """A worker's task."""
    return {"name": name, "taskReferenceName": reference or f"{name}_ref", "type": "SIMPLE", **fields}


def system(kind: str, reference: str, **fields: Any) -> dict[str, Any]:
    """A task that the server does."""
    return {"name": reference, "taskReferenceName": reference, "type": kind, **fields}


def workflow(*tasks: dict[str, Any], name: str = "order", **fields: Any) -> dict[str, Any]:
    return {"name": name, "version": 1, "schemaVersion": 2, "tasks": list(tasks), **fields}


def task_def(name: str, **fields: Any) -> dict[str, Any]:
    """A definition that says everything that time depends on: one retry after a minute, ten minutes to answer."""
    return {
        "name": name,
        "retryCount": 1,
        "retryLogic": "FIXED",
        "retryDelaySeconds": 60,
        "timeoutSeconds": 0,
        "timeoutPolicy": "RETRY",
        "responseTimeoutSeconds": 600,
        **fields,
    }
