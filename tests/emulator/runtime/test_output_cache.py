from __future__ import annotations

from conductor_emulator.runtime.output_cache import OutputCache


def test_the_newest_output_of_a_key_counts_until_its_moment() -> None:
    cache = OutputCache()
    cache.keep("t", "k", {"r": 1}, 100, 0)
    cache.keep("t", "k", {"r": 2}, 50, 0)
    assert cache.find("t", "k", 49) == {"r": 2}
    assert cache.find("t", "k", 50) is None
    assert cache.find("other", "k", 0) is None


def test_what_is_too_old_does_not_stay_for_ever() -> None:
    cache = OutputCache()
    for moment in range(5000):
        cache.keep("t", str(moment), {}, moment + 1, moment)
    assert len(cache._kept) < 2100


def test_a_definitions_outputs_are_forgotten() -> None:
    cache = OutputCache()
    for name, key in (("t", "a"), ("t", "b"), ("u", "a")):
        cache.keep(name, key, {"of": name}, 100, 0)
    cache.clear("t")
    assert [cache.find(*key, 0) for key in (("t", "a"), ("t", "b"), ("u", "a"))] == [None, None, {"of": "u"}]
