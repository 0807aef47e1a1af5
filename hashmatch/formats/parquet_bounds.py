"""Bounds on what a row group of a Parquet file may cost, known before any of it is unpacked."""

from __future__ import annotations

from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from .chunk import CHUNK_ROWS
from .parquet_footer import BYTE_ARRAY, FIXED_BYTES, ColumnChunk, RowGroup
from .parquet_pages import Page, pages

BATCH_BYTES = 16 * 1024 * 1024
"""What the values of rows that are unpacked together may take; where values are long the rows are fewer."""
PAGE_BYTES = 64 * 1024 * 1024
"""Largest page, unpacked: writers make them of a megabyte."""
OPEN_BYTES = 512 * 1024 * 1024
"""What the largest pages of all columns may take together, since one of each is held."""
VALUES_A_ROW = 16
"""How many values a row may have in a column of lists, taken over a row group,"""
VALUES_BESIDE = 65_536
"""and how many more than that."""

_DELTA_STRINGS = 7
_ENCODINGS = frozenset({0, 2, 3, 4, 5, 6, 8, 9})


def batch_rows(file: BinaryIO, group: RowGroup, schema: pq.ParquetSchema) -> int:
    """How many rows of a row group may be read at once.

    Args:
        file: To be read at any place.
        group: What the footer says of it.
        schema: Its leaves are the columns.

    Raises:
        ValueError: If its pages are not what the footer says, or beyond all measure.
    """
    if len(group.columns) != len(schema):
        raise ValueError(f"a row group has {len(group.columns)} columns, where the schema has {len(schema)}")
    bytes_a_row, open_bytes = 1, 0
    for position, column in enumerate(group.columns):
        leaf = schema.column(position)
        try:
            size, largest = _leaf(file, column, group.rows, repeated=bool(leaf.max_repetition_level))
        except (ValueError, OSError) as error:
            raise ValueError(f"column {leaf.path[:80]!r}: {error}") from error
        bytes_a_row += size
        open_bytes += largest
    if open_bytes > OPEN_BYTES:
        raise ValueError(f"pages of more than {OPEN_BYTES} bytes together in one row group")
    return max(1, min(CHUNK_ROWS, BATCH_BYTES // bytes_a_row))


def _leaf(file: BinaryIO, column: ColumnChunk, rows: int, *, repeated: bool) -> tuple[int, int]:
    """Bytes that a row takes in a column at most, and the size of its largest page."""
    count = longest = largest = 0
    text = column.kind in (BYTE_ARRAY, FIXED_BYTES)
    for page in pages(file, column.start, column.length):
        _check(page)
        largest = max(largest, page.size)
        if page.dictionary:
            longest = max(longest, _longest(file, page, column.codec) if column.kind == BYTE_ARRAY else 0)
        else:
            count += page.values
            longest = max(longest, page.size // max(1, page.values) if text else 0)
    if not repeated:
        if count != rows:
            raise ValueError(f"its pages hold {count} values, where the footer says {rows} rows")
        return longest + 16, largest
    if count > VALUES_A_ROW * rows + VALUES_BESIDE:
        raise ValueError(f"its lists hold {count} values in {rows} rows")
    return (longest + 16) * (count // max(1, rows) + 1), largest


def _check(page: Page) -> None:
    """Raise ValueError if a page is too large, or written in a way that may make it so."""
    if page.size > PAGE_BYTES:
        raise ValueError(f"a page of {page.size} bytes is too large")
    if page.encoding == _DELTA_STRINGS:
        raise ValueError("it is written as DELTA_BYTE_ARRAY, which is not read: a few bytes may mean very many")
    if page.encoding not in _ENCODINGS:
        raise ValueError(f"its encoding {page.encoding} is not known")


def _longest(file: BinaryIO, page: Page, codec: str | None) -> int:
    """The length of the longest text in a dictionary, which few bytes may repeat in every row."""
    file.seek(page.start)
    content = file.read(page.packed)
    if codec is not None:
        content = pa.decompress(content, page.size, codec=codec, asbytes=True)
    at = longest = 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "little")
        longest = max(longest, length)
        at += 4 + length
    return min(longest, page.size)
