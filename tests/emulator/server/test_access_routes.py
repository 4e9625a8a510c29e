"""Flavor orkes: applications and their keys, users, groups, roles, and what they are granted."""

from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.runtime.options import Options
from conductor_emulator.runtime.roles import ACCESSES, PERMISSIONS
from tests.emulator.server.api_client import Client

WORKFLOW = {"type": "WORKFLOW_DEF", "id": "greet"}


@pytest.fixture
def orkes() -> Client:
    return Client(Options(flavor="orkes"))


def user(client: Client, user_id: str = "ann", **fields: Any) -> dict[str, Any]:
    answer = client.put(f"/users/{user_id}", {"name": user_id, "roles": ["WORKER"], **fields})
    assert answer.status == 200, answer.text
    body: dict[str, Any] = answer.body
    return body


def group(client: Client, name: str = "team", **fields: Any) -> dict[str, Any]:
    answer = client.put(f"/groups/{name}", {"description": "we", "roles": ["WORKER"], **fields})
    assert answer.status == 200, answer.text
    body: dict[str, Any] = answer.body
    return body


def application(client: Client, name: str = "shop") -> str:
    application_id: str = client.post("/applications", {"name": name}).body["id"]
    return application_id


def grant(subject: tuple[str, str], *access: str, target: dict[str, str] = WORKFLOW) -> dict[str, Any]:
    return {"subject": {"type": subject[0], "id": subject[1]}, "target": target, "access": list(access)}


# -- applications ------------------------------------------------------------------------------------------------------
def test_an_application_is_made_renamed_listed_and_forgotten(orkes: Client) -> None:
    made = orkes.post("/applications", {"name": "shop"}).body
    assert made["name"] == "shop"
    assert made["createdBy"] == made["updatedBy"] == "anonymous"
    assert made["createTime"] == made["updateTime"] == orkes.clock.now()
    path = f"/applications/{made['id']}"
    orkes.clock.move_to(orkes.clock.now() + 1000)
    renamed = orkes.put(path, {"name": "store"}).body
    assert renamed == {**made, "name": "store", "updateTime": made["createTime"] + 1000}
    assert orkes.get(path).body == renamed
    assert orkes.get("/applications").body == [renamed]
    assert orkes.delete(path).status == 200
    assert orkes.get(path).status == 404
    assert orkes.get("/applications").body == []


def test_names_of_applications_need_not_be_unique(orkes: Client) -> None:
    assert application(orkes) != application(orkes)


@pytest.mark.parametrize("name", ["", "  ", None, 1])
def test_an_application_needs_a_name(orkes: Client, name: Any) -> None:
    path = f"/applications/{application(orkes)}"
    assert orkes.post("/applications", {"name": name}).status == orkes.put(path, {"name": name}).status == 400


def test_a_key_is_made_switched_and_forgotten(orkes: Client) -> None:
    application_id = application(orkes)
    keys = f"/applications/{application_id}/accessKeys"
    key = orkes.post(keys).body
    assert sorted(key) == ["id", "secret"]
    listed = {"id": key["id"], "createdAt": orkes.clock.now(), "status": "ACTIVE"}
    assert orkes.get(keys).body == [listed]
    assert orkes.post(f"{keys}/{key['id']}/status").body == {**listed, "status": "INACTIVE"}
    assert orkes.post(f"{keys}/{key['id']}/status").body == listed
    assert orkes.get(f"/applications/key/{key['id']}").body["id"] == application_id
    assert orkes.delete(f"{keys}/{key['id']}").status == 200
    assert orkes.get(keys).body == []
    assert orkes.get(f"/applications/key/{key['id']}").status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/applications/no"),
        ("DELETE", "/applications/no"),
        ("GET", "/applications/no/accessKeys"),
        ("POST", "/applications/no/accessKeys"),
        ("POST", "/applications/no/accessKeys/key/status"),
        ("POST", "/applications/no/roles/WORKER"),
        ("DELETE", "/applications/no/roles/WORKER"),
        ("GET", "/applications/key/no"),
        ("GET", "/users/no"),
        ("GET", "/users/app:no"),
        ("DELETE", "/users/no"),
        ("GET", "/users/no/permissions"),
        ("POST", "/users/no/sendInviteEmail"),
        ("GET", "/groups/no"),
        ("DELETE", "/groups/no"),
        ("GET", "/groups/no/users"),
        ("POST", "/groups/no/users/ann"),
        ("GET", "/groups/no/permissions"),
        ("GET", "/roles/no"),
        ("DELETE", "/roles/no"),
    ],
)
def test_what_is_not_there_is_404(orkes: Client, method: str, path: str) -> None:
    answer = orkes.call(method, path)
    assert (answer.status, "No static resource" in answer.body["message"]) == (404, False)


