"""Workloads: lists of codes as they occur, and queries of which it is known what they must find. All seeded."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hashmatch.hashes import Codes

BITS = 256
RADIUS = 31
"""PDQ's radius, inclusive, at which everything here is searched."""

FRAMES_AT_LEAST, FRAMES_AT_MOST = 30, 3_000
"""How many frames a video gives, at one a second."""

PICTURES = 20
"""Flat pictures: black, white, a slide's background. Few of them, and each many times."""

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Workload:
    """Codes to index, and queries, every second of them planted near an indexed code."""

    distribution: str
    """A name in ``DISTRIBUTIONS``."""
    codes: Codes
    """``uint8[n, 32]``, in no order."""
    queries: Codes
    """``uint8[q, 32]``."""
    planted: Integers
    """``int64[q]``: the row that query i was planted at, -1 if at none. It must find that row, and may find more."""
    distances: Integers
    """``int64[q]``: how far from it in bits, 0 to 31 in turn; -1 if at none."""


def make_workload(distribution: str, n: int, queries: int, seed: int) -> Workload:
    """Draw a workload; the same arguments give the same one.

    Args:
        distribution: A name in ``DISTRIBUTIONS``.
        n: How many codes, at least 1.
        queries: How many queries. The even ones are planted, at each distance from 0 to 31 in turn. The odd
            ones are uniform, near nothing; of a skewed list every second of them is a near miss, 32 to 63
            bits from an indexed code. So any run of 128 queries is a fair sample.
        seed: At least 0.
    """
    random = np.random.default_rng([seed, list(DISTRIBUTIONS).index(distribution), n])
    codes = DISTRIBUTIONS[distribution](random, n)
    asked = uniform(random, queries)
    planted = np.full(queries, -1, np.int64)
    distances = np.full(queries, -1, np.int64)
    planted[::2] = random.integers(0, n, len(planted[::2]))
    distances[::2] = np.arange(len(planted[::2])) % (RADIUS + 1)
    asked[::2] = codes[planted[::2]] ^ flips(random, distances[::2])
    if distribution != "uniform":
        missed = asked[1::4]
        far = RADIUS + 1 + np.arange(len(missed)) % (RADIUS + 1)
        asked[1::4] = codes[random.integers(0, n, len(missed))] ^ flips(random, far)
    return Workload(distribution, codes, asked, planted, distances)


def uniform(random: np.random.Generator, n: int) -> Codes:
    """Codes that have nothing to do with each other: ``uint8[n, 32]``."""
    return random.integers(0, 256, (n, BITS // 8), dtype=np.uint8)


def skewed(random: np.random.Generator, n: int) -> Codes:
    """Codes as lists of videos hold them: ``uint8[n, 32]``.

    A fifth each are frames of still shots, all a few bits from one centre, and of moving ones, each a few bits
    from the frame before. A hundredth are flat pictures, most of them identical. The rest is uniform.
    """
    still, moving, flat = n // 5, n // 5, n // 100
    longest = max(FRAMES_AT_LEAST, min(FRAMES_AT_MOST, n // 50))
    parts = [
        _still_shots(random, _shots(random, still, longest)),
        _moving_shots(random, _shots(random, moving, longest)),
        _flat_pictures(random, flat),
        uniform(random, n - still - moving - flat),
    ]
    return np.concatenate(parts)[random.permutation(n)]


DISTRIBUTIONS: dict[str, Callable[[np.random.Generator, int], Codes]] = {"uniform": uniform, "skewed": skewed}


def flips(random: np.random.Generator, counts: Integers) -> Codes:
    """Bits to flip, exactly ``counts[i]`` different ones in row i: ``uint8[n, 32]``."""
    ranks = random.random((len(counts), BITS), dtype=np.float32).argsort(axis=1)
    return np.packbits(ranks < counts[:, None], axis=1)


def _noise(random: np.random.Generator, counts: Integers) -> Codes:
    """At most ``counts[i]`` bits to flip in row i, since one that is drawn twice is flipped back."""
    noise = np.zeros((len(counts), BITS // 8), np.uint8)
    for turn in range(int(counts.max(initial=0))):
        rows = np.flatnonzero(counts > turn)
        bits = random.integers(0, BITS, len(rows))
        noise[rows, bits >> 3] ^= (128 >> (bits & 7)).astype(np.uint8)
    return noise


def _shots(random: np.random.Generator, frames: int, longest: int) -> Integers:
    """Lengths of shots, as many short as long ones on a scale of powers, that add up to ``frames``."""
    powers = random.uniform(math.log(FRAMES_AT_LEAST), math.log(longest), frames // FRAMES_AT_LEAST + 1)
    lengths = np.maximum(np.exp(powers).astype(np.int64), FRAMES_AT_LEAST)
    ends: Integers = np.minimum(np.cumsum(lengths), frames)
    return np.diff(ends, prepend=0)


def _still_shots(random: np.random.Generator, shots: Integers) -> Codes:
    centres = uniform(random, len(shots))
    return centres.repeat(shots, axis=0) ^ _noise(random, random.integers(0, 7, shots.sum()))


def _moving_shots(random: np.random.Generator, shots: Integers) -> Codes:
    steps = _noise(random, random.integers(0, 5, shots.sum()))
    walked: Codes = np.bitwise_xor.accumulate(steps.view(np.uint64), axis=0).view(np.uint8)
    shots = shots[shots > 0]
    # One walk through all shots; each begins it anew at a place of its own.
    origins = uniform(random, len(shots)) ^ walked[np.cumsum(shots) - shots]
    moved: Codes = walked ^ origins.repeat(shots, axis=0)
    return moved


def _flat_pictures(random: np.random.Generator, n: int) -> Codes:
    shares = 1 / np.arange(1, PICTURES + 1)
    pictures = uniform(random, PICTURES)[random.choice(PICTURES, n, p=shares / shares.sum())]
    return pictures ^ _noise(random, np.maximum(0, random.integers(-5, 3, n)))
