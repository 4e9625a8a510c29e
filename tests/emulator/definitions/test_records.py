from __future__ import annotations

from dataclasses import field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.definitions import (
    BodyError,
    EventHandler,
    RerunRequest,
    StartWorkflowRequest,
    TaskDef,
    WorkflowDef,
    WorkflowTask,
    records,
)
from conductor_emulator.definitions.records import Record, record_type

KINDS = [TaskDef, WorkflowTask, WorkflowDef, EventHandler, StartWorkflowRequest, RerunRequest]


@record_type
class Sample(Record):
    some_text: str | None = records.text()
    count: int = records.integer(7)
    limit: int | None = records.optional_integer()
    on: bool = records.boolean(default=True)
    tags: list[str] = records.text_list()
    extras: dict[str, Any] | None = records.json_map(records.absent)
    inner: Sample | None = records.record(lambda: Sample)


def test_an_empty_body_gives_the_defaults() -> None:
    assert Sample.from_wire({}) == Sample()
    assert Sample().to_wire() == {"count": 7, "on": True, "tags": []}


def test_unknown_fields_are_dropped() -> None:
    assert Sample.from_wire({"colour": "red", "some_text": "no"}) == Sample()


def test_null_is_zero_or_false_for_primitives_and_the_default_for_others() -> None:
    nothing = dict.fromkeys(("someText", "count", "limit", "on", "tags", "extras", "inner"))
    read = Sample.from_wire(nothing)
    assert read == Sample(count=0, on=False)
    assert read.nulls == tuple(nothing)


def test_text_that_means_null_is_null() -> None:
    read = Sample.from_wire({"count": "", "limit": "null", "on": " "})
    assert read == Sample(count=0, on=False)


def test_nulls_do_not_count_in_comparisons() -> None:
    assert Sample.from_wire({"tags": None}) == Sample.from_wire({})


def test_defaults_are_not_shared() -> None:
    Sample.from_wire({}).tags.append("a")
    Sample.from_wire({"tags": None}).tags.append("a")
    assert Sample().tags == []


def test_a_problem_is_named_from_the_outside_in() -> None:
    with pytest.raises(BodyError, match=r"error: inner\.inner\.tags\[1\]: expected text, got an object$"):
        Sample.from_wire({"inner": {"inner": {"tags": ["a", {}]}}})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", [None, [], [{}], 5, True, 1.5])
def test_a_record_is_an_object(kind: type[Record], body: Any) -> None:
    with pytest.raises(BodyError, match=rf"expected an object \({kind.__name__}\), got"):
        kind.from_wire(body)


def test_what_is_written_is_kept_for_the_next_time() -> None:
    sample = Sample(some_text="a", inner=Sample(limit=1))
    wire = sample.to_wire()
    assert sample.to_wire() is wire
    assert sample.inner is not None
    assert wire["inner"] is sample.inner.to_wire()


def test_replace_makes_another_one() -> None:
    sample = Sample(some_text="a")
    sample.to_wire()
    other = sample.replace(some_text="b")
    assert (sample.some_text, other.some_text, other.to_wire()["someText"]) == ("a", "b", "b")
    with pytest.raises(AttributeError):
        sample.replace(no_such_field=1)


def test_replace_shares_what_is_inside_and_forgets_what_was_null() -> None:
    sample = Sample.from_wire({"extras": {"k": 1}, "tags": None})
    other = sample.replace()
    assert other == sample
    assert other.extras is sample.extras
    assert (sample.nulls, other.nulls) == (("tags",), ())


def test_what_has_no_json_shape_needs_a_default_that_may_be_shared() -> None:
    @record_type
    class Careless(Record):
        seen: list[str] = field(default_factory=list, init=False)

    with pytest.raises(TypeError, match=r"Careless\.seen: a field without a JSON shape needs a shared default"):
        Careless.from_wire({})


@pytest.mark.parametrize(
    ("body", "has"), [({}, False), ({"colour": 1}, False), ({"count": None}, True), ({"colour": 1, "inner": {}}, True)]
)
def test_whether_anything_of_an_object_would_be_read(body: dict[str, Any], has: bool) -> None:
    assert Sample.has_fields_of(body) is has


def test_payloads_are_shared() -> None:
    payload = {"deep": [1, None]}
    sample = Sample.from_wire({"extras": payload})
    assert sample.extras is payload
    assert sample.to_wire()["extras"] is payload


@pytest.mark.parametrize("depth", [5_000, 50_000])
def test_a_bottomless_body_is_refused(depth: int) -> None:
    body: dict[str, Any] = {}
    for _ in range(depth):
        body = {"inner": body}
    with pytest.raises(BodyError, match="nested too deeply"):
        Sample.from_wire(body)
    while body:  # taken apart from the outside: no recursion when it goes
        body = body.pop("inner", {})


# -- laws --------------------------------------------------------------------------------------------------------------
NAMES = sorted({name for kind in KINDS for name in kind().to_wire()} | {
    "sink", "loopOver", "subWorkflowParam", "workflowDefinition", "taskDefinition", "workflowTaskType", "cacheConfig",
    "rateLimitConfig", "inputSchema", "workflowDef", "joinMode", "action", "start_workflow", "complete_task",
    "priority",
})  # fmt: skip
VALUES = (
    st.none() | st.booleans() | st.integers(-(2**33), 2**33) | st.floats(allow_nan=False) | st.text(max_size=4)
    | st.sampled_from(["5", "", "FIXED", "ALERT_ONLY", "${a.b}", "SYNC", "TIME_OUT_WF", "WAIT"])
)  # fmt: skip
BODIES = st.recursive(
    st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4),
    lambda inner: st.dictionaries(
        st.sampled_from(NAMES),
        VALUES | inner | st.lists(inner | st.none(), max_size=2) | st.lists(st.lists(inner, max_size=2), max_size=2)
        | st.dictionaries(st.text(max_size=2), st.lists(inner, max_size=2), max_size=2),
        max_size=5,
    ),
    max_leaves=10,
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@given(body=BODIES)
def test_reading_what_was_written_gives_the_same(kind: type[Record], body: dict[str, Any]) -> None:
    try:
        record = kind.from_wire(body)
    except BodyError:
        return
    again = kind.from_wire(record.to_wire())
    assert again == record
    assert again.to_wire() == record.to_wire()


@pytest.mark.parametrize("kind", KINDS)
@given(name=st.sampled_from(NAMES), value=BODIES | VALUES | st.lists(VALUES, max_size=2))
def test_garbage_is_dropped_or_refused(kind: type[Record], name: str, value: Any) -> None:
    try:
        kind.from_wire({name: value})
    except BodyError as error:
        assert str(error).startswith(f"JSON parse error: {name}")  # noqa: PT017 - that nothing is raised is fine too
