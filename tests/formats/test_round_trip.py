"""What we write comes back the same: random tables of records through each lossless format."""

from __future__ import annotations

import io
from datetime import datetime, timezone

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hashmatch.algorithms import ALGORITHMS
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.base import RawRows
from hashmatch.formats.json_text import canonical
from hashmatch.formats.source import Source
from hashmatch.records import SCHEMA, ListSettings, MediaType, Opinion, Role, ShareLevel

from .samples import OPTIONS

NEVER_EXPORTED = {"said_at", "batch", "quarantine"}
LEAVING = [name for name in SCHEMA.names if name not in NEVER_EXPORTED]
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

texts = st.text(max_size=12) | st.sampled_from(
    ['"', ",", ";", "a;b", " a ", "[", "\r\n", "\n", "é", "=1+1", "\ufeff", "'"]
)
ids = texts.filter(bool)
dates = (
    st.none()
    | st.datetimes(timezones=st.just(timezone.utc))
    | st.sampled_from([datetime.min.replace(tzinfo=timezone.utc), datetime.max.replace(tzinfo=timezone.utc), EPOCH])
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
records = st.fixed_dictionaries(
    {
        "list": st.sampled_from(["one", "two.2"]),
        "source_id": ids,
        "algorithm": st.sampled_from(["pdq", "md5", "sha256"]),
        "frame": st.integers(-1, 2**31 - 1),
        "digest": st.binary(min_size=1, max_size=64),
        "media_type": st.sampled_from([media.value for media in MediaType]),
        "timestamp": st.none() | st.floats(width=32, allow_nan=False, allow_infinity=False),
        "quality": st.none() | st.integers(-(2**15), 2**15 - 1),
        "labels": st.lists(texts, max_size=3),
        "opinion": st.sampled_from([opinion.value for opinion in Opinion]),
        "share_level": st.none() | st.sampled_from([level.value for level in ShareLevel]),
        "created_at": dates,
        "updated_at": dates,
        "expires_at": dates,
        "quarantine": st.none() | st.just("all zero"),
        "said_at": st.just(EPOCH),
        "extra": st.dictionaries(texts, json_values, max_size=3).map(canonical),
        "batch": st.just(7),
    }
)
tables = st.lists(records, min_size=1, max_size=6).map(
    lambda rows: sorted(rows, key=lambda row: row["list"])  # the exporter groups by list
)


def settings_of(rows: list[dict[str, object]]) -> dict[str, ListSettings]:
    return {
        name: ListSettings(
            name=name, partner="é\n", role=Role.ALLOW, releases=frozenset({("pdq", "00")}), checkpoint="1,2"
        )
        for name in sorted({str(row["list"]) for row in rows})
    }


def written(name: str, rows: list[dict[str, object]], partial: bool = False) -> bytes:
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    sink = io.BytesIO()
    FORMATS[name].write(
        [table.slice(0, 2), table.slice(2)], settings_of(rows), sink, set(settings_of(rows)) if partial else set()
    )
    return sink.getvalue()


def read_back(name: str, content: bytes) -> list[RawRows]:
    source = Source(content=content)
    assert recognise(source, ALGORITHMS) is FORMATS[name]
    chunks = list(FORMATS[name].read(source, OPTIONS))
    assert not any(chunk.rejects for chunk in chunks)
    return chunks


def value_of(field: str, raw: object) -> object:
    """A raw value as a record has it."""
    if raw is None:
        return {"frame": -1, "labels": [], "opinion": "positive", "media_type": "unknown", "extra": "{}"}.get(field)
    if not isinstance(raw, str):
        # Binary formats give typed values.
        return np.float32(raw) if field == "timestamp" else raw
    text = raw
    if field == "digest":
        return bytes.fromhex(text)
    if field in ("frame", "quality"):
        return int(text)
    if field == "timestamp":
        return np.float32(text)
    if field.endswith("_at"):
        assert text.endswith("Z")
        return datetime.fromisoformat(text[:-1]).replace(tzinfo=timezone.utc)
    return raw


def values(raw: dict[str, object], leaving: list[str]) -> dict[str, object]:
    return {field: value_of(field, raw[field]) for field in leaving}


def assert_comes_back(name: str, rows: list[dict[str, object]], leaving: list[str]) -> None:
    raw = [row for chunk in read_back(name, written(name, rows)) for row in chunk.rows.to_pylist()]
    expected = [{field: row[field] for field in leaving} for row in rows]
    assert [values(row, leaving) for row in raw] == expected


PLAIN = {
    "list": "one",
    "source_id": "1",
    "algorithm": "pdq",
    "frame": -1,
    "digest": b"\x0f" * 32,
    "media_type": "unknown",
    "timestamp": None,
    "quality": None,
    "labels": [],
    "opinion": "positive",
    "share_level": None,
    "created_at": None,
    "updated_at": None,
    "expires_at": None,
    "quarantine": None,
    "said_at": EPOCH,
    "extra": "{}",
    "batch": 7,
}


@given(tables)
@example([{**PLAIN, "labels": [""]}, {**PLAIN, "labels": ["", " "], "source_id": " "}])
@example([{**PLAIN, "timestamp": 1e-45, "quality": 0}, {**PLAIN, "timestamp": 3.4028234663852886e38}])
@example([{**PLAIN, "source_id": "a\r\nb\n\nc\r", "extra": '{"a":100000000000000000000000000,"b":1e300}'}])
@settings(max_examples=200)
def test_json_lines_lose_nothing(rows: list[dict[str, object]]) -> None:
    assert_comes_back("jsonl", rows, LEAVING)


@given(tables.filter(lambda rows: not any("\0" in row["source_id"] for row in rows)))
@example([{**PLAIN, "labels": [""]}, {**PLAIN, "labels": ["", " "], "source_id": " "}])
@example([{**PLAIN, "timestamp": 1e-45, "quality": 0}, {**PLAIN, "timestamp": 3.4028234663852886e38}])
@example([{**PLAIN, "source_id": "a\r\nb\n\nc\r"}, {**PLAIN, "list": "two.2", "source_id": '"'}])
@settings(max_examples=200)
def test_csv_loses_nothing_but_settings(rows: list[dict[str, object]]) -> None:
    several = len({row["list"] for row in rows}) > 1
    assert_comes_back("csv", rows, LEAVING if several else [name for name in LEAVING if name != "list"])


@pytest.mark.parametrize("name", ["parquet", "arrow"])
@given(rows=tables)
@example(rows=[{**PLAIN, "labels": [""]}, {**PLAIN, "labels": ["", " "], "source_id": " "}])
@example(rows=[{**PLAIN, "timestamp": 1e-45, "quality": 0}, {**PLAIN, "timestamp": 3.4028234663852886e38}])
@settings(max_examples=100)
def test_binary_formats_lose_nothing(name: str, rows: list[dict[str, object]]) -> None:
    assert_comes_back(name, rows, LEAVING)


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("name", ["jsonl", "parquet", "arrow"])
def test_headers_carry_the_settings_of_each_list(name: str, partial: bool) -> None:
    rows = [PLAIN, {**PLAIN, "list": "two.2"}]
    headers = [header for chunk in read_back(name, written(name, rows, partial)) for header in chunk.headers]
    assert [header["partial"] for header in headers] == [partial, partial]
    assert [ListSettings.from_json(header) for header in headers] == list(settings_of(rows).values())


def test_json_lines_leave_out_what_goes_without_saying() -> None:
    _, line = written("jsonl", [PLAIN]).decode().splitlines()
    assert line == f'{{"list":"one","source_id":"1","algorithm":"pdq","digest":"{"0f" * 32}"}}'


def test_csv_as_it_is_written() -> None:
    row = {
        **PLAIN,
        "labels": ["a", "b"],
        "frame": 3,
        "timestamp": np.float32(0.1),
        "extra": '{"a":1}',
        "created_at": EPOCH,
    }
    header, line = written("csv", [row]).decode().splitlines()
    assert header == (
        "source_id,algorithm,digest,frame,media_type,timestamp,quality,labels,opinion,share_level,"
        "created_at,updated_at,expires_at,extra"
    )
    assert line == f'1,pdq,{"0f" * 32},3,unknown,0.1,,a;b,positive,,1970-01-01T00:00:00Z,,,"{{""a"":1}}"'


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_what_stays_in_the_house_is_not_written(name: str) -> None:
    content = written(name, [{**PLAIN, "quarantine": "all zero", "batch": 4242}]).decode()
    assert "all zero" not in content
    assert "4242" not in content
    assert not NEVER_EXPORTED & set(content.replace('"', ",").split(","))
