"""Views: what else of a picture, or of more than the picture, somebody may have hashed.

A view is a rectangle: lines are taken off the picture, and lines that it does not have are put back around what is
left. Which views are worth a look is found in ``variants``; an algorithm that can hash them does so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Span:
    """Lines of one axis: which are kept, and how many are put back before and after them."""

    start: float = 0.0
    """Where the kept lines begin, as a share of all lines: 0 to 1."""
    stop: float = 1.0
    """Where they end."""
    before: float = 0.0
    """Lines put back before them, as a share of the kept."""
    after: float = 0.0
    """Lines put back after them."""

    @property
    def kept(self) -> float:
        """The share of lines that are kept."""
        return self.stop - self.start

    @property
    def length(self) -> float:
        """How many lines there are with those that are put back, as a share of the picture's."""
        return self.kept * (1 + self.before + self.after)

    def extended(self, before: float, after: float) -> Span:
        """The same lines, with others put back around them."""
        return Span(self.start, self.stop, before, after)

    @property
    def ends(self) -> tuple[float, float]:
        """Where the kept lines begin and end."""
        return self.start, self.stop

    @property
    def bare(self) -> Span:
        """The kept lines alone."""
        return Span(self.start, self.stop)

    @property
    def uncut(self) -> Span:
        """As much put back around all lines."""
        return Span(0.0, 1.0, self.before, self.after)

    def near(self, other: Span, share: float) -> bool:
        """Whether both ends are, together, at most a share of the lines from another's, and as much is put back."""
        apart = abs(self.start - other.start) + abs(self.stop - other.stop)
        return apart <= share and (self.before, self.after) == (other.before, other.after)


WHOLE = Span()


@dataclass(frozen=True)
class View:
    """A rectangle of a picture, or around it."""

    kind: str
    """Which variant it is: a name in ``variants.VARIANTS``."""
    rows: Span = WHOLE
    columns: Span = WHOLE

    @property
    def cuts(self) -> bool:
        """Whether something is taken off."""
        return self.rows.kept < 1 or self.columns.kept < 1

    @property
    def bare(self) -> View:
        """What is kept alone, whatever the kind."""
        return View("", self.rows.bare, self.columns.bare)

    @property
    def uncut(self) -> View:
        """The same of a picture that is no more than what this one keeps."""
        return View(self.kind, self.rows.uncut, self.columns.uncut)

    def near(self, other: View, share: float) -> bool:
        """Whether both axes are; see ``Span.near``."""
        return self.rows.near(other.rows, share) and self.columns.near(other.columns, share)

    def __str__(self) -> str:
        """The kind, and what is taken off and put back, as in ``extended: 2 % put back at the top``."""
        off = _sides(self.rows.start, 1 - self.rows.stop, self.columns.start, 1 - self.columns.stop)
        back = _sides(self.rows.before, self.rows.after, self.columns.before, self.columns.after)
        said = [f"{sides} {deed}" for sides, deed in ((off, "taken off"), (back, "put back")) if sides]
        return f"{self.kind}: {', '.join(said) or 'nothing changed'}"


@dataclass(frozen=True)
class ViewHashes:
    """The hashes of views of one picture by one algorithm, in all orientations."""

    views: tuple[View, ...]
    codes: npt.NDArray[np.uint8]
    """``uint8[views, 8, bytes]``: each in the order of ``hashes.ORIENTATIONS``."""
    qualities: npt.NDArray[np.int64]
    """``int64[views]``: as of the algorithm's own hashes."""

    def chosen(self, which: Sequence[int] | npt.NDArray[np.intp]) -> ViewHashes:
        """Some of them, by number."""
        return ViewHashes(tuple(self.views[i] for i in which), self.codes[which], self.qualities[which])


def _sides(top: float, bottom: float, left: float, right: float) -> str:
    """Shares of the sides where there are any, in percent."""
    shares = {"top": top, "bottom": bottom, "left": left, "right": right}
    return " ".join(f"{name} {100 * share:.3g} %" for name, share in shares.items() if share > 0.0005)
