"""Sketch: the luma of a picture on few cells, of which views are hashed instead of all pixels again."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from .frames import Frame

FINE = 380
"""Cells along an axis, at most. No power of two: what is so far apart falls into the same places of a processor's cache."""
COARSE = FINE // 2

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_SUMMED_IN_UINT16 = 256
"""So many values of 255 stay below the greatest ``uint16``."""

Cells = npt.NDArray[np.float32]
Lines = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Axis:
    """How the lines of one axis are shared out to cells."""

    lines: int
    """Lines of pixels."""
    length: int
    """Lines of the picture."""
    reduced: int
    """How many of these one line of pixels is the mean of; the last may be of fewer."""
    halved: bool = False
    """Whether every two of ``FINE`` cells are made one; an odd one at the end stays alone."""

    @cached_property
    def edges(self) -> Lines:
        """``intp[cells + 1]``: where each cell begins, and the last one ends, in lines of pixels."""
        cells = min(self.lines, FINE)
        edges = np.arange(cells + 1) * self.lines // cells
        return np.append(edges[:-1:2], edges[-1]) if self.halved else edges

    @property
    def cells(self) -> int:
        """How many there are."""
        return len(self.edges) - 1

    @cached_property
    def shares(self) -> npt.NDArray[np.float64]:
        """``float64[cells + 1]``: the edges as shares of the picture."""
        shares: npt.NDArray[np.float64] = self.share(self.edges)
        return shares

    def share(self, lines: Any) -> Any:
        """Where lines of pixels begin, as shares of the picture."""
        return np.minimum(np.multiply(lines, self.reduced), self.length) / self.length

    def between(self, start: float, stop: float) -> tuple[int, int]:
        """The lines of pixels between two shares: the first, and that after the last; at least one."""
        first = min(round(start * self.length / self.reduced), self.lines - 1)
        return first, max(first + 1, min(self.lines, math.ceil(round(stop * self.length) / self.reduced)))

    def coarser(self) -> Axis:
        """The same lines on at most ``COARSE`` cells."""
        return replace(self, halved=True) if self.cells > COARSE else self


@dataclass(frozen=True)
class Sketch:
    """Mean luma of the cells of a picture, and its pixels to look closer."""

    cells: Cells
    """``float32[rows, columns]``."""
    rows: Axis
    columns: Axis
    frame: Frame
    """What it is a sketch of."""

    @classmethod
    def of(cls, frame: Frame) -> Sketch:
        """The sketch of one frame, at most ``FINE`` cells along each axis."""
        height, width = frame.pixels.shape[:2]
        rows, columns = Axis(height, frame.height, frame.reduced), Axis(width, frame.width, frame.reduced)
        summed = _summed(frame.pixels.reshape(height, -1), rows.edges)
        if frame.pixels.ndim == 3 and frame.pixels.shape[2] > 1:
            summed = (summed.reshape(-1, 3).astype(np.float32) @ _LUMA).reshape(len(summed), width)
        # Lines are added up one below the other, which is many times as fast as side by side.
        cells = _summed(np.ascontiguousarray(summed.T), columns.edges).astype(np.float32, copy=False)
        cells *= np.float32(1) / np.diff(rows.edges).astype(np.float32)
        cells *= (np.float32(1) / np.diff(columns.edges).astype(np.float32))[:, np.newaxis]
        return cls(np.ascontiguousarray(cells.T), rows, columns, frame)

    @cached_property
    def coarser(self) -> Sketch:
        """One of at most ``COARSE`` cells along each axis."""
        rows, columns = self.rows.coarser(), self.columns.coarser()
        cells = _merged(_merged(self.cells, self.rows, rows).T, self.columns, columns).T
        return Sketch(np.ascontiguousarray(cells), rows, columns, self.frame)

    @cached_property
    def transposed(self) -> Sketch:
        """With rows and columns changing places."""
        frame = replace(self.frame, pixels=self.frame.pixels.swapaxes(0, 1), size=(self.frame.width, self.frame.height))
        return Sketch(np.ascontiguousarray(self.cells.T), self.columns, self.rows, frame)

    def within(self, rows: tuple[float, float], columns: tuple[float, float]) -> Sketch:
        """One of a part of the picture alone, with as many cells: from a share of its lines to another, along each axis."""
        height, width = self.frame.height, self.frame.width
        (top, bottom), (left, right) = self.rows.between(*rows), self.columns.between(*columns)
        reduced = self.frame.reduced
        size = min(bottom * reduced, height) - top * reduced, min(right * reduced, width) - left * reduced
        return Sketch.of(replace(self.frame, pixels=self.frame.pixels[top:bottom, left:right], size=size))

    def lines(self, rows: slice, columns: slice, most: int = COARSE) -> npt.NDArray[np.float32]:
        """Luma of some rows of pixels, ``float32[rows, columns]``; of more columns than ``most`` only some."""
        part = self.frame.pixels[rows, columns]
        luma: Cells = part[:, :: max(1, -(-part.shape[1] // most))].astype(np.float32)
        if luma.ndim == 3:
            luma = luma[..., 0] if luma.shape[2] == 1 else luma @ _LUMA
        return luma


def _summed(lines: npt.NDArray[Any], edges: Lines) -> npt.NDArray[Any]:
    """The lines of each cell, added up: ``[cells, width]``, of a type in which whole numbers are not rounded."""
    counts = np.diff(edges)
    kind: type[np.generic] = np.float32
    if lines.dtype == np.uint8:
        kind = np.uint16 if counts.max() <= _SUMMED_IN_UINT16 else np.uint32
    summed = lines[edges[:-1]].astype(kind)
    for more in range(1, int(counts.max())):
        longer = np.flatnonzero(counts > more)
        if len(longer) == len(counts):
            summed += lines[edges[:-1] + more]
        else:
            summed[longer] += lines[edges[longer] + more]
    return summed


def _merged(cells: Cells, fine: Axis, coarse: Axis) -> Cells:
    """Rows of cells, every two made one, weighed by the lines that they are of."""
    if coarse is fine:
        return cells
    weighed = cells * np.diff(fine.edges).astype(np.float32)[:, np.newaxis]
    merged: Cells = weighed[::2].copy()
    merged[: len(weighed) // 2] += weighed[1::2]
    merged /= np.diff(coarse.edges).astype(np.float32)[:, np.newaxis]
    return merged
