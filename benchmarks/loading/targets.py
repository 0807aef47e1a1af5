"""Targets: what loading a list may cost, and whether a run kept to it. They say nothing about how a run ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .forms import FORMS
from .results import AGAIN, BATCH, BESIDE, DELTA_BATCH, FLOOR, SNAPSHOT, LoadResults

MILLION = 1_000_000

Figure = Callable[[LoadResults, str, int], "float | None"]
"""The figure of a run for a form and a number of rows; None if it was not measured."""


@dataclass(frozen=True)
class Target:
    """A bound on one figure."""

    words: str
    """What is bounded."""
    figure: Figure
    bound: float
    """Inclusive."""
    n: int
    """Rows of the list."""
    forms: tuple[str, ...] = tuple(FORMS)
    least: bool = False
    """Whether the figure must be at least, rather than at most, the bound."""

    def figures(self, results: LoadResults) -> dict[str, float | None]:
        """Form -> its figure."""
        return {form: self.figure(results, form, self.n) for form in self.forms}

    def reached(self, results: LoadResults) -> bool | None:
        """Whether every form keeps to it; None if none exceeds it, but some were not measured."""
        figures = [figure for figure in self.figures(results).values() if figure is not None]
        if not all(figure >= self.bound if self.least else figure <= self.bound for figure in figures):
            return False
        return True if len(figures) == len(self.forms) else None


def _times_floor(results: LoadResults, form: str, n: int) -> float | None:
    return results.ratio(BATCH, FLOOR, form, n)


def _times_as_fast(results: LoadResults, form: str, n: int) -> float | None:
    return results.ratio(BESIDE, BATCH, form, n)


def _gigabytes(step: str) -> Figure:
    def peak(results: LoadResults, form: str, n: int) -> float | None:
        measured = results.find(step, form, n)
        return None if measured is None or measured.peak_bytes is None else measured.peak_bytes / 1e9

    return peak


def _seconds(step: str) -> Figure:
    def seconds(results: LoadResults, form: str, n: int) -> float | None:
        measured = results.find(step, form, n)
        return None if measured is None else measured.seconds

    return seconds


def _left_again(results: LoadResults, form: str, n: int) -> float | None:
    measured = results.find(AGAIN, form, n)
    return None if measured is None else measured.kept_bytes


TARGETS = (
    *(
        target
        for n in (MILLION, 10 * MILLION)
        for target in (
            Target("file to batch, times the floor", _times_floor, 3, n, ("csv", "parquet")),
            Target("file to batch, times the floor", _times_floor, 4, n, ("jsonl",)),
        )
    ),
    Target("file to batch, times as fast as python-threatexchange", _times_as_fast, 4, MILLION, least=True),
    Target("file to batch, GB of private memory", _gigabytes(BATCH), 2.5, 10 * MILLION),
    Target("batch to snapshot, GB of private memory", _gigabytes(SNAPSHOT), 2.5, 10 * MILLION),
    Target("batch to snapshot, seconds", _seconds(SNAPSHOT), 90, 10 * MILLION),
    Target("the same file again, bytes of new or changed files", _left_again, 0, MILLION),
    Target("the same file again, bytes of new or changed files", _left_again, 0, 10 * MILLION),
    Target("delta to batch, seconds", _seconds(DELTA_BATCH), 4, 10 * MILLION),
)
