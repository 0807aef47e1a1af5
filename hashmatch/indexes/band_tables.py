"""The tables of a multi-index: how they are made, in memory or in files, and how they are mapped."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..arrays import ArrayWriter, write_array
from ..durable import writing
from ..errors import IndexMismatch
from ..hashes import Codes
from .band_plan import WIDEST, Band, radii
from .header import map_part
from .kernels.filling import SCRATCH, fill
from .kernels.instructions import BLOCK
from .kernels.tables import BAND_COLUMNS, LANE, LANES, WIDTH, Tables

BANDS_FILE = "bands.npy"
"""First bit and width of every band, ``int64[bands, 2]``."""
OFFSETS_FILE = "bucket_offsets.npy"
ROWS_FILE = "rows.npy"
LANES_FILE = "lanes.npy"
"""As the fields of ``Tables`` after which they are called."""

Words = npt.NDArray[np.uint64]
Part = npt.NDArray[np.uint32]


def fill_memory(codes: Codes, bands: tuple[Band, ...], max_radius: int) -> Tables:
    """Index codes in memory.

    Args:
        codes: ``uint8[n, bytes]``, C-contiguous; kept, and not copied if their length is a multiple of 64 bits.
        bands: As ``band_plan.plan`` gives them.
        max_radius: Inclusive, in bits.
    """
    table = _table(bands, max_radius, 8 * codes.shape[1])
    offsets, rows, lanes = (np.empty(size, np.uint32) for size in _sizes(table, len(codes)))
    lanes[-LANES * BLOCK :] = 0
    words, scratch = words_of(codes), _scratch(len(codes))
    bucket, row = 0, 0
    for band in table:
        buckets, rows_end = bucket + _buckets(band), row + len(codes)
        fill(words, band, offsets[bucket:buckets], rows[row:rows_end], lanes[LANES * row : LANES * rows_end], scratch)
        bucket, row = buckets, rows_end
    return Tables(words, table, read_only(offsets), read_only(rows), read_only(lanes))


def fill_files(codes: Codes, bands: tuple[Band, ...], max_radius: int, folder: Path) -> None:
    """Index codes into files, one band after another; arguments as for ``fill_memory``.

    Not through shared maps: a full disk would end the process there, and is an error here.
    """
    _write_bands(bands, folder)
    words, scratch = words_of(codes), _scratch(len(codes))
    rows, lanes = np.empty(len(codes), np.uint32), np.empty(LANES * len(codes), np.uint32)
    with contextlib.ExitStack() as open_files:
        writers = [
            ArrayWriter(open_files.enter_context(writing(folder / name)), np.uint32)
            for name in (OFFSETS_FILE, ROWS_FILE, LANES_FILE)
        ]
        for band in _table(bands, max_radius, 8 * codes.shape[1]):
            offsets = np.empty(_buckets(band), np.uint32)
            fill(words, band, offsets, rows, lanes, scratch)
            for writer, part in zip(writers, (offsets, rows, lanes), strict=True):
                writer.append(part)
        writers[-1].append(np.zeros(LANES * BLOCK, np.uint32))
        for writer in writers:
            writer.finish()


def save_tables(tables: Tables, bands: tuple[Band, ...], folder: Path) -> None:
    """Write tables, but for the codes, as ``fill_files`` does."""
    _write_bands(bands, folder)
    for name, part in ((OFFSETS_FILE, tables.offsets), (ROWS_FILE, tables.rows), (LANES_FILE, tables.lanes)):
        write_array(folder / name, part)


def map_tables(codes: Codes, max_radius: int, folder: Path) -> tuple[tuple[Band, ...], Tables]:
    """The bands and tables that were written into a folder, memory-mapped.

    Args:
        codes: ``uint8[n, bytes]``, mapped; copied unless their length is a multiple of 64 bits.
        max_radius: Inclusive, in bits.
        folder: Where they are.

    Raises:
        IndexMismatch: If they do not fit together.
    """
    bands = _read_bands(folder, 8 * codes.shape[1])
    table = _table(bands, max_radius, 8 * codes.shape[1])
    parts = [map_part(folder / name, np.uint32) for name in (OFFSETS_FILE, ROWS_FILE, LANES_FILE)]
    if [len(part) for part in parts] != list(_sizes(table, len(codes))):
        raise IndexMismatch(f"the index in {folder} is not of the size that its codes and bands ask for")
    return bands, Tables(words_of(codes), table, *parts)


def words_of(codes: Codes) -> Words:
    """Codes as 64-bit words, read-only: a view where that can be, else a copy, filled up with zeros."""
    n, size = codes.shape
    if size % 8 == 0:
        view: Words = codes.view(np.uint64)
        if view.flags.aligned:
            view.flags.writeable = False
            return view
    padded = np.zeros((n, -(-size // 8) * 8), np.uint8)
    padded[:, :size] = codes
    return read_only(padded.view(np.uint64))


def read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A view that cannot be written to, as kernels take them."""
    view: npt.NDArray[Any] = array.view()
    view.flags.writeable = False
    return view


def _table(bands: tuple[Band, ...], max_radius: int, bits: int) -> npt.NDArray[np.int64]:
    """The bands that have buckets, as ``Tables.bands``.

    The lanes of a band are those that follow it, beginning again after the last: its own bits agree anyway.
    """
    built = int((radii(len(bands), max_radius) >= 0).sum())
    lanes = -(-bits // 32)
    table = np.full((built, BAND_COLUMNS), -1, np.int64)
    buckets = 0
    for row, band in zip(table, bands, strict=False):
        row[:LANE] = band.start, band.width, buckets
        following = -(-(band.start + band.width) // 32)
        for number in range(min(LANES, lanes)):
            row[LANE + number] = (following + number) % lanes
        buckets += _buckets(row)
    return read_only(table)


def _buckets(band: npt.NDArray[np.int64]) -> int:
    """How many offsets a band has: one for each bucket, and the last one's end."""
    return (1 << int(band[WIDTH])) + 1


def _sizes(table: npt.NDArray[np.int64], n: int) -> tuple[int, int, int]:
    """How long the offsets, the rows and the lanes are."""
    return sum(_buckets(band) for band in table), len(table) * n, LANES * (len(table) * n + BLOCK)


def _scratch(n: int) -> Part:
    return np.empty((n, SCRATCH), np.uint32)


def _write_bands(bands: Iterable[Band], folder: Path) -> None:
    write_array(folder / BANDS_FILE, np.array([(band.start, band.width) for band in bands], np.int64))


def _read_bands(folder: Path, bits: int) -> tuple[Band, ...]:
    """The bands of a saved index.

    Raises:
        IndexMismatch: If they do not lie one after another within the code; the answers would not be complete.
    """
    stated = map_part(folder / BANDS_FILE, np.int64, 2).tolist()
    end = 0
    for start, width in stated:
        if not end <= start < start + width <= bits or width > WIDEST:
            raise IndexMismatch(f"{folder / BANDS_FILE} does not hold bands of {bits} bits")
        end = start + width
    if not stated:
        raise IndexMismatch(f"{folder / BANDS_FILE} holds no band")
    return tuple(Band(*band) for band in stated)
