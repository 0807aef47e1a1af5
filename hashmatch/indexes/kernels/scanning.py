"""Scanning: every query against every code, for radii that ask for too many buckets, and for crowded ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from .candidates import keep, query_of
from .compiled import compiled, inlined
from .instructions import beyond
from .tables import AT, COUNT, PROBE, QUERY, SEARCH, opened
from .words import key_of

_CROWD, _FEW = 6, 1 << 14
"""A query is crowded if its buckets hold more than a sixth of all codes, or of so many where there are fewer."""

_TURN = 1 << 29
"""Comparisons after which a kernel returns, so that Ctrl-C is heard."""

_BLOCK = 2048
"""Codes that are scanned for one query before the next one has its turn; they fit into the cache."""


@inlined
def is_crowded(search: Any, candidates: Any) -> Any:
    """Whether scanning all codes is better than looking at so many candidates, each of which may be an answer."""
    return _CROWD * candidates > max(search.n, np.int64(_FEW))


@inlined
def scan_codes(search: Any, query: Any, begin: Any, end: Any) -> Any:
    """Take the answers out of codes ``begin`` to ``end``, on from ``state[AT]`` if that is not 0.

    Returns:
        Whether there was room for them; if not, ``state[AT]`` is where to go on.
    """
    wanted, bound = query_of(search, query), search.bounds[query]
    for row in range(max(begin, search.state[AT]), end):
        key = key_of(beyond(search.codes, row * search.words), wanted, search.words, row)
        if key < bound:
            if search.state[COUNT] == search.room:
                search.state[AT] = row
                return False
            keep(search, query, key)
    search.state[AT] = 0
    return True


@compiled(SEARCH)
def scan(tables: Any, probes: Any, queries: Any, hits: Any) -> None:
    """Answer all queries, or as many as there is room for; ``state[PROBE]`` is the block of codes."""
    search = opened(tables, probes, queries, hits)
    done = 0
    for block in range(search.state[PROBE], search.n, _BLOCK):
        search.state[PROBE] = block
        for query in range(search.state[QUERY], len(queries)):
            search.state[QUERY] = query
            if done > _TURN:
                return
            done += _BLOCK
            if not scan_codes(search, query, block, min(block + _BLOCK, search.n)):
                return
        search.state[QUERY] = 0
    search.state[QUERY] = len(queries)
