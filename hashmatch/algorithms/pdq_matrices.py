"""The matrices that shrink a picture to PDQ's 64 by 64: two box filters and a decimation.

The filter is linear and separable, so the small picture is ``R @ luma @ C.T``. A row of such a
matrix has ``2 w - 1`` entries side by side (``w``: the filter's window), and rows hardly overlap:
weighing a row's lines alone touches each pixel about once. Entries are integers times a scale,
so that sums of pixels are exact in the narrowest type that holds them, in whatever order they are added.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from ..frames import Pixels

SIDE = 64
"""Rows and columns of the small picture."""

Floats = npt.NDArray[np.float64]

_LUMA = (0.299, 0.587, 0.114)
_SUMMED_IN = ((np.uint16, 2**16), (np.float32, 2**24))
"""Types in which sums are taken, the fastest first, and what these must stay under to be exact."""
_CACHED_LENGTH = 1 << 14
_WIDEST = 3 << 14
"""Values of a line that are looked at together, so that memory is bounded."""
_FLOAT = np.dtype(np.float64)
_LENT = 8 << 20
"""Bytes that a thread keeps for each use, at most."""
_SHORT = 1 << 11
"""Values that are copied sooner by one call for several rows than by one for each."""
_LINE = 8
"""Values that lie together in a processor's cache."""
_TOGETHER = 1 << 18
"""Bytes of values that are weighed by one call: enough to be worth it, and few enough for a processor's cache."""


@dataclass(frozen=True)
class Block:
    """Some rows of a matrix, where they are not zero: ``weights * scales``, in columns from ``starts`` on."""

    first: int
    """Number of the first of these rows."""
    starts: npt.NDArray[np.intp]
    """``intp[rows]``."""
    weights: npt.NDArray[Any]
    """``[rows, taps]``; of a type in which every sum of pixels with them is exact, or ``float64``."""
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


def shrinking(length: int, reduced: int = 1) -> BandedMatrix:
    """R or C: filters and decimates ``length`` (1 or more) lines of pixels to 64.

    Those of usual lengths are kept; the cache is bounded in number and in bytes.

    Args:
        length: Of the picture.
        reduced: How many lines each line of pixels is the mean of, where these were reduced already: then there are
            ``ceil(length / reduced)``. Outputs stay where they are in the picture, so that little is off.
    """
    return _kept(length, reduced) if length <= _CACHED_LENGTH else _built(length, reduced)


def small_picture(pixels: Pixels, rows: BandedMatrix, columns: BandedMatrix) -> Floats:
    """``R @ luma @ C.T``, the luma of RGB being 0.299 R + 0.587 G + 0.114 B.

    Args:
        pixels: ``uint8[height, width]`` (its own luma) or ``uint8[height, width, 3]`` (RGB).
        rows: R, for ``height``.
        columns: C, for ``width``.

    Returns:
        ``float64[64, 64]``.
    """
    luma = _filtered_luma(pixels, rows)
    across = _SCRATCH.lend("across", luma.shape[::-1], _FLOAT)
    np.copyto(across, luma.T)
    small = _SCRATCH.lend("small", (columns.stored, rows.stored), _FLOAT)
    _weigh(across, columns, small)
    picture: Floats = small.T[rows.rows[:, np.newaxis], columns.rows]
    return picture


def _filtered_luma(pixels: Pixels, rows: BandedMatrix) -> Floats:
    """``R @ luma``, without the repeated rows: ``float64[rows.stored, width]``.

    The channels are weighed after the rows are added up, when there is little left to weigh.
    """
    lines = pixels.reshape(len(pixels), -1)
    width = lines.shape[1]
    # Rows that are transposed next, so far apart that they fall into the same places of a cache, are moved a little.
    apart = width + _LINE if width % (16 * _LINE) == 0 and pixels.ndim == 2 else width
    summed = _SCRATCH.lend("summed", (rows.stored, apart), _FLOAT)[:, :width]
    for start in range(0, width, _WIDEST):
        _weigh(lines[:, start : start + _WIDEST], rows, summed[:, start : start + _WIDEST])
    if width == pixels.shape[1]:
        return summed
    red, green, blue = (summed[:, channel::3] * _LUMA[channel] for channel in range(3))
    return red + green + blue


