"""Hits: which records one upload's codes found, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .hashes import ORIENTATIONS, Codes, FrameHash, code_matrix
from .indexes import Neighbors
from .records import MICROSECONDS
from .snapshot import Rows, Snapshot
from .terms import Terms

ANSWERS_TOGETHER = 4096
"""Answers that are kept per code while many uploads are looked up together."""

_RANK = {name: rank for rank, name in enumerate(ORIENTATIONS)}


@dataclass(frozen=True)
class QueryCodes:
    """The codes of one upload by one algorithm: each frame in each orientation, in that order."""

    algorithm: str
    codes: Codes
    """``uint8[q, bytes]``."""
    frames: tuple[FrameHash, ...]
    """``frames[i]``: the frame of code i."""
    orientations: tuple[str, ...]
    """``orientations[i]``: the orientation of code i."""

    @classmethod
    def of(cls, algorithm: str, size: int, frames: Iterable[FrameHash]) -> QueryCodes:
        """The codes of some frames.

        Raises:
            InvalidValue: If a digest does not have ``size`` bytes.
        """
        turned = [
            (frame, name, frame.orientations[name])
            for frame in frames
            for name in sorted(frame.orientations, key=lambda name: _RANK.get(name, len(_RANK)))
        ]
        return cls(
            algorithm,
            code_matrix((digest for _, _, digest in turned), size),
            tuple(frame for frame, _, _ in turned),
            tuple(name for _, name, _ in turned),
        )


@dataclass(frozen=True)
class Hits:
    """What the codes of an upload found by one algorithm: one item per code and record."""

    queries: QueryCodes
    query: Rows
    """``int64[h]``: which of the query codes."""
    record: Rows
    """``int64[h]``: row of the record in the snapshot."""
    distance: npt.NDArray[np.int64]
    """``int64[h]``: Hamming distance in bits."""
    allows: npt.NDArray[np.bool_]
    """``bool[h]``: whether the record is of an allow list."""


def look_up(snapshot: Snapshot, uploads: Sequence[QueryCodes], terms: Terms) -> Iterator[Neighbors]:
    """All neighbours of each upload's codes within the largest radius of the terms, from one search for all of them.

    Args:
        snapshot: Where to look.
        uploads: The codes of each, all by one algorithm.
        terms: Whose radii.
    """
    if not uploads:
        return
    algorithm = uploads[0].algorithm
    radius = max(terms.radii[algorithm].values())
    index = snapshot.index(algorithm, radius)
    codes = np.concatenate([own.codes for own in uploads])
    found = index.search(codes, radius, ANSWERS_TOGETHER if len(uploads) > 1 else None)
    stop = 0
    for own in uploads:
        start, stop = stop, stop + len(own.codes)
        neighbors = found.part(start, stop)
        # An upload with very many answers gets them when its turn comes, so that only one has them at a time.
        yield index.search(own.codes, radius) if neighbors.cut.any() else neighbors


def find(snapshot: Snapshot, queries: QueryCodes, neighbors: Neighbors, terms: Terms, now: datetime) -> Hits:
    """Every record of an upload's neighbours that is on the terms, has not expired by ``now``, and is near enough.

    Near enough is what lies within the record's own list's radius.
    """
    radii = terms.radii[queries.algorithm]
    query = np.repeat(np.arange(len(queries.codes)), np.diff(neighbors.offsets))
    codes, found = np.unique(neighbors.rows, return_inverse=True)
    owners, records = snapshot.record_rows(queries.algorithm, codes)
    radius, allows = _admitted(snapshot.take(records, ("list", "expires_at")), radii, terms, now)
    kept = radius >= 0
    owners, records, radius, allows = owners[kept], records[kept], radius[kept], allows[kept]

    # Each hit of a code becomes one hit of each of its records.
    counts = np.bincount(owners, minlength=len(codes))
    ends = np.cumsum(counts)
    repeats = counts[found]
    hit = np.repeat(np.arange(len(found)), repeats)
    record = np.arange(len(hit)) - np.repeat(np.cumsum(repeats) - repeats, repeats) + (ends - counts)[found][hit]
    distance = neighbors.distances.astype(np.int64)[hit]
    near = distance <= radius[record]
    hit, record, distance = hit[near], record[near], distance[near]
    return Hits(queries, query[hit], records[record], distance, allows[record])


def _admitted(
    table: pa.Table, radii: Mapping[str, int], terms: Terms, now: datetime
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """For each record its radius, -1 where it must not match at all, and whether it is of an allow list."""
    encoded = table.column("list").combine_chunks().dictionary_encode()
    names = encoded.dictionary.to_pylist()
    which = encoded.indices.to_numpy()
    radius = np.array([radii.get(name, -1) for name in names], dtype=np.int64)[which]
    expired = pc.less_equal(table.column("expires_at"), pa.scalar(now, MICROSECONDS)).fill_null(False)
    radius[expired.to_numpy()] = -1
    return radius, np.array([name in terms.allowing for name in names], dtype=np.bool_)[which]
