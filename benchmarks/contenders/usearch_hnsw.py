"""usearch's graph of nearest neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
from usearch.index import BatchMatches, Index

from hashmatch.hashes import Codes

from ..truth import Answers
from ..workloads import BITS, RADIUS
from .base import Contender, Way

_NEAREST = 64
"""How many nearest it is asked for: as many as its search looks at by default, so that asking for fewer saves little."""


class UsearchHnsw(Contender):
    """``usearch.index.Index``, HNSW as it comes: approximate. It is asked for the nearest, of which those within are kept."""

    title = "usearch HNSW"
    ways = (Way(), Way(256))
    largest = 200_000
    largest_quick = 10_000

    def __init__(self, codes: Codes) -> None:
        self._index = Index(ndim=BITS, metric="hamming", dtype="b1")
        self._index.add(np.arange(len(codes)), codes, threads=1)

    def search(self, queries: Codes) -> Any:
        """See ``Contender.search``."""
        return self._index.search(queries, _NEAREST, threads=1)

    def answers(self, found: Any) -> Answers:
        """See ``Contender.answers``."""
        rows, distances = np.atleast_2d(found.keys), np.atleast_2d(found.distances)
        counts = found.counts if isinstance(found, BatchMatches) else np.array([rows.size])
        within = (distances <= RADIUS) & (np.arange(rows.shape[1]) < counts[:, None])
        return Answers(
            np.concatenate([[0], np.cumsum(within.sum(axis=1))]),
            rows[within].astype(np.int64),
            distances[within].astype(np.int64),
        )
