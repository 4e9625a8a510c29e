from __future__ import annotations

from typing import Any

import pytest

from conductor_sdk import ConfigurationError, TaskDef, WorkerDefinition
from conductor_sdk.worker.environment import overrides


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({}, {}),
        ({"CONDUCTOR_SERVER_URL": "http://x/api"}, {}),
        ({"conductor.worker.send-mail.poll_interval": "250"}, {"poll_interval": 0.25}),
        ({"CONDUCTOR_WORKER_SEND_MAIL_POLL_INTERVAL": "250"}, {"poll_interval": 0.25}),
        ({"CONDUCTOR_WORKER_SEND_MAIL_POLL_INTERVAL_MILLIS": "250"}, {"poll_interval": 0.25}),
        ({"CONDUCTOR_WORKER_SEND_MAIL_POLLING_INTERVAL": "250"}, {"poll_interval": 0.25}),
        ({"conductor_worker_send-mail_poll_interval": "250"}, {"poll_interval": 0.25}),
        ({"conductor.worker.all.thread_count": "4"}, {"batch_size": 4}),
        ({"CONDUCTOR_WORKER_ALL_THREAD_COUNT": "4"}, {"batch_size": 4}),
        ({"CONDUCTOR_WORKER_THREAD_COUNT": "4"}, {"batch_size": 4}),
        ({"CONDUCTOR_WORKER_ALL_DOMAIN": ""}, {"domain": None}),
        ({"CONDUCTOR_WORKER_ALL_DOMAIN": "eu", "CONDUCTOR_WORKER_SEND_MAIL_DOMAIN": "us"}, {"domain": "us"}),
        ({"conductor.worker.all.domain": "eu", "CONDUCTOR_WORKER_SEND_MAIL_DOMAIN": ""}, {"domain": None}),
        ({"CONDUCTOR_WORKER_OTHER_DOMAIN": "eu"}, {}),
        ({"CONDUCTOR_WORKER_ALL_POLL_TIMEOUT": "2000"}, {"poll_timeout": 2.0}),
        ({"CONDUCTOR_WORKER_ALL_WORKER_ID": "w7"}, {"worker_id": "w7"}),
        ({"CONDUCTOR_WORKER_ALL_PAUSED": "Yes"}, {"paused": True}),
        ({"CONDUCTOR_WORKER_ALL_LEASE_EXTEND_ENABLED": "1"}, {"lease_extend": True}),
        ({"CONDUCTOR_WORKER_ALL_REGISTER_TASK_DEF": "off"}, {"register": False}),
        ({"CONDUCTOR_WORKER_ALL_OVERWRITE_TASK_DEF": "on"}, {"overwrite": True}),
    ],
)
def test_variables(environ: dict[str, str], found: dict[str, Any]) -> None:
    assert overrides("send-mail", environ) == found


#: All names of one setting, the one that counts first.
PRECEDENCE = (
    "conductor.worker.send-mail.domain",
    "CONDUCTOR_WORKER_SEND_MAIL_DOMAIN",
    "conductor_worker_send-mail_domain",
    "conductor.worker.all.domain",
    "CONDUCTOR_WORKER_ALL_DOMAIN",
    "conductor_worker_all_domain",
    "CONDUCTOR_WORKER_DOMAIN",
)


@pytest.mark.parametrize("first", range(len(PRECEDENCE)))
def test_of_several_names_the_nearest_to_the_worker_counts(first: int) -> None:
    environ = {name: f"by {name}" for name in PRECEDENCE[first:]}
    assert overrides("send-mail", environ) == {"domain": f"by {PRECEDENCE[first]}"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CONDUCTOR_WORKER_ALL_POLL_INTERVAL", "soon"),
        ("CONDUCTOR_WORKER_ALL_POLL_INTERVAL", "-1"),
        ("CONDUCTOR_WORKER_ALL_POLL_INTERVAL", "nan"),
        ("CONDUCTOR_WORKER_ALL_THREAD_COUNT", "0"),
        ("CONDUCTOR_WORKER_ALL_PAUSED", "perhaps"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(name: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is '{text}'"):
        overrides("send-mail", {name: text})


def test_the_environment_beats_the_code_and_leaves_the_rest() -> None:
    code = WorkerDefinition("greet", print, batch_size=2, poll_interval=5, domain="eu", worker_id="me")
    made = code.with_environment({"CONDUCTOR_WORKER_GREET_POLL_INTERVAL": "50", "CONDUCTOR_WORKER_ALL_DOMAIN": ""})
    assert (made.batch_size, made.poll_interval, made.poll_timeout) == (2, 0.05, 0.05)
    assert (made.domain, made.worker_id) == (None, "me")
    assert (code.poll_interval, code.domain) == (5, "eu")
    assert code.with_environment({}) is code


def test_registering_by_environment_keeps_the_definition_of_the_code() -> None:
    given = TaskDef("greet", retry_count=7)
    told = {"CONDUCTOR_WORKER_ALL_REGISTER_TASK_DEF": "true"}
    assert WorkerDefinition("greet", print, register=given).with_environment(told).register is given
    assert WorkerDefinition("greet", print).with_environment(told).register is True
