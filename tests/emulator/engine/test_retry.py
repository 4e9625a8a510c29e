from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.definitions.task_def import TaskDef
from conductor_emulator.engine.retry import delay_seconds

_INT_MAX = 2_147_483_647


@pytest.mark.parametrize(
    ("logic", "delay", "scale", "cap", "delays"),
    [
        ("FIXED", 60, 1, 0, [60, 60, 60, 60]),
        ("FIXED", 60, 9, 30, [30, 30, 30, 30]),
        ("FIXED", 0, 1, 30, [0, 0, 0, 0]),
        ("LINEAR_BACKOFF", 2, 1, 0, [2, 4, 6, 8]),
        ("LINEAR_BACKOFF", 2, 3, 0, [6, 12, 18, 24]),
        ("LINEAR_BACKOFF", 2, 3, 13, [6, 12, 13, 13]),
        ("LINEAR_BACKOFF", 2_000_000_000, 1, 0, [2_000_000_000, _INT_MAX, 1_705_032_704, _INT_MAX]),
        ("EXPONENTIAL_BACKOFF", 1, 1, 0, [1, 2, 4, 8]),
        ("EXPONENTIAL_BACKOFF", 3, 7, 0, [3, 6, 12, 24]),
        ("EXPONENTIAL_BACKOFF", 3, 7, 10, [3, 6, 10, 10]),
        ("EXPONENTIAL_BACKOFF", 1_500_000_000, 1, 0, [1_500_000_000, _INT_MAX, 1_705_032_704, _INT_MAX]),
    ],
)
def test_the_delay_before_each_attempt(logic: str, delay: int, scale: int, cap: int, delays: list[int]) -> None:
    task_def = TaskDef.from_wire(
        {
            "name": "charge",
            "retryLogic": logic,
            "retryDelaySeconds": delay,
            "backoffScaleFactor": scale,
            "maxRetryDelaySeconds": cap,
        }
    )
    assert [delay_seconds(task_def, attempt) for attempt in range(4)] == delays


@given(
    st.sampled_from(["FIXED", "LINEAR_BACKOFF", "EXPONENTIAL_BACKOFF"]),
    st.integers(0, _INT_MAX),
    st.integers(1, 100),
    st.integers(0, 1000),
    st.integers(0, 60),
)
def test_a_delay_is_never_negative_and_never_above_its_cap(
    logic: str, delay: int, scale: int, cap: int, attempt: int
) -> None:
    task_def = TaskDef(
        name="charge",
        retry_logic=logic,  # type: ignore[arg-type]
        retry_delay_seconds=delay,
        backoff_scale_factor=scale,
        max_retry_delay_seconds=cap,
    )
    waited = delay_seconds(task_def, attempt)
    assert 0 <= waited <= (cap or _INT_MAX)
