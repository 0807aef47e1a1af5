"""Walking: many queries at once, band by band in the order of the buckets.

Memory is read nearly in sequence, and what several queries ask for is read once.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .candidates import ask, fetch, query_of, take
from .compiled import compiled, inlined
from .instructions import beyond, pointer, prefetch
from .probing import TURN
from .scanning import is_crowded
from .tables import (
    AT,
    BAND,
    BUCKETS,
    DAMAGED,
    GIVEN_UP,
    NOTES,
    PROBE,
    QUERY,
    SEARCH,
    SPENT,
    START,
    WIDTH,
    band_item,
    opened,
)
from .words import bucket_of

_RUN_BITS = 12
"""Probes are sorted by so many of the highest bits of their bucket: of 4 096 runs of neighbouring buckets, the
candidates of one fit into the processor's cache, and so does one place to write to in each."""

_AHEAD = 8
"""How many buckets ahead memory is asked for."""


@inlined
def _bucket(order: Any, number: Any) -> Any:
    return np.int64(order[number] >> np.uint64(32))


@inlined
def _most_probes(search: Any) -> Any:
    """The largest number of probes that a query has into one band."""
    most = np.int64(0)
    for band in range(search.built):
        most = max(most, search.starts[band + 1] - search.starts[band])
    return most


@inlined
def _sort(search: Any, band: Any, queries: Any, ends: Any, order: Any) -> Any:
    """Write ``bucket << 32 | query`` of every probe into a band, run by run; returns how many there are.

    A counting sort. Queries that were given up in an earlier band are left out; those of this band are not, so that
    the order stays what it was.
    """
    start, width = band_item(search, band, START), band_item(search, band, WIDTH)
    first, last = search.starts[band], search.starts[band + 1]
    shift = max(width - _RUN_BITS, 0)
    runs = 1 << (width - shift)
    for run in range(runs + 1):
        ends[run] = 0
    for query in range(queries):
        given_up = search.notes[query * NOTES + GIVEN_UP]
        if given_up == 0 or given_up > band:
            own = bucket_of(query_of(search, query), start, width)
            for number in range(first, last):
                ends[((own ^ np.int64(search.flips[number])) >> shift) + 1] += 1
    for run in range(runs):
        ends[run + 1] += ends[run]
    for query in range(queries):
        given_up = search.notes[query * NOTES + GIVEN_UP]
        if given_up == 0 or given_up > band:
            own = bucket_of(query_of(search, query), start, width)
            for number in range(first, last):
                bucket = own ^ np.int64(search.flips[number])
                place = ends[bucket >> shift]
                ends[bucket >> shift] = place + 1
                order[place] = np.uint64(bucket) << np.uint64(32) | np.uint64(query)
    return ends[runs]


@inlined
def _take_in_order(search: Any, band: Any, order: Any, count: Any, done: Any) -> Any:
    """Take the answers out of the buckets of one band, and give up queries that have too many candidates.

    Returns:
        How many candidates were looked at, ``done`` among them; -1 if there was no room, or the turn is over.
    """
    offsets = beyond(search.offsets, band_item(search, band, BUCKETS))
    for number in range(search.state[PROBE], count):
        search.state[PROBE] = number
        if done > TURN:
            return np.int64(-1)
        prefetch(offsets, _bucket(order, min(number + 2 * _AHEAD, count - 1)))
        fetch(search, band, np.int64(offsets[_bucket(order, min(number + _AHEAD, count - 1))]))
        begin, end = np.int64(offsets[_bucket(order, number)]), np.int64(offsets[_bucket(order, number) + 1])
        if end > search.n or begin > end:
            search.state[DAMAGED] = 1
            return np.int64(-1)
        query = np.int64(order[number] & np.uint64(0xFFFFFFFF))
        notes = beyond(search.notes, query * NOTES)
        spent = np.int64(notes[SPENT]) + end - begin
        if is_crowded(search, spent):
            notes[GIVEN_UP] = np.uint32(band + 1)
        if notes[GIVEN_UP] != 0:
            search.state[AT] = 0
            continue
        if not take(search, query, band, notes, begin, end):
            return np.int64(-1)
        notes[SPENT] = np.uint32(spent)
        done += end - begin
    search.state[PROBE] = 0
    return done


@compiled(SEARCH)
def walk(tables: Any, probes: Any, queries: Any, hits: Any) -> None:
    """Answer all queries but the crowded ones, or as many as there is room for.

    ``state[PROBE]`` is a probe in the order of the buckets.
    """
    search = opened(tables, probes, queries, hits)
    order = np.empty(len(queries) * _most_probes(search), np.uint64)
    ends = np.empty((1 << _RUN_BITS) + 1, np.int64)
    done = np.int64(0)
    for band in range(search.state[BAND], search.built):
        search.state[BAND] = band
        count = _sort(search, band, len(queries), pointer(ends), pointer(order))
        for query in range(len(queries)):
            ask(search, query, band, beyond(search.notes, query * NOTES))
        done = _take_in_order(search, band, pointer(order), count, done)
        if done < 0:
            return
    search.state[QUERY] = len(queries)
