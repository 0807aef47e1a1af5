"""Queries with very many neighbours: all of them, and the nearest alone."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy as np

from hashmatch import indexes
from hashmatch.hashes import Codes, hamming
from hashmatch.indexes import Neighbors

from .contenders import OURS
from .memory import peak, reset_peak, resident
from .plan import Plan
from .results import Crowd
from .workloads import RADIUS, flips, uniform

LIMIT = 100
_REPEATS = 5
_FARTHEST = 12
"""Bits from the crowd's centre to its farthest code, so that queries near the centre have all for neighbours."""


def measure_crowd(seed: int, plan: Plan) -> list[Crowd]:
    """Ask at the centre of a crowd: one query and a batch, with and without a limit."""
    n, neighbors = plan.crowd
    random = np.random.default_rng([seed, n, neighbors])
    centre = uniform(random, 1)
    crowd = centre ^ flips(random, random.integers(0, _FARTHEST + 1, neighbors))
    codes = np.concatenate([crowd, uniform(random, n - neighbors)])[random.permutation(n)]
    queries = centre ^ flips(random, np.arange(32) % 8)
    index = indexes.build(codes, OURS, RADIUS)
    crowds = []
    for limit in (None, LIMIT):
        for asked in (queries[:1], queries):
            found, seconds, grown = _measured(lambda a=asked, m=limit: index.search(a, RADIUS, limit=m))  # type: ignore[misc]
            right = matches_nearest(codes, asked, found, neighbors, limit)
            crowds.append(Crowd(n, neighbors, limit, len(asked), seconds, grown, right))
    return crowds


def _measured(search: Callable[[], Neighbors]) -> tuple[Neighbors, float, int | None]:
    """What a search finds, its median time, and by how much memory grows at most."""
    search()
    seconds = []
    for _ in range(_REPEATS):
        begun = perf_counter()
        search()
        seconds.append(perf_counter() - begun)
    reset_peak()
    before = resident()
    found = search()
    after = peak()
    return found, median(seconds), None if before is None or after is None else after - before


def matches_nearest(codes: Codes, queries: Codes, found: Neighbors, neighbors: int, limit: int | None) -> bool:
    """Whether every query got its nearest neighbours, as many as it may, and is told whether there are more."""
    kept = neighbors if limit is None else min(limit, neighbors)
    if not np.array_equal(found.offsets, np.arange(len(queries) + 1) * kept):
        return False
    if not np.array_equal(found.cut, np.full(len(queries), kept < neighbors)):
        return False
    for number, query in enumerate(queries):
        distances = hamming(codes, query)
        nearest = np.lexsort((np.arange(len(codes)), distances))[:kept]
        part = slice(found.offsets[number], found.offsets[number + 1])
        if not np.array_equal(found.rows[part], nearest):
            return False
        if not np.array_equal(found.distances[part], distances[nearest]):
            return False
    return True
