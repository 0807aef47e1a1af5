"""The header of NSRL's files: it is CSV with columns of hashes, and must not be taken for a list of what is to be blocked."""

from __future__ import annotations

from collections.abc import Sequence

from .fields import squeezed

NSRL_READ = ("sha1", "md5", "specialcode")
"""The columns that are read, by their squeezed names."""

_OTHERS = frozenset({"crc32", "filename", "filesize", "productcode", "opsystemcode"})


def is_nsrl(names: Sequence[str]) -> bool:
    """Whether the columns of a CSV file are those of NSRL's version 2."""
    found = set(map(squeezed, names))
    return found.issuperset(NSRL_READ) and len(found & _OTHERS) > 1
