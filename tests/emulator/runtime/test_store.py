from __future__ import annotations

import pytest

from conductor_emulator.engine.errors import NotFound
from tests.emulator.conftest import Lab, simple


def test_executions_are_found_by_their_ids_and_those_of_their_tasks(lab: Lab) -> None:
    first, second = lab.run(simple("a")), lab.start()
    store = lab.runtime.store
    assert (store.get(first.workflow_id), list(store), len(store)) == (first, [first, second], 2)
    assert store.get_task(second.tasks[0].task_id) == (second, second.tasks[0])


def test_what_was_removed_is_nowhere(lab: Lab) -> None:
    run = lab.run(simple("a"))
    store, task_id = lab.runtime.store, run.tasks[0].task_id
    assert store.remove(run.workflow_id) is run
    assert store.remove(run.workflow_id) is None
    assert (store.find(run.workflow_id), store.find_task(task_id), store.directory) == (None, None, {})
    with pytest.raises(NotFound, match=f"No such workflow found by id: {run.workflow_id}"):
        store.get(run.workflow_id)
    with pytest.raises(NotFound, match=f"No such task found by id: {task_id}"):
        store.get_task(task_id)


def test_executions_may_be_removed_while_one_looks_at_all(lab: Lab) -> None:
    for _ in range(3):
        lab.run(simple("a"))
    for execution in lab.runtime.store:
        lab.runtime.store.remove(execution.workflow_id)
    assert len(lab.runtime.store) == 0


def test_the_carrier_of_an_event_task_is_in_no_list(lab: Lab) -> None:
    run = lab.run(simple("a"))
    store = lab.runtime.store
    store.remove(run.workflow_id)
    run.is_event_task = True
    store.add(run)
    assert (store.find(run.workflow_id), list(store), len(store)) == (run, [], 0)
    assert store.remove(run.workflow_id) is run
