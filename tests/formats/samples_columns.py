"""Samples of Parquet and Arrow, by the format's name."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

ROWS = pa.table(
    {
        "id": pa.array([1, 2], pa.int32()),
        "algorithm": pa.array(["PDQ", "md5"]).dictionary_encode(),
        "hash": pa.array(["d8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22", "0123456789abcdef" * 2]),
        "quality": pa.array([99, None], pa.int64()),
        "tags": [["a:b"], []],
        "note": pa.array([{"by": "é"}, None], pa.struct([("by", pa.string())])),
    }
)


def parquet(table: pa.Table, **options: object) -> bytes:
    """A table as a Parquet file."""
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def arrow(table: pa.Table, compression: str | None = None) -> bytes:
    """A table as an Arrow file."""
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table)
    return sink.getvalue()


SAMPLES: dict[str, bytes] = {"parquet": parquet(ROWS), "arrow": arrow(ROWS)}
