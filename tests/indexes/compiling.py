"""A program that searches multi-indexes, and tells as one line of JSON what it found and what was compiled.

It stands alone, so that it can be run against any copy of the package.
"""

from __future__ import annotations

import json
import sys
import warnings
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

SIZES = (300, 20_000)
"""So many codes are scanned, and so many looked up by bands."""
RADIUS = 31
LIMIT = 2
QUERIES = 40

Codes = npt.NDArray[np.uint8]


def workload(size: int) -> tuple[Codes, Codes]:
    """So many codes, some of them near to each other, and queries at distances from 0 to beyond the radius."""
    random = np.random.default_rng(size)
    codes = random.integers(0, 256, (size, 32), dtype=np.uint8)
    codes[-200:] = np.tile(codes[:50], (4, 1)) ^ flips(random, np.arange(200) % 20)
    codes[-1] = codes[0]
    return codes, codes[random.integers(0, 60, QUERIES)] ^ flips(random, np.arange(QUERIES))


def flips(random: np.random.Generator, counts: npt.NDArray[np.int64]) -> Codes:
    """For each count a code of that many ones."""
    ones = np.argsort(random.random((len(counts), 256)), axis=1) < counts[:, np.newaxis]
    return np.packbits(ones, axis=1)


def main() -> None:
    """Import, build and search, and tell of it."""
    found = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        import hashmatch
        from hashmatch import indexes

        for size in SIZES:
            codes, queries = workload(size)
            index = indexes.build(codes, "multi_index", RADIUS)
            alone = [index.search(query[np.newaxis], RADIUS) for query in queries]
            found.append(
                {
                    "single": [answers for neighbors in alone for answers in told(neighbors)],
                    "batch": told(index.search(queries, RADIUS)),
                    "limited": told(index.search(queries, RADIUS, LIMIT)),
                }
            )
        from hashmatch.indexes.kernels import filling, probing, scanning, walking

    stats = [kernel.stats for kernel in (filling.fill, probing.probe, scanning.scan, walking.walk)]
    json.dump(
        {
            "package": hashmatch.__file__,
            "found": found,
            "warnings": [(warning.category.__name__, str(warning.message)) for warning in caught],
            "hits": [sum(own.cache_hits.values()) for own in stats],
            "misses": [sum(own.cache_misses.values()) for own in stats],
        },
        sys.stdout,
    )


def told(neighbors: Any) -> list[list[tuple[int, int]]]:
    """(row, distance) of each answer to each query."""
    pairs = list(zip(neighbors.rows.tolist(), neighbors.distances.tolist(), strict=True))
    offsets = neighbors.offsets.tolist()
    return [pairs[start:stop] for start, stop in pairwise(offsets)]


if __name__ == "__main__":
    main()
