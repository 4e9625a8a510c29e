"""Flavor orkes: prompts, providers of models and their models."""

from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.runtime.options import Options
from tests.emulator.server.api_client import Client

PROVIDER = {"category": "AI_MODEL", "type": "openai", "description": "ours", "configuration": {"api_key": "k"}}


@pytest.fixture
def orkes() -> Client:
    return Client(Options(flavor="orkes"))


@pytest.fixture
def path(orkes: Client) -> str:
    """A provider with one model; the model's path."""
    assert orkes.post("/integrations/provider/ai", PROVIDER).status == 200
    path = "/integrations/provider/ai/integration/small"
    assert orkes.post(path, {"description": "one", "maxTokens": 5}).status == 200
    return path


# -- prompts -----------------------------------------------------------------------------------------------------------
def test_a_prompt_is_kept_with_what_stands_in_it(orkes: Client) -> None:
    text = "Hello {{name}}, ${ city } and {{ name }}"
    assert orkes.post("/prompts/hi", text, description="greets", models="ai:small,ai:large").raw == b""
    now = orkes.clock.now()
    kept = orkes.get("/prompts/hi").body
    assert kept == {
        "name": "hi",
        "version": 1,
        "description": "greets",
        "template": text,
        "variables": ["name", "city"],
        "integrations": ["ai:small", "ai:large"],
        "createdBy": "anonymous",
        "createdOn": now,
        "updatedBy": "anonymous",
        "updatedOn": now,
        "tags": [],
    }
    orkes.clock.move_to(orkes.clock.now() + 5)
    orkes.post("/prompts/hi", raw=b"Hello", kind="text/plain")
    assert orkes.get("/prompts").body == [{**kept, "template": "Hello", "variables": [], "updatedOn": now + 5}]


def test_versions_of_a_prompt(orkes: Client) -> None:
    orkes.post("/prompts/hi", "one", version=1)
    orkes.post("/prompts/hi", "two", autoIncrement="true")
    orkes.post("/prompts/hi", "seven", version=7)
    orkes.post("/prompts/hi", "eight", version=7)
    versions = orkes.get("/prompts/hi/versions").body
    assert [(one["version"], one["template"]) for one in versions] == [(1, "one"), (2, "two"), (7, "eight")]
    assert orkes.get("/prompts/hi").body == versions[-1]
    assert orkes.get("/prompts/hi", version=2).body == versions[1]
    orkes.put("/prompts/hi", "TWO", version=2)
    assert orkes.get("/prompts/hi", version=2).body["template"] == "TWO"
    orkes.delete("/prompts/hi/versions/7")
    assert orkes.get("/prompts/hi").body["version"] == 2
    assert orkes.get("/prompts/hi", version=7).status == orkes.delete("/prompts/hi/versions/7").status == 404
    orkes.delete("/prompts/hi")
    assert orkes.get("/prompts").body == []


def test_the_last_version_takes_the_prompt_with_it(orkes: Client) -> None:
    orkes.post("/prompts/hi", "one")
    orkes.delete("/prompts/hi/versions/1")
    assert orkes.get("/prompts").body == []


def test_several_prompts_at_once(orkes: Client) -> None:
    given = [{"name": "a", "template": "A", "integrations": ["ai:small"]}, {"name": "b", "template": "B"}]
    assert orkes.post("/prompts/", given).status == orkes.post("/prompts", given, newVersion="true").status == 200
    assert [(one["name"], one["version"]) for one in orkes.get("/prompts").body] == [("a", 2), ("b", 2)]


@pytest.mark.parametrize("given", [{"name": "a"}, [1], [{"name": "a"}], [{"name": "a", "template": "A"}, {}]])
def test_of_several_prompts_all_are_kept_or_none(orkes: Client, given: Any) -> None:
    assert orkes.post("/prompts", given).status == 400
    assert orkes.get("/prompts").body == []


@pytest.mark.parametrize(
    ("method", "where"),
    [
        ("GET", "/prompts/no"),
        ("PUT", "/prompts/no"),
        ("DELETE", "/prompts/no"),
        ("GET", "/prompts/no/versions"),
        ("GET", "/integrations/provider/no"),
        ("DELETE", "/integrations/provider/no"),
        ("GET", "/integrations/provider/no/integration"),
        ("GET", "/integrations/provider/no/integration/all"),
        ("GET", "/integrations/provider/no/metrics"),
        ("POST", "/integrations/provider/no/integration/small"),
        ("GET", "/integrations/provider/ai/integration/no"),
        ("DELETE", "/integrations/provider/ai/integration/no"),
        ("GET", "/integrations/provider/ai/integration/no/prompt"),
        ("GET", "/integrations/provider/ai/integration/no/metrics"),
        ("POST", "/integrations/provider/ai/integration/no/prompt/hi"),
        ("POST", "/integrations/provider/ai/integration/small/prompt/no"),
    ],
)
def test_what_is_not_there_is_404(orkes: Client, path: str, method: str, where: str) -> None:
    answer = orkes.call(method, where, {})
    assert path
    assert (answer.status, "No static resource" in answer.body["message"]) == (404, False)


def test_no_model_is_asked(orkes: Client) -> None:
    assert orkes.post("/prompts/test", {"prompt": "x"}).status == 501


