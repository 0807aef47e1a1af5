"""Targets: what hashing and finding videos is built to keep to. They say nothing about how a run ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..bounded import Bounded
from .results import END_SECONDS, OURS, RECALL, STRANGERS, THOROUGH, VideoResults

Figure = Callable[[VideoResults], "dict[str, float]"]
"""A run's figures, each with what it is of; none if it was not measured."""


@dataclass(frozen=True)
class Target(Bounded):
    """A bound on the worst of some figures."""

    words: str
    figures: Figure
    bound: float
    least: bool = True

    def worst(self, results: VideoResults) -> tuple[str, float] | None:
        """What it is of, and the figure; None if none was measured."""
        figures = self.figures(results)
        if not figures:
            return None
        worst = (min if self.least else max)(figures, key=lambda name: figures[name])
        return worst, figures[worst]


def _times(sampler: str, other: str) -> Figure:
    return lambda results: _known((name, results.times(name, sampler, other)) for name in results.sets)


def _drift(sampler: str, against: str) -> Figure:
    return lambda results: {
        one.set: float(one.most) for one in results.drifts if (one.sampler, one.against) == (sampler, against)
    }


def _lookup(seeker: str) -> Figure:
    return lambda results: _known([("all videos", results.times_lookup(seeker, "brute"))])


def _ends(results: VideoResults) -> dict[str, float]:
    return _known((one.edit, one.worst_end) for one in results.judged_by(OURS) if one.required)


def _recall(results: VideoResults) -> dict[str, float]:
    return {one.edit: one.recall for one in results.judged_by(OURS) if one.required}


def _false(*, strangers: bool) -> Figure:
    return lambda results: {
        f"{one.edit}, {one.title}": float(one.false)
        for level in (OURS, THOROUGH)
        for one in results.judged_by(level)
        if (one.edit == STRANGERS) == strangers
    }


def _known(figures: Iterable[tuple[str, float | None]]) -> dict[str, float]:
    return {name: figure for name, figure in figures if figure is not None}


TARGETS = (
    Target("every frame × vpdq", _times("every", "vpdq_every"), 1.8),
    Target("time of every frame × that of decoding alone", _times("decode", "every"), 2, least=False),
    Target("one a second × vpdq", _times("second", "vpdq_second"), 1),
    Target("one a second, bits off every frame", _drift("second", "every"), 0, least=False),
    Target("key frames × vpdq's one a second", _times("keyframes", "vpdq_second"), 5),
    Target("lookup of one orientation × brute force", _lookup("upright"), 10),
    Target("lookup of eight orientations × brute force of one", _lookup(OURS), 10),
    Target("ends of segments, worst, s", _ends, END_SECONDS, least=False),
    Target("recall", _recall, RECALL),
    Target("clips told falsely, of edits", _false(strangers=False), 0, least=False),
    Target("clips told falsely, of unrelated clips", _false(strangers=True), 0, least=False),
)
"""The ratio ``decode`` to ``every`` is how many times as fast decoding alone is, which is what is bounded there."""
