"""When frames are shown, whatever their file says of it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.media.clock import Clock

UNIT = Fraction(1, 100)


def shown(times: list[int | None], rate: Fraction | None = Fraction(25)) -> list[float]:
    clock = Clock(UNIT, rate)
    return [round(clock.seconds(clock.show(time)), 6) for time in times]


def test_times_count_from_the_first_frame() -> None:
    assert shown([700, 704, 708, 760]) == [0, 0.04, 0.08, 0.6]


def test_without_times_a_frame_lasts_as_long_as_on_average() -> None:
    assert shown([None] * 4, Fraction(50)) == [0, 0.02, 0.04, 0.06]
    assert shown([None] * 3, Fraction(24_000, 1001)) == [0, 0.041708, 0.083417]


def test_a_frame_that_says_for_how_long_it_is_shown_is_believed() -> None:
    clock = Clock(UNIT, Fraction(25))
    times = [clock.seconds(clock.show(None, duration)) for duration in (2, 2, 0, None, 2**62, 7, 2)]
    assert times == pytest.approx([0, 0.02, 0.04, 0.08, 0.12, 0.16, 0.23])


@pytest.mark.parametrize("rate", [None, Fraction(0), Fraction(-3), Fraction(1, 1000), Fraction(10**9)])
def test_rates_that_make_no_sense_are_those_of_most_films(rate: Fraction | None) -> None:
    assert shown([None, None], rate) == [0, 0.04]


@pytest.mark.parametrize("unit", [None, Fraction(0), Fraction(-1)])
def test_units_that_make_no_sense_do_no_harm(unit: Fraction | None) -> None:
    clock = Clock(unit, None)
    assert [clock.seconds(clock.show(time)) for time in (90_000, 180_000)] == [0, 1]


def test_a_time_among_frames_without_one_is_believed() -> None:
    assert shown([None, 2, 6, None, 20]) == [0, 0.04, 0.08, 0.12, 0.22]


def test_a_recording_that_was_joined_on_goes_on() -> None:
    assert shown([1000, 1004, 1008, 0, 4, 8]) == [0, 0.04, 0.08, 0.12, 0.16, 0.20]


def test_a_little_back_is_not_at_all() -> None:
    assert shown([0, 4, 3, 8]) == [0, 0.04, 0.04, 0.08]


def test_a_gap_is_believed_for_an_hour() -> None:
    assert shown([0, 4, 360_004, 360_008]) == [0, 0.04, 3600.04, 3600.08]
    assert shown([0, 4, 360_005, 360_009]) == [0, 0.04, 0.08, 0.12]
    assert shown([0, 2**62, 2**62 + 4]) == [0, 0.04, 0.08]


def test_it_knows_whether_all_times_could_be_believed() -> None:
    for times, steady in (([5, 9, 9], True), ([5, None], False), ([5, 4], False), ([0, 2**62], False)):
        clock = Clock(UNIT, None)
        for time in times:
            clock.show(time)
        assert clock.steady is steady, times


def test_how_long_a_frame_is_shown() -> None:
    clock = Clock(UNIT, Fraction(50))
    assert [clock.length(duration) for duration in (7, 0, -3, None, 10_001)] == [7, 2, 2, 2, 2]


@given(times=st.lists(st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(0, 300), max_size=40))
def test_time_never_runs_backwards(times: list[int | None]) -> None:
    seconds = shown(times)
    assert seconds == sorted(seconds)
    assert seconds[:1] in ([], [0])
