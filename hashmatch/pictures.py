"""Pictures: which of many codes are clearly different ones, and which are one picture that is held."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .hashes import Codes

Words = npt.NDArray[np.uint64] | Codes


def count_different(left: Codes, right: Codes, bits: int, most: int) -> int:
    """How many pairs are clearly different: each more than ``bits`` from those counted before, on both sides.

    Args:
        left: ``uint8[n, bytes]``: one code of each pair.
        right: ``uint8[n, bytes]``: the other one.
        bits: Distance up to which two codes are one picture, inclusive.
        most: Where counting stops.
    """
    ours, theirs = _words(left), _words(right)
    remaining = np.arange(len(left))
    count = 0
    while len(remaining) and count < most:
        first, remaining = remaining[0], remaining[1:]
        count += 1
        far = (_distances(ours, remaining, first) > bits) & (_distances(theirs, remaining, first) > bits)
        remaining = remaining[far]
    return count


def group(codes: Codes, bits: int, most: int) -> npt.NDArray[np.int64]:
    """Codes that are one picture, as the number of their group: ``int64[n]``.

    Each is with the first one that it is within ``bits`` of and that is with no other. Beyond ``most`` groups each code is
    one of its own.

    Args:
        codes: ``uint8[n, bytes]``.
        bits: Inclusive.
        most: Groups that are looked for.
    """
    words = _words(codes)
    groups = np.arange(len(codes))
    remaining = np.arange(len(codes))
    for _ in range(most):
        if not len(remaining):
            break
        first = remaining[0]
        near = _distances(words, remaining, first) <= bits
        groups[remaining[near]] = first
        remaining = remaining[~near]
    return groups


def _distances(words: Words, rows: npt.NDArray[np.int64], row: np.int64) -> npt.NDArray[np.int64]:
    distances: npt.NDArray[np.int64] = np.bitwise_count(words[rows] ^ words[row]).sum(axis=1, dtype=np.int64)
    return distances


def _words(codes: Codes) -> Words:
    """The codes in as few numbers as they fit into."""
    return np.ascontiguousarray(codes).view(np.uint64) if codes.shape[1] % 8 == 0 else codes
