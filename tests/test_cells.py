"""Columns as typed files have them are checked as text is."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pyarrow as pa

from hashmatch.checking import check
from hashmatch.formats.base import RAW_SCHEMA

PDQ = "0f" * 32
MD5 = "ab" * 16


def typed(rows: list[dict[str, Any]]) -> pa.Table:
    """Raw rows as a typed file has them: bytes, numbers, dates; text in dictionaries."""
    kinds = {
        "digest": pa.binary(),
        "frame": pa.int64(),
        "quality": pa.float64(),
        "timestamp": pa.float32(),
        "created_at": pa.timestamp("ns"),
        "updated_at": pa.timestamp("us", tz="UTC"),
    }
    columns = []
    for field in RAW_SCHEMA:
        kind = kinds.get(field.name, field.type)
        column = pa.array([row.get(field.name) for row in rows], type=kind)
        encoded = pa.types.is_string(kind) or field.name in ("quality", "digest")
        columns.append(column.dictionary_encode() if encoded else column)
    return pa.table(columns, names=RAW_SCHEMA.names)


DAY = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


def test_typed_columns_and_dictionaries_give_what_text_gives() -> None:
    texts: list[dict[str, Any]] = [
        {"source_id": " a ", "algorithm": "PDQ", "digest": PDQ, "quality": "97", "labels": ["x:y", "b"]},
        {"algorithm": "md5", "digest": MD5, "labels": None, "timestamp": "1.5", "frame": "3", "extra": '{"a":2,"b":1}'},
        {"source_id": "c", "algorithm": None, "digest": MD5, "labels": ["b", "x:y"], "media_type": "image/png"},
        {"source_id": "d", "withdrawn": True},
        {"source_id": "e", "algorithm": "pdq", "digest": PDQ, "opinion": "seed", "share_level": "TLP:GREEN"},
    ]
    told: list[dict[str, Any]] = []
    for line, row in enumerate(texts, start=1):
        dates = {"created_at": DAY.isoformat(), "updated_at": DAY.isoformat()}
        row |= {"line": line, **dates}
        typed_row = {**row, "created_at": DAY.replace(tzinfo=None), "updated_at": DAY}
        if "digest" in row:
            typed_row["digest"] = bytes.fromhex(row["digest"])
        told.append(
            {key: float(value) if key in ("quality", "timestamp") else value for key, value in typed_row.items()}
        )
        told[-1] |= {"frame": int(row["frame"])} if "frame" in row else {}
    expected = check(pa.Table.from_pylist(texts, schema=RAW_SCHEMA), None)
    result = check(typed(told), None)
    assert result.rejects == expected.rejects == ()
    assert result.rows.to_pylist() == expected.rows.to_pylist()
    assert result.withdrawn.tolist() == expected.withdrawn.tolist() == [False, False, False, True, False]


def test_typed_values_that_make_no_sense_are_rejects() -> None:
    rows: list[dict[str, Any]] = [
        {"line": 1, "algorithm": "pdq", "digest": b"\x0f" * 31},
        {"line": 2, "algorithm": "pdq", "digest": b"\x0f" * 32, "quality": 12.5},
        {"line": 3, "algorithm": "pdq", "digest": b"\x0f" * 32, "frame": -7},
        {"line": 4, "algorithm": "pdq", "digest": b"\x0f" * 32, "timestamp": float("nan")},
        {"line": 5, "algorithm": None, "digest": b"\x0f" * 32},
        {"line": 6, "algorithm": "pdq", "digest": None},
    ]
    result = check(typed(rows), None)
    assert [reject.line for reject in result.rejects] == [1, 2, 3, 4, 5, 6]
    assert "a digest of 31 bytes, where 32 are meant" in result.rejects[0].reason
    assert "12.5" in result.rejects[1].reason
    assert "nan" in result.rejects[3].reason
    assert result.ambiguous is not None
    assert result.ambiguous.line == 5
