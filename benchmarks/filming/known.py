"""Known videos as codes alone: what lists of videos hold, and uploads that were cut out of them. All seeded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hashmatch.hashes import ORIENTATIONS, Codes, FrameHash

from ..seekers import Frames
from ..workloads import BITS, flips
from .plan import LookupPlan

TITLES = 10
"""Different titles, each of which a tenth of all videos begin with."""
TITLE_FRAMES = 4
SHOTS = (2, 7)
"""Frames from one cut to the next, from and below."""
MOVES = (2, 13)
"""Bits by which a shot's frame differs from the one before, from and below."""
NOISE = 20
"""A planted frame is up to so many bits off, inclusive: what writing a video anew does."""

QUALITY = 100


@dataclass(frozen=True)
class Query:
    """An upload."""

    frames: Frames
    planted: str | None
    """The known video that it was cut out of."""


def draw_videos(plan: LookupPlan, seed: int) -> dict[str, Frames]:
    """The known videos: each begins with one of few titles, the rest is shots."""
    rng = np.random.default_rng([seed, 2])
    titles = _titles(rng)
    return {f"video {number}": _frames(_shots(rng, plan.frames, titles)) for number in range(plan.videos)}


def draw_queries(plan: LookupPlan, videos: dict[str, Frames], seed: int) -> list[Query]:
    """Uploads, every second of them cut out of a known video; the others have a title that videos have too."""
    rng = np.random.default_rng([seed, 3])
    names = list(videos)
    titles = _titles(np.random.default_rng([seed, 2]))
    queries = []
    for number in range(plan.queries):
        if number % 2:
            queries.append(Query(_turned(rng, _shots(rng, plan.asked, titles)), None))
            continue
        name = names[rng.integers(len(names))]
        start = int(rng.integers(plan.frames - plan.asked + 1))
        codes = _codes(videos[name][start : start + plan.asked])
        queries.append(Query(_turned(rng, codes ^ flips(rng, rng.integers(0, NOISE + 1, len(codes)))), name))
    return queries


def _titles(rng: np.random.Generator) -> list[Codes]:
    return [_balanced(rng, 1) ^ flips(rng, rng.integers(0, 3, TITLE_FRAMES)) for _ in range(TITLES)]


def _shots(rng: np.random.Generator, frames: int, titles: list[Codes]) -> Codes:
    """A video's codes: ``uint8[frames, 32]``."""
    lengths = rng.integers(*SHOTS, frames)
    first = np.minimum(np.searchsorted(np.cumsum(lengths), np.arange(frames), side="right"), frames - 1)
    moves = flips(rng, rng.integers(*MOVES, frames))
    walked = np.bitwise_xor.accumulate(moves, axis=0)
    # One walk through all shots; each begins it anew, at a picture of its own.
    begins = np.append(True, first[1:] != first[:-1])
    origins = (_balanced(rng, int(begins.sum())) ^ walked[begins])[np.cumsum(begins) - 1]
    codes: Codes = walked ^ origins
    codes[:TITLE_FRAMES] = titles[rng.integers(len(titles))][:frames]
    return codes


def _balanced(rng: np.random.Generator, count: int) -> Codes:
    """Codes half of whose bits are ones, as PDQ's are."""
    return flips(rng, np.full(count, BITS // 2))


def _frames(codes: Codes) -> Frames:
    return tuple(FrameHash(code.tobytes(), QUALITY, float(second), second) for second, code in enumerate(codes))


def _turned(rng: np.random.Generator, codes: Codes) -> Frames:
    """An upload's frames, whose other orientations are near nothing, as those of nearly all uploads are."""
    others = [_balanced(rng, len(codes)) for _ in ORIENTATIONS[1:]]
    return tuple(
        FrameHash(
            code.tobytes(),
            QUALITY,
            float(second),
            second,
            dict(zip(ORIENTATIONS, (turn[second].tobytes() for turn in (codes, *others)), strict=True)),
        )
        for second, code in enumerate(codes)
    )


def _codes(frames: Frames) -> npt.NDArray[np.uint8]:
    return np.frombuffer(b"".join(frame.digest for frame in frames), np.uint8).reshape(len(frames), -1)
