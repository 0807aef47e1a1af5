"""FAISS's own multi-index hashing."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np

from hashmatch.hashes import Codes

from ..truth import Answers
from ..workloads import BITS, RADIUS
from .base import Contender, Way

_BANDS = 16
_FLIPS = RADIUS // _BANDS
"""Bits that may differ within a band: 31 over 16 bands leave one of them with at most 1."""


class FaissMultiHash(Contender):
    """``faiss.IndexBinaryMultiHash`` of 16 bands of 16 bits, with ``nflip`` 1: complete at radius 31."""

    title = "FAISS IndexBinaryMultiHash"
    ways = (Way(), Way(64))

    def __init__(self, codes: Codes) -> None:
        faiss.omp_set_num_threads(1)
        self._index = faiss.IndexBinaryMultiHash(BITS, _BANDS, BITS // _BANDS)
        self._index.nflip = _FLIPS
        self._index.add(codes)

    def search(self, queries: Codes) -> Any:
        """See ``Contender.search``."""
        # FAISS's radius is exclusive.
        return self._index.range_search(queries, RADIUS + 1)

    def answers(self, found: Any) -> Answers:
        """See ``Contender.answers``."""
        offsets, distances, rows = found
        return Answers(offsets.astype(np.int64), rows, distances.astype(np.int64))
