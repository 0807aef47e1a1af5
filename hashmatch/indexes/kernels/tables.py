"""What goes into a kernel and comes out: tables, probes and hits, as arrays and as pointers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from .compiled import inlined
from .instructions import pointer

LANES = 3
"""Lanes that stand beside each row of a bucket, so that most candidates are refused without reading their code."""

START, WIDTH, BUCKETS, LANE = 0, 1, 2, 3
"""Columns of ``Tables.bands``: first bit, bits, where its buckets begin in ``offsets``, and its lanes (-1: none)."""
BAND_COLUMNS = LANE + LANES

SPENT, GIVEN_UP = LANES + 1, LANES + 2
"""Columns of ``Hits.notes``, behind what ``candidates.ask`` writes: how many candidates a walk has looked at, and for a
query that it has given up the number of the band, from 1 on; else 0."""
NOTES = GIVEN_UP + 1

COUNT, QUERY, BAND, PROBE, AT, DAMAGED, SHIFT = range(7)
STATE_ITEMS = SHIFT + 1
"""Items of ``Hits.state``: how many answers are held; where to go on, in four numbers; 1 if the tables lead out of
themselves; by how much the query is shifted in ``Hits.answers``.

A search is done when ``QUERY`` is the number of queries.
"""


class Tables(NamedTuple):
    """What is indexed; read-only."""

    codes: npt.NDArray[np.uint64]
    """``uint64[n, words]``."""
    bands: npt.NDArray[np.int64]
    """``int64[bands, 6]``."""
    offsets: npt.NDArray[np.uint32]
    """Band by band, where each bucket begins, and where the last one ends."""
    rows: npt.NDArray[np.uint32]
    """``uint32[bands * n]``: for each band all rows, bucket by bucket."""
    lanes: npt.NDArray[np.uint32]
    """``uint32[(bands * n + 16) * 3]``: the lanes of each of ``rows``, and of one block of candidates more, 0."""


class Probes(NamedTuple):
    """Which buckets of each band a radius asks for; read-only."""

    radii: npt.NDArray[np.int64]
    """``int64[bands]``: inclusive; -1 for a band that need not be asked."""
    starts: npt.NDArray[np.int64]
    """``int64[bands + 1]``: where the flips of each band begin."""
    flips: npt.NDArray[np.uint32]
    """What turns a query's own bucket into each to look at."""


class Hits(NamedTuple):
    """Answers as they come in."""

    bounds: npt.NDArray[np.uint64]
    """``uint64[queries]``: answers have keys below it."""
    answers: npt.NDArray[np.uint64]
    """``query << shift | key``, with keys as ``words.key_of`` makes them, so that one sort puts them in order."""
    notes: npt.NDArray[np.uint32]
    """``uint32[queries, 6]``: what a walk has in mind of each query; see ``SPENT`` and ``GIVEN_UP``."""
    state: npt.NDArray[np.int64]
    """``int64[7]``."""


class Search(NamedTuple):
    """All of these, and the queries, as numbers and pointers."""

    n: Any
    words: Any
    codes: Any
    built: Any
    """How many bands have buckets."""
    bands: Any
    offsets: Any
    rows: Any
    lanes: Any
    radii: Any
    starts: Any
    flips: Any
    queries: Any
    bounds: Any
    answers: Any
    room: Any
    """How many answers can be held."""
    notes: Any
    state: Any


def array(dtype: types.Type, dimensions: int = 1, *, readonly: bool = True) -> types.Array:
    """The type of an array, for signatures."""
    return types.Array(dtype, dimensions, "C", readonly=readonly)


CODES = array(types.uint64, 2)

SEARCH = types.void(
    types.NamedTuple((CODES, array(types.int64, 2), *(array(types.uint32) for _ in range(3))), Tables),
    types.NamedTuple((array(types.int64), array(types.int64), array(types.uint32)), Probes),
    CODES,
    types.NamedTuple(
        (
            array(types.uint64, readonly=False),
            array(types.uint64, readonly=False),
            array(types.uint32, 2, readonly=False),
            array(types.int64, readonly=False),
        ),
        Hits,
    ),
)
"""The signature of every kernel that searches: tables, probes, queries as words, hits."""


@inlined
def opened(tables: Any, probes: Any, queries: Any, hits: Any) -> Any:
    """The ``Search`` that a kernel is called for; good for as long as the call lasts."""
    return Search(
        np.int64(tables.codes.shape[0]),
        np.int64(tables.codes.shape[1]),
        pointer(tables.codes),
        np.int64(len(tables.bands)),
        pointer(tables.bands),
        pointer(tables.offsets),
        pointer(tables.rows),
        pointer(tables.lanes),
        pointer(probes.radii),
        pointer(probes.starts),
        pointer(probes.flips),
        pointer(queries),
        pointer(hits.bounds),
        pointer(hits.answers),
        np.int64(len(hits.answers)),
        pointer(hits.notes),
        pointer(hits.state),
    )


@inlined
def band_item(search: Any, band: Any, column: Any) -> Any:
    """One number of a band."""
    return search.bands[band * BAND_COLUMNS + column]
