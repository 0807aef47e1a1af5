"""A flat scan by FAISS: every code is compared with every query, so any radius is exact.

The codes stay where they are, in memory or in the mapped ``codes.npy``: what is called is the scan
of ``faiss.IndexBinaryFlat`` itself, which as an object would hold a second copy of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from ..arrays import write_array
from ..errors import IndexMismatch
from ..hashes import Codes
from .base import CODES_FILE, HashIndex, whole
from .header import IndexHeader
from .neighbors import Neighbors, joined, limited, nothing_found

_ANSWERS = 1 << 22
"""Answers that one call of FAISS may give at the worst, so that its buffers stay near 50 MB."""


class FaissFlatIndex(HashIndex):
    """FAISS ``IndexBinaryFlat``: any radius, and k-nearest; the time grows with the number of codes."""

    name = "faiss_flat"

    def __init__(self, codes: Codes, max_radius: int) -> None:
        """Wrap codes: ``uint8[n, bytes]``, C-contiguous."""
        self.codes = codes
        self.bits = 8 * codes.shape[1]
        self.max_radius = max_radius

    @classmethod
    def build(cls, codes: Codes, max_radius: int, folder: Path | None = None) -> FaissFlatIndex:
        """Index codes; see ``HashIndex.build``. Nothing is computed."""
        header = IndexHeader.of(codes, max_radius, cls)
        index = cls(np.ascontiguousarray(codes), header.max_radius)
        if folder is None:
            return index
        if not (folder / CODES_FILE).exists():
            write_array(folder / CODES_FILE, index.codes)
        header.write(folder)
        return cls.open(folder)

    def search(self, queries: Codes, radius: int, limit: int | None = None) -> Neighbors:
        """All rows within the radius of each query; see ``HashIndex.search``."""
        radius, limit = self.check(queries, radius, limit)
        if not len(self):
            return nothing_found(len(queries))
        parts = self._parts(queries, len(self))
        return joined([limited(self._within(part, radius), limit) for part in parts])

    def nearest(self, queries: Codes, k: int) -> Neighbors:
        """The ``k`` nearest rows of each query; see ``HashIndex.nearest``.

        Raises:
            IndexMismatch: If the queries have another length, or ``k`` is below 1.
        """
        self.check(queries, 0)
        k = whole("k", k)
        if k < 1:
            raise IndexMismatch(f"k must be at least 1, not {k}")
        k = min(k, len(self))
        if not k:
            return nothing_found(len(queries))
        return joined([self._nearest(part, k) for part in self._parts(queries, k)])

    def save(self, folder: Path) -> None:
        """Write ``codes.npy`` and the header."""
        write_array(folder / CODES_FILE, self.codes)
        IndexHeader.of(self.codes, self.max_radius, type(self)).write(folder)

    @classmethod
    def open(cls, folder: Path) -> FaissFlatIndex:
        """The index that was saved in ``folder``, memory-mapped; see ``HashIndex.open``."""
        header = IndexHeader.read(folder, cls.name)
        return cls(header.map_codes(folder), header.max_radius)

    def _parts(self, queries: Codes, answers: int) -> Iterator[Codes]:
        """The queries in runs whose answers, at most ``answers`` each, are bounded."""
        step = max(1, _ANSWERS // answers)
        for start in range(0, len(queries), step):
            yield np.ascontiguousarray(queries[start : start + step])

    def _within(self, queries: Codes, radius: int) -> Neighbors:
        found = faiss.RangeSearchResult(len(queries))
        with _one_thread():
            # FAISS's radius is exclusive.
            faiss.hamming_range_search(  # type: ignore[attr-defined, unused-ignore]
                faiss.swig_ptr(queries),
                faiss.swig_ptr(self.codes),
                len(queries),
                len(self),
                radius + 1,
                queries.shape[1],
                found,
            )
        limits = faiss.rev_swig_ptr(found.lims, len(queries) + 1).astype(np.int64)
        count = int(limits[-1])
        rows = faiss.rev_swig_ptr(found.labels, count).astype(np.int64)
        distances = faiss.rev_swig_ptr(found.distances, count).astype(np.uint16)
        return _sorted(limits, rows, distances)

    def _nearest(self, queries: Codes, k: int) -> Neighbors:
        with _one_thread():
            distances, rows = faiss.knn_hamming(queries, self.codes, k)
        limits = np.arange(len(queries) + 1, dtype=np.int64) * k
        return _sorted(limits, rows.reshape(-1), distances.reshape(-1).astype(np.uint16))


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """FAISS on the calling thread alone.

    Its OpenMP threads would hang a child that searches after a fork. The setting is the calling
    thread's own, and is put back as it was.
    """
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _sorted(
    offsets: npt.NDArray[np.int64], rows: npt.NDArray[np.int64], distances: npt.NDArray[np.uint16]
) -> Neighbors:
    """Each query's answers nearest first, equal distances by row."""
    queries = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    order = np.lexsort((rows, distances, queries))
    return Neighbors(offsets, rows[order], distances[order], np.zeros(len(offsets) - 1, np.bool_))
