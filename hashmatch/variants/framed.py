"""Frames taken off that have no colour of their own, such as a blurred copy of the picture: by the edges that they make."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..sketch import Cells, Sketch
from ..views import View
from .base import Variant
from .rectangles import FEWEST_CELLS, Margins, Rectangles, mostly

Scores = npt.NDArray[np.float64]

_NEAREST, _FARTHEST = 0.015, 0.46
"""Shares of an axis between which an edge is looked for, from either side."""
_AROUND = (3, 4, 5, 6)
"""Cells before and after an edge with which it is compared."""
_LEVELS = 2.0
"""Of 255: a step that is nothing to speak of."""
_BAND = 8
"""Cells before and after an edge in which detail is compared."""
_DETAIL = 0.3
"""Of 255: detail that is nothing to speak of."""
_LEAST_SCORE = 1.0
_SHARES = 240
"""Margins that are tried on all four sides at once."""


class Framed(Variant):
    """What lies between straight edges: steps from side to side, with more detail inside them than outside.

    Frames are mostly as wide on opposite sides. Edges count that are found at both, or at all four.
    """

    name = "framed"

    def views(self, sketch: Sketch) -> Iterator[View]:
        """Margins of one share of all sides; of one width; of one axis; of both."""
        seen = sketch.coarser
        if min(seen.cells.shape) < FEWEST_CELLS:
            return
        rectangles = Rectangles(self.name, seen, even=True)
        down, across = opposite(seen.cells), opposite(seen.transposed.cells)
        height, width = sketch.frame.height, sketch.frame.width
        found = [
            _four(down, across, 1.0, 1.0),
            _four(down, across, min(height, width) / height, min(height, width) / width),
        ]
        rows, columns = _best(down), _best(across)
        found += [(rows, rows, 0, 0), (0, 0, columns, columns)]
        if rows and columns:
            found.append((rows, rows, columns, columns))
        for margins in dict.fromkeys(found):
            view = rectangles.view(margins)
            if view is not None:
                yield view


def opposite(cells: Cells) -> Scores:
    """How well each row of cells, and the one as far from the other end, look like edges of a frame: ``float64[rows]``."""
    middle = cells[:, cells.shape[1] // 4 : cells.shape[1] - cells.shape[1] // 4]
    steps = _steps(middle)
    inside, outside = _detail(middle)
    scores = np.sqrt(_widened(steps * _more(inside, outside)) * _widened(steps * _more(outside, inside))[::-1])
    outermost = np.minimum(np.arange(len(scores)), np.arange(len(scores))[::-1])
    near = (outermost < max(2, int(_NEAREST * len(scores)))) | (np.arange(len(scores)) >= _FARTHEST * len(scores))
    scores[near] = 0
    return scores


def _steps(cells: Cells) -> Scores:
    """How much larger the step over each row of cells is than those around it."""
    steps = np.zeros(len(cells))
    steps[1:-1] = mostly(np.abs(cells[2:] - cells[:-2]))
    padded = np.pad(steps, _AROUND[-1], mode="edge")
    middle = _AROUND[-1] + np.arange(len(cells))
    around = np.stack([padded[middle + sign * far] for far in _AROUND for sign in (-1, 1)])
    compared: Scores = steps / (np.partition(around, -3, axis=0)[-3] + _LEVELS)
    return compared


def _detail(cells: Cells) -> tuple[Scores, Scores]:
    """How much fine detail there is after, and before, each row of cells."""
    fine = mostly(np.abs(cells[:, 2:] - 2 * cells[:, 1:-1] + cells[:, :-2])).astype(np.float64)
    sums = np.concatenate([[0.0], np.cumsum(fine)])
    at = np.arange(len(cells))

    def mean(start: npt.NDArray[np.intp], stop: npt.NDArray[np.intp]) -> Scores:
        start, stop = np.clip(start, 0, len(cells)), np.clip(stop, 0, len(cells))
        averaged: Scores = (sums[stop] - sums[start]) / np.maximum(1, stop - start)
        return averaged

    return mean(at + 2, at + 2 + _BAND), mean(at - 1 - _BAND, at - 1)


def _more(here: Scores, there: Scores) -> Scores:
    """How many times as much detail is here as there, within reason."""
    return np.clip((here + _DETAIL) / (there + _DETAIL), 0.2, 6)


def _widened(scores: Scores) -> Scores:
    """The greatest of each and its two neighbours: opposite edges need not fall into opposite cells."""
    padded = np.pad(scores, 1)
    return np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:])


def _best(scores: Scores) -> int:
    """The best place, 0 if none is good; a step is seen by the cells before and after it."""
    best = int(scores.argmax())
    return best if scores[best] >= _LEAST_SCORE else 0


def _four(down: Scores, across: Scores, most_down: float, most_across: float) -> Margins:
    """The best margins on all sides, up to a share of half of the height and of half of the width."""
    shares = (np.arange(_SHARES) + 0.5) / _SHARES / 2
    rows, columns = shares * most_down * len(down), shares * most_across * len(across)
    at_rows, at_columns = (np.clip(np.rint(own - 0.5), 0, None).astype(np.intp) for own in (rows, columns))
    best = _best(np.sqrt(down[at_rows] * across[at_columns]))
    return (int(at_rows[best]),) * 2 + (int(at_columns[best]),) * 2 if best else (0, 0, 0, 0)


FRAMED = Framed()
