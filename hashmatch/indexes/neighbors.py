"""Neighbors: what was found around each query of a batch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Neighbors:
    """Answers to a batch of queries, one run of rows per query.

    Query ``i`` found ``rows[offsets[i]:offsets[i + 1]]`` at ``distances[offsets[i]:offsets[i + 1]]``,
    nearest first, equal distances by row.
    """

    offsets: npt.NDArray[np.int64]
    """``int64[queries + 1]``, beginning with 0."""
    rows: npt.NDArray[np.int64]
    """``int64[k]``: rows of the indexed codes."""
    distances: npt.NDArray[np.uint16]
    """``uint16[k]``: Hamming distances in bits."""
    cut: npt.NDArray[np.bool_]
    """``bool[queries]``: whether a limit left out answers of the query."""

    def part(self, start: int, stop: int) -> Neighbors:
        """The answers of queries ``start`` to ``stop``, exclusive; rows and distances are not copied."""
        first, last = self.offsets[start], self.offsets[stop]
        return replace(
            self,
            offsets=self.offsets[start : stop + 1] - first,
            rows=self.rows[first:last],
            distances=self.distances[first:last],
            cut=self.cut[start:stop],
        )


def nothing_found(queries: int) -> Neighbors:
    """The answers to so many queries of which none found anything."""
    return Neighbors(
        np.zeros(queries + 1, np.int64), np.empty(0, np.int64), np.empty(0, np.uint16), np.zeros(queries, np.bool_)
    )


def limited(found: Neighbors, limit: int | None) -> Neighbors:
    """The first ``limit`` answers of each query, which are the nearest; None: all of them."""
    counts = np.diff(found.offsets)
    if limit is None or not (counts > limit).any():
        return found
    offsets = np.zeros_like(found.offsets)
    kept = np.minimum(counts, limit)
    np.cumsum(kept, out=offsets[1:])
    chosen = np.arange(offsets[-1]) + np.repeat(found.offsets[:-1] - offsets[:-1], kept)
    return Neighbors(offsets, found.rows[chosen], found.distances[chosen], found.cut | (counts > limit))


def joined(parts: list[Neighbors]) -> Neighbors:
    """The answers of consecutive runs of queries as one."""
    if not parts:
        return nothing_found(0)
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *(len(part.rows) for part in parts[:-1])])
    return Neighbors(
        np.concatenate([[0], *(part.offsets[1:] + start for part, start in zip(parts, starts, strict=True))]),
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.distances for part in parts]),
        np.concatenate([part.cut for part in parts]),
    )
