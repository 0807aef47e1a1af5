"""Walking: many queries at once, band by band in the order of the buckets.

Memory is read nearly in sequence, and what several queries ask for is read once.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .candidates import ask, fetch, query_of, take
from .compiled import compiled, inlined
from .instructions import beyond, pointer, prefetch
from .scanning import CROWD, scan_codes
from .tables import BAND, BUCKETS, DAMAGED, LANES, PROBE, QUERY, SEARCH, START, WIDTH, band_item, opened
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
def _crowded(search: Any, query: Any) -> Any:
    """Whether the buckets that a query lies in itself hold too many candidates: 1 or 0."""
    work = np.int64(0)
    for band in range(search.built):
        if search.radii[band] >= 0:
            own = bucket_of(query, band_item(search, band, START), band_item(search, band, WIDTH))
            offsets = beyond(search.offsets, band_item(search, band, BUCKETS))
            work += np.int64(offsets[own + 1]) - np.int64(offsets[own])
    return np.uint8(work > CROWD * search.n)


@inlined
def _most_probes(search: Any) -> Any:
    """The largest number of probes that a query has into one band."""
    most = np.int64(0)
    for band in range(search.built):
        most = max(most, search.starts[band + 1] - search.starts[band])
    return most


@inlined
def _sort(search: Any, band: Any, queries: Any, crowded: Any, ends: Any, order: Any) -> Any:
    """Write ``bucket << 32 | query`` of every probe into a band, run by run; returns how many there are.

    A counting sort. Queries that are crowded are left out.
    """
    start, width = band_item(search, band, START), band_item(search, band, WIDTH)
    first, last = search.starts[band], search.starts[band + 1]
    shift = max(width - _RUN_BITS, 0)
    runs = 1 << (width - shift)
    for run in range(runs + 1):
        ends[run] = 0
    for query in range(queries):
        if crowded[query] == 0:
            own = bucket_of(query_of(search, query), start, width)
            for number in range(first, last):
                ends[((own ^ np.int64(search.flips[number])) >> shift) + 1] += 1
    for run in range(runs):
        ends[run + 1] += ends[run]
    for query in range(queries):
        if crowded[query] == 0:
            own = bucket_of(query_of(search, query), start, width)
            for number in range(first, last):
                bucket = own ^ np.int64(search.flips[number])
                place = ends[bucket >> shift]
                ends[bucket >> shift] = place + 1
                order[place] = np.uint64(bucket) << np.uint64(32) | np.uint64(query)
    return ends[runs]


@inlined
def _take_in_order(search: Any, band: Any, order: Any, count: Any, asked: Any) -> Any:
    """Take the answers out of the buckets of one band; returns whether there was room for them."""
    offsets = beyond(search.offsets, band_item(search, band, BUCKETS))
    for number in range(search.state[PROBE], count):
        search.state[PROBE] = number
        prefetch(offsets, _bucket(order, min(number + 2 * _AHEAD, count - 1)))
        fetch(search, band, np.int64(offsets[_bucket(order, min(number + _AHEAD, count - 1))]))
        begin, end = np.int64(offsets[_bucket(order, number)]), np.int64(offsets[_bucket(order, number) + 1])
        if end > search.n or begin > end:
            search.state[DAMAGED] = 1
            return False
        query = np.int64(order[number] & np.uint64(0xFFFFFFFF))
        if not take(search, query, band, beyond(asked, query * (LANES + 1)), begin, end):
            return False
    search.state[PROBE] = 0
    return True


@compiled(SEARCH)
def walk(tables: Any, probes: Any, queries: Any, hits: Any) -> None:
    """Answer all queries, or as many as there is room for; ``state[PROBE]`` is a probe in their order."""
    search = opened(tables, probes, queries, hits)
    crowded = np.empty(len(queries), np.uint8)
    for query in range(len(queries)):
        crowded[query] = _crowded(search, query_of(search, query))
    order = np.empty(len(queries) * _most_probes(search), np.uint64)
    asked = np.empty((len(queries), LANES + 1), np.uint32)
    ends = np.empty((1 << _RUN_BITS) + 1, np.int64)
    for band in range(search.state[BAND], search.built):
        search.state[BAND] = band
        for query in range(len(queries)):
            ask(search, query, band, beyond(pointer(asked), query * (LANES + 1)))
        count = _sort(search, band, len(queries), pointer(crowded), pointer(ends), pointer(order))
        if not _take_in_order(search, band, pointer(order), count, pointer(asked)):
            return
    search.state[BAND] = search.built
    for query in range(search.state[QUERY], len(queries)):
        search.state[QUERY] = query
        if crowded[query] != 0 and not scan_codes(search, query, 0, search.n):
            return
    search.state[QUERY] = len(queries)
