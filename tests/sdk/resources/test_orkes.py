"""What only Orkes servers have, on the emulator's flavor of them: each call does what it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from conductor_emulator.runtime.options import Options
from conductor_emulator.server.serving import BackgroundServer
from conductor_sdk import (
    AnswerError,
    ApiClient,
    BadRequest,
    ConductorWorkflow,
    ConfigurationError,
    EventHandler,
    HttpInput,
    HttpTask,
    HumanTask,
    NotFound,
    SchemaDef,
    StartWorkflowRequest,
    Tag,
    TaskDef,
    TaskResult,
    TaskRunner,
    WaitTask,
    WorkflowSchedule,
    input_schema,
)
from tests.emulator.protos import compiled_proto

TEAM = Tag(key="team", value="shipping")


@pytest.fixture
def orkes() -> Iterator[ApiClient]:
    options = Options(flavor="orkes", auth_key="key", auth_secret="secret")
    with BackgroundServer(options) as server, ApiClient(server.url, "key", "secret") as client:
        yield client


def register(client: ApiClient, workflow: ConductorWorkflow) -> None:
    client.metadata.register_workflow(workflow.to_dict(), overwrite=True)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("workflow", "orders"),
        ("task", "greet"),
        ("schedule", "nightly"),
        ("secret", "TOKEN"),
        ("environment", "REGION"),
        ("prompt", "hello"),
        ("integration", "openai"),
        ("model", "openai:gpt"),
    ],
)
def test_things_have_tags(orkes: ApiClient, kind: str, name: str) -> None:
    register(orkes, ConductorWorkflow("orders") >> WaitTask("wait_ref"))
    orkes.metadata.register_task(TaskDef("greet"))
    orkes.scheduler.save(
        WorkflowSchedule(
            name="nightly", cron_expression="0 0 3 * * *", start_workflow_request={"name": "orders"}, paused=True
        )
    )
    orkes.secrets.put("TOKEN", "x")
    orkes.environment.put("REGION", "eu")
    orkes.prompts.save("hello", "Say hello", description="A greeting")
    orkes.integrations.save("openai", {"type": "openai", "category": "AI_MODEL", "enabled": True})
    orkes.integrations.save_model("openai", "gpt", {"description": "a model", "enabled": True})
    orkes.tags.add(kind, name, TEAM)
    orkes.tags.add(kind, name, Tag(key="tier", value="1"))
    assert [tag.key for tag in orkes.tags.get(kind, name)] == ["team", "tier"]
    assert TEAM in orkes.tags.list_all()
    orkes.tags.delete(kind, name, [TEAM])
    assert [tag.key for tag in orkes.tags.get(kind, name)] == ["tier"]
    orkes.tags.set(kind, name, [TEAM])
    assert orkes.tags.get(kind, name) == [TEAM]


def test_what_has_no_tags_is_told(orkes: ApiClient) -> None:
    with pytest.raises(ConfigurationError, match="'queue' has no tags; what has: workflow, task"):
        orkes.tags.get("queue", "q")


def test_a_rate_limit_of_a_workflow_is_set_and_removed(orkes: ApiClient) -> None:
    register(orkes, ConductorWorkflow("orders") >> WaitTask("wait_ref"))
    assert orkes.metadata.workflow_rate_limit("orders") is None
    orkes.metadata.set_workflow_rate_limit("orders", 3)
    assert orkes.metadata.workflow_rate_limit("orders") == 3
    orkes.metadata.remove_workflow_rate_limit("orders")
    assert orkes.metadata.workflow_rate_limit("orders") is None


def test_applications_and_their_keys(orkes: ApiClient) -> None:
    application = orkes.applications.create("shop")
    own = application["id"]
    key = orkes.applications.create_key(own)
    assert key["secret"]
    assert [item["id"] for item in orkes.applications.keys(own)] == [key["id"]]
    assert orkes.applications.of_key(key["id"])["id"] == own
    with ApiClient(orkes.settings.server_url, key["id"], key["secret"]) as shop:
        assert shop.server.health()["healthy"]
    assert orkes.applications.toggle_key(own, key["id"])["status"] == "INACTIVE"
    orkes.applications.delete_key(own, key["id"])
    assert orkes.applications.keys(own) == []
    orkes.applications.add_role(own, "WORKER")
    orkes.applications.remove_role(own, "WORKER")
    assert orkes.applications.rename(own, "store")["name"] == orkes.applications.get(own)["name"] == "store"
    assert own in {item["id"] for item in orkes.applications.list_all()}
    orkes.applications.delete(own)
    with pytest.raises(NotFound):
        orkes.applications.get(own)


def test_users_groups_roles_and_grants(orkes: ApiClient) -> None:
    assert orkes.users.me()
    orkes.users.save("ada", {"name": "Ada", "roles": ["USER"], "groups": []})
    orkes.groups.save("shipping", {"description": "Shipping", "roles": ["USER"]})
    orkes.groups.add_users("shipping", ["ada"])
    assert [user["id"] for user in orkes.groups.users("shipping")] == ["ada"]
    assert orkes.groups.get("shipping")["id"] in {group["id"] for group in orkes.groups.list_all()}

    target = {"type": "WORKFLOW_DEF", "id": "orders"}
    orkes.authorization.grant({"type": "GROUP", "id": "shipping"}, target, ["EXECUTE"])
    assert orkes.users.may("ada", "WORKFLOW_DEF", "orders")["EXECUTE"]
    assert [grant["target"] for grant in orkes.groups.permissions("shipping")] == [target]
    assert orkes.users.permissions("ada")
    assert "EXECUTE" in orkes.authorization.granted_on("WORKFLOW_DEF", "orders")
    orkes.authorization.revoke({"type": "GROUP", "id": "shipping"}, target, ["EXECUTE"])
    assert orkes.groups.permissions("shipping") == []

    orkes.groups.remove_users("shipping", ["ada"])
    assert orkes.groups.users("shipping") == []
    orkes.groups.delete("shipping")
    assert orkes.users.get("ada")["name"] == "Ada"
    orkes.users.delete("ada")
    assert "ada" not in {user["id"] for user in orkes.users.list_all(applications=True)}

    permission = next(iter(orkes.roles.permissions()))
    orkes.roles.create("packer", [permission])
    orkes.roles.update("packer", [permission])
    assert orkes.roles.get("packer")["name"] in {role["name"] for role in orkes.roles.custom()}
    assert set(orkes.roles.system()) <= {role["name"] for role in orkes.roles.list_all()}
    orkes.roles.delete("packer")
    assert orkes.roles.custom() == []


def test_how_callers_of_apis_sign_in(orkes: ApiClient) -> None:
    made = orkes.authorization.create_gateway_config({"id": "keys", "authenticationType": "API_KEY"})
    assert made["id"] == "keys"
    orkes.authorization.update_gateway_config("keys", {"authenticationType": "NONE"})
    assert orkes.authorization.gateway_config("keys")["authenticationType"] == "NONE"
    assert [config["id"] for config in orkes.authorization.gateway_configs()] == ["keys"]
    orkes.authorization.delete_gateway_config("keys")
    assert orkes.authorization.gateway_configs() == []


def test_integrations_and_prompts(orkes: ApiClient) -> None:
    orkes.integrations.save("openai", {"type": "openai", "category": "AI_MODEL", "enabled": True})
    orkes.integrations.save_model("openai", "gpt", {"description": "a model", "enabled": True})
    assert isinstance(orkes.integrations.kinds(), list)
    assert orkes.integrations.get("openai")["name"] in {item["name"] for item in orkes.integrations.list_all()}
    assert [model["api"] for model in orkes.integrations.models("openai")] == ["gpt"]
    assert orkes.integrations.model_names("openai") == ["gpt"]
    assert orkes.integrations.get_model("openai", "gpt")["api"] == "gpt"
    assert orkes.integrations.tokens_used("openai", "gpt") == 0
    assert orkes.integrations.tokens_used_by_model("openai") == {"gpt": 0}

    orkes.prompts.save("hello", "Say hello to ${name}", description="A greeting")
    orkes.prompts.save("hello", "Greet ${name}", new_version=True)
    orkes.integrations.use_prompt("openai", "gpt", "hello")
    assert [prompt["name"] for prompt in orkes.integrations.prompts("openai", "gpt")] == ["hello"]
    assert orkes.prompts.get("hello")["template"] == "Greet ${name}"
    assert orkes.prompts.get("hello", 1)["template"] == "Say hello to ${name}"
    assert len(orkes.prompts.versions("hello")) == 2
    orkes.prompts.delete("hello", 1)
    assert len(orkes.prompts.list_all()) == 1
    orkes.prompts.delete("hello")
    assert orkes.prompts.list_all() == []
    orkes.integrations.delete_model("openai", "gpt")
    orkes.integrations.delete("openai")
    assert orkes.integrations.list_all(category="AI_MODEL", active_only=True) == []


def test_a_prompt_is_tried_where_the_server_talks_to_models(server: Any, client: ApiClient) -> None:
    server.on("POST", "/prompts/test", "Hello, Ada")
    assert client.prompts.test({"prompt": "Greet ${name}", "promptVariables": {"name": "Ada"}}) == "Hello, Ada"


def test_work_for_people(orkes: ApiClient) -> None:
    register(orkes, ConductorWorkflow("review") >> HumanTask("first") >> HumanTask("second") >> HumanTask("third"))
    workflow_id = orkes.workflows.start(StartWorkflowRequest(name="review"))

    def waiting() -> str:
        [found] = orkes.human_tasks.search({"states": ["PENDING", "ASSIGNED", "IN_PROGRESS"]})["results"]
        return str(found["taskId"])

    task_id = waiting()
    orkes.human_tasks.claim(task_id)
    orkes.human_tasks.release(task_id)
    orkes.human_tasks.claim_for(task_id, "ada", override=True)
    assert orkes.human_tasks.get(task_id)["claimant"]["user"] == "ada"
    orkes.human_tasks.update(task_id, {"ok": True}, complete=True)
    orkes.human_tasks.update_by_reference(workflow_id, "second", {"ok": False}, complete=True)
    third = waiting()
    orkes.human_tasks.reassign(third, [{"assignee": {"userType": "EXTERNAL_USER", "user": "grace"}}])
    orkes.human_tasks.skip(third, "nobody is there")
    run = orkes.workflows.get(workflow_id)
    assert [run.task(name).output_data.get("ok") for name in ("first", "second")] == [True, False]
    assert run.status == "COMPLETED"


def test_forms(orkes: ApiClient) -> None:
    form = {"name": "approval", "version": 1, "jsonSchema": {"type": "object"}, "templateUI": {}}
    orkes.human_tasks.save_template(form)
    orkes.human_tasks.save_template(form, new_version=True)
    assert len(orkes.human_tasks.templates("approval")) == 2
    assert orkes.human_tasks.get_template("approval", 1)["jsonSchema"] == {"type": "object"}
    orkes.human_tasks.delete_template("approval", 1)
    orkes.human_tasks.delete_template("approval")
    assert orkes.human_tasks.templates() == []


def test_webhooks(orkes: ApiClient) -> None:
    webhook = {
        "name": "paid",
        "verifier": "HEADER_BASED",
        "headers": {"token": "x"},
        "receiverWorkflowNamesToVersions": {"orders": 1},
    }
    made = orkes.webhooks.create(webhook)
    assert orkes.webhooks.get(made["id"])["name"] == "paid"
    assert orkes.webhooks.update(made["id"], {**webhook, "name": "payed"})["name"] == "payed"
    assert [item["id"] for item in orkes.webhooks.list_all()] == [made["id"]]
    orkes.webhooks.delete(made["id"])
    assert orkes.webhooks.list_all() == []


def test_schemas_are_kept_by_version(orkes: ApiClient) -> None:
    for version in (1, 2):
        orkes.schemas.save(SchemaDef(name="order", version=version, data={"type": "object", "title": str(version)}))
    assert [schema.version for schema in orkes.schemas.list_all()] == [1, 2]
    assert (orkes.schemas.get("order").version, orkes.schemas.get("order", 1).version) == (2, 1)
    orkes.schemas.delete("order", 2)
    orkes.schemas.delete("order")
    with pytest.raises(NotFound):
        orkes.schemas.get("order")


def test_secrets_and_environment_are_written(orkes: ApiClient) -> None:
    orkes.secrets.put("TOKEN", 'a "quoted" text')
    assert orkes.secrets.get("TOKEN") == 'a "quoted" text'
    assert orkes.secrets.exists("TOKEN")
    assert orkes.secrets.names() == ["TOKEN"]
    orkes.secrets.delete("TOKEN")
    assert not orkes.secrets.exists("TOKEN")
    orkes.environment.put("REGION", "eu")
    assert (orkes.environment.get("REGION"), orkes.environment.all()["REGION"]) == ("eu", "eu")
    orkes.environment.delete("REGION")
    assert "REGION" not in orkes.environment.all()


def test_event_queues_and_handlers_by_name(orkes: ApiClient) -> None:
    orkes.event_handlers.set_queue("kafka", "orders", {"bootstrapServers": "k:9092"})
    assert orkes.event_handlers.queue("kafka", "orders") == {"bootstrapServers": "k:9092"}
    assert orkes.event_handlers.queues()
    orkes.event_handlers.delete_queue("kafka", "orders")
    assert not orkes.event_handlers.queues()
    orkes.event_handlers.create(
        EventHandler(
            name="h", event="conductor:w:x", actions=[{"action": "start_workflow", "start_workflow": {"name": "w"}}]
        )
    )
    assert orkes.event_handlers.get("h").event == "conductor:w:x"
    with pytest.raises(NotFound):
        orkes.event_handlers.get("other")


def test_executions_are_moved_on_from_outside(orkes: ApiClient) -> None:
    register(orkes, ConductorWorkflow("held") >> WaitTask("first") >> WaitTask("second") >> WaitTask("third"))
    workflow_id = orkes.workflows.start(StartWorkflowRequest(name="held", correlation_id="c1"))
    assert orkes.workflows.update_variables(workflow_id, {"a": 1}).variables == {"a": 1}
    done = TaskResult(workflow_instance_id=workflow_id, output_data={"x": 1})
    run = orkes.workflows.update_state(
        workflow_id,
        variables={"b": 2},
        task_reference_name="first",
        task_result=done,
        wait_until_task="first",
        wait_for_seconds=5,
    )
    assert run.variables == {"a": 1, "b": 2}
    orkes.workflows.jump_to_task(workflow_id, "third", {"y": 1})
    reached = orkes.workflows.get(workflow_id)
    assert (reached.task("first").output_data["x"], reached.task("third").status) == (1, "IN_PROGRESS")
    found = orkes.workflows.by_correlation_ids_and_names(["held"], ["c1", "c2"])
    assert [workflow.workflow_id for workflow in found["c1"]] == [workflow_id]


def test_an_execution_goes_on_by_another_version(orkes: ApiClient) -> None:
    register(orkes, ConductorWorkflow("grown") >> WaitTask("held"))
    workflow_id = orkes.workflows.start(StartWorkflowRequest(name="grown", input={"a": 1}))
    register(orkes, ConductorWorkflow("grown", version=2) >> WaitTask("new") >> WaitTask("held") >> WaitTask("last"))
    orkes.workflows.upgrade(workflow_id, "grown", input={"b": 2}, task_output={"new": {"x": 1}})
    run = orkes.workflows.get(workflow_id)
    assert (run.workflow_version, run.input) == (2, {"a": 1, "b": 2})
    assert (run.task("new").status, run.task("new").output_data) == ("SKIPPED", {"x": 1})
    orkes.workflows.signal(workflow_id)
    assert orkes.workflows.get(workflow_id).task("last").status == "IN_PROGRESS"


def test_a_workers_schemas_are_kept_in_the_registry(orkes: ApiClient) -> None:
    def greet(name: str) -> dict[str, str]:
        return {"greetings": name}

    with TaskRunner(orkes) as runner:
        runner.start_worker("greet", greet, register_schema=True)
    definition = orkes.metadata.get_task("greet")
    assert definition.input_schema is not None
    assert (definition.input_schema.name, definition.input_schema.data) == ("greet_input", None)
    assert orkes.schemas.get("greet_input").data == input_schema(greet)


def test_schedules_are_searched(orkes: ApiClient) -> None:
    register(orkes, ConductorWorkflow("orders") >> WaitTask("wait_ref"))
    orkes.scheduler.save(
        WorkflowSchedule(
            name="nightly", cron_expression="0 0 3 * * *", start_workflow_request={"name": "orders"}, paused=True
        )
    )
    assert [schedule.name for schedule in orkes.scheduler.search(workflow_name="orders", paused=True)] == ["nightly"]
    orkes.scheduler.resume("nightly")
    assert orkes.scheduler.search(name="night", paused=True) == []


def test_what_the_server_refuses_is_an_error(orkes: ApiClient) -> None:
    with pytest.raises(BadRequest):
        orkes.schemas.save(SchemaDef())


def test_services_are_registered_with_their_methods(orkes: ApiClient) -> None:
    registry = orkes.service_registry
    registry.save({"name": "pets", "type": "HTTP", "serviceURI": f"{orkes.settings.server_url}/api-docs"})
    method = {"operationName": "getPet", "methodName": "/pet/{id}", "methodType": "GET"}
    registry.save_method("pets", method)
    assert [one["operationName"] for one in registry.get("pets")["methods"]] == ["getPet"]
    assert registry.clone("pets", "dogs")["methods"] == registry.get("pets")["methods"]
    registry.delete_method("pets", "getPet", "/pet/{id}", "GET")
    assert registry.get("pets")["methods"] == []
    registry.delete("dogs")
    assert [service["name"] for service in registry.list_all()] == ["pets"]
    with pytest.raises(NotFound, match="There is no service dogs"):
        registry.get("dogs")
    with pytest.raises(BadRequest, match="A service needs a serviceURI"):
        registry.save({"name": "cats", "type": "HTTP"})


def test_a_service_tells_its_methods() -> None:
    with BackgroundServer(Options(flavor="orkes")) as server, ApiClient(server.url) as client:
        registry = client.service_registry
        registry.save({"name": "conductor", "type": "HTTP", "serviceURI": f"{server.url}/api-docs"})
        found = registry.discover("conductor", create=True)
        assert ("/api/workflow/{workflowId}", "GET") in [(one["methodName"], one["methodType"]) for one in found]
        assert registry.get("conductor")["methods"] == found


def test_proto_files_are_sent_and_read(orkes: ApiClient) -> None:
    registry = orkes.service_registry
    registry.save({"name": "greeter", "type": "gRPC", "serviceURI": "greeter.test:50051"})
    data = compiled_proto("Hello")
    registry.save_proto("greeter", "a.bin", data)
    assert registry.proto("greeter", "a.bin") == data
    assert [one["filename"] for one in registry.protos("greeter")] == ["a.bin"]
    assert [one["methodName"] for one in registry.discover("greeter")] == ["Hello"]
    registry.delete_proto("greeter", "a.bin")
    with pytest.raises(NotFound):
        registry.proto("greeter", "a.bin")
    with pytest.raises(BadRequest, match="no compiled proto file"):
        registry.save_proto("greeter", "a.bin", b"syntax")


def test_an_empty_proto_file_is_no_file(orkes: ApiClient) -> None:
    orkes.service_registry.save({"name": "greeter", "type": "gRPC", "serviceURI": "greeter.test:50051"})
    orkes.service_registry.save_proto("greeter", "a.bin", b"")
    with pytest.raises(AnswerError, match="where a file was expected"):
        orkes.service_registry.proto("greeter", "a.bin")


def test_a_task_calls_its_service_through_a_circuit_breaker(orkes: ApiClient) -> None:
    registry = orkes.service_registry
    health = f"{orkes.settings.server_url}/health"
    config = {"circuitBreakerConfig": {"waitDurationInOpenState": 300_000, "slowCallRateThreshold": 0}}
    service = {"name": "health", "type": "HTTP", "serviceURI": health, "circuitBreakerEnabled": True, "config": config}
    registry.save(service)
    assert registry.breaker("health")["currentState"] == "NOT_FOUND"
    with pytest.raises(NotFound, match="No active circuit breaker"):
        registry.open_breaker("health")
    call = HttpTask("call_ref", HttpInput(uri=health, service="health"))
    register(orkes, ConductorWorkflow("call") >> call)

    def outcome() -> str:
        return orkes.workflows.execute(StartWorkflowRequest(name="call")).status

    assert outcome() == "COMPLETED"
    assert registry.breaker("health")["currentState"] == "CLOSED"
    assert registry.open_breaker("health")["previousState"] == "CLOSED"
    assert outcome() == "FAILED"
    assert registry.close_breaker("health")["currentState"] == "CLOSED"
    assert outcome() == "COMPLETED"
