"""Scratch: tables that are set aside on the disk for as long as one call lasts."""

from __future__ import annotations

import mmap
import tempfile
import weakref
from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa

_PIECE = 65_536
_ALIGNMENT = 64
"""Bytes: mapped buffers stand as Arrow wants them."""


class Place(NamedTuple):
    """Where a table stands in its scratch file."""

    offset: int
    length: int


class Scratch:
    """One file without a name, in the system's folder for temporary files.

    It is gone when nobody holds it or a table of it any more, however the process ends. Tables that come
    back are mapped: they cost no private memory.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="hashmatch-")  # noqa: SIM115 - lives as long as this does
        # Whoever maps it needs no open file.
        weakref.finalize(self, self._file.close)
        self._end = 0
        self._mapped: mmap.mmap | None = None

    def put(self, table: pa.Table) -> Place:
        """Write a table behind the others.

        Raises:
            OSError: If the disk is full.
        """
        offset = self._end + -self._end % _ALIGNMENT
        self._file.seek(offset)
        with pa.ipc.new_stream(self._file, table.schema) as writer:
            writer.write_table(table, max_chunksize=_PIECE)
        self._end = self._file.tell()
        return Place(offset, self._end - offset)

    def get(self, places: Iterable[Place], schema: pa.Schema) -> pa.Table:
        """The tables at some places as one, without a copy.

        Raises:
            OSError: If the disk is full.
        """
        places = list(places)
        stored = self._map() if places else pa.py_buffer(b"")
        tables = [pa.ipc.open_stream(stored.slice(place.offset, place.length)).read_all() for place in places]
        return pa.concat_tables([schema.empty_table(), *tables])

    def _map(self) -> pa.Buffer:
        if self._mapped is None or len(self._mapped) < self._end:
            self._file.flush()
            self._mapped = mmap.mmap(self._file.fileno(), self._end, access=mmap.ACCESS_READ)
        return pa.py_buffer(self._mapped)
