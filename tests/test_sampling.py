"""Which frames are wanted, by times alone."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import InvalidValue
from hashmatch.sampling import EVERY, KEYFRAMES, Sampling


def picked(sampling: Sampling, times: list[int], unit: Fraction) -> list[int]:
    wants = sampling.picking(unit)
    return [number for number, ticks in enumerate(times) if wants(ticks)]


def test_what_people_say() -> None:
    assert Sampling.of(None) is None
    assert Sampling.of("every") == EVERY
    assert Sampling.of("keyframes") == KEYFRAMES
    assert Sampling.of(2) == Sampling.of(2.0) == Sampling(2.0)


@pytest.mark.parametrize("wanted", [0, -1, math.inf, math.nan, True, "2", "", "all", [], b"every", -math.inf])
def test_what_makes_no_sense_is_refused(wanted: object) -> None:
    with pytest.raises(InvalidValue, match=r"^sampling is 'every', 'keyframes' or a number of seconds above 0, not "):
        Sampling.of(wanted)  # type: ignore[arg-type]


def test_of_each_multiple_the_first_frame_at_or_after_it() -> None:
    times = [0, 40, 80, 120, 160, 200, 240, 280]
    assert picked(Sampling(0.1), times, Fraction(1, 1000)) == [0, 3, 5]
    assert picked(Sampling(0.08), times, Fraction(1, 1000)) == [0, 2, 4, 6]
    assert picked(EVERY, times, Fraction(1, 1000)) == list(range(8))
    assert picked(KEYFRAMES, times, Fraction(1, 1000)) == list(range(8))


def test_a_gap_skips_multiples_and_no_frame_is_given_twice() -> None:
    assert picked(Sampling(1.0), [0, 1, 2, 7, 8], Fraction(1, 2)) == [0, 2, 3, 4]
    assert picked(Sampling(0.01), [0, 0, 1, 1], Fraction(1)) == [0, 2]


def test_a_tenth_is_a_tenth() -> None:
    # 0.1 as a float, times 3, is more than 0.3.
    assert picked(Sampling(0.1), list(range(0, 3000, 100)), Fraction(1, 1000)) == list(range(30))


@given(
    steps=st.lists(st.integers(0, 500), max_size=60),
    seconds=st.integers(1, 3000).map(lambda thousandths: thousandths / 1000),
)
def test_it_is_what_its_words_say(steps: list[int], seconds: float) -> None:
    times = [sum(steps[:count]) for count in range(len(steps) + 1)]
    step = Fraction(str(seconds)) * 1000
    expected = sorted(
        {
            next(number for number, time in enumerate(times) if time >= multiple * step)
            for multiple in range(int(times[-1] / step) + 1)
        }
    )
    assert picked(Sampling(seconds), times, Fraction(1, 1000)) == expected
