"""The footer of Parquet files: where the columns of their rows stand.

It is read here, and not asked from Arrow, which ends the whole process over a number of a codec that it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .thrift import Compact

BYTE_ARRAY, FIXED_BYTES = 6, 7
"""Parquet's numbers of the types that hold text or bytes."""

CODECS = {0: None, 1: "snappy", 2: "gzip", 4: "brotli", 6: "zstd", 7: "lz4_raw"}
"""Parquet's number of each codec that is read -> its name in Arrow."""


@dataclass(frozen=True)
class ColumnChunk:
    """The pages of one column in one row group."""

    kind: int
    """Type of the values, by Parquet's numbers."""
    codec: str | None
    """How its pages are packed; None: not at all."""
    start: int
    """Where the first page begins, in bytes."""
    length: int
    """How many bytes all of them take."""


@dataclass(frozen=True)
class RowGroup:
    """Some rows of a file."""

    rows: int
    columns: tuple[ColumnChunk, ...]


def row_groups(footer: bytes) -> tuple[RowGroup, ...]:
    """The row groups that a footer names.

    Raises:
        ValueError: If it is no footer, or a column is packed in a way that is not read.
    """
    return tuple(
        RowGroup(_number(group, 3), tuple(_column(column) for column in _structures(group, 1)))
        for group in _structures(Compact(footer).struct(0), 4)
    )


def _column(chunk: dict[int, object]) -> ColumnChunk:
    metadata = chunk.get(3)
    if not isinstance(metadata, dict):
        raise ValueError("a column without metadata")
    codec = _number(metadata, 4)
    if codec not in CODECS:
        raise ValueError(f"a column is packed with codec {codec}, which is not read")
    start, dictionary = _number(metadata, 9), metadata.get(11)
    if isinstance(dictionary, int) and dictionary:
        start = min(start, dictionary)
    return ColumnChunk(_number(metadata, 1), CODECS[codec], start, _number(metadata, 7))


def _number(fields: dict[int, object], key: int) -> int:
    value = fields.get(key)
    if not isinstance(value, int) or value < 0:
        raise ValueError("the footer lacks a number")
    return value


def _structures(fields: dict[int, object], key: int) -> Iterator[dict[int, object]]:
    value = fields.get(key)
    for element in value if isinstance(value, list) else ():
        if not isinstance(element, dict):
            raise ValueError("the footer is none")
        yield element
