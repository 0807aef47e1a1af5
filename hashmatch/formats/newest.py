"""Newest: of the versions of one id in a file, which count.

Feeds repeat an id whenever what they say under it changes, and a file may hold several such versions in any order. A
format that must know the newest of each before it hands on any reads the file twice: first for ids and ranks.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable

import numpy as np

from ..dates import LATEST, parse_date

_KEY_BYTES = 16


def rank_of(updated_at: str | None, withdrawn: bool) -> int:
    """What orders versions: the newest date, of equal dates a withdrawal.

    No date, or one that cannot be read, is the newest: it means now, or it becomes a reject of its claim.
    """
    date = parse_date(updated_at.strip()) if updated_at else None
    return 2 * (LATEST + 1 if date is None else date) + withdrawn


class Newest:
    """The highest rank under each id that stands in a file several times.

    24 bytes a version are held, whatever the versions say.
    """

    def __init__(self, versions: Iterable[tuple[str, int]]) -> None:
        """Take the id and the rank (``int64``) of every version in the file."""
        joined, ranks = bytearray(), array("q")
        for source_id, rank in versions:
            joined += _key(source_id)
            ranks.append(rank)
        keys = np.frombuffer(joined, dtype=f"S{_KEY_BYTES}")
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
        several = np.diff(np.append(starts, len(keys))) > 1
        self._keys = keys[starts[several]]
        highest = np.frombuffer(ranks, dtype=np.int64)[order]
        self._ranks = np.maximum.reduceat(highest, starts)[several] if len(starts) else highest

    def outranked(self, source_id: object, rank: int) -> bool:
        """Whether another version of this id ranks higher."""
        if not (len(self._keys) and isinstance(source_id, str)):
            return False
        key = np.bytes_(_key(source_id))
        place = int(np.searchsorted(self._keys, key))
        return place < len(self._keys) and bool(self._keys[place] == key) and rank < int(self._ranks[place])


def _key(source_id: str) -> bytes:
    # Blanks around an id are taken off by the checks.
    return hashlib.blake2b(source_id.strip().encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest()
