"""How codes are cut into bands for multi-index hashing, and which buckets of each band a radius asks for.

Two codes within a radius agree nearly in at least one of m bands (the pigeonhole principle): with
``radius = m f + a``, a below m, either one of the first a + 1 bands differs by at most f bits, or one of the
others by at most f - 1; for if not, they would differ by at least (a + 1)(f + 1) + (m - a - 1) f = radius + 1
bits. That holds for the first bits of a band as for all of them, so that the buckets can be as many as
the codes deserve.

Source: Norouzi, Punjani and Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", 2012.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

_MOST_BANDS = 32
WIDEST = 24
"""Bits of a band at most."""

_ROW_BYTES = 16
"""In each band a row takes its number and three lanes of its code."""
_BUCKET_BYTES = 4
_BYTES = 288
"""Bytes that all bands together may take for a code; with the 32 of a PDQ hash itself that is 320."""
_ROOM = 65_536
"""Bytes that they may take however few the codes are."""

_CANDIDATE, _BUCKET, _SCANNED = 1.6, 29.0, 0.9
"""Nanoseconds, roughly and of one machine, for looking at a candidate, going to a bucket, and comparing a query
with one code in a flat scan. Only their ratios matter."""

_WORTH = 2.0
"""How much faster than a flat scan bands must be, to be worth their memory and the loading of what searches them."""

_ROUNDED = 1 + 1e-9
"""Sums of the same floats in another order differ by less than this factor."""

_Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Band:
    """The bits of a code that number its bucket."""

    start: int
    width: int


def plan(bits: int, max_radius: int, codes: int) -> tuple[Band, ...]:
    """The bands by which ``codes`` codes are searched for ``max_radius`` with the least work.

    Args:
        bits: Length of a code.
        max_radius: Inclusive.
        codes: How many there are, from 0 up.

    Returns:
        All bands, in order, disjoint, within the ``bits``. Only those that ``radii`` of the largest radius
        asks for need buckets.
    """
    return min(_plans(bits, max_radius).cheapest(codes), key=lambda bands: work(bands, max_radius, codes))


def radii(bands: int, radius: int) -> npt.NDArray[np.int64]:
    """The radius of each of so many bands (``int64[bands]``), inclusive; -1 for one that need not be asked."""
    whole, rest = divmod(radius, bands)
    return np.where(np.arange(bands) <= rest, whole, whole - 1).astype(np.int64)


@lru_cache(maxsize=256)
def flips(width: int, radius: int) -> npt.NDArray[np.uint32]:
    """What turns a bucket's number of ``width`` bits into each one within ``radius`` bits, the nearest first."""
    numbers = [
        sum(1 << bit for bit in chosen)
        for differing in range(radius + 1)
        for chosen in combinations(range(width), differing)
    ]
    return np.array(numbers, dtype=np.uint32)


def work(bands: tuple[Band, ...], radius: int, codes: int) -> float:
    """What a query for ``radius`` costs, in nanoseconds, if the codes are spread evenly."""
    return math.fsum(
        _buckets(band.width, own) * (_BUCKET + _CANDIDATE * codes / 2**band.width)
        for band, own in zip(bands, radii(len(bands), radius).tolist(), strict=True)
    )


def scan_work(codes: int) -> float:
    """What comparing a query with every code costs, in nanoseconds."""
    return _SCANNED * codes


def pays(bits: int, max_radius: int, codes: int) -> bool:
    """Whether looking codes up by bands is expected to take half the time of comparing all of them, or less.

    Args:
        bits: Length of a code.
        max_radius: Inclusive.
        codes: How many there are.
    """
    return _WORTH * work(plan(bits, max_radius, codes), max_radius, codes) < scan_work(codes)


@dataclass(frozen=True)
class _Plans:
    """All plans for one length of codes and one radius, each as what it takes and costs for any number of codes."""

    bands: tuple[tuple[Band, ...], ...]
    """The first is of a single band of one bit."""
    row_bytes: _Numbers
    """Bytes for each code, ..."""
    bucket_bytes: _Numbers
    """... and however many they are."""
    going: _Numbers
    """Nanoseconds of a query for going to buckets, ..."""
    looking: _Numbers
    """... and for each code."""

    def cheapest(self, codes: int) -> list[tuple[Band, ...]]:
        """Those that cost least among those that do not take too much memory, up to what sums of floats are off."""
        fits = self.row_bytes * codes + self.bucket_bytes <= _BYTES * codes + _ROOM
        fits[0] = True
        costs = np.where(fits, self.going + self.looking * codes, np.inf)
        return [self.bands[place] for place in np.flatnonzero(costs <= costs.min() * _ROUNDED)]


@lru_cache(maxsize=64)
def _plans(bits: int, max_radius: int) -> _Plans:
    """Every number of bands, of every width."""
    plans, rows = [], []
    for count in range(1, min(bits, _MOST_BANDS) + 1):
        asked = [radius for radius in radii(count, max_radius).tolist() if radius >= 0]
        for widest in range(1, WIDEST + 1):
            bands = _cut(bits, count, widest)
            widths = [band.width for band in bands[: len(asked)]]
            buckets = [_buckets(width, radius) for width, radius in zip(widths, asked, strict=True)]
            shares = (own / 2**width for own, width in zip(buckets, widths, strict=True))
            plans.append(bands)
            rows.append(
                (
                    _ROW_BYTES * len(widths),
                    sum(_BUCKET_BYTES << width for width in widths),
                    _BUCKET * sum(buckets),
                    _CANDIDATE * math.fsum(shares),
                )
            )
    return _Plans(tuple(plans), *np.array(rows, dtype=np.float64).T)


@cache
def _cut(bits: int, count: int, widest: int) -> tuple[Band, ...]:
    """All bits cut into nearly equal parts, of each at most the first ``widest`` bits."""
    edges = [bits * number // count for number in range(count + 1)]
    return tuple(Band(start, min(stop - start, widest)) for start, stop in pairwise(edges))


@cache
def _buckets(width: int, radius: int) -> int:
    """How many numbers of ``width`` bits are within ``radius`` bits of one."""
    return sum(math.comb(width, differing) for differing in range(min(radius, width) + 1))
