"""Answers while they come in, in memory that grows with what is kept of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .kernels.tables import COUNT, GIVEN_UP, NOTES, SHIFT, STATE_ITEMS, Hits
from .neighbors import Neighbors

_ROW_BITS = 32

_ROOM = 256
"""Answers for which there is memory at first; of it, half must hold what kernels find at once."""


def most_queries(radius: int) -> int:
    """How many queries can be told apart in an answer of 64 bits, beside a row and a distance up to ``radius``."""
    return 1 << (63 - _ROW_BITS - radius.bit_length())


class Found:
    """The answers to some queries; kernels write them in any order."""

    def __init__(self, queries: int, radius: int, limit: int | None) -> None:
        """Expect answers within ``radius`` bits (inclusive), of which the nearest ``limit`` per query are kept."""
        self._limit = limit
        self._cut = np.zeros(queries, np.bool_)
        self._shift = _ROW_BITS + radius.bit_length()
        self.hits = Hits(
            np.full(queries, (radius + 1) << _ROW_BITS, np.uint64),
            np.empty(max(_ROOM, 2 * queries), np.uint64),
            np.zeros((queries, NOTES), np.uint32),
            np.zeros(STATE_ITEMS, np.int64),
        )
        self.hits.state[SHIFT] = self._shift

    def make_room(self) -> None:
        """Make room for more: by leaving out what is beyond the limit, and if that is little, by more memory."""
        if self._limit is not None:
            self._keep_nearest(self._limit)
        room = len(self.hits.answers)
        held = self._held()
        if 2 * len(held) > room:
            answers = np.empty(2 * room, np.uint64)
            answers[: len(held)] = held
            self.hits = self.hits._replace(answers=answers)

    def given_up(self) -> npt.NDArray[np.int64]:
        """The queries that were given up, as too many candidates are near them."""
        return np.flatnonzero(self.hits.notes[:, GIVEN_UP])

    def neighbors(self) -> Neighbors:
        """All that was kept; nothing for queries that were given up."""
        given_up = self.hits.notes[:, GIVEN_UP]
        if given_up.any():
            held = self._held()
            kept = held[given_up[held >> np.uint64(self._shift)] == 0]
            held[: len(kept)] = kept
            self.hits.state[COUNT] = len(kept)
        if self._limit is None:
            self._held().sort()
        else:
            self._keep_nearest(self._limit)
        held = self._held()
        distances = held >> np.uint64(_ROW_BITS) & np.uint64((1 << self._shift - _ROW_BITS) - 1)
        rows = held & np.uint64((1 << _ROW_BITS) - 1)
        return Neighbors(self._offsets(held), rows.astype(np.int64), distances.astype(np.uint16), self._cut)

    def _keep_nearest(self, limit: int) -> None:
        """Sort, leave out all but the nearest ``limit`` of each query, and expect only nearer ones from now on."""
        held = self._held()
        held.sort()
        offsets = self._offsets(held)
        counts = np.diff(offsets)
        crowded = np.flatnonzero(counts > limit)
        if not len(crowded):
            return
        self._cut[crowded] = True
        last = held[offsets[crowded] + limit - 1]
        self.hits.bounds[crowded] = last & np.uint64((1 << self._shift) - 1)
        kept = np.arange(len(held)) - np.repeat(offsets[:-1], counts) < limit
        count = int(kept.sum())
        held[:count] = held[kept]
        self.hits.state[COUNT] = count

    def _held(self) -> npt.NDArray[np.uint64]:
        """The answers that are held."""
        return self.hits.answers[: int(self.hits.state[COUNT])]

    def _offsets(self, held: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Where the answers of each query begin, of answers in their order, and where the last ones end."""
        firsts = np.arange(len(self._cut) + 1, dtype=np.uint64) << np.uint64(self._shift)
        offsets: npt.NDArray[np.int64] = held.searchsorted(firsts)
        return offsets
