from __future__ import annotations

import numpy as np
import pytest

from hashmatch.algorithms import degenerate
from hashmatch.algorithms.degenerate import degenerate_squares


def code(bits: np.ndarray) -> np.ndarray:
    return np.packbits(bits.astype(np.uint8)).reshape(1, -1)


@pytest.mark.parametrize("side", [8, 16])
def test_blank_and_striped_squares_are_named(side: int) -> None:
    line = np.arange(side) % 2
    across, down = np.tile(line, (side, 1)), np.tile(line, (side, 1)).T
    codes = np.concatenate([code(np.zeros((side, side))), code(np.ones((side, side))), code(across), code(down)])
    assert degenerate_squares(codes).tolist() == [
        degenerate.ALL_ZERO,
        degenerate.ALL_ONE,
        degenerate.EQUAL_ROWS,
        degenerate.EQUAL_COLUMNS,
    ]


@pytest.mark.parametrize(("ones", "reason"), [(95, True), (96, False), (128, False), (160, False), (161, True)])
def test_the_bounds_of_a_balanced_code_are_inclusive(ones: int, reason: bool) -> None:
    bits = np.zeros(256)
    bits[np.random.default_rng(ones).permutation(256)[:ones]] = 1
    assert degenerate_squares(code(bits)).tolist() == [degenerate.UNBALANCED if reason else None]


def test_codes_of_64_bits_need_no_balance() -> None:
    bits = np.zeros(64)
    bits[5] = 1
    assert degenerate_squares(code(bits)).tolist() == [None]


def test_one_bit_breaks_a_stripe() -> None:
    bits = np.tile(np.arange(16) % 2, (16, 1))
    bits[3, 4] ^= 1
    assert degenerate_squares(code(bits)).tolist() == [None]


def test_no_codes_give_no_reasons() -> None:
    assert degenerate_squares(np.empty((0, 32), np.uint8)).shape == (0,)


@pytest.mark.parametrize("size", [8, 32])
def test_every_code_is_judged_alone(size: int) -> None:
    rng = np.random.default_rng(7)
    codes = rng.integers(0, 256, (300, size), dtype=np.uint8)
    codes[::3] = 0
    codes[1::7] = 255
    codes[2::5] = codes[2::5, :1]
    together = degenerate_squares(codes).tolist()
    assert together == [degenerate_squares(row[np.newaxis])[0] for row in codes]
    assert degenerate.ALL_ZERO in together
    assert None in together
