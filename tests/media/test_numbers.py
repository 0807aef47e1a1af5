"""Which frame of a video each is, though the decoder does not get all of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hashmatch.media.numbers import Numbers


def test_a_frame_s_number_is_how_many_packets_are_shown_before_it() -> None:
    numbers = Numbers()
    for pts in (0, 40, 10, 20, 30, 80, 50):
        numbers.add(pts)
    assert [numbers.next(pts) for pts in (0, 20, 40, 80)] == [0, 2, 4, 6]


def test_what_is_shown_before_the_first_frame_does_not_count() -> None:
    numbers = Numbers()
    for pts in (20, 0, 10, 30):
        numbers.add(pts)
    assert [numbers.next(pts) for pts in (20, 30)] == [0, 1]


def test_without_times_frames_are_counted() -> None:
    numbers = Numbers()
    for _ in range(5):
        numbers.add(None)
    assert [numbers.next(None) for _ in range(3)] == [0, 1, 2]


def test_frames_that_no_packet_told_of_are_counted() -> None:
    numbers = Numbers()
    for pts in (0, 10, 20):
        numbers.add(pts)
    assert [numbers.next(pts) for pts in (0, 5, 10, None, 7, 20)] == [0, 1, 2, 3, 4, 5]


def test_packets_of_one_time_have_a_frame_each() -> None:
    numbers = Numbers()
    for pts in (0, 10, 10, 20):
        numbers.add(pts)
    assert [numbers.next(pts) for pts in (0, 10, 10, 20)] == [0, 1, 2, 3]


@given(
    times=st.lists(st.none() | st.integers(0, 50), max_size=30),
    frames=st.lists(st.none() | st.integers(-5, 60), max_size=30),
)
def test_numbers_go_up_whatever_is_said(times: list[int | None], frames: list[int | None]) -> None:
    numbers = Numbers()
    for pts in times:
        numbers.add(pts)
    found = [numbers.next(pts) for pts in frames]
    assert found == sorted(set(found))
    assert found[:1] in ([], [0])
