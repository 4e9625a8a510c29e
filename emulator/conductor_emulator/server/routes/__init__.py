"""One module a resource, named as Conductor's docs name them."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from conductor_emulator.server.routes import (
    admin,
    api_docs,
    applications,
    authorization,
    emulator_clock,
    environment,
    event,
    gateway,
    groups,
    health,
    human,
    integrations,
    metadata,
    pages,
    prompts,
    queue,
    scheduler,
    schema,
    secrets,
    service_registry,
    tags,
    tasks,
    token,
    users,
    webhook,
    workflow,
    workflow_bulk,
    workflow_messages,
    workflow_search,
    workflow_state,
    workflow_test,
)
from conductor_emulator.server.routing import Router, routes_of

if TYPE_CHECKING:
    from conductor_emulator.engine.flavors import FlavorName
    from conductor_emulator.server.routing import Route

#: Every route there is, of every flavor.
ROUTES: Final[tuple[Route, ...]] = tuple(
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
        emulator_clock.routes,
        health.routes,
        api_docs.routes,
        pages.routes,
        workflow_state.routes,
        tags.routes,
        token.orkes_routes,
        secrets.orkes_routes,
        environment.orkes_routes,
        event.orkes_routes,
        admin.orkes_routes,
        scheduler.orkes_routes,
        schema.routes,
        webhook.routes,
        human.routes,
        applications.routes,
        users.routes,
        groups.routes,
        authorization.routes,
        authorization.role_routes,
        gateway.routes,
        integrations.routes,
        prompts.routes,
        service_registry.routes,
    )
)

#: The routes of a server that asks for a token.
TOKEN_ROUTES: Final[tuple[Route, ...]] = tuple(token.routes)

ROUTERS: Final[dict[FlavorName, Router]] = {
    "oss": Router(routes_of(ROUTES, "oss")),
    "orkes": Router(routes_of(ROUTES, "orkes")),
}
