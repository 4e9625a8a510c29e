from __future__ import annotations

from conductor_emulator.runtime.poll_data import ACTIVE_MS, PollData


def test_the_newest_poll_of_each_type_and_domain_is_kept() -> None:
    polls = PollData()
    polls.polled("greet", None, "w1", 1)
    polls.polled("greet", "blue", "w2", 2)
    polls.polled("greet", None, "w3", 3)
    polls.polled("charge", None, "w1", 4)
    assert [(p.domain, p.worker_id, p.at) for p in polls.of("greet")] == [(None, "w3", 3), ("blue", "w2", 2)]
    assert len(polls.all()) == 3


def test_a_domain_is_active_for_ten_seconds_after_a_poll() -> None:
    polls = PollData()
    polls.polled("greet", "blue", "w", 1000)
    assert polls.active_domain("greet", ["red", "blue"], 1000 + ACTIVE_MS - 1) == "blue"
    assert polls.active_domain("greet", ["red", "blue"], 1000 + ACTIVE_MS) is None
    assert polls.active_domain("charge", ["blue"], 1000) is None


def test_of_several_active_domains_the_first_listed_counts() -> None:
    polls = PollData()
    polls.polled("greet", "blue", "w", 2)
    polls.polled("greet", "red", "w", 1)
    assert polls.active_domain("greet", ["red", "blue"], 3) == "red"
