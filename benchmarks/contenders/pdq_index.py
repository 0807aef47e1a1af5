"""python-threatexchange's index of PDQ hashes."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
from threatexchange.signal_type.pdq.pdq_index import PDQIndex

from hashmatch.hashes import Codes

from ..truth import Answers
from .base import Contender, Way


class PdqIndex(Contender):
    """``PDQIndex``: one hash a call, in hexadecimal; it searches within 31 bits, and cannot be told otherwise."""

    title = "python-threatexchange PDQIndex"
    ways = (Way(),)
    largest = 1_000_000
    largest_quick = 10_000

    def __init__(self, codes: Codes) -> None:
        faiss.omp_set_num_threads(1)
        self._index = PDQIndex((code.tobytes().hex(), row) for row, code in enumerate(codes))

    def prepare(self, queries: Codes) -> list[str]:
        """The queries in hexadecimal."""
        return [query.tobytes().hex() for query in queries]

    def search(self, queries: list[str]) -> list[Any]:
        """See ``Contender.search``."""
        return [self._index.query(query) for query in queries]

    def answers(self, found: list[Any]) -> Answers:
        """See ``Contender.answers``."""
        matches = [match for one in found for match in one]
        return Answers(
            np.cumsum([0, *(len(one) for one in found)]),
            np.array([match.metadata for match in matches], np.int64),
            np.array([match.similarity_info.distance for match in matches], np.int64),
        )
