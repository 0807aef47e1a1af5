"""Exact radius search by multi-index hashing: buckets by bands of the code, each candidate beside its lanes.

Source: Norouzi, Punjani and Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", 2012. What is added
to it: three 32-bit lanes of the code stand beside each row, so that nearly every candidate is refused
where it stands in its bucket; and the queries of a batch go through the buckets in their order.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..arrays import ArrayWriter, write_array
from ..durable import writing
from ..errors import IndexMismatch
from ..hashes import Codes
from .band_plan import Band, flips, plan, radii, scan_work, work
from .base import CODES_FILE, HashIndex
from .found import Found
from .header import IndexHeader, map_part
from .kernels.filling import SCRATCH, fill
from .kernels.instructions import BLOCK
from .kernels.probing import probe
from .kernels.scanning import scan
from .kernels.tables import BAND_COLUMNS, DAMAGED, LANE, LANES, QUERY, WIDTH, Probes, Tables
from .kernels.walking import walk
from .neighbors import Neighbors, joined, nothing_found

BANDS_FILE = "bands.npy"
"""First bit and width of every band, ``int64[bands, 2]``."""
OFFSETS_FILE = "bucket_offsets.npy"
ROWS_FILE = "rows.npy"
LANES_FILE = "lanes.npy"
"""As the fields of ``Tables`` after which they are called."""

Words = npt.NDArray[np.uint64]

_MOST_CODES = (1 << 32) - 1

_BATCH = 32
"""Queries from which on a call walks through the buckets in their order."""

_PROBES = 1 << 23
"""Probes into one band that are sorted at once; of memory, eight bytes each."""

_KEPT = 1 << 22
"""Answers kept under a limit at once."""


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

        Besides what it makes, it needs memory for one band at a time: 36 bytes a code.

        Raises:
            IndexMismatch: Also if there are more than 2 ** 32 - 1 codes.
        """
        header = IndexHeader.of(codes, max_radius, cls)
        if len(codes) > _MOST_CODES:
            raise IndexMismatch(f"the index {cls.name!r} holds at most {_MOST_CODES} codes, not {len(codes)}")
        codes = np.ascontiguousarray(codes)
        bands = plan(header.bits, max_radius, len(codes))
        if folder is None:
            return cls(codes, max_radius, bands, _in_memory(codes, _table(bands, header)))
        if not (folder / CODES_FILE).exists():
            write_array(folder / CODES_FILE, codes)
        write_array(folder / BANDS_FILE, np.array([(band.start, band.width) for band in bands], np.int64))
        _to_files(codes, _table(bands, header), folder)
        header.write(folder)
        return cls.open(folder)

    def search(self, queries: Codes, radius: int, limit: int | None = None) -> Neighbors:
        """All rows within the radius of each query; see ``HashIndex.search``.

        Raises:
            IndexMismatch: Also if the index's files turn out to be damaged.
        """
        self.check(queries, radius, limit)
        if not len(queries):
            return nothing_found(0)
        wanted = _words(np.ascontiguousarray(queries))
        step = self._way(radius).most
        if limit is not None:
            step = max(1, min(step, _KEPT // limit))
        return joined([self._search(wanted[at : at + step], radius, limit) for at in range(0, len(wanted), step)])

    def save(self, folder: Path) -> None:
        """Write ``codes.npy``, the bands and their buckets, and the header."""
        write_array(folder / CODES_FILE, self.codes)
        write_array(folder / BANDS_FILE, np.array([(band.start, band.width) for band in self.bands], np.int64))
        write_array(folder / OFFSETS_FILE, self._tables.offsets)
        write_array(folder / ROWS_FILE, self._tables.rows)
        write_array(folder / LANES_FILE, self._tables.lanes)
        IndexHeader.of(self.codes, self.max_radius, type(self)).write(folder)

    @classmethod
    def open(cls, folder: Path) -> MultiIndex:
        """The index that was saved in ``folder``, memory-mapped; see ``HashIndex.open``.

        Codes whose length is not a multiple of 64 bits are copied into memory.
        """
        header = IndexHeader.read(folder, cls.name)
        codes = header.map_codes(folder)
        bands = _bands(folder, header.bits)
        table = _table(bands, header)
        tables = Tables(
            _words(codes),
            table,
            map_part(folder / OFFSETS_FILE, np.uint32),
            map_part(folder / ROWS_FILE, np.uint32),
            map_part(folder / LANES_FILE, np.uint32),
        )
        if tuple(len(part) for part in tables[2:]) != _sizes(table, len(codes)):
            raise IndexMismatch(f"the index in {folder} is not of the size that its codes and bands ask for")
        return cls(codes, header.max_radius, bands, tables)

    def _way(self, radius: int) -> _Way:
        """How queries for a radius are answered."""
        if radius not in self._ways:
            if work(self.bands, radius, len(self)) > scan_work(len(self)):
                self._ways[radius] = _Way(_NO_PROBES, _PROBES)
            else:
                built = self.bands[: len(self._tables.bands)]
                own = radii(len(self.bands), radius)[: len(built)]
                flipped = [flips(band.width, r) for band, r in zip(built, own.tolist(), strict=True)]
                starts = np.cumsum([0, *(len(part) for part in flipped)])
                probes = Probes(_readonly(own), _readonly(starts), _readonly(np.concatenate(flipped)))
                self._ways[radius] = _Way(probes, max(1, _PROBES // max(len(part) for part in flipped)))
        return self._ways[radius]

    def _search(self, wanted: Words, radius: int, limit: int | None) -> Neighbors:
        probes = self._way(radius).probes
        found = Found(len(wanted), radius, limit)
        kernel = scan if probes is _NO_PROBES else probe if len(wanted) < _BATCH else walk
        while True:
            kernel(self._tables, probes, wanted, found.hits)
            if found.hits.state[DAMAGED]:
                raise IndexMismatch("the index's files are damaged: they lead out of themselves")
            if found.hits.state[QUERY] == len(wanted):
                return found.neighbors()
            found.make_room()


@dataclass(frozen=True)
class _Way:
    """How queries for one radius are answered."""

    probes: Probes
    """Which buckets are looked at; ``_NO_PROBES`` where comparing all codes is cheaper."""
    most: int
    """How many queries are answered at once."""


def _readonly(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A view that cannot be written to, as the kernels take them."""
    view: npt.NDArray[Any] = array.view()
    view.flags.writeable = False
    return view


_NO_PROBES = Probes(
    *(_readonly(np.zeros(size, dtype)) for size, dtype in ((0, np.int64), (1, np.int64), (0, np.uint32)))
)


def _words(codes: Codes) -> Words:
    """Codes as 64-bit words, read-only: a view where that can be, else a copy, filled up with zeros."""
    n, size = codes.shape
    if size % 8 == 0:
        view: Words = codes.view(np.uint64)
        if view.flags.aligned:
            view.flags.writeable = False
            return view
    padded = np.zeros((n, -(-size // 8) * 8), np.uint8)
    padded[:, :size] = codes
    return _readonly(padded.view(np.uint64))


def _table(bands: tuple[Band, ...], header: IndexHeader) -> npt.NDArray[np.int64]:
    """The bands that have buckets, as ``Tables.bands``.

    The lanes of a band are those that follow it, beginning again after the last: its own bits agree anyway.
    """
    built = int((radii(len(bands), header.max_radius) >= 0).sum())
    lanes = -(-header.bits // 32)
    table = np.full((built, BAND_COLUMNS), -1, np.int64)
    buckets = 0
    for row, band in zip(table, bands, strict=False):
        following = -(-(band.start + band.width) // 32)
        row[:LANE] = band.start, band.width, buckets
        for number in range(min(LANES, lanes)):
            row[LANE + number] = (following + number) % lanes
        buckets += (1 << band.width) + 1
    return _readonly(table)


def _sizes(table: npt.NDArray[np.int64], n: int) -> tuple[int, int, int]:
    """How long the offsets, the rows and the lanes are."""
    buckets = sum((1 << int(width)) + 1 for width in table[:, WIDTH])
    return buckets, len(table) * n, LANES * (len(table) * n + BLOCK)


def _filled(
    codes: Codes, table: npt.NDArray[np.int64]
) -> Iterator[tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32], npt.NDArray[np.uint32]]]:
    """Offsets, rows and lanes of each band in turn, in memory that the next one uses again."""
    words, n = _words(codes), len(codes)
    scratch, rows, lanes = np.empty((n, SCRATCH), np.uint32), np.empty(n, np.uint32), np.empty(LANES * n, np.uint32)
    for band in table:
        offsets = np.empty((1 << int(band[WIDTH])) + 1, np.uint32)
        fill(words, band, offsets, rows, lanes, scratch)
        yield offsets, rows, lanes


def _in_memory(codes: Codes, table: npt.NDArray[np.int64]) -> Tables:
    offsets, rows, lanes = (np.empty(size, np.uint32) for size in _sizes(table, len(codes)))
    lanes[-LANES * BLOCK :] = 0
    bucket, row = 0, 0
    for own_offsets, own_rows, own_lanes in _filled(codes, table):
        offsets[bucket : bucket + len(own_offsets)] = own_offsets
        rows[row : row + len(own_rows)] = own_rows
        lanes[LANES * row : LANES * (row + len(own_rows))] = own_lanes
        bucket, row = bucket + len(own_offsets), row + len(own_rows)
    return Tables(_words(codes), table, _readonly(offsets), _readonly(rows), _readonly(lanes))


def _to_files(codes: Codes, table: npt.NDArray[np.int64], folder: Path) -> None:
    """Write the bands one after another.

    Not through shared maps: a full disk would end the process there, and is an error here.
    """
    with contextlib.ExitStack() as open_files:
        writers = [
            ArrayWriter(open_files.enter_context(writing(folder / name)), np.uint32)
            for name in (OFFSETS_FILE, ROWS_FILE, LANES_FILE)
        ]
        for parts in _filled(codes, table):
            for writer, part in zip(writers, parts, strict=True):
                writer.append(part)
        writers[-1].append(np.zeros(LANES * BLOCK, np.uint32))
        for writer in writers:
            writer.finish()


def _bands(folder: Path, bits: int) -> tuple[Band, ...]:
    """The bands of a saved index.

    Raises:
        IndexMismatch: If they do not lie one after another within the code; the answers would not be complete.
    """
    stated = map_part(folder / BANDS_FILE, np.int64, 2).tolist()
    end = 0
    for start, width in stated:
        if not end <= start <= start + width <= bits or width > 32:
            raise IndexMismatch(f"{folder / BANDS_FILE} does not hold bands of {bits} bits")
        end = start + width
    if not stated:
        raise IndexMismatch(f"{folder / BANDS_FILE} holds no band")
    return tuple(Band(*band) for band in stated)
