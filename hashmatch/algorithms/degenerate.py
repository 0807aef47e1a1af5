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
    count, size = codes.shape
    side = math.isqrt(size * 8)
    rows = codes.reshape(count, side, side // 8)
    constant_rows = ((rows == rows[:, :, :1]).all(axis=2) & np.isin(rows[:, :, 0], (0, 255))).all(axis=1)
    reasons = np.full(count, None, dtype=np.object_)
    if size == 32:
        ones = np.bitwise_count(codes).sum(axis=1, dtype=np.int64)
        reasons[(ones < _FEWEST_ONES) | (ones > _MOST_ONES)] = UNBALANCED
    reasons[constant_rows] = EQUAL_COLUMNS
    reasons[(rows == rows[:, :1]).all(axis=(1, 2))] = EQUAL_ROWS
    reasons[(codes == 255).all(axis=1)] = ALL_ONE
    reasons[(codes == 0).all(axis=1)] = ALL_ZERO
    return reasons
