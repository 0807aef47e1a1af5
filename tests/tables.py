"""Records for tests, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

import pyarrow as pa

from hashmatch.records import SCHEMA, ListSettings

SAID_AT = datetime(2025, 3, 1, 12, 30, tzinfo=timezone.utc)

DEFAULTS: dict[str, Any] = {
    "list": "tcap",
    "source_id": "1",
    "algorithm": "pdq",
    "frame": -1,
    "digest": b"",
    "media_type": "image",
    "timestamp": None,
    "quality": None,
    "labels": [],
    "opinion": "positive",
    "share_level": None,
    "created_at": None,
    "updated_at": None,
    "expires_at": None,
    "quarantine": None,
    "said_at": SAID_AT,
    "extra": "{}",
    "batch": 1,
}


def table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows with defaults, in ``SCHEMA``."""
    return pa.Table.from_pylist([{**DEFAULTS, **row} for row in rows], SCHEMA)


def settings(*lists: ListSettings) -> dict[str, ListSettings]:
    return {own.name: own for own in lists}