def test_an_application_is_a_user_with_roles(orkes: Client) -> None:
    application_id = application(orkes)
    role = f"/applications/{application_id}/roles/ADMIN"
    assert orkes.post(role).status == orkes.post(role).status == 200
    assert orkes.get("/users").body == []
    [shown] = orkes.get("/users", apps="true").body
    assert (shown["id"], shown["name"], shown["applicationUser"]) == (f"app:{application_id}", "shop", True)
    assert [held["name"] for held in shown["roles"]] == ["ADMIN"]
    assert orkes.delete(role).status == 200
    assert orkes.get(f"/users/{shown['id']}").body["roles"] == []
    assert orkes.post(f"/applications/{application_id}/roles/KING").status == 400


# -- logging in --------------------------------------------------------------------------------------------------------
@pytest.fixture
def guarded() -> Client:
    return Client(Options(flavor="orkes", auth_key="key", auth_secret="secret"))


def token(client: Client, key_id: str, secret: str) -> str | None:
    found: str | None = client.post("/token", {"keyId": key_id, "keySecret": secret}).body.get("token")
    return found


def test_programs_log_in_with_the_key_of_an_application(guarded: Client) -> None:
    own = {"x-authorization": token(guarded, "key", "secret") or "", "content-type": "application/json"}
    made = guarded.send("POST", "/api/applications", own, b'{"name": "shop"}').body
    assert made["createdBy"] == "app:key"
    keys = f"/api/applications/{made['id']}/accessKeys"
    key = guarded.send("POST", keys, own).body
    theirs = token(guarded, key["id"], key["secret"])
    assert theirs is not None
    who = guarded.send("GET", "/api/token/userInfo", {"x-authorization": theirs}).body
    assert (who["id"], who["name"], who["applicationUser"]) == (f"app:{made['id']}", "shop", True)
    assert token(guarded, key["id"], "wrong") is None
    guarded.send("POST", f"{keys}/{key['id']}/status", own)
    assert token(guarded, key["id"], key["secret"]) is None
    refused = guarded.send("GET", "/api/token/userInfo", {"x-authorization": theirs})
    assert (refused.status, refused.body["error"]) == (401, "INVALID_TOKEN")


# -- users and groups --------------------------------------------------------------------------------------------------
def test_a_user_is_made_changed_and_forgotten(orkes: Client) -> None:
    made = user(orkes, "Ann@Example.com", name="Ann", contactInformation={"phone": "1"})
    assert (made["id"], made["name"], made["groups"], made["applicationUser"]) == ("ann@example.com", "Ann", [], False)
    assert made["roles"] == [{"name": "WORKER", "permissions": []}]
    changed = user(orkes, "ann@example.com", name="Anna", roles="USER")
    assert (changed["uuid"], changed["name"], changed["contactInformation"]) == (made["uuid"], "Anna", {"phone": "1"})
    assert orkes.get("/users/ANN@example.com").body == changed
    assert orkes.get("/users").body == [changed]
    assert orkes.post("/users/ann@example.com/sendInviteEmail").status == 200
    orkes.delete("/users/ann@example.com")
    assert orkes.get("/users").body == []


