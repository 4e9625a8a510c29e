"""Methods of OpenAPI documents, told as Orkes' documentation shows them for its example service."""

from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.runtime.openapi_methods import OpenApiDocument

ADDRESS = "http://shop.test/docs/swagger.json"
PET = {"type": "object", "properties": {"id": {"type": "integer"}, "kind": {"$ref": "#/definitions/Kind"}}}
KIND = {"type": "object", "properties": {"of": {"type": "array", "items": {"$ref": "#/definitions/Kind"}}}}
PET_ID = {"name": "petId", "in": "path", "required": True, "type": "integer", "format": "int64"}
TOLD_PET_ID = {"name": "petId", "type": "path", "required": True, "schema": {"type": "integer", "format": "int64"}}
BOTH = ["application/xml", "application/json"]


def swagger(path: str, **operations: Any) -> OpenApiDocument:
    document = {
        "swagger": "2.0",
        "host": "shop.test",
        "basePath": "/v2",
        "schemes": ["https", "http"],
        "definitions": {"Pet": PET, "Kind": KIND},
        "parameters": {"pet": PET_ID},
        "paths": {path: operations},
    }
    return OpenApiDocument(document, ADDRESS)


def openapi(path: str, components: dict[str, Any] | None = None, **operations: Any) -> OpenApiDocument:
    document = {"openapi": "3.0.1", "components": components or {}, "paths": {path: operations}}
    return OpenApiDocument({**document, "servers": [{"url": "/api"}, {"url": "https://b.test"}]}, ADDRESS)


def told(name: str, path: str, method: str, **more: Any) -> dict[str, Any]:
    basics = {"operationName": name, "methodName": path, "methodType": method}
    return {**basics, "requestParams": [], "deprecated": False, **more}


SWAGGER: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    (
        "/pet/{petId}", "get",
        {"operationId": "getPetById", "description": "one pet", "produces": BOTH, "parameters": [PET_ID],
         "responses": {"200": {"schema": {"$ref": "#/definitions/Pet"}}, "404": {"schema": {"type": "string"}}}},
        {"outputType": "Pet", "requestParams": [TOLD_PET_ID], "responseContentType": "application/json",
         "description": "one pet"},
    ),
    (
        "/pet", "post",
        {"operationId": "addPet", "consumes": ["application/xml"], "description": "",
         "parameters": [{"in": "body", "name": "body", "schema": {"$ref": "#/definitions/Pet"}}],
         "responses": {"405": {}}},
        {"inputType": "Pet", "requestContentType": "application/xml"},
    ),
    (
        "/pet/find", "get",
        {"operationId": "find", "produces": BOTH, "deprecated": True,
         "parameters": [{"name": "status", "in": "query", "required": True, "type": "array", "default": "sold"}],
         "responses": {"200": {"schema": {"type": "array", "items": {"$ref": "#/definitions/Pet"}}}}},
        {"outputType": "find_Response", "deprecated": True,
         "requestParams": [{"name": "status", "type": "query", "required": True,
                            "schema": {"type": "array", "defaultValue": "sold"}}]},
    ),
    (
        "/pet/{petId}/image", "post",
        {"operationId": "upload", "consumes": ["multipart/form-data"],
         "parameters": [{"$ref": "#/parameters/pet"}, {"name": "file", "in": "formData", "type": "file"},
                        {"name": "api_key", "in": "header", "type": "string"}]},
        {"inputType": "upload_Request", "requestContentType": "multipart/form-data",
         "requestParams": [TOLD_PET_ID, {"name": "api_key", "type": "header", "required": False,
                                         "schema": {"type": "string"}}]},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "method", "operation", "more"), SWAGGER, ids=[row[2]["operationId"] for row in SWAGGER]
)
def test_swagger(path: str, method: str, operation: dict[str, Any], more: dict[str, Any]) -> None:
    assert swagger(path, **{method: operation}).methods == [
        told(operation["operationId"], path, method.upper(), **more)
    ]


