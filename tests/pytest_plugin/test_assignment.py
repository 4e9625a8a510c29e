from __future__ import annotations

import pytest

from conductor_pytest.assignment import assign
from conductor_pytest.rules import RuleBook, Subject
from conductor_pytest.workers import Workers
from conductor_sdk import Task, execute


def subject() -> Subject:
    return Subject("a_ref", "a_ref", "a", "a", 1, 0, Task)


def unasked() -> Subject:
    raise AssertionError("nobody has to know the task")


def by_worker(task: Task) -> dict[str, str]:
    return {"by": "worker"}


@pytest.mark.parametrize(
    ("worker", "stub", "by"),
    [(True, False, "worker"), (False, True, "stub"), (True, True, "stub"), (False, False, None)],
)
def test_a_stub_goes_before_a_worker(worker: bool, stub: bool, by: str | None) -> None:
    workers, rules = Workers(), RuleBook()
    if worker:
        workers.add("a", by_worker, None)
    if stub:
        rules.add("stub", "a").returns({"by": "stub"})
    assignment = assign(workers, rules, "a", None, subject)
    if by is None:
        assert assignment is None
    else:
        assert assignment is not None
        assert assignment.is_stub == (by == "stub")
        assert execute(assignment.work("a"), Task()).output_data == {"by": by}


@pytest.mark.parametrize(("domain", "is_served"), [("blue", True), ("red", False), (None, False), ("", False)])
def test_a_worker_serves_its_domain(domain: str | None, is_served: bool) -> None:
    workers = Workers()
    workers.add("a", by_worker, "blue")
    assert (assign(workers, RuleBook(), "a", domain, unasked) is not None) == is_served


@pytest.mark.parametrize("word", ["stub", "task"])
def test_a_rule_that_says_nothing_of_the_work_leaves_it_to_the_worker(word: str) -> None:
    rules, workers = RuleBook(), Workers()
    rules.add(word, "a").attempt(1)
    assert assign(workers, rules, "a", None, subject) is None
    workers.add("a", by_worker, None)
    assert assign(workers, rules, "a", None, subject) is not None


def test_whatever_is_said_makes_another_revision() -> None:
    rules = RuleBook()
    seen = {rules.revision}
    rule = rules.add("stub", "a")
    for change in (lambda: None, lambda: rule.attempt(1), lambda: rule.returns({}), lambda: rules.add("task", "a")):
        change()
        seen.add(rules.revision)
    assert len(seen) == 5
