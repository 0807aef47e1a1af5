"""The columns of records as they are written: text, and None for what is not said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..codes import hex_column
from ..records import SCHEMA
from ..texts import bytes_of, offsets_of, strings

Columns = dict[str, list[Any]]

WRITTEN = (
    "list",
    "source_id",
    "algorithm",
    "digest",
    "frame",
    "media_type",
    "timestamp",
    "quality",
    "labels",
    "opinion",
    "share_level",
    "created_at",
    "updated_at",
    "expires_at",
    "extra",
)
"""The columns that leave the house, in the order in which they are written."""

WRITTEN_SCHEMA = pa.schema([pa.field(name, SCHEMA.field(name).type) for name in WRITTEN])
"""Their types, in files that have any."""

DATES = ("created_at", "updated_at", "expires_at")


_FRACTION = 26
"""Characters of a date with its microseconds."""
_PIECE_BYTES = 32 * 1024 * 1024
_PIECE_ROWS = 32_768


def pieces(table: pa.Table) -> Iterator[pa.RecordBatch]:
    """A table in batches of some tens of thousands of rows and some megabytes at most, or of one row."""
    rows = max(1, min(_PIECE_ROWS, _PIECE_BYTES * len(table) // (table.nbytes + 1)))
    for batch in table.to_batches(max_chunksize=rows):
        half = max(1, len(batch) // 2)
        if len(batch) > half and batch.nbytes > 2 * _PIECE_BYTES:
            yield from pieces(pa.Table.from_batches([batch.slice(0, half)]))
            yield from pieces(pa.Table.from_batches([batch.slice(half)]))
        else:
            yield batch


def written_columns(batch: pa.RecordBatch) -> Columns:
    """The ``WRITTEN`` columns of a batch in ``SCHEMA``, as Python values.

    ``digest`` is lower-case hexadecimal, ``frame`` None where it is -1, ``timestamp`` the shortest
    number that reads back to the same float32, dates are ISO 8601 in UTC to the microsecond.
    """
    columns: Columns = {name: batch.column(name).to_pylist() for name in WRITTEN}
    columns["digest"] = hex_column(batch.column("digest")).to_pylist()
    columns["frame"] = [None if frame == -1 else frame for frame in columns["frame"]]
    columns["timestamp"] = [None if seconds is None else shortest(seconds) for seconds in columns["timestamp"]]
    for name in DATES:
        columns[name] = date_texts(batch.column(name)).to_pylist()
    return columns


def shortest(seconds: float) -> float:
    """The number with the fewest digits that is the same float32."""
    return float(str(np.float32(seconds)))


def frame_texts(column: pa.Array) -> pa.Array:
    """Numbers of frames as text, null for -1."""
    return pc.if_else(pc.equal(column, -1), None, column).cast(pa.string())


def date_texts(column: pa.Array) -> pa.Array:
    """Times in UTC as ISO 8601, to the microsecond where they are not whole seconds; null stays null."""
    if column.null_count == len(column):
        return pa.nulls(len(column), pa.string())
    texts = column.cast(pa.timestamp("us")).cast(pa.string()).fill_null("0" * _FRACTION)
    letters = bytes_of(texts)[offsets_of(texts)[0] :].reshape(len(column), _FRACTION)
    dated = np.empty((len(column), _FRACTION + 1), dtype=np.uint8)
    dated[:, :_FRACTION], dated[:, 10], dated[:, _FRACTION] = letters, ord("T"), ord("Z")
    lengths = np.full(len(column), _FRACTION + 1, dtype=np.int32)
    written = pc.replace_substring(strings(dated.tobytes(), lengths), ".000000Z", "Z")
    return written if not column.null_count else pc.if_else(column.is_valid(), written, None)