def test_openapi_3() -> None:
    json_pet = {"content": {"text/xml": {}, "application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
    components = {
        "schemas": {"Pet": {"type": "object"}},
        "requestBodies": {"Given": {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}}},
    }
    put = {
        "operationId": "change",
        "parameters": [{"name": "dry", "in": "query", "schema": {"type": "boolean", "default": False}}],
        "requestBody": {"$ref": "#/components/requestBodies/Given"},
        "responses": {"default": {}, "201": json_pet, 200: {"description": "nothing"}},
    }
    document = openapi("/pet", components, put=put)
    dry = {"name": "dry", "type": "query", "required": False, "schema": {"type": "boolean", "defaultValue": False}}
    assert document.methods == [
        told(
            "change",
            "/pet",
            "PUT",
            requestParams=[dry],
            inputType="change_Request",
            requestContentType="application/x-www-form-urlencoded",
            outputType="Pet",
            responseContentType="application/json",
        )
    ]
    assert document.schemas == {"change_Request": {"type": "object"}, "Pet": {"type": "object"}}


def test_servers() -> None:
    assert swagger("/").servers() == ["https://shop.test/v2", "http://shop.test/v2"]
    assert openapi("/").servers() == ["http://shop.test/api", "https://b.test"]
    assert OpenApiDocument({"swagger": "2.0"}, ADDRESS).servers() == []


def test_a_schema_brings_what_it_refers_to() -> None:
    kind = {"type": "object", "properties": {"of": {"type": "array", "items": {"$ref": "#/definitions/Kind"}}}}
    found = swagger("/pet", get={"responses": {"200": {"schema": {"$ref": "#/definitions/Pet"}}}}).schemas
    assert found == {"Pet": {**PET, "definitions": {"Kind": kind}}}


def test_a_schema_may_refer_to_many_others_one_after_another() -> None:
    count = 2000
    schemas: dict[str, Any] = {f"S{n}": {"items": {"$ref": f"#/components/schemas/S{n + 1}"}} for n in range(count)}
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}
    document = openapi("/s", {"schemas": schemas}, get={"operationId": "get", "responses": {"200": {"content": body}}})
    definitions = document.schemas["S0"]["definitions"]
    assert list(definitions) == [f"S{n}" for n in range(1, count + 1)]
    assert definitions["S1"] == {"items": {"$ref": "#/definitions/S2"}}
    assert definitions[f"S{count}"] == {}


def test_what_a_schema_refers_to_stands_in_the_order_in_which_it_is_met() -> None:
    def refers_to(*names: str) -> dict[str, Any]:
        return {"allOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}

    schemas = {"A": refers_to("B", "C"), "B": refers_to("D", "A"), "C": refers_to("C"), "D": refers_to("C")}
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}
    document = openapi("/a", {"schemas": schemas}, get={"operationId": "get", "responses": {"200": {"content": body}}})
    assert list(document.schemas["A"]["definitions"]) == ["B", "D", "C", "A"]


def test_an_operation_without_a_name_has_one_of_its_path() -> None:
    assert swagger("/pet/{petId}", get={}).methods == [told("get_pet_petId", "/pet/{petId}", "GET")]


def test_parameters_of_a_path_hold_for_its_operations_which_may_change_them() -> None:
    item = {
        "parameters": [PET_ID, {"name": "q", "in": "query", "type": "string"}],
        "get": {"operationId": "a", "parameters": [{"name": "q", "in": "query", "type": "integer", "required": True}]},
        "post": {"operationId": "b"},
        "x-other": {"operationId": "c"},
    }
    b, a = swagger("/pet/{petId}", **item).methods
    assert [(b["operationName"], b["methodType"]), (a["operationName"], a["methodType"])] == [
        ("b", "POST"),
        ("a", "GET"),
    ]
    assert [p["schema"]["type"] for p in a["requestParams"]] == ["integer", "integer"]
    assert [p["schema"]["type"] for p in b["requestParams"]] == ["integer", "string"]


@pytest.mark.parametrize(
    "paths",
    [
        None,
        [],
        {"/a": None, "/b": {"get": []}},
        {"/a": {"$ref": "#/paths/~1a"}},
        {"/a": {"parameters": [None]}},
        {"/a": {"$ref": "http://elsewhere.test/a"}},
    ],
)
def test_what_makes_no_sense_is_passed_over(paths: Any) -> None:
    assert OpenApiDocument({"openapi": "3.1.0", "paths": paths}, ADDRESS).methods == []


@pytest.mark.parametrize(
    ("value", "is_one"),
    [({"openapi": "3.0.0"}, True), ({"swagger": "2.0"}, True), ({"paths": {}}, False), ([], False), (None, False)],
)
def test_what_is_a_document(value: Any, is_one: bool) -> None:
    assert OpenApiDocument.is_one(value) is is_one