def _weigh(lines: npt.NDArray[Any], matrix: BandedMatrix, out: Floats) -> None:
    """``matrix @ lines``, without the repeated rows, into ``float64[matrix.stored, width]``."""
    width = lines.shape[1]
    for block in matrix.blocks:
        rows, taps = block.weights.shape
        kind = block.weights.dtype if lines.dtype == np.uint8 else lines.dtype
        weights = block.weights.astype(kind, copy=False)
        sums = _SCRATCH.lend("sums", (rows, width), kind)
        group = min(rows, max(1, _TOGETHER // (kind.itemsize * taps * width)))
        parts = _SCRATCH.lend("parts", (group, taps, width), kind)
        for first in range(0, rows, group):
            some = weights[first : first + group]
            part = parts[: len(some)]
            _gather(lines, block.starts[first : first + group], part)
            # Not ``@``: its threads wait for each other, ten times longer when other processes work too.
            np.einsum("rt,rtc->rc", some, part, out=sums[first : first + group])
        np.multiply(sums, block.scales, out=out[block.first : block.last])


def _gather(lines: npt.NDArray[Any], starts: npt.NDArray[np.intp], part: npt.NDArray[Any]) -> None:
    """Copy the lines from each start on: into ``[starts, taps, width]``."""
    _, taps, width = part.shape
    if taps * width < _SHORT:
        part[:] = lines[starts[:, np.newaxis] + np.arange(taps)]
        return
    for place, start in enumerate(starts.tolist()):
        part[place] = lines[start : start + taps]


class _Scratch(threading.local):
    """Memory that a thread uses again for each picture: to get it anew takes longer than to fill it."""

    def __init__(self) -> None:
        self._held: dict[str, npt.NDArray[np.uint8]] = {}
        self._lent: dict[str, npt.NDArray[Any]] = {}

    def lend(self, use: str, shape: tuple[int, ...], kind: np.dtype[Any]) -> npt.NDArray[Any]:
        """An array that holds anything; it is the borrower's until the next one asks for the same use."""
        lent = self._lent.get(use)
        if lent is not None and lent.shape == shape and lent.dtype == kind:
            return lent
        size = math.prod(shape) * kind.itemsize
        if size > _LENT:
            return np.empty(shape, kind)
        held = self._held.get(use)
        if held is None or len(held) < size:
            held = self._held[use] = np.empty(size, np.uint8)
        lent = self._lent[use] = held[:size].view(kind).reshape(shape)
        return lent


_SCRATCH = _Scratch()


@lru_cache(maxsize=256)
def _kept(length: int, reduced: int) -> BandedMatrix:
    return _built(length, reduced)


def _built(length: int, reduced: int) -> BandedMatrix:
    samples = ((np.arange(SIDE) + 0.5) * length / SIDE).astype(np.intp)
    picked, rows = np.unique(samples, return_inverse=True)
    bands = [_over_reduced(band, reduced) for band in _bands(length, picked)]
    lines, blocks, first = -(-length // reduced), [], 0
    # Rows at the edges have weights of their own, which may be no whole numbers.
    for kind, alike in groupby(bands, key=_summed_in):
        some = list(alike)
        blocks.append(_block(first, some, lines, kind))
        first += len(some)
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


def _over_reduced(band: Band, reduced: int) -> Band:
    """The row for lines of which each is the mean of some: it counts for all of them."""
    begin, weights, scale = band
    if reduced == 1:
        return band
    first = begin // reduced
    summed = np.bincount((begin + np.arange(len(weights))) // reduced - first, weights).astype(np.float64, copy=False)
    return first, summed, scale


def _summed_in(band: Band) -> np.dtype[Any]:
    """The type in which sums of pixels with these weights are taken: one in which they are exact, if there is one."""
    _, weights, _ = band
    if (weights == np.rint(weights)).all():
        for kind, most in _SUMMED_IN:
            if 255 * float(weights.sum()) < most:
                return np.dtype(kind)
    return np.dtype(np.float64)


def _block(first: int, bands: list[Band], length: int, kind: np.dtype[Any]) -> Block:
    """Bands with as many weights each: those that have fewer get noughts, on the side where there are lines."""
    taps = max(len(weights) for _, weights, _ in bands)
    starts = np.array([min(begin, length - taps) for begin, _, _ in bands], dtype=np.intp)
    dense = np.zeros((len(bands), taps), dtype=kind)
    for row, (begin, weights, _) in enumerate(bands):
        ahead = begin - int(starts[row])
        dense[row, ahead : ahead + len(weights)] = weights
    return Block(first, starts, dense, np.array([[scale] for _, _, scale in bands]))
