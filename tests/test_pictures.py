from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.pictures import count_different, group

from .films import codes, noisy


def run(ones: int, size: int) -> np.ndarray:
    """A code with so many ones: two are as far apart as their runs are long."""
    return np.packbits((np.arange(8 * size) < ones).astype(np.uint8))


def codes_of(lengths: list[int], size: int) -> np.ndarray:
    return np.array([run(ones, size) for ones in lengths], np.uint8).reshape(-1, size)


@given(
    pairs=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=20),
    bits=st.integers(0, 30),
    most=st.integers(1, 25),
    size=st.sampled_from([8, 9, 32]),
)
def test_each_counted_is_far_from_those_before_on_both_sides(
    pairs: list[tuple[int, int]], bits: int, most: int, size: int
) -> None:
    counted: list[tuple[int, int]] = []
    for left, right in pairs:
        if all(abs(left - one) > bits and abs(right - other) > bits for one, other in counted):
            counted.append((left, right))
    lefts, rights = (codes_of([pair[side] for pair in pairs], size) for side in (0, 1))
    assert count_different(lefts, rights, bits, most) == min(len(counted), most)


@given(lengths=st.lists(st.integers(0, 60), max_size=20), bits=st.integers(0, 30), size=st.sampled_from([8, 9, 32]))
def test_each_is_with_the_first_that_it_is_near(lengths: list[int], bits: int, size: int) -> None:
    firsts: list[int] = []
    expected = []
    for row, ones in enumerate(lengths):
        near = [first for first in firsts if abs(lengths[first] - ones) <= bits]
        if not near:
            firsts.append(row)
        expected.append(near[0] if near else row)
    assert group(codes_of(lengths, size), bits, 100).tolist() == expected


@pytest.mark.parametrize("most", [1, 3])
def test_beyond_the_most_groups_each_is_its_own(most: int) -> None:
    given = np.repeat(codes(1, 6), 2, axis=0)
    groups = group(given, 10, most)
    assert len(set(groups[: 2 * most].tolist())) == most
    assert len(set(groups[2 * most :].tolist())) == 12 - 2 * most


def test_a_held_picture_is_one_and_films_are_many() -> None:
    held = noisy(np.repeat(codes(1, 1), 50, axis=0), 4)
    assert count_different(held, held, 10, 100) == 1
    many = codes(2, 150)
    assert count_different(many, many, 10, 100) == 100
    assert count_different(many, held[np.arange(150) % 50], 10, 100) == 1
