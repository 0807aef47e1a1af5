"""How much a run measures."""

from __future__ import annotations

from dataclasses import dataclass

from .forms import FORMS
from .loads import Load
from .shapes import SHAPES


@dataclass(frozen=True)
class LoadPlan:
    """How much a run measures."""

    sizes: tuple[int, ...]
    """Numbers of rows."""
    rounds: int
    """Of a list that is not ``long``."""
    long: int
    """From so many rows on there is one round, and python-threatexchange and shapes but ``full`` take no part unless asked
    to."""
    changes: int
    """Rows of a day's delta, but no more than one for ``LEAST_SHARE`` rows of the list."""
    planted: int
    """Rows that a matcher must find, ..."""
    strangers: int
    """... and hashes of no row, which it must not."""
    shapes: tuple[str, ...] | None = None
    """Names in ``SHAPES``; None: all, but of a ``long`` list ``full`` alone."""
    forms: tuple[str, ...] = tuple(FORMS)
    """Names in ``FORMS``."""
    beside_all: bool = False
    """Whether python-threatexchange takes part at every size."""
    quick: bool = False

    @property
    def loads(self) -> tuple[Load, ...]:
        """The lists, in the order in which they are loaded."""
        return tuple(Load(shape, form, n) for n in self.sizes for shape in self.shapes_of(n) for form in self.forms)

    def shapes_of(self, n: int) -> tuple[str, ...]:
        """The shapes of lists of n rows."""
        return self.shapes or (tuple(SHAPES) if n < self.long else ("full",))

    def rounds_of(self, n: int) -> int:
        """How often a list of n rows is loaded."""
        return self.rounds if n < self.long else 1

    def beside(self, n: int) -> bool:
        """Whether python-threatexchange indexes a list of n rows."""
        return self.beside_all or n < self.long

    def changes_of(self, n: int) -> int:
        """Rows of the delta to a list of n rows."""
        return max(1, min(self.changes, n // LEAST_SHARE))


LEAST_SHARE = 20
"""Rows for each change, at least: a list whose every third claim changes is held up by the guard."""

FULL = LoadPlan(sizes=(1_000_000, 10_000_000), rounds=5, long=5_000_000, changes=1_000, planted=2_000, strangers=2_000)

QUICK = LoadPlan(sizes=(20_000,), rounds=1, long=5_000_000, changes=1_000, planted=2_000, strangers=2_000, quick=True)
