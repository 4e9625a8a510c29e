from __future__ import annotations

from conductor_emulator.definitions.errors import BodyError, DefinitionError, DefinitionRefused, ValidationError


def test_a_body_error_says_where_and_what() -> None:
    error = BodyError("expected text, got a list").inside("name").inside("[2]").inside("tasks")
    assert str(error) == "JSON parse error: tasks[2].name: expected text, got a list"
    assert error.http_status == 500


def test_a_body_error_of_the_whole_body_names_no_field() -> None:
    assert str(BodyError("expected an object, got a list")) == "JSON parse error: expected an object, got a list"


def test_a_refusal_lists_the_broken_rules() -> None:
    refused = DefinitionRefused(400, "no", [ValidationError("a.b", "bad", "-1"), ValidationError("a", "worse")])
    assert refused.to_wire() == {
        "status": 400,
        "message": "no",
        "retryable": False,
        "validationErrors": [
            {"path": "a.b", "message": "bad", "invalidValue": "-1"},
            {"path": "a", "message": "worse"},
        ],
    }


def test_a_refusal_without_rules_has_no_list() -> None:
    assert "validationErrors" not in DefinitionRefused(500, "broke").to_wire()


def test_one_except_clause_catches_both() -> None:
    assert issubclass(BodyError, DefinitionError)
    assert issubclass(DefinitionRefused, DefinitionError)
