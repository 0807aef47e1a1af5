"""The matrices that shrink a picture to PDQ's 64 by 64: two box filters and a decimation.

The filter is linear and separable, so the small picture is ``R @ luma @ C.T``. A row of such a
matrix has ``2 w - 1`` entries side by side (``w``: the filter's window), and rows hardly overlap:
multiplying a few rows at a time touches each pixel about once. Entries are integers times a scale,
so that sums of pixels are exact in ``float32``, in whatever order they are added.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..frames import Pixels

SIDE = 64
"""Rows and columns of the small picture."""

Floats = npt.NDArray[np.float64]

_LUMA = (0.299, 0.587, 0.114)
_EXACT_IN_FLOAT32 = 2**24
_CACHED_LENGTH = 1 << 14
_WIDEST = 1 << 14


@dataclass(frozen=True)
class Block:
    """Some rows of a matrix, where they are not zero: ``weights * scales`` in columns start to stop."""

    first: int
    """Number of the first of these rows."""
    start: int
    stop: int
    """Exclusive."""
    weights: npt.NDArray[np.floating]
    """``[rows, stop - start]``; ``float32`` if every sum of pixels with them is exact in it, else ``float64``."""
    scales: Floats
    """``float64[rows, 1]``."""

    @property
    def last(self) -> int:
        """Number of the last of these rows, exclusive."""
        return self.first + len(self.weights)


@dataclass(frozen=True)
class BandedMatrix:
    """A matrix of 64 rows, its repeated rows stored once."""

    blocks: tuple[Block, ...]
    rows: npt.NDArray[np.intp]
    """``intp[64]``: which stored row each row is."""

    @property
    def stored(self) -> int:
        """How many rows are stored."""
        return self.blocks[-1].last


def shrinking_rows(height: int) -> BandedMatrix:
    """R: filters and decimates ``height`` (1 or more) rows of pixels to 64.

    In blocks of one row, the fastest over many columns, of sixteen in small pictures. Those of
    usual sizes are kept; the cache is bounded in number and in bytes.
    """
    if height > _CACHED_LENGTH:
        return _built(height, 1)
    return _kept(height, 16 if height <= 2 * SIDE else 1)


def shrinking_columns(width: int) -> BandedMatrix:
    """C: filters and decimates ``width`` (1 or more) columns to 64, as ``shrinking_rows``.

    In blocks of four: fast over the 64 rows that are left, and small enough for one thread.
    """
    return _kept(width, 4) if width <= _CACHED_LENGTH else _built(width, 1)


def small_picture(pixels: Pixels, rows: BandedMatrix, columns: BandedMatrix) -> Floats:
    """``R @ luma @ C.T``, the luma of RGB being 0.299 R + 0.587 G + 0.114 B.

    Args:
        pixels: ``uint8[height, width]`` (its own luma) or ``uint8[height, width, 3]`` (RGB).
        rows: R, for ``height``.
        columns: C, for ``width``.

    Returns:
        ``float64[64, 64]``.
    """
    small = np.empty((rows.stored, columns.stored))
    for blocks in _runs(columns.blocks):
        offset = blocks[0].start
        luma = _filtered_luma(pixels[:, offset : blocks[-1].stop], rows)
        for block in blocks:
            part = luma[:, block.start - offset : block.stop - offset]
            small[:, block.first : block.last] = part @ block.weights.T.astype(np.float64) * block.scales.T
    return small[rows.rows[:, np.newaxis], columns.rows]


def _filtered_luma(pixels: Pixels, rows: BandedMatrix) -> Floats:
    """``R @ luma``, without the repeated rows: ``float64[rows.stored, width]``.

    The channels are weighed after the rows are added up, when there is little left to weigh.
    """
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    summed = np.empty((rows.stored, pixels.shape[1] * channels))
    for block in rows.blocks:
        part = pixels[block.start : block.stop].astype(block.weights.dtype)
        # Not ``@``: its threads wait for each other, ten times longer when other processes work too.
        summed[block.first : block.last] = np.einsum("rp,pc->rc", block.weights, part.reshape(len(part), -1))
        summed[block.first : block.last] *= block.scales
    if channels == 1:
        return summed
    red, green, blue = (summed[:, channel::3] * _LUMA[channel] for channel in range(3))
    return red + green + blue


def _runs(blocks: tuple[Block, ...]) -> Iterator[tuple[Block, ...]]:
    """Blocks side by side that span few enough columns to bound the memory; mostly all of them."""
    first = 0
    for number in range(1, len(blocks)):
        if blocks[number].stop - blocks[first].start > _WIDEST:
            yield blocks[first:number]
            first = number
    yield blocks[first:]


@lru_cache(maxsize=128)
def _kept(length: int, group: int) -> BandedMatrix:
    return _built(length, group)


def _built(length: int, group: int) -> BandedMatrix:
    samples = ((np.arange(SIDE) + 0.5) * length / SIDE).astype(np.intp)
    picked, rows = np.unique(samples, return_inverse=True)
    bands = _bands(length, picked)
    blocks = (_block(first, bands[first : first + group]) for first in range(0, len(bands), group))
    return BandedMatrix(tuple(blocks), rows)


Band = tuple[int, Floats, float]
"""One row of a matrix: where it begins, its weights and their scale."""


def _bands(length: int, picked: npt.NDArray[np.intp]) -> list[Band]:
    """The rows for these outputs; nearly all are the same but for where they begin."""
    window = (length + 127) // 128
    ahead = (window + 2) // 2
    reach = 2 * (window - ahead)
    _, weights, scale = _band(length, window, ahead, length // 2)
    return [
        (sample - reach, weights, scale)
        if sample >= reach and sample + 2 * ahead - 1 <= length
        else _band(length, window, ahead, sample)
        for sample in picked.tolist()
    ]


def _band(length: int, window: int, ahead: int, sample: int) -> Band:
    """The weights of one output after two box filters, each a mean over a window.

    Output i of one filter is the mean of inputs ``i - (window - ahead)`` to ``i + ahead``
    (exclusive), cut at the ends of the line.
    """
    reach = window - ahead
    seen = np.arange(max(0, sample - reach), min(length, sample + ahead))
    low, high = np.maximum(0, seen - reach), np.minimum(length, seen + ahead)
    start, stop = int(low[0]), int(high[-1])
    steps = np.zeros(stop - start + 1)
    np.add.at(steps, low - start, window / (high - low))
    np.subtract.at(steps, high - start, window / (high - low))
    return start, np.cumsum(steps)[:-1], 1 / (window * len(seen))


def _block(first: int, bands: list[Band]) -> Block:
    start = bands[0][0]
    stop = max(begin + len(weights) for begin, weights, _ in bands)
    dense = np.zeros((len(bands), stop - start))
    for number, (begin, weights, _) in enumerate(bands):
        dense[number, begin - start : begin - start + len(weights)] = weights
    whole = bool((dense == np.rint(dense)).all())
    exact = whole and 255 * dense.sum(axis=1).max() < _EXACT_IN_FLOAT32
    scales = np.array([[scale] for _, _, scale in bands])
    return Block(first, start, stop, dense.astype(np.float32) if exact else dense, scales)
