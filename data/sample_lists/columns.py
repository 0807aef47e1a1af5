"""Lists of invented partners as columns: Parquet and Arrow, with types."""

from __future__ import annotations

import io
from datetime import datetime, timezone
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

from .base import SampleList, settings
from .digests import made_up, near

_LIGHTHOUSE = made_up("pdq", "lighthouse")


def _harbour(_: Path) -> bytes:
    """Digests as bytes, labels as lists, dates as timestamps, and a column of theirs that holds structures."""
    digests = [_LIGHTHOUSE, made_up("sha256", "lighthouse"), made_up("pdq", "pier")]
    seen = datetime(2025, 3, 1, 12, 30, tzinfo=timezone.utc)
    table = pa.table(
        {
            "id": pa.array([501, 501, 502], pa.int64()),
            "algorithm": pa.array(["pdq", "sha256", "pdq"]).dictionary_encode(),
            "digest": pa.array(map(bytes.fromhex, digests), pa.binary()),
            "quality": pa.array([93, None, 88], pa.int16()),
            "labels": pa.array([["behaviour:recruitment"], ["behaviour:recruitment"], []], pa.list_(pa.string())),
            "updated_at": pa.array([seen] * 3, pa.timestamp("us", "UTC")),
            "review": pa.array([{"by": "reviewer-4", "round": 2}] * 3),
        }
    )
    sink = io.BytesIO()
    pa.parquet.write_table(table, sink)
    return sink.getvalue()


def _island(_: Path) -> bytes:
    """Columns named after algorithms; one hash is near to one that Harbour lists, but not equal."""
    table = pa.table(
        {
            "record_id": ["I-1", "I-2"],
            "PDQ": [near(_LIGHTHOUSE, 8), made_up("pdq", "dune")],
            "SHA-1": pa.array([made_up("sha1", "lighthouse"), None], pa.string()),
            "tlp": pa.array(["clear", "green"]).dictionary_encode(),
        }
    )
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


LISTS = {
    "partner_harbour.parquet": SampleList(_harbour, settings("harbour", "Example Partner Harbour", "green")),
    "partner_island.arrow": SampleList(_island, settings("island", "Example Partner Island", "clear")),
}
