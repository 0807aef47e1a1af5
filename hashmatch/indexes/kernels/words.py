"""Codes as 64-bit words, and what is read off them.

Bit i of a code is bit ``i % 64`` of word ``i // 64``. A *lane* is half of a word, 32 bits; lane 0 is the low
half of word 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .compiled import inlined
from .instructions import popcount


@inlined
def lane_of(code: Any, lane: Any) -> Any:
    """One lane of a code; 0 for lane -1."""
    if lane < 0:
        return np.uint32(0)
    return np.uint32((code[lane >> 1] >> np.uint64(32 * (lane & 1))) & np.uint64(0xFFFFFFFF))


@inlined
def bucket_of(code: Any, start: Any, width: Any) -> Any:
    """The ``width`` bits of a code from bit ``start`` on, as a number."""
    word, shift = start >> 6, start & 63
    bits = code[word] >> np.uint64(shift)
    if shift + width > 64:
        bits |= code[word + 1] << np.uint64(64 - shift)
    return np.int64(bits & np.uint64((1 << width) - 1))


@inlined
def key_of(code: Any, query: Any, words: Any, row: Any) -> Any:
    """An answer as one number, ``distance << 32 | row``, so that keys sort as answers do."""
    if words == 4:
        distance = (
            popcount(code[0] ^ query[0])
            + popcount(code[1] ^ query[1])
            + popcount(code[2] ^ query[2])
            + popcount(code[3] ^ query[3])
        )
    else:
        distance = np.uint64(0)
        for word in range(words):
            distance += popcount(code[word] ^ query[word])
    return distance << np.uint64(32) | np.uint64(row)
