"""Arrays as files: numpy's own ``.npy`` form, written row by row and mapped, never pickled."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from .durable import writing
from .errors import InvalidValue

_MAGIC = b"\x93NUMPY\x01\x00"
_HEADER = 128
_DESCRIPTION = re.compile(
    re.escape(_MAGIC)
    + rb"v\x00\{'descr': '(?P<dtype>[<>|][a-z]\d{1,2})', 'fortran_order': False, "
    + rb"'shape': \((?P<rows>\d{1,18}),(?: (?P<columns>\d{1,9}))?\), \} *\n"
)


class ArrayWriter:
    """Writes an array whose number of rows is known only at the end.

    The same rows give the same bytes, whatever the pieces in which they come and whichever numpy
    writes them.
    """

    def __init__(self, stream: BinaryIO, dtype: npt.DTypeLike, columns: int | None = None) -> None:
        """Begin an array.

        Args:
            stream: An empty file, seekable; not closed.
            dtype: Of the items.
            columns: Items in a row; None for an array of one dimension.
        """
        self.rows = 0
        self._dtype: np.dtype[Any] = np.dtype(dtype)
        self._columns = columns
        self._stream = stream
        stream.write(self._header())

    def append(self, rows: npt.NDArray[Any]) -> None:
        """Write more rows: ``dtype[n]`` or ``dtype[n, columns]``."""
        shape = (len(rows),) if self._columns is None else (len(rows), self._columns)
        if rows.dtype != self._dtype or rows.shape != shape:
            raise InvalidValue(f"rows must be {self._dtype}{list(shape)}, not {rows.dtype}{list(rows.shape)}")
        self._stream.write(np.ascontiguousarray(rows).reshape(-1).view(np.uint8).data)
        self.rows += len(rows)

    def finish(self) -> None:
        """Write the number of rows into the header; nothing may be appended afterwards."""
        self._stream.seek(0)
        self._stream.write(self._header())

    def _header(self) -> bytes:
        shape = f"({self.rows},)" if self._columns is None else f"({self.rows}, {self._columns})"
        text = f"{{'descr': {self._dtype.str!r}, 'fortran_order': False, 'shape': {shape}, }}".encode()
        length = _HEADER - len(_MAGIC) - 2
        return _MAGIC + length.to_bytes(2, "little") + text.ljust(length - 1) + b"\n"


def write_array(path: Path, array: npt.NDArray[Any]) -> None:
    """Put an array of one or two dimensions in the place of ``path``, atomically and durably."""
    with writing(path) as stream:
        writer = ArrayWriter(stream, array.dtype, None if array.ndim == 1 else array.shape[1])
        writer.append(array)
        writer.finish()


def map_array(path: Path, dtype: npt.DTypeLike, columns: int | None = None) -> npt.NDArray[Any]:
    """A ``.npy`` file as this module or ``numpy.save`` writes it, memory-mapped and read-only.

    Args:
        path: The file.
        dtype: What its items must be.
        columns: How many items a row must have; None for an array of one dimension.

    Raises:
        FileNotFoundError: If there is no such file.
        InvalidValue: If it is not an array of that kind, or is not as long as it says.
    """
    wanted: np.dtype[Any] = np.dtype(dtype)
    with path.open("rb") as stream:
        # Not numpy's own reader: it evaluates the header as Python, and hostile ones break it in many ways.
        stated = _DESCRIPTION.fullmatch(stream.read(_HEADER))
        length = stream.seek(0, os.SEEK_END)
    if stated is None or stated["dtype"].decode() != wanted.str:
        raise InvalidValue(f"{path} is not an array of {wanted}")
    shape = tuple(int(size) for size in (stated["rows"], stated["columns"]) if size is not None)
    if shape[1:] != (() if columns is None else (columns,)):
        raise InvalidValue(f"{path} holds an array of shape {shape}, which is not what belongs there")
    if length != _HEADER + wanted.itemsize * math.prod(shape):
        raise InvalidValue(f"{path} is not as long as it says")
    return np.asarray(np.memmap(path, wanted, "r", _HEADER, shape))
