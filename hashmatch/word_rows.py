"""Word rows: records without what only the bank knows, in the form in which a word's rows are held.

Columns that have few values are dictionary-encoded, since lists of millions of rows are taken apart and put in order;
and the labels of a row are one text of them.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from .records import SCHEMA

LABEL_END = "\x1f"
"""Between labels that are one text: no label holds it, and none is empty."""

PLAIN_SCHEMA = pa.schema([field for field in SCHEMA if field.name not in ("list", "said_at", "batch")])
"""The same rows as records have them. A withdrawal is one row whose ``algorithm`` and ``digest`` are null."""

_FEW_VALUED = ("algorithm", "media_type", "labels", "opinion", "share_level", "quarantine")

WORD_SCHEMA = pa.schema(
    [
        field.with_type(pa.dictionary(pa.int32(), pa.string())) if field.name in _FEW_VALUED else field
        for field in PLAIN_SCHEMA
    ]
)
"""The rows of a word."""


def held(rows: pa.Table) -> pa.Table:
    """Rows in ``PLAIN_SCHEMA`` in ``WORD_SCHEMA``."""
    return pa.table([_held(rows.column(field.name), field) for field in WORD_SCHEMA], schema=WORD_SCHEMA)


def plain(rows: pa.Table) -> pa.Table:
    """The reverse of ``held``, for any of the columns."""
    schema = pa.schema([PLAIN_SCHEMA.field(name) for name in rows.column_names])
    return pa.table([_plain(rows.column(field.name), field) for field in schema], schema=schema)


def joined_labels(labels: list[str]) -> str:
    """The labels of one row as one text."""
    return LABEL_END.join(labels)


def split_labels(text: str) -> list[str]:
    """The reverse of ``joined_labels``."""
    return text.split(LABEL_END) if text else []


def _held(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    if field.name == "labels":
        column = pc.binary_join(column, LABEL_END)
    return column.dictionary_encode() if pa.types.is_dictionary(field.type) else column


def _plain(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray | pa.Array:
    if field.name != "labels":
        return column.cast(field.type)
    encoded = column.combine_chunks()
    lists = pa.array(list(map(split_labels, encoded.dictionary.to_pylist())), type=field.type)
    return lists.take(encoded.indices)