# -- integrations ------------------------------------------------------------------------------------------------------
def test_a_provider_and_its_models(orkes: Client, path: str) -> None:
    now = orkes.clock.now()
    model = {
        "api": "small",
        "integrationName": "ai",
        "maxTokens": 5,
        "description": "one",
        "enabled": True,
        "configuration": {},
        "tags": [],
        "createdOn": now,
        "updatedOn": now,
    }
    provider = {
        **PROVIDER,
        "name": "ai",
        "enabled": True,
        "modelsCount": 1,
        "apis": [model],
        "tags": [],
        "createdOn": now,
        "updatedBy": "anonymous",
        "updatedOn": now,
    }
    assert orkes.get(path).body == model
    assert orkes.get("/integrations/provider/ai").body == provider
    assert orkes.get("/integrations/provider/ai/integration").body == [model]
    assert orkes.get("/integrations/provider/ai/integration/all").body == ["small"]
    for listing in ("/integrations", "/integrations/all", "/integrations/provider"):
        assert orkes.get(listing).body == [provider]
    orkes.delete(path)
    assert orkes.get("/integrations/provider/ai").body["apis"] == []
    orkes.delete("/integrations/provider/ai")
    assert orkes.get("/integrations/provider").body == []


def test_what_is_changed_keeps_when_it_was_made(orkes: Client, path: str) -> None:
    made = orkes.clock.now()
    orkes.clock.move_to(orkes.clock.now() + 7)
    orkes.post(path, {"description": "two", "enabled": False})
    orkes.post("/integrations/provider/ai", {**PROVIDER, "enabled": False})
    model, provider = orkes.get(path).body, orkes.get("/integrations/provider/ai").body
    assert (model["description"], model["enabled"]) == ("two", False)
    assert [(one["createdOn"], one["updatedOn"]) for one in (model, provider)] == [(made, made + 7)] * 2
    assert orkes.get("/integrations/provider/ai/integration", activeOnly="true").body == []
    assert orkes.get("/integrations/provider", activeOnly="true").body == []


def test_providers_of_a_category(orkes: Client, path: str) -> None:
    orkes.post("/integrations/provider/vectors", {"category": "VECTOR_DB", "type": "pgvectordb"})
    assert path
    assert [one["name"] for one in orkes.get("/integrations/provider", category="VECTOR_DB").body] == ["vectors"]
    kinds = {(kind["category"], kind["type"]) for kind in orkes.get("/integrations/def").body}
    assert {("AI_MODEL", "openai"), ("VECTOR_DB", "pgvectordb")} <= kinds


@pytest.mark.parametrize(
    "given", [{}, {"category": "HOUSE", "type": "x"}, {"category": "AI_MODEL"}, {**PROVIDER, "configuration": 1}]
)
def test_a_provider_that_cannot_be_is_refused(orkes: Client, given: Any) -> None:
    assert orkes.post("/integrations/provider/ai", given).status == 400


def test_prompts_for_a_model(orkes: Client, path: str) -> None:
    orkes.post("/prompts/hi", "Hello")
    assert orkes.get(f"{path}/prompt").body == []
    for _ in range(2):
        assert orkes.post(f"{path}/prompt/hi").status == 200
    [prompt] = orkes.get(f"{path}/prompt").body
    assert (prompt["name"], prompt["integrations"]) == ("hi", ["ai:small"])


def test_tokens_are_counted(orkes: Client, path: str) -> None:
    for tokens in (5, 7):
        assert orkes.post(f"{path}/metrics", tokens).status == 200
    assert orkes.get(f"{path}/metrics").body == 12
    assert orkes.get("/integrations/provider/ai/metrics").body == {"small": 12}
    assert orkes.post(f"{path}/metrics", "many").status == 400


def test_what_has_tags_shows_them(orkes: Client, path: str) -> None:
    orkes.post("/prompts/hi", "Hello")
    tag = {"key": "team", "value": "x"}
    for where in ("/prompts/hi", "/integrations/provider/ai", path):
        orkes.put(f"{where}/tags", [tag])
        assert orkes.get(where).body["tags"] == orkes.get(f"{where}/tags").body == [tag]


# -- several at once ---------------------------------------------------------------------------------------------------
TEAM = {"key": "team", "value": "models"}


def test_several_integrations_are_saved_with_their_models(orkes: Client, path: str) -> None:
    small = {"integrationName": "ai", "api": "small", "description": "changed"}
    given = [
        {**PROVIDER, "name": "ai", "description": "theirs", "apis": [small, {**small, "api": "large"}], "tags": [TEAM]},
        {"name": "vectors", "type": "pgvectordb"},
    ]
    assert orkes.post("/integrations", given).raw == b""
    ai, vectors = orkes.get("/integrations").body
    assert (ai["description"], [model["api"] for model in ai["apis"]]) == ("theirs", ["small", "large"])
    assert (ai["tags"], orkes.get(path).body["description"]) == ([TEAM], "changed")
    assert (vectors["category"], vectors["enabled"], vectors["apis"]) == ("VECTOR_DB", True, [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "openai"},
        {"name": "b", "type": "unheard of"},
        {"name": "b", "category": "AI_MODEL"},
        {"name": "b", "type": "openai", "apis": {}},
        {"name": "b", "type": "openai", "apis": [{}]},
        {"name": "b", "type": "openai", "tags": [1]},
        {"name": "ai", "type": "anthropic"},
        {"name": "b", "type": "openai", "configuration": []},
        "b",
    ],
)
def test_one_that_is_wrong_refuses_them_all(orkes: Client, path: str, wrong: Any) -> None:
    assert orkes.post("/integrations", [{"name": "a", "type": "openai"}, wrong]).status == 400
    assert [provider["name"] for provider in orkes.get("/integrations").body] == ["ai"]
    assert orkes.post("/integrations", {"name": "a", "type": "openai"}).status == 400


def test_one_kind_of_providers(orkes: Client) -> None:
    assert orkes.get("/integrations/def/openai").body["category"] == "AI_MODEL"
    assert orkes.get("/integrations/def/unheard-of").status == 404
