"""One module a resource, named as Conductor's docs name them."""

from __future__ import annotations

from itertools import chain
from typing import Final

from conductor_emulator.server.routes import (
    admin,
    environment,
    event,
    health,
    metadata,
    pages,
    queue,
    scheduler,
    secrets,
    tasks,
    workflow,
    workflow_bulk,
    workflow_messages,
    workflow_search,
    workflow_test,
)
from conductor_emulator.server.routing import Router

#: Every route there is.
ROUTER: Final = Router(
    chain(
        metadata.routes,
        workflow.routes,
        workflow_bulk.routes,
        workflow_search.routes,
        workflow_test.routes,
        workflow_messages.routes,
        tasks.routes,
        event.routes,
        queue.routes,
        scheduler.routes,
        secrets.routes,
        environment.routes,
        admin.routes,
        health.routes,
        pages.routes,
    )
)
