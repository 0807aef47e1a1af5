"""Ours: hashmatch's index for large lists."""

from __future__ import annotations

import numpy as np

from hashmatch.hashes import Codes
from hashmatch.indexes import INDEXES, Neighbors

from ..truth import Answers
from ..workloads import RADIUS
from .base import Contender, Way

_KIND = INDEXES["multi_index"]
"""Imported here, so that loading what is compiled is no part of building an index."""


class MultiIndex(Contender):
    """``hashmatch.indexes`` of kind ``multi_index``: multi-index hashing, exact."""

    title = "hashmatch multi_index"
    ways = (Way(), Way(8), Way(256), Way(2_000), Way(20_000), Way(1, threads=2), Way(20_000, threads=2))
    complete = True

    def __init__(self, codes: Codes) -> None:
        self._index = _KIND.build(codes, RADIUS)

    def search(self, queries: Codes) -> Neighbors:
        """See ``Contender.search``."""
        return self._index.search(queries, RADIUS)

    def answers(self, found: Neighbors) -> Answers:
        """See ``Contender.answers``."""
        return Answers(found.offsets, found.rows, found.distances.astype(np.int64))
