"""The time of one file, and that it stands still while everything does."""

from __future__ import annotations

import pytest

from hashmatch import patience
from hashmatch.errors import LimitExceeded
from hashmatch.frames import Limits
from hashmatch.patience import Patience


class Clocks:
    """Those of the wall and of the processor, which go as they are told."""

    def __init__(self) -> None:
        self.wall, self.worked = 1000.0, 5.0

    def go(self, wall: float, worked: float) -> None:
        self.wall += wall
        self.worked += worked

    def monotonic(self) -> float:
        return self.wall

    def process_time(self) -> float:
        return self.worked


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    clocks = Clocks()
    monkeypatch.setattr(patience, "time", clocks)
    return clocks


def over(own: Patience) -> bool:
    try:
        own.check()
    except LimitExceeded:
        return True
    return False


def test_it_ends_when_the_time_is_used_up(clocks: Clocks) -> None:
    own = Patience(60)
    clocks.go(60, 60)
    assert not over(own)
    clocks.go(0.1, 0.1)
    with pytest.raises(LimitExceeded, match=r"^it took longer than the limit of 60 s$"):
        own.check()


def test_it_stands_still_with_the_process(clocks: Clocks) -> None:
    own = Patience(60)
    clocks.go(50, 50)
    clocks.go(100_000, 0)
    assert not over(own)
    clocks.go(20, 20)
    assert over(own)


def test_many_threads_use_no_more_than_the_clock_says(clocks: Clocks) -> None:
    own = Patience(60)
    clocks.go(50, 400)
    assert not over(own)


def test_the_clock_alone_counts_for_who_is_told_so(clocks: Clocks) -> None:
    own = Patience(60)
    clocks.go(61, 3)
    assert not over(own)
    own.go_by_clock()
    assert over(own)


def test_there_may_be_no_end_to_it(clocks: Clocks) -> None:
    own = Patience(float("inf"))
    clocks.go(1e9, 1e9)
    own.check()


@pytest.mark.parametrize(
    ("seconds", "last"), [(0.1, 1.1), (1, 2), (10, 20), (30, 60), (60, 90), (600, 630), (float("inf"), float("inf"))]
)
def test_a_worker_has_as_long_again_within_bounds(seconds: float, last: float) -> None:
    assert Limits(seconds=seconds).last_second == last
