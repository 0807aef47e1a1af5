"""Borders of one colour taken off: margins, letterboxes and pillarboxes, with the noise that compression puts on them."""

from __future__ import annotations

from collections.abc import Iterator

from ..sketch import Cells, Sketch
from ..views import WHOLE, Span, View
from .base import Variant
from .plain import margins
from .rectangles import FEWEST_CELLS, Margins, Rectangles


class Bordered(Variant):
    """The picture without its borders; and without as much as all sides, or two, have alike.

    A picture whose own ground has the colour of the margin around it cannot be told from it; but a margin is mostly as wide
    on all sides, and the picture touches it somewhere.
    """

    name = "bordered"
    telling = True

    def views(self, sketch: Sketch) -> Iterator[View]:
        """Without all borders; without those inside these; without those of one axis; without what is alike."""
        seen = sketch.coarser
        if min(seen.cells.shape) < FEWEST_CELLS:
            return
        rows, columns = margins(seen.cells), margins(seen.transposed.cells)
        if rows[0] == seen.rows.cells or columns[0] == seen.columns.cells or not any(rows + columns):
            return
        rectangles = Rectangles(self.name, seen)
        without = rectangles.view((*rows, *columns))
        nested = _inside(seen.cells, rows, columns)
        views = [
            without,
            rectangles.view(nested) if nested else None,
            rectangles.view((*rows, 0, 0)),
            rectangles.view((0, 0, *columns)),
        ]
        if without is not None:
            views += _alike(without, rectangles, sketch.frame.height, sketch.frame.width)
        yield from (view for view in views if view is not None)


def _inside(cells: Cells, rows: tuple[int, int], columns: tuple[int, int]) -> Margins | None:
    """The margins with those of what is inside them, if it has some."""
    # A cell at the edge of a border is of both.
    top, bottom, left, right = (own + (own > 0) for own in (*rows, *columns))
    inside = cells[top : len(cells) - bottom, left : cells.shape[1] - right]
    if min(inside.shape) < FEWEST_CELLS:
        return None
    more = (*margins(inside), *margins(inside.T))
    if not any(more) or more[0] == len(inside) or more[2] == inside.shape[1]:
        return None
    ends = zip((*rows, *columns), (top, bottom, left, right), more, strict=True)
    top, bottom, left, right = (outer + inner if inner else own for own, outer, inner in ends)
    return top, bottom, left, right


def _alike(without: View, rectangles: Rectangles, height: int, width: int) -> Iterator[View | None]:
    """Without as many pixels on all sides as the least border has; as large a share; and the same of two sides alone."""
    top, bottom = without.rows.start, 1 - without.rows.stop
    left, right = without.columns.start, 1 - without.columns.stop
    pixels = min(top * height, bottom * height, left * width, right * width)
    share = min(top, bottom, left, right)
    yield rectangles.cut(_inset(pixels / height), _inset(pixels / width))
    yield rectangles.cut(_inset(share), _inset(share))
    yield rectangles.cut(_inset(min(top, bottom)), WHOLE)
    yield rectangles.cut(WHOLE, _inset(min(left, right)))


def _inset(share: float) -> Span:
    return Span(share, 1 - share)


BORDERED = Bordered()
