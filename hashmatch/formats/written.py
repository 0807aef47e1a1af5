"""The columns of records as they are written: text, and None for what is not said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

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

_DATES = ("created_at", "updated_at", "expires_at")


def written_columns(batch: pa.RecordBatch) -> Columns:
    """The ``WRITTEN`` columns of a batch in ``SCHEMA``, as Python values.

    ``digest`` is lower-case hexadecimal, ``frame`` None where it is -1, ``timestamp`` the shortest
    number that reads back to the same float32, dates are ISO 8601 in UTC to the microsecond.
    """
    columns: Columns = {name: batch.column(name).to_pylist() for name in WRITTEN if name not in _DATES}
    columns["digest"] = [None if digest is None else digest.hex() for digest in columns["digest"]]
    columns["frame"] = [None if frame == -1 else frame for frame in columns["frame"]]
    columns["timestamp"] = [
        None if seconds is None else float(str(np.float32(seconds))) for seconds in columns["timestamp"]
    ]
    for name in _DATES:
        columns[name] = _dates(batch.column(name))
    return columns


def _dates(column: pa.Array) -> list[str | None]:
    if column.null_count == len(column):
        return [None] * len(column)
    microseconds = column.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False).view("M8[us]")
    texts = np.datetime_as_string(microseconds).tolist()
    return [
        f"{text.removesuffix('.000000')}Z" if said else None
        for text, said in zip(texts, column.is_valid().to_pylist(), strict=True)
    ]
