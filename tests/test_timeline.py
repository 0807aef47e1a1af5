from __future__ import annotations

import numpy as np
import pytest

from hashmatch.hashes import FrameHash
from hashmatch.timeline import Timeline


def frames(times: list[float | None], numbers: list[int] | None = None) -> list[FrameHash]:
    known = range(len(times)) if numbers is None else numbers
    return [FrameHash(b"\0" * 32, 100, time, number) for time, number in zip(times, known, strict=True)]


def test_times_are_taken_where_all_frames_have_one() -> None:
    line = Timeline.of(frames([0.0, 1.0, 2.0, 5.0]))
    assert (line.timed, line.when.tolist(), line.step, line.end) == (True, [0, 1, 2, 5], 1, 6)
    assert line.rates == (1.0,)


@pytest.mark.parametrize(
    "times", [[None, 1.0, 2.0], [float("nan"), 1, 2], [float("inf"), 1, 2], [1e8, 1, 2], [3.0, 3.0, 3.0]]
)
def test_numbers_are_taken_where_times_make_no_sense(times: list[float | None]) -> None:
    line = Timeline.of(frames(times, [0, 25, 50]))
    assert (line.timed, line.when.tolist(), line.step, line.end) == (False, [0, 25, 50], 25, 75)
    assert 25 in line.rates


def test_the_order_is_taken_where_numbers_are_not_different() -> None:
    line = Timeline.of(frames([None] * 3, [-1, -1, -1]))
    assert (line.timed, line.when.tolist(), line.step) == (False, [0, 1, 2], 1)


@pytest.mark.parametrize(("duration", "end"), [(7.5, 7.5), (2.0, 6), (None, 6), (1e300, 1e7), (float("nan"), 6)])
def test_the_end_is_that_of_the_file_if_it_is_behind_the_last_frame(duration: float | None, end: float) -> None:
    assert Timeline.of(frames([0.0, 1.0, 2.0, 5.0]), duration).end == end


def test_one_frame_and_part_of_them() -> None:
    assert (Timeline.of(frames([3.0])).step, Timeline.of(frames([3.0])).timed) == (1, True)
    part = Timeline.of(frames([0.0, 1.0, 2.0, 5.0])).part(np.array([True, False, False, True]))
    assert (part.when.tolist(), part.step, part.end) == ([0, 5], 1, 6)


def test_a_step_is_never_nothing() -> None:
    assert Timeline.of(frames([0.0, 1e-12, 2e-12])).step == 1e-3
