"""What a run of the video benchmark found, as values and as JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..machine import Machine
from ..run import Run
from ..timing import MICROSECONDS, Timed
from .edits import EDITS

OURS, THOROUGH = "ours", "thorough"
"""Whom this is about, in ``SEEKERS``."""

STRANGERS = "unrelated clips"
"""In place of the name of an edit."""

MOST_BITS, FEW_BITS, MANY = 10, 4, 0.01
"""What frame hashes may be off from vpdq's: none by more than the first, and a share of them, of few frames one, by more than
the second."""

END_SECONDS = 1.5
"""How far off the ends of segments are to be at most."""

RECALL = 0.95
"""Least share of the parts that is to be found, of each edit that is required."""


@dataclass(frozen=True)
class Hashed:
    """One sampler on one set of videos."""

    set: str
    sampler: str
    """A name in ``SAMPLERS``."""
    title: str
    seconds: float
    """Of all videos of the set."""
    timed: Timed
    """µs for all videos of the set."""

    @property
    def seconds_per_minute(self) -> float:
        """Of work for a minute of video: the median of the rounds."""
        return self.timed.us_per_query / MICROSECONDS / self.seconds * 60


@dataclass(frozen=True)
class Absence:
    """Who was not measured, and why."""

    set: str
    """Of videos; or which part of the benchmark."""
    name: str
    """A name in ``SAMPLERS`` or ``SEEKERS``."""
    reason: str


@dataclass(frozen=True)
class Drift:
    """How far frame hashes are from those that somebody else, or another sampling, has for the same frames."""

    set: str
    sampler: str
    against: str
    """A name in ``SAMPLERS`` too."""
    missing: int
    """Frames that one of both has and the other should have."""
    bits: tuple[int, ...]
    """How many frames are 0, 1, 2, … bits off; of those against vpdq, whose quality is 80 or more."""

    @property
    def frames(self) -> int:
        """How many were compared."""
        return sum(self.bits)

    @property
    def most(self) -> int:
        """The most that any is off, in bits."""
        return max(len(self.bits) - 1, 0)

    @property
    def few(self) -> float:
        """The share that is off by ``FEW_BITS`` or less; 1 of none."""
        return sum(self.bits[: FEW_BITS + 1]) / self.frames if self.frames else 1.0

    @property
    def ours(self) -> bool:
        """Whether both are ours, so that nothing may differ."""
        return not self.against.startswith("vpdq")

    @property
    def kept(self) -> bool:
        """Whether it is no more than it may be."""
        if self.missing or not self.frames:
            return False
        if self.ours:
            return self.most == 0
        return self.most <= MOST_BITS and sum(self.bits[FEW_BITS + 1 :]) <= math.ceil(MANY * self.frames)


@dataclass(frozen=True)
class Sought:
    """One seeker asked for known videos among many."""

    seeker: str
    """A name in ``SEEKERS``."""
    title: str
    videos: int
    frames: int
    """Of each."""
    asked: int
    """Frames of a query."""
    queries: int
    build_seconds: float
    timed: Timed
    """µs a query."""
    missed: int
    """Queries cut out of a known video that was not told."""
    false: int
    """Videos told that the query was not cut out of."""
    shares: float | None
    """The most by which a share of frames is off from brute force's; None if nobody told what brute force told."""


@dataclass(frozen=True)
class Judged:
    """What one seeker said of all uploads that were made by one edit."""

    edit: str
    """A name in ``EDITS``, or ``STRANGERS``."""
    seeker: str
    """A name in ``SEEKERS``."""
    title: str
    uploads: int
    parts: int
    """Pieces of known clips in them."""
    found: int
    """Of which the clip was told."""
    false: int
    """Clips told of which there is no piece."""
    ends: tuple[float, ...]
    """By how many seconds where pieces begin and end was off, in the upload and in the clip; four for each found piece that
    was told with times."""
    covered: tuple[float, ...]
    """The share of each such piece that segments cover."""
    speeds: tuple[float, ...]
    """Of its longest segment."""

    @property
    def recall(self) -> float:
        """The share of the pieces that was found; 1 of none."""
        return self.found / self.parts if self.parts else 1.0

    @property
    def required(self) -> bool:
        """Whether the pieces are to be found."""
        return self.edit in EDITS and EDITS[self.edit].required

    @property
    def median_end(self) -> float | None:
        """Seconds; None if nothing was told with times."""
        return float(np.median(self.ends)) if self.ends else None

    @property
    def near_ends(self) -> float | None:
        """The share that is off by ``END_SECONDS`` or less; None if nothing was told with times."""
        return sum(end <= END_SECONDS for end in self.ends) / len(self.ends) if self.ends else None

    @property
    def worst_end(self) -> float | None:
        """Seconds; None if nothing was told with times."""
        return max(self.ends, default=None)


@dataclass(frozen=True)
class VideoResults(Run):
    """One run."""

    machine: Machine
    seed: int
    quick: bool
    pinned: bool | None = None
    """Whether hashing was kept to one core; None if it was not measured."""
    hashed: tuple[Hashed, ...] = ()
    drifts: tuple[Drift, ...] = ()
    sought: tuple[Sought, ...] = ()
    judged: tuple[Judged, ...] = ()
    steady: float | None = None
    """The share of the known clips' frames half a second apart that are within PDQ's radius."""
    absences: tuple[Absence, ...] = ()

    @property
    def sets(self) -> list[str]:
        """Of videos, in the order in which they were measured."""
        return list(dict.fromkeys(one.set for one in self.hashed))

    def times(self, set: str, sampler: str, other: str) -> float | None:
        """How many times as fast as another a sampler is, on one set: the median over rounds; None if not measured."""
        timed = {one.sampler: one.timed for one in self.hashed if one.set == set}
        return timed[sampler].ratio_to(timed[other]) if sampler in timed and other in timed else None

    def times_lookup(self, seeker: str, other: str) -> float | None:
        """The same of seekers."""
        timed = {one.seeker: one.timed for one in self.sought}
        return timed[seeker].ratio_to(timed[other]) if seeker in timed and other in timed else None

    def judged_by(self, seeker: str) -> list[Judged]:
        """What one seeker said."""
        return [one for one in self.judged if one.seeker == seeker]

    @property
    def faults(self) -> tuple[str, ...]:
        """A sentence for each thing that is wrong with ours: hashes, answers, what was missed, what was told falsely."""
        return (
            *(
                f"{one.set}: {one.sampler} is {one.most} bits off {one.against}, {one.few:.3f} of {one.frames} frames at "
                f"most {FEW_BITS}, and {one.missing} frames are missing"
                for one in self.drifts
                if not one.kept
            ),
            *(
                f"lookup: {one.title} missed {one.missed} videos, told {one.false} falsely, and its shares are "
                f"{one.shares} off"
                for one in self.sought
                if one.seeker in (OURS, "upright")
                and (one.missed or one.false or one.shares is None or one.shares > 1e-6)
            ),
            *(
                f"{one.edit}, {one.title}: {one.found} of {one.parts} were found, and {one.false} told falsely"
                for one in (*self.judged_by(OURS), *self.judged_by(THOROUGH))
                if one.false or (one.required and one.recall < RECALL)
            ),
        )