@pytest.mark.parametrize("given", [{}, {"name": " "}, {"name": "x", "roles": ["KING"]}, {"name": "x", "roles": [1]}])
def test_a_user_that_cannot_be_is_refused(orkes: Client, given: Any) -> None:
    assert orkes.put("/users/ann", given).status == 400


def test_people_join_and_leave_groups(orkes: Client) -> None:
    made = group(orkes, defaultAccess={"WORKFLOW_DEF": ["READ"]})
    assert made["defaultAccess"] == {"WORKFLOW_DEF": ["READ"]}
    user(orkes, groups=["team"])
    user(orkes, "bob")
    user(orkes, "cy")
    assert orkes.post("/groups/team/users", ["bob", "cy"]).status == 200
    assert orkes.post("/groups/team/users/Bob").status == 200
    assert [member["id"] for member in orkes.get("/groups/team/users").body] == ["ann", "bob", "cy"]
    assert orkes.get("/users/ann").body["groups"] == [made]
    assert user(orkes, name="Ann")["groups"] == [made]
    orkes.delete("/groups/team/users/ann")
    orkes.delete("/groups/team/users", ["cy", "ann"])
    assert [member["id"] for member in orkes.get("/groups/team/users").body] == ["bob"]
    assert orkes.post("/groups/team/users", ["ann", "nobody"]).status == 404
    assert orkes.get("/users/ann").body["groups"] == []
    orkes.delete("/groups/team")
    assert orkes.get("/users/bob").body["groups"] == []


def test_a_group_that_nobody_made_cannot_be_joined(orkes: Client) -> None:
    assert orkes.put("/users/ann", {"name": "Ann", "groups": ["no"]}).status == 404


@pytest.mark.parametrize("access", [1, {"WORKFLOW_DEF": "READ"}, {"WORKFLOW_DEF": ["LOOK"]}, {"HOUSE": ["READ"]}])
def test_a_group_is_refused_what_cannot_be_granted(orkes: Client, access: Any) -> None:
    assert orkes.put("/groups/team", {"defaultAccess": access}).status == 400


# -- roles -------------------------------------------------------------------------------------------------------------
def test_a_role_is_made_changed_and_forgotten(orkes: Client) -> None:
    made = orkes.post("/roles", {"name": "reader", "permissions": ["READ_WORKFLOW_DEF"]}).body
    assert made == {"name": "reader", "permissions": [{"name": "READ_WORKFLOW_DEF"}]}
    assert orkes.get("/roles/reader").body == made
    assert orkes.get("/roles/custom").body == [made]
    changed = orkes.put("/roles/reader", {"permissions": ["READ_TASK_DEF"]}).body
    assert [permission["name"] for permission in changed["permissions"]] == ["READ_TASK_DEF"]
    user(orkes, roles=["reader"])
    orkes.delete("/roles/reader")
    assert orkes.get("/roles/custom").body == orkes.get("/users/ann").body["roles"] == []


def test_every_server_has_some_roles(orkes: Client) -> None:
    system = orkes.get("/roles/system").body
    assert {"ADMIN", "USER", "METADATA_MANAGER", "WORKFLOW_MANAGER", "WORKER"} <= system.keys()
    assert orkes.get("/roles").body == list(system.values())
    assert orkes.get("/roles/ADMIN").body == system["ADMIN"]
    assert list(orkes.get("/roles/permissions").body) == list(PERMISSIONS)
    assert orkes.delete("/roles/ADMIN").status == orkes.put("/roles/ADMIN", {"permissions": []}).status == 400


@pytest.mark.parametrize(
    "given",
    [
        {"name": "x", "permissions": ["workflow:read"]},
        {"name": "x", "permissions": "READ_TASK_DEF"},
        {"name": "x"},
        {"name": " ", "permissions": []},
        {"permissions": []},
        {"name": "ADMIN", "permissions": []},
    ],
)
def test_a_role_that_cannot_be_is_refused(orkes: Client, given: Any) -> None:
    assert orkes.post("/roles", given).status == 400


