"""Texts of typed columns: Parquet and Arrow say that they are UTF-8, and whoever wrote the file may not have kept to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

ROW_BY_ROW = 32
"""Values that are no longer tried together."""


def checked(column: pa.Array) -> pa.Array:
    """A column of text without a dictionary, as it is.

    Raises:
        ValueError: If a value is not UTF-8.
    """
    column.validate(full=True)
    return column


def as_bytes(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch in which every text, however deep it stands, is bytes: what is valid then but for its texts."""
    columns = [column.view(_bytes_kind(column.type)) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def unreadable(column: pa.Array, read: Callable[[pa.Array], object]) -> Iterator[tuple[int, Exception]]:
    """Which values of a column cannot be read, and why, in order.

    Args:
        column: Without a dictionary, since that is common to all of its values.
        read: Raises for a part of the column in which there is such a value.
    """
    ranges = [(0, len(column))]
    while ranges:
        start, end = ranges.pop()
        try:
            # Not a slice: where lists are cast, the values of others would be looked at with them.
            read(column.take(pa.array(range(start, end), type=pa.int64())))
        except (pa.ArrowException, ValueError, OverflowError, TypeError, RecursionError) as error:
            if end - start == 1:
                yield start, error
                continue
            width = 1 if end - start <= ROW_BY_ROW else (end - start + 1) // 2
            ranges.extend((place, min(place + width, end)) for place in reversed(range(start, end, width)))


def _bytes_kind(kind: pa.DataType) -> pa.DataType:
    """A type with bytes in the place of text."""
    if pa.types.is_string(kind):
        return pa.binary()
    if pa.types.is_large_string(kind):
        return pa.large_binary()
    if pa.types.is_dictionary(kind):
        return pa.dictionary(kind.index_type, _bytes_kind(kind.value_type), kind.ordered)
    if pa.types.is_map(kind):
        return pa.map_(_bytes_field(kind.key_field), _bytes_field(kind.item_field), kind.keys_sorted)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        make = pa.list_ if pa.types.is_list(kind) else pa.large_list
        return make(_bytes_field(kind.value_field))
    if pa.types.is_struct(kind) or pa.types.is_union(kind):
        fields = [_bytes_field(kind.field(place)) for place in range(kind.num_fields)]
        return pa.struct(fields) if pa.types.is_struct(kind) else pa.union(fields, kind.mode, kind.type_codes)
    return kind


def _bytes_field(field: pa.Field) -> pa.Field:
    return field.with_type(_bytes_kind(field.type))
