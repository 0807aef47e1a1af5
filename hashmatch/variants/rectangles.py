"""Rectangles inside a picture, found on the cells of a coarse sketch and then to the pixel."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..sketch import Cells, Sketch
from ..views import Span, View

LEAST_KEPT = 0.15
"""Share of the height, and of the width, that must be left."""
FEWEST_CELLS = 20
"""Along an axis; in less there is nothing to be found."""

Margins = tuple[int, int, int, int]
"""Cells that are taken off at the top, the bottom, the left and the right."""
Between = tuple[int, int]
"""Columns of pixels, or rows: the first, and that after the last."""


def mostly(values: Cells) -> npt.NDArray[np.float32]:
    """The mean of each row, in which few large values count for little."""
    mean: npt.NDArray[np.float32] = np.sqrt(values).mean(axis=1) ** 2
    return mean


@dataclass
class Rectangles:
    """Makes views of rectangles, each of whose sides is put where the pixels change most, near where it was found."""

    kind: str
    sketch: Sketch
    """Coarse."""
    even: bool = False
    """Whether opposite sides are put alike, where both together change most."""
    _steps: dict[tuple[bool, int, Between], Steps] = field(default_factory=dict)

    def view(self, margins: Margins) -> View | None:
        """The view that is left without some cells at the sides; None if it is the whole, or too little is left."""
        top, bottom, left, right = margins
        rows, columns = self.sketch.rows, self.sketch.columns
        across = int(columns.edges[left]), int(columns.edges[columns.cells - right])
        down = int(rows.edges[top]), int(rows.edges[rows.cells - bottom])
        if across[0] >= across[1] or down[0] >= down[1]:
            return None
        return self.cut(self._span(True, top, bottom, across), self._span(False, left, right, down))

    def cut(self, rows: Span, columns: Span) -> View | None:
        """The view of these lines; None if they are all, or too few."""
        view = View(self.kind, rows, columns)
        if min(rows.kept, columns.kept) < LEAST_KEPT or rows.kept * columns.kept == 1:
            return None
        return view

    def _span(self, of_rows: bool, first: int, last: int, beside: Between) -> Span:
        axis = self.sketch.rows if of_rows else self.sketch.columns
        start = self._at(of_rows, first, beside) if first else None
        stop = self._at(of_rows, axis.cells - last, beside) if last else None
        if self.even and start is not None and stop is not None:
            margin = start.with_mirrored(stop, axis.lines).sharpest
            return Span(float(axis.share(margin)), float(axis.share(axis.lines - margin)))
        ends = (0 if start is None else start.sharpest), (axis.lines if stop is None else stop.sharpest)
        return Span(*(float(axis.share(end)) for end in ends))

    def _at(self, of_rows: bool, cell: int, beside: Between) -> Steps:
        key = of_rows, cell, beside
        if key not in self._steps:
            sketch = self.sketch if of_rows else self.sketch.transposed
            self._steps[key] = Steps.near(sketch, cell, beside)
        return self._steps[key]


@dataclass(frozen=True)
class Steps:
    """How much lines of pixels differ from those before them."""

    first: int
    """Number of the first of these lines."""
    sizes: npt.NDArray[np.float32]
    """``float32[lines]``, at least one."""

    @classmethod
    def near(cls, sketch: Sketch, cell: int, beside: Between) -> Steps:
        """Those of the rows within two cells of the beginning of a cell.

        Args:
            sketch: Of which rows are looked at.
            cell: Its number, from 1 up.
            beside: Columns of pixels that count.
        """
        axis = sketch.rows
        start, stop = int(axis.edges[max(0, cell - 2)]), int(axis.edges[min(axis.cells, cell + 2)])
        sizes = mostly(np.abs(np.diff(sketch.lines(slice(start, stop), slice(*beside)), axis=0)))
        return cls(start + 1, sizes) if sizes.any() else cls(int(axis.edges[cell]), np.ones(1, np.float32))

    @property
    def sharpest(self) -> int:
        """The line that differs most from the one before it."""
        return self.first + int(self.sizes.argmax())

    def with_mirrored(self, other: Steps, lines: int) -> Steps:
        """Its sizes, and those of the lines as far from the other end added, as far as both are known."""
        # A border of m lines begins its picture with line m, and with line ``lines - m`` what comes after it.
        mirrored = Steps(lines - (other.first + len(other.sizes) - 1), other.sizes[::-1])
        first = max(self.first, mirrored.first)
        length = min(self.first + len(self.sizes), mirrored.first + len(mirrored.sizes)) - first
        if length < 1:
            return self
        own, its = (steps.sizes[first - steps.first :][:length] for steps in (self, mirrored))
        return Steps(first, own + its)
