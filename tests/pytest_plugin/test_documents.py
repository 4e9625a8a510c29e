from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conductor_pytest import Conductor
from conductor_pytest.documents import definitions_in, is_case, is_workflow, read_document
from conductor_pytest.errors import HarnessError
from conductor_sdk import TaskDef


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("order.json", '{"name": "order", "until": "2026-01-02", "at": 1}'),
        ("order.yaml", "name: order\nuntil: 2026-01-02\nat: 1\n"),
        ("order.yml", "{name: order, until: '2026-01-02', at: 1}"),
    ],
)
def test_json_and_yaml_say_the_same(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert read_document(path) == {"name": "order", "until": "2026-01-02", "at": 1}


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("order.json", None, "order.json: No such file or directory; looked in "),
        ("order.json", b'{\n  "name" 1}', "order.json: not JSON: Expecting ':' delimiter: line 2 column 10"),
        ("order.json", b" \n", "order.json: there is nothing in it"),
        ("order.yaml", b"a:\n  - [", r"order.yaml:2: not YAML: .* while parsing a flow node, at column 6"),
        ("order.yaml", b"a: 1\n\tb: 2\n", r"order.yaml:2: not YAML: .*; YAML is indented with spaces"),
        ("order.json", b"\xff", "order.json: not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(
    tmp_path: Path, name: str, content: bytes | None, complaint: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(HarnessError, match=complaint):
        read_document(tmp_path / name)


def test_a_directory_is_named_with_what_is_in_it(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=r"is a directory: give its files, though none of them is JSON or YAML$"):
        read_document(tmp_path)
    for name in "abcde":
        (tmp_path / f"{name}.json").write_text("{}")
    with pytest.raises(HarnessError, match=r"is a directory: give its files, .*a\.json, .*d\.json …$"):
        read_document(tmp_path)


@pytest.mark.parametrize(
    ("document", "names"), [({"name": "a"}, ["a"]), ([{"name": "a"}, {"name": "b", "tasks": []}], ["a", "b"])]
)
def test_definitions_are_one_or_a_list(document: Any, names: list[str]) -> None:
    assert [definition["name"] for definition in definitions_in(document, "here")] == names


@pytest.mark.parametrize("document", [3, [3], {"tasks": []}, "order", ["a" * 100]])
def test_what_is_no_definition_is_refused(document: Any) -> None:
    with pytest.raises(HarnessError, match=r"here: expected definitions .* found .{1,61}$"):
        list(definitions_in(document, "here"))


@pytest.mark.parametrize(
    ("key", "meant"), [("tsks", "tasks"), ("Tasks", "tasks"), ("evnt", "event"), ("cronExpresion", "cronExpression")]
)
def test_a_misspelt_key_makes_no_task_of_a_workflow(key: str, meant: str) -> None:
    with pytest.raises(HarnessError, match=f"^here: no definition has a `{key}`; did you mean `{meant}`\\?$"):
        list(definitions_in({"name": "order", key: []}, "here"))


def test_no_field_of_a_task_definition_is_taken_for_a_misspelt_one() -> None:
    definition = {"name": "a"} | {field.alias or name: None for name, field in TaskDef.model_fields.items()}
    assert list(definitions_in(definition, "here")) == [definition]


def test_what_is_registered_as_a_dict_is_looked_at_too(harness: Conductor) -> None:
    with pytest.raises(HarnessError, match=r"register\(\): no definition has a `tsks`; did you mean `tasks`\?"):
        harness.register({"name": "order", "version": 1, "tsks": []})


@pytest.mark.parametrize(
    ("document", "case", "workflow"),
    [
        ({"workflow": "order.json"}, True, False),
        ({"cases": {}}, True, False),
        ({"name": "order", "tasks": []}, False, True),
        ({"name": "charge"}, False, False),
    ],
)
def test_what_a_document_is(document: dict[str, Any], *, case: bool, workflow: bool) -> None:
    assert (is_case(document), is_workflow(document)) == (case, workflow)


def test_definitions_in_yaml_are_registered(harness: Conductor, tmp_path: Path) -> None:
    (tmp_path / "order.yaml").write_text(
        "- name: charge\n  retryCount: 7\n"
        "- name: order\n  version: 1\n  tasks:\n    - {name: charge, taskReferenceName: charge, type: SIMPLE}\n"
    )
    harness.register(tmp_path / "order.yaml")
    harness.stub("charge").returns({"paid": True})
    assert harness.run("order").output == {"paid": True}
    assert harness.client.metadata.get_task("charge").retry_count == 7