# -- grants ------------------------------------------------------------------------------------------------------------
def test_what_is_granted_is_told_and_can_be_taken_back(orkes: Client) -> None:
    user(orkes)
    path = "/auth/authorization"
    nobody: dict[str, list[Any]] = {access: [] for access in ACCESSES}
    assert orkes.get(f"{path}/WORKFLOW_DEF/greet").body == nobody
    for _ in range(2):
        assert orkes.post(path, grant(("USER", "ANN"), "READ", "EXECUTE")).status == 200
    ann = [{"type": "USER", "id": "ann"}]
    assert orkes.get(f"{path}/WORKFLOW_DEF/greet").body == {**nobody, "READ": ann, "EXECUTE": ann}
    assert orkes.get("/users/ann/permissions").body == {
        "grantedAccess": [{"target": WORKFLOW, "access": ["READ", "EXECUTE"]}]
    }
    orkes.delete(path, grant(("USER", "ann"), "READ", "DELETE"))
    assert orkes.get(f"{path}/WORKFLOW_DEF/greet").body == {**nobody, "EXECUTE": ann}
    orkes.delete("/users/ann")
    assert orkes.get(f"{path}/WORKFLOW_DEF/greet").body == nobody


@pytest.mark.parametrize(
    ("subject", "role"),
    [(("USER", "ann"), "WORKER"), (("GROUP", "team"), "WORKER"), (("ROLE", "WORKER"), "WORKER")],
)
def test_a_user_may_what_it_its_groups_or_its_roles_were_granted(
    orkes: Client, subject: tuple[str, str], role: str
) -> None:
    group(orkes)
    user(orkes, groups=["team"], roles=[role])
    check = {"type": "WORKFLOW_DEF", "id": "greet"}
    assert orkes.get("/users/ann/checkPermissions", **check).body == dict.fromkeys(ACCESSES, False)
    orkes.post("/auth/authorization", grant(subject, "READ"))
    assert orkes.get("/users/ann/checkPermissions", **check).body == {**dict.fromkeys(ACCESSES, False), "READ": True}
    assert orkes.get("/users/ann/checkPermissions", **{**check, "id": "other"}).body["READ"] is False
    assert orkes.get("/users/ann/permissions").body["grantedAccess"] == [{"target": WORKFLOW, "access": ["READ"]}]
    in_group = orkes.get("/groups/team/permissions").body["grantedAccess"]
    assert in_group == ([{"target": WORKFLOW, "access": ["READ"]}] if subject[0] == "GROUP" else [])


def test_a_role_allows_without_a_grant(orkes: Client) -> None:
    user(orkes, roles=["ADMIN"])
    allowed = orkes.get("/users/ann/checkPermissions", type="WORKFLOW_DEF", id="greet").body
    assert allowed == dict.fromkeys(ACCESSES, True)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (grant(("USER", "nobody"), "READ"), 404),
        (grant(("GROUP", "nobody"), "READ"), 404),
        (grant(("ROLE", "nobody"), "READ"), 404),
        (grant(("HOUSE", "ann"), "READ"), 400),
        (grant(("USER", "ann"), "LOOK"), 400),
        (grant(("USER", "ann"), "READ", target={"type": "HOUSE", "id": "x"}), 400),
        ({"subject": "ann", "target": WORKFLOW, "access": ["READ"]}, 400),
        ({**grant(("USER", "ann")), "access": "READ"}, 400),
        ({}, 400),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(orkes: Client, given: Any, status: int) -> None:
    user(orkes)
    assert orkes.post("/auth/authorization", given).status == status


def test_an_unknown_kind_of_target_is_refused(orkes: Client) -> None:
    user(orkes)
    assert orkes.get("/auth/authorization/HOUSE/x").status == 400
    assert orkes.get("/users/ann/checkPermissions", type="HOUSE", id="x").status == 400


@pytest.mark.parametrize("path", ["/applications", "/users", "/groups", "/roles", "/prompts", "/integrations/provider"])
def test_the_open_source_server_has_none_of_it(client: Client, path: str) -> None:
    assert client.get(path).status == 404
