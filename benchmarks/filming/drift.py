"""Drift: how far the hashes of the same frames are apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..samplers import SAMPLERS, Sampled
from .results import Drift

_SURE = 80
"""PDQ's quality from which implementations are held to one another."""


def drifts(name: str, found: Mapping[str, list[Any]]) -> list[Drift]:
    """How far ours are from vpdq's of every frame, and our other samplings from every frame.

    Args:
        name: Of the set of videos.
        found: Sampler -> what it returned, for each video of the set.
    """
    sampled = {
        sampler: [frames(one) for one in outcomes]
        for sampler, outcomes in found.items()
        if (frames := SAMPLERS[sampler].frames) is not None
    }
    pairs = (("every", "vpdq_every"), ("second", "every"), ("keyframes", "every"))
    return [
        compared(name, sampler, against, list(zip(sampled[sampler], sampled[against], strict=True)))
        for sampler, against in pairs
        if sampler in sampled and against in sampled
    ]


def compared(name: str, sampler: str, against: str, videos: list[tuple[Sampled, Sampled]]) -> Drift:
    """Compare the frames of each video; of vpdq all must be there, of our own those that were sampled."""
    ours = not against.startswith("vpdq")
    distances: list[int] = []
    missing = 0
    for one, other in videos:
        # Our times are the same whatever the sampling; numbers are what vpdq counts, and key frames cannot know.
        left, right = (
            {round(frame.timestamp or 0.0, 6) if ours else frame.frame: frame for frame in frames}
            for frames in (one, other)
        )
        missing += len(left.keys() - right.keys() if ours else left.keys() ^ right.keys())
        distances += [
            _distance(left[place].digest, right[place].digest)
            for place in left.keys() & right.keys()
            if ours or (right[place].quality or 0) >= _SURE
        ]
    return Drift(name, sampler, against, missing, tuple(np.bincount(distances).tolist()) if distances else ())


def _distance(one: bytes, other: bytes) -> int:
    return int(np.bitwise_count(np.frombuffer(one, np.uint8) ^ np.frombuffer(other, np.uint8)).sum())
