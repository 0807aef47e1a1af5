"""Filling: all rows into the buckets of a band."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from .compiled import compiled, inlined
from .instructions import beyond, pointer
from .tables import CODES, LANE, LANES, START, WIDTH, array
from .words import bucket_of, lane_of

SCRATCH = 2 + LANES
"""What stands of a row between the two sorts: its bucket, itself, its lanes."""

_FINE_BITS = 9
"""Lowest bits of a bucket, by which runs of buckets are sorted at last, inside the processor's cache."""

_WRITTEN = array(types.uint32, readonly=False)


@inlined
def _partition(codes: Any, n: Any, words: Any, band: Any, fine: Any, runs: Any, ends: Any, scratch: Any) -> None:
    """Sort rows by their runs of buckets into ``scratch``; afterwards ``ends`` says where each run ends."""
    for row in range(n):
        ends[(bucket_of(beyond(codes, row * words), band[START], band[WIDTH]) >> fine) + 1] += 1
    for run in range(runs):
        ends[run + 1] += ends[run]
    for row in range(n):
        code = beyond(codes, row * words)
        bucket = bucket_of(code, band[START], band[WIDTH])
        item = beyond(scratch, SCRATCH * ends[bucket >> fine])
        ends[bucket >> fine] += 1
        item[0], item[1] = np.uint32(bucket), np.uint32(row)
        for number in range(LANES):
            item[2 + number] = lane_of(code, band[LANE + number])


@inlined
def _sort_run(scratch: Any, begin: Any, end: Any, fine: Any, places: Any, offsets: Any, rows: Any, lanes: Any) -> None:
    """Sort one run by the lowest bits of its buckets, from ``scratch`` to where its rows and lanes stay."""
    last_bits = (1 << fine) - 1
    for bucket in range(1 << fine):
        places[bucket] = 0
    for place in range(begin, end):
        places[scratch[SCRATCH * place] & last_bits] += 1
    at = begin
    for bucket in range(1 << fine):
        offsets[bucket] = np.uint32(at)
        at += places[bucket]
        places[bucket] = at - places[bucket]
    for place in range(begin, end):
        item = beyond(scratch, SCRATCH * place)
        target = places[item[0] & last_bits]
        places[item[0] & last_bits] = target + 1
        rows[target] = item[1]
        for number in range(LANES):
            lanes[LANES * target + number] = item[2 + number]


@compiled(
    types.void(
        CODES, array(types.int64), _WRITTEN, _WRITTEN, _WRITTEN, array(types.uint32, dimensions=2, readonly=False)
    )
)
def fill(codes: Any, band: Any, offsets: Any, rows: Any, lanes: Any, scratch: Any) -> None:
    """Sort all rows into the buckets of one band; within a bucket they ascend.

    First into runs of buckets, as many as the processor can write to at once, then each run inside its cache.

    Args:
        codes: ``uint64[n, words]``.
        band: ``int64[6]``: a row of ``Tables.bands``.
        offsets: ``uint32[2 ** width + 1]``, filled.
        rows: ``uint32[n]``, filled.
        lanes: ``uint32[n * 3]``, filled.
        scratch: ``uint32[n, 5]``, of any content before and after.
    """
    n, words = np.int64(codes.shape[0]), np.int64(codes.shape[1])
    fine = min(band[WIDTH], _FINE_BITS)
    runs = 1 << (band[WIDTH] - fine)
    ends = np.zeros(runs + 1, np.int64)
    _partition(pointer(codes), n, words, pointer(band), fine, runs, pointer(ends), pointer(scratch))
    places = np.empty(1 << fine, np.int64)
    begin = np.int64(0)
    for run in range(runs):
        first = offsets[run << fine :]
        _sort_run(
            pointer(scratch), begin, ends[run], fine, pointer(places), pointer(first), pointer(rows), pointer(lanes)
        )
        begin = ends[run]
    offsets[runs << fine] = n
