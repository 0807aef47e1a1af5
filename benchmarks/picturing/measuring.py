"""Measuring: hashers on a set of pictures, how far fast hashes are off, and what a second worker is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import hashmatch
from hashmatch.errors import MissingExtra

from ..hashers import HASHERS, Hasher
from ..timing import Series, interleave
from .results import Absence, Drift, Hashed, Spread
from .sets import PictureSet

QUALITY = 50
"""Below it PDQ is not matched, so that it may drift."""


@dataclass(frozen=True)
class HashingPlan:
    """How much is measured."""

    rounds: int
    budget: float
    """Seconds that each hasher has for its share of a round."""
    spread_seconds: float
    """Seconds that one worker is to take for many files."""


FULL = HashingPlan(rounds=7, budget=0.6, spread_seconds=8.0)
QUICK = HashingPlan(rounds=2, budget=0.02, spread_seconds=0.2)


def measure(pictures: PictureSet, plan: HashingPlan) -> tuple[list[Hashed], list[Absence]]:
    """Every hasher on the same pictures, in rounds that take turns."""
    absences, chosen = [], []
    for name in HASHERS:
        try:
            hasher = HASHERS[name]
            hasher.hash(hasher.prepare(pictures.paths[0]))
        except MissingExtra as error:
            absences.append(Absence(pictures.name, name, str(error)))
        except Exception as error:
            absences.append(Absence(pictures.name, name, f"it fails: {error}"[:200]))
        else:
            chosen.append((name, hasher, _series(hasher, pictures)))
    for _, _, series in chosen:
        series.warm_up(plan.budget)
    interleave([series for _, _, series in chosen], plan.rounds)
    hashed = [Hashed(pictures.name, name, hasher.title, series.timed()) for name, hasher, series in chosen]
    return hashed, absences


def drift(pictures: PictureSet) -> Drift:
    """How far the fast hash of each picture is from its exact one."""
    distances, fast = [], 0
    for path in pictures.paths:
        exact, quick = (hashmatch.hash_file(path, ("pdq",), fast=asked) for asked in (False, True))
        fast += quick.decoding == "fast"
        if (exact["pdq"].quality or 0) >= QUALITY:
            distances.append(_distance(exact["pdq"].digest, quick["pdq"].digest))
    return Drift(pictures.name, tuple(distances), fast)


def spread(pictures: PictureSet, plan: HashingPlan, milliseconds: float) -> Spread:
    """Many files by one worker and by two; starting them is part of it."""
    files = max(8, int(plan.spread_seconds * 1000 / milliseconds))
    paths = [pictures.paths[place % len(pictures.paths)] for place in range(files)]

    def ask(workers: int) -> None:
        reports = hashmatch.hash_many(paths, ("pdq",), workers=workers, fast=True)
        if failed := [report.error for report in reports if report.error]:
            raise RuntimeError(failed[0])

    one, two = (Series(ask, [(workers, files)]) for workers in (1, 2))
    for series in (one, two):
        series.warm_up(0.0)
    interleave([one, two], 3)
    return Spread(pictures.name, files, one.timed(), two.timed())


def _series(hasher: Hasher, pictures: PictureSet) -> Series:
    return Series(hasher.hash, [(hasher.prepare(path), 1) for path in pictures.paths])


def _distance(one: bytes, other: bytes) -> int:
    return int(np.bitwise_count(np.frombuffer(one, np.uint8) ^ np.frombuffer(other, np.uint8)).sum())
