"""Targets: what a benchmark is built to reach, each a bound on one figure of a run. They say nothing about how it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from .bounded import Bounded
from .figures import number, show_titled

Results = TypeVar("Results")


@dataclass(frozen=True)
class Target(Bounded, Generic[Results]):
    """A bound on one figure."""

    words: str
    figure: Callable[[Results], float | None]
    """None where it was not measured."""
    bound: float
    least: bool = True


def show_targets(title: str, targets: Iterable[Target[Results]], results: Results) -> None:
    """Print what was to be reached, as far as it was measured."""
    figures = ((target, target.figure(results)) for target in targets)
    cells = [
        (target.words, number(figure), target.reach, "yes" if target.kept_by(figure) else "NO")
        for target, figure in figures
        if figure is not None
    ]
    show_titled(title, ("figure", "is", "bound", "reached"), cells, ("is", "bound"))
