"""Probing: one query after another, bucket by bucket."""

from __future__ import annotations

from typing import Any

import numpy as np

from .candidates import ask, fetch, query_of, take
from .compiled import compiled, inlined
from .instructions import beyond, pointer
from .scanning import is_crowded, scan_codes
from .tables import BAND, BUCKETS, DAMAGED, LANES, PROBE, QUERY, SEARCH, START, WIDTH, band_item, opened
from .words import bucket_of

_AHEAD = 8
"""How many buckets ahead memory is asked for."""

TURN = 1 << 26
"""Candidates after which a kernel returns, so that Ctrl-C is heard."""


@inlined
def _look_up(search: Any, query: Any, first: Any, last: Any) -> Any:
    """Where every bucket that a query asks for begins and ends.

    Returns:
        How many candidates are in them; -1 if a bucket leads out of the rows.
    """
    work = np.int64(0)
    for band in range(search.built):
        own = bucket_of(query, band_item(search, band, START), band_item(search, band, WIDTH))
        offsets = beyond(search.offsets, band_item(search, band, BUCKETS))
        for number in range(search.starts[band], search.starts[band + 1]):
            bucket = own ^ np.int64(search.flips[number])
            begin, end = offsets[bucket], offsets[bucket + 1]
            if np.int64(end) > search.n or begin > end:
                return np.int64(-1)
            first[number], last[number] = begin, end
            work += np.int64(end) - np.int64(begin)
    return work


@inlined
def _take_all(search: Any, query: Any, first: Any, last: Any, asked: Any) -> Any:
    """Take the answers out of all buckets of a query; returns whether there was room for them."""
    for band in range(search.state[BAND], search.built):
        search.state[BAND] = band
        ask(search, query, band, asked)
        until = search.starts[band + 1]
        for number in range(max(search.state[PROBE], search.starts[band]), until):
            search.state[PROBE] = number
            fetch(search, band, np.int64(first[min(number + _AHEAD, until - 1)]))
            if not take(search, query, band, asked, np.int64(first[number]), np.int64(last[number])):
                return False
        search.state[PROBE] = 0
    search.state[BAND] = 0
    return True


@compiled(SEARCH)
def probe(tables: Any, probes: Any, queries: Any, hits: Any) -> None:
    """Answer all queries, or as many as there is room for.

    All buckets of a query are looked up before the first is read, so that their addresses are known early.
    """
    search = opened(tables, probes, queries, hits)
    buckets = np.empty((2, len(probes.flips)), np.uint32)
    asked = np.empty(LANES + 1, np.uint32)
    done = np.int64(0)
    for query in range(search.state[QUERY], len(queries)):
        search.state[QUERY] = query
        if done > TURN:
            return
        first, last = pointer(buckets), beyond(pointer(buckets), len(probes.flips))
        work = _look_up(search, query_of(search, query), first, last)
        if work < 0:
            search.state[DAMAGED] = 1
            return
        done += min(work, search.n)
        if is_crowded(search, work):
            if not scan_codes(search, query, 0, search.n):
                return
        elif not _take_all(search, query, first, last, pointer(asked)):
            return
    search.state[QUERY] = len(queries)
