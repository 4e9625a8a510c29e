from __future__ import annotations

import pytest

from conductor_emulator.engine.queue_names import queue_name
from tests.emulator.conftest import Lab, simple


@pytest.mark.parametrize(("domain", "name"), [(None, "greet"), ("", ":greet"), ("blue", "blue:greet")])
def test_a_domain_has_a_queue_of_its_own(domain: str | None, name: str) -> None:
    assert queue_name("greet", domain) == name


@pytest.mark.parametrize("domain", [None, "", "blue"])
def test_a_task_is_found_in_its_own_domain_only(lab: Lab, domain: str | None) -> None:
    lab.task("greet")
    lab.workflow(simple("greet"))
    lab.start(taskToDomain={} if domain is None else {"greet": domain})
    for other in {None, "", "blue"} - {domain}:
        assert not lab.runtime.poll("greet", "w", other)
    assert lab.take("greet", domain).domain == domain
