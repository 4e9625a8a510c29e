from __future__ import annotations

import pytest

from conductor_emulator.engine.errors import BadRequest, ServerFault
from conductor_emulator.server.paging import page_bounds


@pytest.mark.parametrize(
    ("start", "count", "bounds"), [(0, 15, (0, 4)), (1, 2, (1, 3)), (4, 1, (4, 4)), (9, 9, (4, 4)), (2, 0, (2, 2))]
)
def test_pages_of_four(start: int, count: int, bounds: tuple[int, int]) -> None:
    assert page_bounds(4, start, count) == bounds


@pytest.mark.parametrize(
    ("start", "count", "error", "message"),
    [
        (-1, 5, ServerFault, "fromIndex = -1"),
        (0, -1, BadRequest, "fromIndex(0) > toIndex(-1)"),
        (2, 2**31 - 1, BadRequest, "fromIndex(2) > toIndex(-2147483647)"),
    ],
)
def test_pages_that_are_none(start: int, count: int, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as refused:
        page_bounds(4, start, count)
    assert str(refused.value) == message
