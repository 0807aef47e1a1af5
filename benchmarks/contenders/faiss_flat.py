"""FAISS's flat scan: every code compared with every query."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np

from hashmatch.hashes import Codes

from ..truth import Answers
from ..workloads import BITS, RADIUS
from .base import Contender, Way


class FaissFlat(Contender):
    """``faiss.IndexBinaryFlat``: exact, and what most would reach for first."""

    title = "FAISS IndexBinaryFlat"
    ways = (Way(), Way(256))
    complete = True

    def __init__(self, codes: Codes) -> None:
        faiss.omp_set_num_threads(1)
        self._index = faiss.IndexBinaryFlat(BITS)
        self._index.add(codes)

    def search(self, queries: Codes) -> Any:
        """See ``Contender.search``."""
        # FAISS's radius is exclusive.
        return self._index.range_search(queries, RADIUS + 1)

    def answers(self, found: Any) -> Answers:
        """See ``Contender.answers``."""
        offsets, distances, rows = found
        return Answers(offsets.astype(np.int64), rows, distances.astype(np.int64))
