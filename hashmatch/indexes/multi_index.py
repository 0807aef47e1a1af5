"""Exact radius search by multi-index hashing: buckets by bands of the code, each candidate beside its lanes.

Source: Norouzi, Punjani and Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", 2012. What is added
to it: three 32-bit lanes of the code stand beside each row, so that nearly every candidate is refused
where it stands in its bucket; and the queries of a batch go through the buckets in their order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..arrays import write_array
from ..errors import IndexMismatch
from ..hashes import Codes
from .band_plan import Band, flips, plan, radii, scan_work, work
from .band_tables import Words, fill_files, fill_memory, map_tables, read_only, save_tables, words_of
from .base import CODES_FILE, HashIndex
from .found import Found, most_queries
from .header import IndexHeader
from .kernels.probing import probe
from .kernels.scanning import scan
from .kernels.tables import DAMAGED, QUERY, Hits, Probes, Tables
from .kernels.walking import walk
from .neighbors import Neighbors, joined, nothing_found

Kernel = Callable[[Tables, Probes, Words, Hits], None]

_MOST_CODES = (1 << 32) - 1

_BATCH = 32
"""Queries from which on a call walks through the buckets in their order."""

_PROBES = 1 << 23
"""Probes into one band that are sorted at once, of eight bytes each."""

_MOST_QUERIES = 1 << 16
"""Queries that are compared with all codes at once."""

_KEPT = 1 << 24
"""Answers that may be kept at once under a limit, of eight bytes each."""


class MultiIndex(HashIndex):
    """Multi-index hashing: the time grows far more slowly than the number of codes.

    It compiles what it searches with when it is first used on a machine, which takes some seconds.
    """

    name = "multi_index"

    def __init__(self, codes: Codes, max_radius: int, bands: tuple[Band, ...], tables: Tables) -> None:
        """Wrap what ``build`` and ``open`` make."""
        self.codes = codes
        self.bits = 8 * codes.shape[1]
        self.max_radius = max_radius
        self.bands = bands
        self._tables = tables
        self._ways: dict[int, _Way] = {}

    @classmethod
    def build(cls, codes: Codes, max_radius: int, folder: Path | None = None) -> MultiIndex:
        """Index codes; see ``HashIndex.build``.

        Besides what it makes it needs 20 bytes a code for a time, and 36 if it builds in a folder.

        Raises:
            IndexMismatch: Also if there are more than 2 ** 32 - 1 codes.
        """
        header = IndexHeader.of(codes, max_radius, cls)
        if len(codes) > _MOST_CODES:
            raise IndexMismatch(f"the index {cls.name!r} holds at most {_MOST_CODES} codes, not {len(codes)}")
        codes = np.ascontiguousarray(codes)
        max_radius = header.max_radius
        bands = plan(header.bits, max_radius, len(codes))
        if folder is None:
            return cls(codes, max_radius, bands, fill_memory(codes, bands, max_radius))
        if not (folder / CODES_FILE).exists():
            write_array(folder / CODES_FILE, codes)
        fill_files(codes, bands, max_radius, folder)
        header.write(folder)
        return cls.open(folder)

    def search(self, queries: Codes, radius: int, limit: int | None = None) -> Neighbors:
        """All rows within the radius of each query; see ``HashIndex.search``.

        Raises:
            IndexMismatch: Also if the index's files turn out to be damaged.
        """
        radius, limit = self.check(queries, radius, limit)
        if not len(queries):
            return nothing_found(0)
        wanted = words_of(np.ascontiguousarray(queries))
        step = self._way(radius).most
        if limit is not None:
            step = max(1, min(step, _KEPT // limit))
        return joined([self._search(wanted[at : at + step], radius, limit) for at in range(0, len(wanted), step)])

    def save(self, folder: Path) -> None:
        """Write ``codes.npy``, the bands and their buckets, and the header."""
        write_array(folder / CODES_FILE, self.codes)
        save_tables(self._tables, self.bands, folder)
        IndexHeader.of(self.codes, self.max_radius, type(self)).write(folder)

    @classmethod
    def open(cls, folder: Path) -> MultiIndex:
        """The index that was saved in ``folder``, memory-mapped; see ``HashIndex.open``.

        Codes whose length is not a multiple of 64 bits are copied into memory.
        """
        header = IndexHeader.read(folder, cls.name)
        codes = header.map_codes(folder)
        return cls(codes, header.max_radius, *map_tables(codes, header.max_radius, folder))

    def _way(self, radius: int) -> _Way:
        """How queries for a radius are answered."""
        if radius not in self._ways:
            most = most_queries(radius)
            if work(self.bands, radius, len(self)) > scan_work(len(self)):
                self._ways[radius] = _Way(_NO_PROBES, min(most, _MOST_QUERIES))
            else:
                probes = self._probes(radius)
                largest = int(np.diff(probes.starts).max())
                self._ways[radius] = _Way(probes, max(1, min(most, _PROBES // largest)))
        return self._ways[radius]

    def _probes(self, radius: int) -> Probes:
        """Which buckets are looked at for a radius."""
        built = self.bands[: len(self._tables.bands)]
        own = radii(len(self.bands), radius)[: len(built)]
        flipped = [flips(band.width, r) for band, r in zip(built, own.tolist(), strict=True)]
        starts = np.cumsum([0, *(len(part) for part in flipped)])
        return Probes(read_only(own), read_only(starts), read_only(np.concatenate(flipped)))

    def _search(self, wanted: Words, radius: int, limit: int | None) -> Neighbors:
        probes = self._way(radius).probes
        kernel = scan if probes is _NO_PROBES else probe if len(wanted) < _BATCH else walk
        found = self._run(kernel, probes, wanted, Found(len(wanted), radius, limit))
        neighbors = found.neighbors()
        given_up = found.given_up().tolist()
        if not given_up:
            return neighbors
        parts, start = [], 0
        for query in given_up:
            # One after another: their answers are many, and whoever wants to stop need not wait for all.
            alone = self._run(probe, probes, wanted[query : query + 1], Found(1, radius, limit))
            parts += [neighbors.part(start, query), alone.neighbors()]
            start = query + 1
        return joined([*parts, neighbors.part(start, len(wanted))])

    def _run(self, kernel: Kernel, probes: Probes, wanted: Words, found: Found) -> Found:
        """Call a kernel until it has answered all queries."""
        while True:
            kernel(self._tables, probes, wanted, found.hits)
            if found.hits.state[DAMAGED]:
                raise IndexMismatch("the index's files are damaged: they lead out of themselves")
            if found.hits.state[QUERY] == len(wanted):
                return found
            found.make_room()


@dataclass(frozen=True)
class _Way:
    """How queries for one radius are answered."""

    probes: Probes
    """Which buckets are looked at; ``_NO_PROBES`` where comparing all codes is cheaper."""
    most: int
    """How many queries are answered at once."""


_NO_PROBES = Probes(
    read_only(np.zeros(0, np.int64)), read_only(np.zeros(1, np.int64)), read_only(np.zeros(0, np.uint32))
)
