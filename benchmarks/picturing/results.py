"""What a run of the hashing benchmark found, as values and as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from ..machine import Machine
from ..run import Run
from ..timing import Timed

FEW_BITS = 6
MOST_BITS = 10
"""What a fast hash may be off: 99 of 100 photos by at most the first, none by more than the second."""


@dataclass(frozen=True)
class Hashed:
    """One hasher on one set of pictures."""

    set: str
    hasher: str
    """A name in ``HASHERS``."""
    title: str
    timed: Timed
    """µs a picture."""


@dataclass(frozen=True)
class Absence:
    """Who was not measured on a set, and why."""

    set: str
    hasher: str
    reason: str


@dataclass(frozen=True)
class Drift:
    """How far fast hashes are from exact ones."""

    set: str
    distances: tuple[int, ...]
    """In bits, of each picture whose exact hash has quality 50 or more."""
    fast: int
    """How many of all pictures were decoded fast."""

    @property
    def few(self) -> float:
        """The share that is off by ``FEW_BITS`` or less; 1 of none."""
        few = sum(distance <= FEW_BITS for distance in self.distances)
        return few / len(self.distances) if self.distances else 1.0

    @property
    def most(self) -> int:
        """The most that any is off."""
        return max(self.distances, default=0)


@dataclass(frozen=True)
class Spread:
    """Many files of one set, by one worker and by two."""

    set: str
    files: int
    one: Timed
    two: Timed

    @property
    def ratio(self) -> float:
        """How many times as fast two workers are: the median over rounds."""
        return self.two.ratio_to(self.one)


@dataclass(frozen=True)
class HashingResults(Run):
    """One run."""

    machine: Machine
    seed: int
    quick: bool
    hashed: tuple[Hashed, ...]
    absences: tuple[Absence, ...]
    drifts: tuple[Drift, ...]
    spreads: tuple[Spread, ...]

    def ratio(self, set: str, hasher: str, other: str) -> float | None:
        """How many times as long another takes as a hasher, on one set: the median over rounds; None if not measured."""
        timed = {one.hasher: one.timed for one in self.hashed if one.set == set}
        return timed[hasher].ratio_to(timed[other]) if hasher in timed and other in timed else None

    @property
    def faults(self) -> tuple[str, ...]:
        """A sentence for each set whose fast hashes are further off than they may be."""
        return tuple(
            f"{drift.set}: a fast hash is {drift.most} bits off, and {drift.few:.3f} of them at most {FEW_BITS}"
            for drift in self.drifts
            if drift.most > MOST_BITS or drift.few < 0.99
        )
