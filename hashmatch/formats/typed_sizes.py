"""Sizes of typed values: what each takes as JSON at the least, known before anything is made of it.

A few kilobytes of a packed file can hold a value of many megabytes, and as JSON, or as Python has it, any value is
several times as large as it is in its column.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..texts import places
from .fields import EXTRA_BYTES
from .source import LINE_BYTES

PIECE_BYTES = 4 * 1024 * 1024
"""What the values of rows that are read together may take; one row may be longer."""
ROW_BYTES = LINE_BYTES
"""Longest row that is read, as the longest line is: of its unknown fields those count that are not left out."""
BEYOND = 2 * ROW_BYTES
"""The size of a list of so many values that they are not looked at."""

_MOST_VALUES = EXTRA_BYTES

Sizes = npt.NDArray[np.int64]


def halves(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """A batch in parts of at most ``PIECE_BYTES`` as they stand in memory, or of one row; dictionaries do not count."""
    waiting = [batch]
    while waiting:
        part = waiting.pop()
        if len(part) < 2 or sum(map(_held, part.columns)) <= PIECE_BYTES:
            yield part
        else:
            half = len(part) // 2
            waiting += [part.slice(half), part.slice(0, half)]


def cut(batch: pa.RecordBatch, sizes: Sizes) -> Iterator[pa.RecordBatch]:
    """A batch in parts of at most ``PIECE_BYTES``, or of one row.

    Args:
        batch: Of n rows.
        sizes: What each of them takes, ``int64[n]``.
    """
    ends = np.cumsum(sizes)
    start = 0
    while start < len(batch):
        before = int(ends[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(ends, before + PIECE_BYTES, side="right")))
        yield batch.slice(start, end - start)
        start = end


def sizes(column: pa.Array) -> Sizes:
    """Bytes that each of n values takes as JSON at least, ``int64[n]``, or ``BEYOND``.

    Args:
        column: Validated but for its texts; nothing within it is a dictionary or a view of others.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _of_dictionary(column)
    if _is_variable(kind):
        found = np.diff(_offsets(column)).astype(np.int64)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_map(kind):
        return _of_lists(column)
    elif pa.types.is_struct(kind):
        names = sum(len(kind.field(place).name.encode()) + 4 for place in range(kind.num_fields))
        found = sum(map(sizes, column.flatten()), np.full(len(column), names, dtype=np.int64))
    elif pa.types.is_union(kind):
        codes = np.asarray(column.type_codes)
        found = np.zeros(len(column), dtype=np.int64)
        for place, code in enumerate(kind.type_codes):
            found += np.where(codes == code, sizes(column.field(place)), 0)
        return found
    elif isinstance(column, pa.ExtensionArray):
        return sizes(column.storage)
    else:
        width = kind.byte_width if pa.types.is_fixed_size_binary(kind) else 1
        found = np.full(len(column), width, dtype=np.int64)
    return _where_valid(column, found)


def _of_lists(column: pa.Array) -> Sizes:
    kind = column.type
    if pa.types.is_map(kind):
        column = column.cast(pa.list_(pa.struct([kind.key_field, kind.item_field])))
    lengths = pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    long = lengths > _MOST_VALUES
    if long.any():
        found = np.full(len(column), BEYOND, dtype=np.int64)
        found[~long] = _of_lists(column.filter(pa.array(~long)))
        return found
    values = column.flatten()
    # The pairs of a map are written as they are, without the names that a structure's fields have.
    of_values = sum(map(sizes, values.flatten())) if pa.types.is_map(kind) else sizes(values)
    ends = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(of_values + 1)])
    last = np.cumsum(lengths)
    whole: Sizes = ends[last] - ends[last - lengths] + (lengths > 0)
    return whole


def _of_dictionary(column: pa.DictionaryArray) -> Sizes:
    where, dictionary = places(column), column.dictionary
    found = np.zeros(len(where), dtype=np.int64)
    said = where >= 0
    if _is_variable(dictionary.type):
        offsets = _offsets(dictionary)
        found[said] = offsets[where[said] + 1] - offsets[where[said]]
    elif said.any():
        used, at = np.unique(where[said], return_inverse=True)
        found[said] = sizes(dictionary.take(pa.array(used)))[at.reshape(-1)]
    return found


def dictionary_bytes(column: pa.Array) -> int:
    """What the dictionary of a column takes in memory, 0 where it has none."""
    return int(column.dictionary.nbytes) if pa.types.is_dictionary(column.type) else 0


def _held(column: pa.Array) -> int:
    return int((column.indices if pa.types.is_dictionary(column.type) else column).nbytes)


def _is_variable(kind: pa.DataType) -> bool:
    """Whether values are text or bytes of any length."""
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(test(kind) for test in tests)


def _offsets(column: pa.Array) -> npt.NDArray[np.int32] | npt.NDArray[np.int64]:
    large = pa.types.is_large_string(column.type) or pa.types.is_large_binary(column.type)
    buffer = column.buffers()[1]
    if buffer is None or not len(column):
        return np.zeros(len(column) + 1, dtype=np.int32)
    offsets = np.frombuffer(buffer, dtype=np.int64 if large else np.int32)
    return offsets[column.offset : column.offset + len(column) + 1]


def _where_valid(column: pa.Array, found: Sizes) -> Sizes:
    if not column.null_count:
        return found
    return np.where(column.is_valid().to_numpy(zero_copy_only=False), found, 0)
