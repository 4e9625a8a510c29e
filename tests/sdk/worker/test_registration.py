from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conductor_sdk import (
    ApiClient,
    NotFound,
    SchemaDef,
    ServerError,
    TaskDef,
    TaskRunner,
    WorkerDefinition,
    input_schema,
    output_schema,
)
from conductor_sdk.worker.registration import Registrar

DEFINITIONS = "/metadata/taskdefs"


def greet(name: str, times: int = 1) -> dict[str, str]:
    return {"greetings": f"Hello, {name}" * times}


def registered(server: Any, client: ApiClient, **options: Any) -> list[Any]:
    """The task definitions that a worker with these options registers."""
    server.on("POST", DEFINITIONS, {})
    Registrar(client).register(WorkerDefinition("greet", greet, **options))
    return [request.body[0] for request in server.asked("POST", DEFINITIONS)]


def test_nothing_is_registered_unasked(server: Any, client: ApiClient) -> None:
    assert registered(server, client, overwrite=True) == []
    assert server.log == []


@pytest.mark.parametrize("register", [True, TaskDef("greet", retry_count=7)])
def test_a_definition_that_the_server_has_stays(server: Any, client: ApiClient, register: bool | TaskDef) -> None:
    server.on("GET", f"{DEFINITIONS}/greet", {"name": "greet"})
    assert registered(server, client, register=register, register_schema=True) == []


def test_overwriting_needs_something_to_overwrite_with(server: Any, client: ApiClient) -> None:
    server.on("GET", f"{DEFINITIONS}/greet", {"name": "greet"})
    assert registered(server, client, register=True, overwrite=True) == []
    [definition] = registered(server, client, register=TaskDef("greet", retry_count=7), overwrite=True)
    assert definition["retryCount"] == 7


def test_a_server_without_a_registry_gets_the_schemas_in_the_definition(server: Any, client: ApiClient) -> None:
    [definition] = registered(server, client, register_schema=True, strict_schema=True)
    assert definition["inputSchema"] == {
        "name": "greet_input",
        "version": 1,
        "type": "JSON",
        "data": input_schema(greet, strict=True),
    }
    assert definition["inputSchema"]["data"]["additionalProperties"] is False
    assert definition["outputSchema"]["data"] == output_schema(greet)
    assert len(server.asked("POST", "/schema")) == 1


def test_a_server_with_a_registry_gets_them_there(server: Any, client: ApiClient) -> None:
    server.on("POST", "/schema", {})
    [definition] = registered(server, client, register_schema=True)
    assert definition["inputSchema"] == {"name": "greet_input", "version": 1, "type": "JSON"}
    stored = [request.body[0] for request in server.asked("POST", "/schema")]
    assert [schema["name"] for schema in stored] == ["greet_input", "greet_output"]
    assert stored[0]["data"] == input_schema(greet)


def test_a_registry_that_fails_is_an_error(server: Any, client: ApiClient, answer: Any) -> None:
    server.on("POST", "/schema", answer(500, {"message": "no"}))
    with pytest.raises(ServerError):
        registered(server, client, register_schema=True)


def test_schemas_of_the_definition_itself_stay(server: Any, client: ApiClient) -> None:
    own = SchemaDef(name="mine", version=4)
    [definition] = registered(server, client, register=TaskDef("greet", input_schema=own), register_schema=True)
    assert definition["inputSchema"] == {"name": "mine", "version": 4, "type": "JSON"}
    assert definition["outputSchema"]["name"] == "greet_output"


def test_a_runner_registers_what_its_workers_ask_for(at_server: ApiClient, unique: Callable[[str], str]) -> None:
    task_type, environment = unique("greet"), {"CONDUCTOR_WORKER_ALL_REGISTER_SCHEMA": "true"}
    with pytest.raises(NotFound):
        at_server.metadata.get_task(task_type)
    with TaskRunner(at_server, environ=environment) as runner:
        runner.start_worker(task_type, greet, register=TaskDef(task_type, owner_email="a@b.example", retry_count=2))
    definition = at_server.metadata.get_task(task_type)
    assert definition.retry_count == 2
    assert definition.input_schema is not None
    assert (definition.input_schema.name, definition.input_schema.version) == (f"{task_type}_input", 1)
    assert definition.input_schema.data == input_schema(greet)
    assert definition.output_schema is not None
    assert definition.output_schema.data == output_schema(greet)
