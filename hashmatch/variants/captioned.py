"""Bars with words taken off: captions above and below, the page or the screen around a picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..sketch import Cells, Sketch
from ..views import View
from .base import Variant
from .plain import margins, plain_lines
from .rectangles import FEWEST_CELLS, Margins, Rectangles

Ends = tuple[int, int]
"""Cells before, and after, what is looked for."""


class Captioned(Variant):
    """The longest stretch of the picture in which no line is plain ground.

    Between the lines of a text, and before a picture begins, the ground shows from side to side; in a picture it hardly ever
    does.
    """

    name = "captioned"
    telling = True

    def views(self, sketch: Sketch) -> Iterator[View]:
        """By the ground of both ends, of the upper, and of the lower; without the borders beside it, and with them."""
        seen = sketch.coarser
        if min(seen.cells.shape) < FEWEST_CELLS:
            return
        rectangles = Rectangles(self.name, seen)
        for ends in dict.fromkeys(_stretches(seen.cells)):
            for found in dict.fromkeys((_beside(seen.cells, ends), (*ends, 0, 0))):
                view = rectangles.view(found)
                if view is not None:
                    yield view


def _stretches(cells: Cells) -> Iterator[Ends]:
    """What lies before and after the longest stretch without plain ground, for each choice of ground that there is."""
    upper, lower = (_ground(cells, end) for end in (0, -1))
    grounds = [ground for ground in (upper, lower) if ground is not None]
    if len(grounds) == 2:
        grounds.insert(0, grounds[0] | grounds[1])
    yield from (_longest(~ground) for ground in grounds if not ground.all())


def _ground(cells: Cells, end: int) -> npt.NDArray[np.bool_] | None:
    """Which lines are plain and have the colour of the line at that end; None if that is not plain."""
    ground = plain_lines(cells, np.median(cells[[end]], axis=1, keepdims=True))
    return ground if ground[end] else None


def _longest(wanted: npt.NDArray[np.bool_]) -> Ends:
    """How many come before, and after, the longest run of true ones, of which there is one."""
    bounds = np.flatnonzero(np.diff(np.concatenate([[False], wanted, [False]]).astype(np.int8)))
    starts, stops = bounds[::2], bounds[1::2]
    longest = int((stops - starts).argmax())
    return int(starts[longest]), len(wanted) - int(stops[longest])


def _beside(cells: Cells, ends: Ends) -> Margins:
    """The same stretch, without the borders at its left and right."""
    stretch = cells[ends[0] : len(cells) - ends[1]]
    left, right = margins(stretch.T)
    return (*ends, left, right) if left < cells.shape[1] else (*ends, 0, 0)


CAPTIONED = Captioned()
