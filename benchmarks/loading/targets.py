"""Targets: what loading a list may cost, and whether a run kept to it. They say nothing about how a run ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..bounded import Bounded
from .forms import FORMS
from .loads import Load
from .results import AGAIN, BATCH, BESIDE, DELTA_BATCH, FLOOR, SNAPSHOT, LoadResults
from .shapes import SHAPES

MILLION = 1_000_000

Figure = Callable[[LoadResults, Load], "float | None"]
"""The figure of a run for one list; None if it was not measured."""


@dataclass(frozen=True)
class Target(Bounded):
    """A bound on one figure."""

    words: str
    """What is bounded."""
    figure: Figure
    bound: float
    shape: str
    """Of the list's rows."""
    n: int
    """Rows of the list."""
    forms: tuple[str, ...] = tuple(FORMS)
    least: bool = False

    def figures(self, results: LoadResults) -> dict[str, float | None]:
        """Form -> its figure."""
        return {form: self.figure(results, Load(self.shape, form, self.n)) for form in self.forms}

    def reached(self, results: LoadResults) -> bool | None:
        """Whether every form keeps to it; None if none exceeds it, but some were not measured."""
        figures = [figure for figure in self.figures(results).values() if figure is not None]
        if not all(map(self.kept_by, figures)):
            return False
        return True if len(figures) == len(self.forms) else None


def _times_floor(results: LoadResults, load: Load) -> float | None:
    return results.ratio(BATCH, FLOOR, load)


def _times_as_fast(results: LoadResults, load: Load) -> float | None:
    return results.ratio(BESIDE, BATCH, load)


def _gigabytes(step: str) -> Figure:
    def peak(results: LoadResults, load: Load) -> float | None:
        measured = results.find(step, load)
        return None if measured is None or measured.peak_bytes is None else measured.peak_bytes / 1e9

    return peak


def _seconds(step: str) -> Figure:
    def seconds(results: LoadResults, load: Load) -> float | None:
        measured = results.find(step, load)
        return None if measured is None else measured.seconds

    return seconds


def _left_again(results: LoadResults, load: Load) -> float | None:
    measured = results.find(AGAIN, load)
    return None if measured is None else measured.kept_bytes


_LONG = ("full", 10 * MILLION)
"""Shape and number of rows."""

_LISTS = (*((shape, MILLION) for shape in SHAPES), _LONG)

TARGETS = (
    *(
        target
        for shape, n in _LISTS
        for target in (
            Target("file to batch, times the floor", _times_floor, 3, shape, n, ("csv", "parquet")),
            Target("file to batch, times the floor", _times_floor, 4, shape, n, ("jsonl",)),
        )
    ),
    *(
        Target("file to batch, times as fast as python-threatexchange", _times_as_fast, 4, shape, MILLION, least=True)
        for shape in SHAPES
    ),
    Target("file to batch, GB of private memory", _gigabytes(BATCH), 2.5, *_LONG),
    Target("batch to snapshot, GB of private memory", _gigabytes(SNAPSHOT), 2.5, *_LONG),
    Target("batch to snapshot, seconds", _seconds(SNAPSHOT), 90, *_LONG),
    *(Target("the same file again, bytes of new or changed files", _left_again, 0, shape, n) for shape, n in _LISTS),
    Target("delta to batch, seconds", _seconds(DELTA_BATCH), 4, *_LONG),
)
