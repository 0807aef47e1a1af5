"""Plain lines: rows of cells of one colour, with the noise that compression puts on them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..sketch import Cells

ALIKE = 10.0
"""Levels of 255 by which a cell of a border may be off its colour; ..."""
_FEW_OFF = 0.02
"""... but for a few cells of a line, ..."""
_MEAN_OFF = 4.0
"""... and by so many in the mean of the line."""


def plain_lines(cells: Cells, levels: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Which rows of cells are of one level, but for noise.

    Args:
        cells: ``float32[rows, columns]``.
        levels: The level, ``float32[1, 1]``, or that of each row, ``float32[rows, 1]``.
    """
    off = np.abs(cells - levels)
    plain: npt.NDArray[np.bool_] = (off.mean(axis=1) <= _MEAN_OFF) & ((off > ALIKE).mean(axis=1) <= _FEW_OFF)
    return plain


def margins(cells: Cells) -> tuple[int, int]:
    """How many rows from the top, and from the bottom, have the colour of the outermost; all of them of a plain picture."""
    counts = []
    for lines in (cells, cells[::-1]):
        plain = plain_lines(lines, np.median(lines[:1], axis=1, keepdims=True))
        counts.append(len(plain) if plain.all() else int(plain.argmin()))
    return counts[0], counts[1]
