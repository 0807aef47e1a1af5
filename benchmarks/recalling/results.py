"""What a run of the accuracy benchmark found, as values and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..machine import Machine
from ..run import Run
from ..timing import Timed

RADII = (31, 46, 60)
"""Of 256 bits, inclusive; of fewer bits as large a share. The first is the default."""
CURVE = tuple(range(0, 100, 4))
"""Radii of the curves."""


@dataclass(frozen=True)
class Part:
    """One half of one set of pictures."""

    set: str
    half: str
    pictures: int


@dataclass(frozen=True)
class Recall:
    """How many edited pictures are found again."""

    set: str
    half: str
    group: str
    edit: str
    level: str
    pictures: int
    """That were edited: all whose hash can be listed."""
    found: tuple[int, ...]
    """Within each of ``RADII``."""


@dataclass(frozen=True)
class Curve:
    """The same of a whole group of edits, by radius."""

    set: str
    half: str
    group: str
    level: str
    pictures: int
    found: tuple[int, ...]
    """Within each of ``CURVE``."""


@dataclass(frozen=True)
class FalseMatches:
    """How many pairs of different pictures match."""

    level: str
    pairs: int
    """An edited picture and the listed hash of another."""
    matched: tuple[int, ...]
    """Within each of ``RADII``."""


@dataclass(frozen=True)
class Cost:
    """What one level takes for one 2 MP JPEG."""

    level: str
    title: str
    codes: float
    """That are searched, in the mean of the edited pictures."""
    timed: Timed
    """µs a picture, decoding, hashing and, for ours, searching."""
    listed: int
    """Hashes that are searched; 0 if none are."""


@dataclass(frozen=True)
class Absence:
    """Who was not measured, and why."""

    prober: str
    reason: str


@dataclass(frozen=True)
class AccuracyResults(Run):
    """One run."""

    machine: Machine
    seed: int
    quick: bool
    about: str
    """What the pictures are."""
    parts: tuple[Part, ...]
    left_out: int
    """Pictures that look like another."""
    recalls: tuple[Recall, ...]
    curves: tuple[Curve, ...]
    falses: tuple[FalseMatches, ...]
    costs: tuple[Cost, ...]
    absences: tuple[Absence, ...]

    def recall(
        self, level: str, groups: Iterable[str], half: str | None = None, edit: str = "", set: str | None = None
    ) -> float | None:
        """The share found at the default radius, over all edits of some groups whose names hold ``edit``."""
        chosen = [
            one
            for one in self.recalls
            if one.level == level
            and one.group in groups
            and half in (None, one.half)
            and set in (None, one.set)
            and edit in one.edit
        ]
        edited = sum(one.pictures for one in chosen)
        return sum(one.found[0] for one in chosen) / edited if edited else None

    def cost(self, level: str) -> Cost | None:
        """What a level takes; None if it was not measured."""
        return next((one for one in self.costs if one.level == level), None)

    @property
    def faults(self) -> tuple[str, ...]:
        """A sentence for each of our levels that matches different pictures at the default radius, or loses what plain finds."""
        false = [
            f"{one.level}: {one.matched[0]} of {one.pairs} pairs of different pictures match within {RADII[0]} bits"
            for one in self.falses
            if one.level in ("plain", "turned", "thorough") and one.matched[0]
        ]
        found = {(one.set, one.half, one.edit, one.level): one.found[0] for one in self.recalls}
        lost = [
            f"{edit}: {level} finds {found[set, half, edit, level]}, and plain {plain}"
            for (set, half, edit, of), plain in found.items()
            if of == "plain"
            for level in ("turned", "thorough")
            if found.get((set, half, edit, level), plain) < plain
        ]
        return (*false, *lost)
