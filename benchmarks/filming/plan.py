"""Plans: how much is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """How large pictures are, and what they are written with."""

    width: int
    """Pixels, even, as is the height."""
    height: int
    bit_rate: int
    """Bits a second."""


@dataclass(frozen=True)
class SpeedPlan:
    """What is hashed to see how long it takes."""

    sizes: Mapping[str, Size]
    seconds: float
    """Of each clip."""
    rate: int
    """Frames a second."""
    rounds: int


@dataclass(frozen=True)
class LookupPlan:
    """What is searched to see how long it takes."""

    videos: int
    frames: int
    """Of each known video, one a second."""
    queries: int
    asked: int
    """Frames of a query."""
    rounds: int
    budget: float
    """Seconds that each seeker has for its share of a round."""


@dataclass(frozen=True)
class AccuracyPlan:
    """What is edited to see whether it is found."""

    size: Size
    rate: int
    """Frames a second."""
    seconds: tuple[float, float]
    """Of the shots of each clip, from and to."""
    known: int
    """Clips that are known; two at least."""
    edited: int
    """Of which so many are edited."""
    beside: int
    """Clips that are known too, and in nothing that is uploaded."""
    strangers: int
    """Clips that are not; two at least."""


@dataclass(frozen=True)
class VideoPlan:
    """All of it."""

    speed: SpeedPlan
    lookup: LookupPlan
    accuracy: AccuracyPlan


_SIZES = {
    "480p": Size(854, 480, 1_200_000),
    "720p": Size(1280, 720, 2_500_000),
    "1080p": Size(1920, 1080, 5_000_000),
}

FULL = VideoPlan(
    SpeedPlan(_SIZES, seconds=20.0, rate=25, rounds=5),
    LookupPlan(videos=2_000, frames=300, queries=100, asked=60, rounds=5, budget=1.0),
    AccuracyPlan(Size(384, 216, 350_000), rate=25, seconds=(60.0, 90.0), known=40, edited=40, beside=20, strangers=20),
)
QUICK = VideoPlan(
    SpeedPlan({"120p": Size(214, 120, 200_000)}, seconds=4.0, rate=10, rounds=1),
    LookupPlan(videos=40, frames=60, queries=12, asked=20, rounds=1, budget=0.02),
    AccuracyPlan(Size(192, 108, 80_000), rate=4, seconds=(100.0, 100.0), known=2, edited=1, beside=1, strangers=2),
)
