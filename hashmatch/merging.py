"""Merging: rows that come sorted by their claims' keys from two sides, as one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from .claims import Keys, bytes_keys, sort_keys


class _Piece(NamedTuple):
    table: pa.Table
    keys: Keys

    def split(self, cut: Keys) -> tuple[_Piece, _Piece]:
        """The rows up to a key, inclusive, and those after it."""
        first = int(np.searchsorted(self.keys[:, 0], cut[0], "left"))
        last = int(np.searchsorted(self.keys[:, 0], cut[0], "right"))
        place = first + int(np.searchsorted(self.keys[first:last, 1], cut[1], "right"))
        return _Piece(self.table.slice(0, place), self.keys[:place]), _Piece(self.table.slice(place), self.keys[place:])


def merged(one: Iterator[pa.Table], other: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The rows of both, sorted by key, in pieces no larger than two of those that came.

    Args:
        one: Rows with a column ``claim_key``, sorted by it within and across the tables.
        other: Likewise; the two have no key in common.
    """
    left, right = _next(one), _next(other)
    while left is not None and right is not None:
        cut = min(left.keys[-1], right.keys[-1], key=tuple)
        (low, left_rest), (high, right_rest) = left.split(cut), right.split(cut)
        both = pa.concat_tables([low.table, high.table]).combine_chunks()
        order = sort_keys(np.concatenate((low.keys, high.keys)))
        yield both.take(pa.array(order))
        left = left_rest if len(left_rest.keys) else _next(one)
        right = right_rest if len(right_rest.keys) else _next(other)
    for rest, more in ((left, one), (right, other)):
        if rest is not None:
            yield rest.table
            yield from more


def _next(tables: Iterator[pa.Table]) -> _Piece | None:
    for table in tables:
        if len(table):
            column = table.column("claim_key").combine_chunks()
            return _Piece(table, bytes_keys(column.chunk(0) if isinstance(column, pa.ChunkedArray) else column))
    return None
