"""How codes are cut into bands, and that no radius can slip through between them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.indexes import INDEXES
from hashmatch.indexes.band_plan import Band, flips, pays, plan, radii, work

bit_lengths = st.integers(1, 80).map(lambda size: 8 * size)


@given(bands=st.integers(1, 40), radius=st.integers(0, 300))
def test_codes_that_every_band_misses_are_beyond_the_radius(bands: int, radius: int) -> None:
    own = radii(bands, radius)
    # The nearest code that no band shows differs by one bit more than its radius in each.
    assert int((own + 1).sum()) == radius + 1
    assert own.min() >= -1


@given(bits=bit_lengths, share=st.floats(0, 1), codes=st.sampled_from([0, 1, 50, 3_000, 10**5, 10**7, 10**9]))
def test_bands_are_disjoint_within_the_code_and_take_bounded_memory(bits: int, share: float, codes: int) -> None:
    max_radius = round(share * bits)
    bands = plan(bits, max_radius, codes)
    end = 0
    for band in bands:
        assert end <= band.start
        assert 1 <= band.width <= 24
        end = band.start + band.width
    assert end <= bits
    built = bands[: int((radii(len(bands), max_radius) >= 0).sum())]
    size = sum(16 * codes + 4 * 2**band.width for band in built)
    assert size <= 288 * codes + 65_536


@given(max_radius=st.integers(0, 64), radius=st.integers(0, 64), bands=st.integers(1, 32))
def test_a_smaller_radius_asks_no_band_that_the_largest_does_not(max_radius: int, radius: int, bands: int) -> None:
    radius = min(radius, max_radius)
    assert (radii(bands, radius) <= radii(bands, max_radius)).all()
    asked = radii(bands, max_radius) >= 0
    assert asked[: asked.sum()].all()


@given(width=st.integers(1, 10), radius=st.integers(-1, 11))
def test_flips_are_all_numbers_within_the_radius_once_and_the_nearest_first(width: int, radius: int) -> None:
    expected = sorted((n for n in range(2**width) if n.bit_count() <= radius), key=int.bit_count)
    found = flips(width, radius)
    assert found.dtype == np.uint32
    assert sorted(found.tolist()) == sorted(expected)
    assert [n.bit_count() for n in found.tolist()] == [n.bit_count() for n in expected]


def test_more_codes_are_searched_by_fewer_and_wider_bands() -> None:
    assert len(plan(256, 31, 10**6)) == 16
    assert len(plan(256, 31, 10**7)) < 16
    assert plan(256, 31, 10**8)[0].width > plan(256, 31, 10**6)[0].width


def test_a_band_of_sixteen_bits_costs_what_its_buckets_hold() -> None:
    one = work((Band(0, 16),), 0, 0)
    assert work((Band(0, 16),), 1, 0) == pytest.approx(17 * one)
    assert work((Band(0, 16),), 0, 2**16) > one
    assert work((Band(0, 16), Band(16, 16)), 0, 10**6) == work((Band(0, 16),), 0, 10**6)


def test_bands_pay_for_long_lists_and_radii_that_tell_codes_apart() -> None:
    assert not pays(256, 31, 1_000)
    assert pays(256, 31, 100_000)
    assert not pays(256, 128, 10**7)
    assert not pays(64, 31, 10**7)
    assert pays(64, 10, 10**6)
    assert "multi_index" in INDEXES
