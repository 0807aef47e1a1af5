"""Scratch: tables that are set aside on the disk for as long as one call lasts."""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref
from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa

_PIECE = 65_536
_ALIGNMENT = 64
"""Bytes: mapped buffers stand as Arrow wants them."""
_LEAST = 1 << 26
"""Bytes that are mapped at first. Each mapping costs a file descriptor, so that there should be few."""


class Place(NamedTuple):
    """Where a table stands in its scratch file."""

    offset: int
    length: int


class Scratch:
    """One file without a name, in the system's folder for temporary files, made when something is put into it.

    It is gone when nobody holds it or a table of it any more, however the process ends. Tables that come
    back are mapped: they cost no private memory.
    """

    def __init__(self) -> None:
        self._descriptor = -1
        self._end = 0
        self._mapped: mmap.mmap | None = None

    def put(self, table: pa.Table) -> Place:
        """Write a table behind the others.

        Raises:
            OSError: If the disk is full; it names the folder.
        """
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=_PIECE)
        content = sink.getvalue()
        offset = self._end + -self._end % _ALIGNMENT
        try:
            self._write(memoryview(content), offset)
        except OSError as error:
            raise OSError(error.errno, error.strerror, tempfile.gettempdir()) from error
        self._end = offset + content.size
        return Place(offset, content.size)

    def get(self, places: Iterable[Place], schema: pa.Schema) -> pa.Table:
        """The tables at some places as one, without a copy."""
        places = list(places)
        stored = self._map() if places else pa.py_buffer(b"")
        tables = [pa.ipc.open_stream(stored.slice(place.offset, place.length)).read_all() for place in places]
        return pa.concat_tables([schema.empty_table(), *tables])

    def _write(self, content: memoryview, offset: int) -> None:
        if self._descriptor < 0:
            with tempfile.TemporaryFile(prefix="hashmatch-", buffering=0) as file:
                self._descriptor = os.dup(file.fileno())
            weakref.finalize(self, os.close, self._descriptor)
        while content:
            written = os.pwrite(self._descriptor, content, offset)
            content, offset = content[written:], offset + written

    def _map(self) -> pa.Buffer:
        if self._mapped is None or len(self._mapped) < self._end:
            size = max(_LEAST, 1 << (self._end - 1).bit_length())
            # Room that nothing was written to takes no space on the disk.
            os.ftruncate(self._descriptor, size)
            self._mapped = mmap.mmap(self._descriptor, size, access=mmap.ACCESS_READ)
        return pa.py_buffer(self._mapped)
