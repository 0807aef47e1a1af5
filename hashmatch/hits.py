"""Hits: which records one upload's codes found, as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .hashes import Codes
from .indexes import Neighbors
from .indexes.base import HashIndex
from .indexes.neighbors import limited
from .query_codes import QueryCodes
from .records import MICROSECONDS
from .snapshot import Rows, Snapshot
from .terms import Terms

ANSWERS_TOGETHER = 4096
"""Answers that are kept per code while many uploads are looked up together."""

VIDEO_ANSWERS_TOGETHER = 256
"""The same where a video is among them, which has thousands of codes."""

CROWDED_CODES = 256
"""Codes of one video that may have more answers than that: of more such codes, and of all codes together beyond
``VIDEO_ANSWERS``, each keeps the nearest. A code among so many known ones takes as long as a look at every one of them."""

VIDEO_ANSWERS = 1 << 22


@dataclass(frozen=True)
class Hits:
    """What the codes of an upload found by one algorithm.

    What is found are codes; the records of each follow once, however many of the upload's codes found it.
    """

    queries: QueryCodes
    query: Rows
    """``int64[h]``: which of the query codes."""
    found: Rows
    """``int64[h]``: which code it found, of those that any did, in the order of the snapshot."""
    distance: Rows
    """``int64[h]``: Hamming distance in bits."""
    code: Rows
    """``int64[f]``: row of each found code among the snapshot's."""
    owner: Rows
    """``int64[r]``: which of the found codes a record is of; in order."""
    record: Rows
    """``int64[r]``: its row in the snapshot, in order."""
    radius: Rows
    """``int64[r]``: how near it must be, inclusive: its list's."""
    allows: npt.NDArray[np.bool_]
    """``bool[r]``: whether it is of an allow list."""
    video: npt.NDArray[np.int32]
    """``int32[r]``: number of the known video that it is a frame of; -1 for none, and where the upload is none."""


def look_up(snapshot: Snapshot, uploads: Sequence[QueryCodes], terms: Terms) -> Iterator[Neighbors]:
    """All neighbours of each upload's codes within the largest radius of the terms, from one search for all of them.

    Of a video with very many, the nearest of each code; see ``VIDEO_ANSWERS``.

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
    videos = any(own.timeline is not None for own in uploads)
    most = VIDEO_ANSWERS_TOGETHER if videos else ANSWERS_TOGETHER if len(uploads) > 1 else None
    found = index.search(codes, radius, most)
    stop = 0
    for own in uploads:
        start, stop = stop, stop + len(own.codes)
        neighbors = found.part(start, stop)
        # An upload with very many answers gets them when its turn comes, so that only one has them at a time.
        if neighbors.cut.any():
            still = own.timeline is None
            neighbors = index.search(own.codes, radius) if still else _completed(index, own.codes, radius, neighbors)
        yield neighbors


def _completed(index: HashIndex, codes: Codes, radius: int, found: Neighbors) -> Neighbors:
    """The answers to a video's codes with those that were left out, as far as there may be so many."""
    counts, cut = np.diff(found.offsets), np.flatnonzero(found.cut)
    if len(cut) > CROWDED_CODES:
        share = VIDEO_ANSWERS // np.count_nonzero(counts)
        return limited(found, max(1, int(share))) if len(found.rows) > VIDEO_ANSWERS else found
    more = index.search(codes[cut], radius, max(1, int(VIDEO_ANSWERS - counts[~found.cut].sum()) // len(cut)))
    starts = found.offsets[:-1].copy()
    starts[cut], counts[cut] = len(found.rows) + more.offsets[:-1], np.diff(more.offsets)
    offsets = np.append(0, np.cumsum(counts))
    chosen = np.repeat(starts - offsets[:-1], counts) + np.arange(offsets[-1])
    rows, distances = np.append(found.rows, more.rows), np.append(found.distances, more.distances)
    still_cut = found.cut.copy()
    still_cut[cut] = more.cut
    return Neighbors(offsets, rows[chosen], distances[chosen], still_cut)


def find(snapshot: Snapshot, queries: QueryCodes, neighbors: Neighbors, terms: Terms, now: datetime) -> Hits:
    """What an upload's neighbours are, and every record of them that is on the terms and has not expired by ``now``."""
    algorithm = queries.algorithm
    query = np.repeat(np.arange(len(queries.codes)), np.diff(neighbors.offsets))
    codes, found = _sorted(neighbors.rows, len(snapshot.codes(algorithm)))
    owner, record = snapshot.record_rows(algorithm, codes)
    table = snapshot.take(record, ("list", "expires_at"))
    radius, allows = _admitted(table, terms.radii[algorithm], terms, now)
    kept = radius >= 0
    record = record[kept]
    videos = snapshot.videos(algorithm) if queries.timeline is not None else None
    video = np.full(len(record), -1, np.int32) if videos is None else videos.of(record)
    distance = neighbors.distances.astype(np.int64)
    return Hits(queries, query, found, distance, codes, owner[kept], record, radius[kept], allows[kept], video)


def _sorted(rows: Rows, count: int) -> tuple[Rows, Rows]:
    """The different rows of ``count``, and which of them each one is."""
    if len(rows) < count // 64:
        return np.unique(rows, return_inverse=True)
    there = np.zeros(count, np.bool_)
    there[rows] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[rows]


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
