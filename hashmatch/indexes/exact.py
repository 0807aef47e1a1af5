"""Exact lookup: binary search among sorted digests, of any length, where they lie on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..arrays import write_array
from ..errors import IndexMismatch
from ..hashes import Codes
from .base import CODES_FILE, HashIndex
from .header import IndexHeader, map_part
from .neighbors import Neighbors

ORDER_FILE = "order.npy"
"""The rows in ascending order of their codes, ``int64[n]``; only where they are not sorted already."""


class ExactIndex(HashIndex):
    """Sorted codes, found by binary search. Equal codes only: the radius is 0."""

    name = "exact"
    radius_limit = 0

    def __init__(self, codes: Codes, order: npt.NDArray[np.int64] | None) -> None:
        """Wrap codes: ``uint8[n, bytes]``, C-contiguous, and what sorts them (None: they are sorted)."""
        self.codes = codes
        self.bits = 8 * codes.shape[1]
        self.max_radius = 0
        self._order = order
        self._keys = _keys(codes)

    @classmethod
    def build(cls, codes: Codes, max_radius: int = 0, folder: Path | None = None) -> ExactIndex:
        """Index codes; see ``HashIndex.build``. Sorted codes need no memory beyond themselves."""
        IndexHeader.of(codes, max_radius, cls)
        codes = np.ascontiguousarray(codes)
        keys = _keys(codes)
        ordered = bool((keys[:-1] <= keys[1:]).all())
        index = cls(codes, None if ordered else np.argsort(keys, kind="stable").astype(np.int64))
        if folder is None:
            return index
        if not (folder / CODES_FILE).exists():
            write_array(folder / CODES_FILE, codes)
        index._save_beside(folder)
        return cls.open(folder)

    def search(self, queries: Codes, radius: int = 0, limit: int | None = None) -> Neighbors:
        """All rows that equal each query; see ``HashIndex.search``."""
        radius, limit = self.check(queries, radius, limit)
        wanted = _keys(np.ascontiguousarray(queries))
        first = np.searchsorted(self._keys, wanted, side="left", sorter=self._order)
        found = np.searchsorted(self._keys, wanted, side="right", sorter=self._order) - first
        counts = found if limit is None else np.minimum(found, limit)
        offsets = np.zeros(len(queries) + 1, dtype=np.int64)
        np.cumsum(counts, out=offsets[1:])
        rows = np.arange(offsets[-1], dtype=np.int64) + np.repeat(first - offsets[:-1], counts)
        if self._order is not None:
            rows = self._order[rows]
        return Neighbors(offsets, rows, np.zeros(len(rows), dtype=np.uint16), counts < found)

    def save(self, folder: Path) -> None:
        """Write ``codes.npy``, what sorts them if they are not sorted, and the header."""
        write_array(folder / CODES_FILE, self.codes)
        self._save_beside(folder)

    @classmethod
    def open(cls, folder: Path) -> ExactIndex:
        """The index that was saved in ``folder``, memory-mapped; see ``HashIndex.open``."""
        header = IndexHeader.read(folder, cls.name)
        codes = header.map_codes(folder)
        order = None
        if (folder / ORDER_FILE).exists():
            order = map_part(folder / ORDER_FILE, np.int64)
            if len(order) != header.n:
                raise IndexMismatch(f"{folder / ORDER_FILE} does not sort the codes beside it")
        return cls(codes, order)

    def _save_beside(self, folder: Path) -> None:
        """Write all but the codes."""
        if self._order is None:
            (folder / ORDER_FILE).unlink(missing_ok=True)
        else:
            write_array(folder / ORDER_FILE, self._order)
        IndexHeader.of(self.codes, self.max_radius, type(self)).write(folder)


def _keys(codes: Codes) -> npt.NDArray[np.bytes_]:
    """Each row as one byte string, which numpy compares byte by byte, unsigned: ``S[n]``, a view."""
    return codes.reshape(-1).view(f"S{codes.shape[1]}")
