"""Which perceptual hashes must not match: those of blank, striped and broken pictures."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..hashes import Codes

ALL_ZERO = "all bits are zero"
ALL_ONE = "all bits are one"
EQUAL_ROWS = "all rows of bits are equal"
EQUAL_COLUMNS = "all columns of bits are equal"
UNBALANCED = "fewer than 96 or more than 160 of the 256 bits are one"

_FEWEST_ONES, _MOST_ONES = 96, 160


def degenerate_squares(codes: Codes) -> npt.NDArray[np.object_]:
    """Why each code of a perceptual hash must not match.

    Args:
        codes: ``uint8[n, 8]`` or ``uint8[n, 32]``: square matrices of 8 by 8 or 16 by 16 bits.

    Returns:
        ``object[n]``: None, or the reason.
    """
    reasons = np.full(len(codes), None, dtype=np.object_)
    if not len(codes):
        return reasons
    if codes.shape[1] == 32:
        ones = np.bitwise_count(np.ascontiguousarray(codes).view(np.uint64)).sum(axis=1, dtype=np.int64)
        reasons[(ones < _FEWEST_ONES) | (ones > _MOST_ONES)] = UNBALANCED
    side = math.isqrt(codes.shape[1] * 8)
    # The first byte, or that of the second row, settles nearly all.
    first, second = codes[:, 0], codes[:, side // 8]
    striped = np.flatnonzero((first == 0) | (first == 255) | (first == second))
    reasons[striped] = _striped(codes[striped].reshape(len(striped), side, side // 8), reasons[striped])
    return reasons


def _striped(rows: npt.NDArray[np.uint8], reasons: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """The reasons, and in their place those of matrices whose rows or columns are all equal."""
    constant_rows = ((rows == rows[:, :, :1]).all(axis=2) & np.isin(rows[:, :, 0], (0, 255))).all(axis=1)
    reasons[constant_rows] = EQUAL_COLUMNS
    reasons[(rows == rows[:, :1]).all(axis=(1, 2))] = EQUAL_ROWS
    reasons[(rows == 255).all(axis=(1, 2))] = ALL_ONE
    reasons[(rows == 0).all(axis=(1, 2))] = ALL_ZERO
    return reasons
