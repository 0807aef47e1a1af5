"""Margins put back around a picture that was cropped."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from ..sketch import Sketch
from ..views import WHOLE, Span, View
from .base import Variant

Back = tuple[float, float]
"""What is put back before and after."""

AMOUNTS = (
    (0, 0, 0, 0),
    (1, 1, 1, 1),
    (2, 2, 2, 2),
    (3, 3, 3, 3),
    (5, 5, 5, 5),
    (6, 6, 6, 6),
    (4, 0, 0, 0),
    (6, 0, 0, 0),
    (2, 0, 1, 1),
    (3, 1, 3, 1),
    (5, 2, 5, 2),
    (5, 3, 5, 3),
    (5, 5, 3, 3),
    (6, 4, 4, 4),
    (6, 6, 6, 4),
)
"""Percent of the height put back at top and bottom, and of the width at left and right; and so in all orientations.

They were chosen one after the other, out of all with whole percents up to 6, for what each adds to the share of cropped
pictures that are found. Nought leaves the picture as it is, but hashes it as pictures of all sizes: see ``pdq_views``.
"""


FEW_AMOUNTS = (*AMOUNTS[1:4], (2, 0, 1, 1), (3, 1, 3, 1))
"""Those for what is left when something was taken off: for crops by 1 to 3 %."""


def _all_orientations(amounts: tuple[tuple[int, int, int, int], ...]) -> tuple[tuple[Back, Back], ...]:
    """Each of the amounts, mirrored and turned, once: of rows and of columns."""
    found: dict[tuple[Back, Back], None] = {}
    for top, bottom, left, right in amounts:
        for one, other in (((top, bottom), (left, right)), ((left, right), (top, bottom))):
            found.update(dict.fromkeys(product((one, one[::-1]), (other, other[::-1]))))
    return tuple(found)


class Extended(Variant):
    """The picture with lines put back, by small amounts on each side."""

    name = "extended"

    def views(self, sketch: Sketch) -> Iterator[View]:
        """The same for every picture."""
        return self._around(WHOLE, WHOLE, _ALL)

    def within(self, view: View) -> Iterator[View]:
        """Fewer amounts than for a whole picture."""
        return self._around(view.rows, view.columns, _FEW)

    def _around(self, rows: Span, columns: Span, amounts: tuple[tuple[Back, Back], ...]) -> Iterator[View]:
        for down, across in amounts:
            yield View(self.name, rows.extended(*_shares(down)), columns.extended(*_shares(across)))


def _shares(back: Back) -> Back:
    return back[0] / 100, back[1] / 100


_ALL, _FEW = _all_orientations(AMOUNTS), _all_orientations(FEW_AMOUNTS)

EXTENDED = Extended()
