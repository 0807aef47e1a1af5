"""Answers while they come in, in memory that grows with what is kept of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .kernels.tables import COUNT, Hits
from .neighbors import Neighbors

_ROOM = 256
"""Answers for which there is memory at first; of it, half must hold what kernels find at once."""
_ROW = np.uint64(0xFFFFFFFF)


class Found:
    """The answers to some queries; kernels write them, one key each, in any order."""

    def __init__(self, queries: int, radius: int, limit: int | None) -> None:
        """Expect answers within ``radius`` bits (inclusive), of which the nearest ``limit`` per query are kept."""
        room = max(_ROOM, 2 * queries)
        self._limit = limit
        self._cut = np.zeros(queries, np.bool_)
        self.hits = Hits(
            np.full(queries, (radius + 1) << 32, np.uint64),
            np.empty(room, np.uint32),
            np.empty(room, np.uint64),
            np.zeros(6, np.int64),
        )

    def make_room(self) -> None:
        """Make room for more: by leaving out what is beyond the limit, and if that is little, by more memory."""
        if self._limit is not None:
            self._keep_nearest(self._limit)
        room = len(self.hits.keys)
        count = int(self.hits.state[COUNT])
        if 2 * count > room:
            queries, keys = np.empty(2 * room, np.uint32), np.empty(2 * room, np.uint64)
            queries[:count], keys[:count] = self.hits.queries[:count], self.hits.keys[:count]
            self.hits = self.hits._replace(queries=queries, keys=keys)

    def neighbors(self) -> Neighbors:
        """All that was kept."""
        if self._limit is not None:
            self._keep_nearest(self._limit)
        queries, keys = self._sorted()
        offsets = queries.searchsorted(np.arange(len(self._cut) + 1, dtype=np.uint32)).astype(np.int64)
        return Neighbors(offsets, (keys & _ROW).astype(np.int64), (keys >> np.uint64(32)).astype(np.uint16), self._cut)

    def _keep_nearest(self, limit: int) -> None:
        """Leave out all but the nearest ``limit`` of each query, and expect only nearer ones from now on."""
        queries, keys = self._sorted()
        starts = np.searchsorted(queries, np.arange(len(self._cut)))
        kept = np.arange(len(queries)) - starts[queries] < limit
        if kept.all():
            return
        beyond = np.unique(queries[~kept])
        self._cut[beyond] = True
        self.hits.bounds[beyond] = keys[starts[beyond] + limit - 1]
        count = int(kept.sum())
        self.hits.queries[:count], self.hits.keys[:count] = queries[kept], keys[kept]
        self.hits.state[COUNT] = count

    def _sorted(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint64]]:
        """What is held, by query and key."""
        count = int(self.hits.state[COUNT])
        queries, keys = self.hits.queries[:count], self.hits.keys[:count]
        order = np.lexsort((keys, queries))
        return queries[order], keys[order]
