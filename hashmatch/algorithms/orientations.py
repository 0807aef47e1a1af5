"""The eight orientations: what each name does to a picture.

The names are those of the PDQ reference tools, and mean what those tools mean by them. The hash
called ``rotate90`` is the hash of the picture turned by 90 degrees **counter-clockwise**;
``flip_x`` mirrors about the horizontal axis, so that top and bottom change places.

============  =================================================  =====================
name          the stored pixels are                              numpy
============  =================================================  =====================
original      as they are                                        ``a``
rotate90      turned 90 degrees counter-clockwise                ``rot90(a, 1)``
rotate180     turned upside down                                 ``rot90(a, 2)``
rotate270     turned 90 degrees clockwise                        ``rot90(a, 3)``
flip_x        mirrored, top and bottom change places             ``a[::-1]``
flip_y        mirrored, left and right change places             ``a[:, ::-1]``
flip_plus1    mirrored about the diagonal from the top left      ``a`` transposed
flip_minus1   mirrored about the diagonal from the top right     ``rot90(a, 2)`` transposed
============  =================================================  =====================
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ..hashes import ORIENTATIONS

Scalar = TypeVar("Scalar", bound=np.generic)
Real = TypeVar("Real", bound=np.floating)

TRANSPOSING = frozenset({"rotate90", "rotate270", "flip_plus1", "flip_minus1"})
"""The orientations in which height and width change places."""

_FLIPS_ROWS = frozenset({"rotate90", "rotate180", "flip_x", "flip_minus1"})
_FLIPS_COLUMNS = frozenset({"rotate180", "rotate270", "flip_y", "flip_minus1"})


def turn(array: npt.NDArray[Scalar], orientation: str) -> npt.NDArray[Scalar]:
    """A picture in another orientation, as a view.

    Args:
        array: ``[height, width, ...]``; further axes stay as they are.
        orientation: One of ``hashes.ORIENTATIONS``.
    """
    rows = slice(None, None, -1 if orientation in _FLIPS_ROWS else 1)
    columns = slice(None, None, -1 if orientation in _FLIPS_COLUMNS else 1)
    turned: npt.NDArray[Scalar] = (array.swapaxes(0, 1) if orientation in TRANSPOSING else array)[rows, columns]
    return turned


def turned_coefficients(coefficients: npt.NDArray[Real]) -> npt.NDArray[Real]:
    """The cosine transforms of the picture in each orientation, from that of the picture.

    Transposing a picture transposes its transform; mirroring an axis changes the sign of the odd
    frequencies along it.

    Args:
        coefficients: ``[..., n, n]``; row and column 0 hold frequency 1, as in PDQ.

    Returns:
        ``[..., 8, n, n]``, in the order of ``hashes.ORIENTATIONS``.
    """
    turned = np.stack((coefficients, coefficients.swapaxes(-1, -2)), axis=-3)[..., _TRANSPOSED, :, :]
    turned *= _signs(coefficients.shape[-1])
    return turned


@lru_cache(maxsize=8)
def _signs(size: int) -> npt.NDArray[np.float64]:
    """What each coefficient is multiplied by in each orientation: ``float64[8, size, size]``."""
    signs = np.ones((len(ORIENTATIONS), size, size))
    for place, name in enumerate(ORIENTATIONS):
        if name in _FLIPS_ROWS:
            signs[place, ::2] *= -1
        if name in _FLIPS_COLUMNS:
            signs[place, :, ::2] *= -1
    return signs


_TRANSPOSED = np.array([name in TRANSPOSING for name in ORIENTATIONS], dtype=np.intp)
