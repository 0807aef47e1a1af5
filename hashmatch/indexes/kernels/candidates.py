"""Candidates: what stands in a bucket, and what becomes of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from .compiled import inlined
from .instructions import BLOCK, beyond, lowest, near, popcount, prefetch
from .tables import AT, COUNT, DAMAGED, LANE, LANES, SHIFT, START, WIDTH, band_item
from .words import bucket_of, key_of, lane_of


@inlined
def query_of(search: Any, query: Any) -> Any:
    """Where the words of a query begin."""
    return beyond(search.queries, query * search.words)


@inlined
def ask(search: Any, query: Any, band: Any, asked: Any) -> None:
    """Write down what the lanes of a band's candidates are compared with, and the radius."""
    for number in range(LANES):
        asked[number] = lane_of(query_of(search, query), band_item(search, band, LANE + number))
    asked[LANES] = np.uint32(search.bounds[query] >> np.uint64(32))


@inlined
def fetch(search: Any, band: Any, place: Any) -> None:
    """Begin to read the first block of candidates from ``place`` on."""
    start = LANES * (band * search.n + place)
    for line in range(LANES):
        prefetch(search.lanes, start + line * BLOCK)


@inlined
def keep(search: Any, query: Any, key: Any) -> None:
    """Hold one more answer, for which there must be room."""
    count = search.state[COUNT]
    search.answers[count] = np.uint64(query) << np.uint64(search.state[SHIFT]) | key
    search.state[COUNT] = count + 1


@inlined
def _first_there(search: Any, query: Any, code: Any, band: Any) -> Any:
    """Whether no earlier band has shown the code to the query already."""
    for before in range(band):
        start, width = band_item(search, before, START), band_item(search, before, WIDTH)
        differing = bucket_of(code, start, width) ^ bucket_of(query, start, width)
        if np.int64(popcount(np.uint64(differing))) <= search.radii[before]:
            return False
    return True


@inlined
def _settle(search: Any, query: Any, band: Any, place: Any) -> None:
    """Look at the whole code of a candidate that its lanes did not refuse."""
    row = np.int64(search.rows[band * search.n + place])
    if row >= search.n:
        search.state[DAMAGED] = 1
        return
    code = beyond(search.codes, row * search.words)
    key = key_of(code, query_of(search, query), search.words, row)
    if key < search.bounds[query] and _first_there(search, query_of(search, query), code, band):
        keep(search, query, key)


@inlined
def _fetch_codes(search: Any, band: Any, at: Any, candidates: Any) -> None:
    """Begin to read the codes of several candidates, which lie anywhere."""
    if candidates & (candidates - np.uint32(1)) != 0:
        while candidates != 0:
            row = np.int64(search.rows[band * search.n + at + np.int64(lowest(candidates))])
            prefetch(search.codes, row * search.words)
            candidates &= candidates - np.uint32(1)


@inlined
def take(search: Any, query: Any, band: Any, asked: Any, begin: Any, end: Any) -> Any:
    """Take the answers out of a bucket, on from ``state[AT]`` if that is not 0.

    Returns:
        Whether there was room for them; if not, ``state[AT]`` is where to go on.
    """
    lanes = beyond(search.lanes, LANES * band * search.n)
    at = max(begin, search.state[AT])
    while at < end:
        # Beyond the bucket's end lies another: reading on and forgetting it is cheaper than stopping.
        candidates = near(lanes, at, asked[0], asked[1], asked[2], asked[3])
        if end - at < BLOCK:
            candidates &= np.uint32((1 << (end - at)) - 1)
        if candidates != 0:
            if search.state[COUNT] + BLOCK > search.room:
                search.state[AT] = at
                return False
            _fetch_codes(search, band, at, candidates)
            while candidates != 0:
                _settle(search, query, band, at + np.int64(lowest(candidates)))
                candidates &= candidates - np.uint32(1)
        at += BLOCK
    search.state[AT] = 0
    return True
