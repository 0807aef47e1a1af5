"""Parquet and Arrow: what becomes of their types, and that no file costs more than it holds."""

from __future__ import annotations

import io
import tracemalloc
from contextlib import suppress
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hashmatch.bank import HashBank
from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS
from hashmatch.formats import parquet_bounds as bounds
from hashmatch.formats.base import RawRows, ReadOptions, is_raw
from hashmatch.formats.parquet_pages import pages
from hashmatch.formats.source import Source

from .samples import ALGORITHMS, MD5, OPTIONS, PDQ, SHA256, read, rejects_of, rows_of
from .samples_columns import ROWS, arrow, parquet

WRITERS = {"parquet": parquet, "arrow": arrow}
DIGEST = bytes.fromhex(PDQ)
DAY = datetime(2024, 2, 3, tzinfo=timezone.utc)

both = pytest.mark.parametrize("name", WRITERS)


def rows(name: str, columns: dict[str, object], options: ReadOptions = OPTIONS) -> list[dict[str, object]]:
    return rows_of(name, WRITERS[name](pa.table(columns)), options)


@both
def test_columns_are_known_by_the_names_that_csv_knows(name: str) -> None:
    (row,) = rows(
        name, {"ID": [7], "Hash Value": [f" {PDQ} "], "type": ["PDQ"], "tags": ["b; a"], "file_type": ["png"]}
    )
    assert row == {
        "line": 1,
        "source_id": "7",
        "algorithm": "pdq",
        "digest": PDQ,
        "media_type": "image",
        "labels": ["b", "a"],
        "extra": '{"file_type":"png"}',
    }


@both
def test_the_sample(name: str) -> None:
    assert rows_of(name, WRITERS[name](ROWS)) == [
        {"line": 1, "source_id": "1", "algorithm": "pdq", "digest": PDQ, "quality": 99, "labels": ["a:b"], "extra": '{"note":{"by":"é"}}'},
        {"line": 2, "source_id": "2", "algorithm": "md5", "digest": MD5, "labels": []},
    ]  # fmt: skip


@both
def test_types_that_records_have_are_kept(name: str) -> None:
    table = pa.table(
        {
            "source_id": ["a"],
            "digest": pa.array([DIGEST], pa.binary(32)),
            "frame": pa.array([3], pa.uint16()),
            "quality": pa.array([50], pa.int64()),
            "timestamp": pa.array([1.5], pa.float64()),
            "labels": pa.array([["x", None]], pa.large_list(pa.string())),
            "created_at": pa.array([DAY], pa.timestamp("ms", tz="UTC")),
            "updated_at": pa.array([date(2024, 2, 3)]),
            "expires_at": pa.array([datetime(2024, 2, 3)], pa.timestamp("s")),
            "withdrawn": [False],
        }
    )
    (chunk, *_) = read(name, WRITERS[name](table))
    assert is_raw(chunk.rows.schema)
    (row,) = chunk.rows.to_pylist()
    assert (row["digest"], row["frame"], row["quality"], row["timestamp"]) == (DIGEST, 3, 50, 1.5)
    assert (row["labels"], row["withdrawn"], row["created_at"]) == (["x", None], False, DAY)
    assert row["updated_at"] == row["expires_at"] == DAY.replace(tzinfo=None)
    assert chunk.rows.schema.field("digest").type == pa.binary()


@both
def test_other_types_of_what_we_know_become_text(name: str) -> None:
    table = {
        "id": pa.array([Decimal("1.50"), None]),
        "hash": [PDQ, PDQ],
        "quality": [99.0, float("nan")],
        "timestamp": [2, None],
        "created": [1704901040.5, None],
        "updated": [1704901040, None],
        "deleted": [0, 1],
        "opinion": pa.array([b"seed", b"\xff"], pa.binary()),
    }
    first, second = rows(name, table)
    assert (first["source_id"], first["quality"], first["timestamp"]) == ("1.50", "99.0", "2")
    assert (first["created_at"], first["updated_at"], first["withdrawn"]) == ("1704901040.5", "1704901040", False)
    assert first["opinion"] == "seed"
    assert second == {"line": 2, "digest": PDQ, "withdrawn": True, "opinion": "ff"}


@both
def test_unknown_columns_become_json(name: str) -> None:
    unknown = {
        "whole": [2**60],
        "fraction": [0.5],
        "nan": [float("nan")],
        "yes": [True],
        "text": ['a"\nb'],
        "bytes": pa.array([b"\x00\xff"], pa.binary()),
        "day": [DAY],
        "price": [Decimal("1.10")],
        "list": [[1, None]],
        "object": [{"b": "x", "a": [{"c": DAY}]}],
        "nothing": pa.array([None], pa.null()),
        "word": pa.array(["w"]).dictionary_encode(),
    }
    (row,) = rows(name, {"digest": [PDQ], **unknown})
    assert row["extra"] == (
        '{"bytes":"AP8=","day":"2024-02-03 00:00:00.000000Z","fraction":0.5,"list":[1,null],'
        '"object":{"a":[{"c":"2024-02-03T00:00:00Z"}],"b":"x"},"price":"1.10","text":"a\\"\\nb","whole":1152921504606846976,'
        '"word":"w","yes":true}'
    )


@both
def test_wide_columns_give_a_row_for_each_hash(name: str) -> None:
    table = {"id": ["1", "2"], "md5": [bytes.fromhex(MD5), None], "sha256": [SHA256, None], "quality": [1, 2]}
    assert [(row["algorithm"], row["digest"]) for row in rows(name, table)] == [("md5", MD5), ("sha256", SHA256)]
    assert rejects_of(name, WRITERS[name](pa.table(table))) == [(2, "no hash")]


@both
def test_odd_rows_are_rejects_that_name_their_claim(name: str) -> None:
    table = {
        "id": ["1", "2", "3", "4"],
        "hash": [PDQ, None, PDQ, PDQ],
        "deleted": ["no", "yes", "maybe", None],
        "extra": ['{"a":1}', None, None, "{nope"],
    }
    chunks = read(name, WRITERS[name](pa.table(table)))
    rejects = [(reject.line, reject.source_id) for chunk in chunks for reject in chunk.rejects]
    assert rejects == [(3, "3"), (4, "4")]
    assert [(row["source_id"], row.get("extra")) for row in rows(name, table)] == [("1", '{"a":1}'), ("2", None)]


@both
def test_what_the_user_maps_wins(name: str) -> None:
    table = {"fingerprint": [PDQ], "hash": ["x"]}
    options = ReadOptions(columns={"digest": "Fingerprint"}, algorithms=ALGORITHMS)
    assert rows(name, table, options) == [{"line": 1, "digest": PDQ, "extra": '{"hash":"x"}'}]
    with pytest.raises(FormatError, match=r"no column 'nope' for digest; its columns are fingerprint, hash$"):
        rows(name, table, ReadOptions(columns={"digest": "nope"}, algorithms=ALGORITHMS))


@both
@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"name": ["x"]}, "no column that is known to hold hashes"),
        ({"hash": [PDQ], "digest": [PDQ]}, "several columns that may hold hashes"),
        ({"hash": [[PDQ]]}, r"a column 'hash' of list<.*>, which cannot be digest"),
        ({"hash": [PDQ], "id": [{"a": 1}]}, r"a column 'id' of struct<.*>, which cannot be source_id"),
        ({"hash": [PDQ], "tags": [[["a"]]]}, "which cannot be labels"),
    ],
)
def test_what_cannot_be_a_list_is_refused_whole(name: str, columns: dict[str, object], reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        rows(name, columns)


def test_headers_of_others_are_refused() -> None:
    def with_headers(text: bytes) -> bytes:
        return parquet(ROWS.replace_schema_metadata({b"hashmatch.lists": text}))

    with pytest.raises(FormatError, match="version 2 of the format"):
        read("parquet", with_headers(b'[{"hashmatch":2,"list":{}}]'))
    for text in (b"nope", b"{}", b"[1]", b'[{"list":{}}]', b"[" * 1000):
        with pytest.raises(FormatError, match="says of its lists what"):
            read("parquet", with_headers(text))


def test_a_batch_of_a_bank_is_not_taken_for_a_list(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"id,algorithm,hash\n1,md5,{MD5}\n")
    bank = HashBank.open(tmp_path / "bank")
    bank.import_list(path, name="north")
    (batch,) = (tmp_path / "bank").rglob("*.parquet")
    with pytest.raises(FormatError, match="is a batch of a bank, not a list: export the list instead"):
        list(FORMATS["parquet"].read(Source(batch), OPTIONS))


def test_lines_go_on_over_row_groups_and_batches() -> None:
    table = pa.table({"hash": [f"{number:064x}" for number in range(1000)]})
    chunks = read("parquet", parquet(table, row_group_size=300))
    assert [line for chunk in chunks for line in chunk.rows.column("line").to_pylist()] == list(range(1, 1001))


def error_of(name: str, content: bytes) -> str:
    with pytest.raises(FormatError) as caught:
        read(name, content)
    assert "\n" not in str(caught.value)
    return str(caught.value)


HASHES = pa.table({"hash": [f"{number:064x}" for number in range(2000)], "n": range(2000)})


@both
@pytest.mark.parametrize("seed", range(5))
def test_damaged_files_end_in_rows_or_one_sentence(name: str, seed: int) -> None:
    content = bytearray(WRITERS[name](HASHES))
    for place in range(seed + 50, len(content), 997):
        content[place] ^= 1 << seed
    for cut in (bytes(content), bytes(content[: len(content) // 2]), bytes(content[:100])):
        chunks: list[RawRows] = []
        with suppress(FormatError):
            chunks = read(name, cut)
        assert sum(len(chunk.rows) + len(chunk.rejects) for chunk in chunks) <= 2000


@given(st.sampled_from(list(WRITERS)), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=5))
@settings(max_examples=200)
@example("parquet", [(32767, 2)])  # a value that its dictionary has not
def test_any_flipped_bytes_raise_nothing_but_a_format_error(name: str, flips: list[tuple[int, int]]) -> None:
    content = bytearray(WRITERS[name](ROWS))
    for place, byte in flips:
        content[place % len(content)] = byte
    try:
        chunks = list(FORMATS[name].read(Source(content=bytes(content)), OPTIONS))
    except FormatError:
        return
    assert sum(len(chunk.rows) for chunk in chunks) <= 1000


def test_a_footer_that_claims_rows_is_not_believed() -> None:
    content = parquet(pa.table({"hash": pa.array([PDQ] * 1_500_000).dictionary_encode()}))
    assert error_of("parquet", content).startswith("list claims 1500000 rows in ")


def bomb(table: pa.Table) -> bytes:
    return parquet(table, compression="zstd", use_dictionary=False, data_page_size=2**30)


def test_a_page_that_unpacks_beyond_measure_is_refused() -> None:
    content = bomb(pa.table({"hash": ["a" * (bounds.PAGE_BYTES + 1)]}))
    assert len(content) < 100_000
    tracemalloc.start()
    before = pa.total_allocated_bytes()
    assert "column 'hash': a page of 67108" in error_of("parquet", content)
    assert pa.total_allocated_bytes() - before < 1_000_000
    tracemalloc.stop()


def test_long_texts_are_read_few_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "BATCH_BYTES", 1_000_000)
    table = pa.table({"hash": [PDQ] * 500, "note": ["x" * 10_000] * 500})
    for options in ({"use_dictionary": True}, {"use_dictionary": False}):
        content = parquet(table, **options)
        chunks = [chunk for chunk in read("parquet", content) if len(chunk.rows)]
        assert sum(len(chunk.rows) for chunk in chunks) == 500
        assert max(chunk.rows.nbytes for chunk in chunks) < 2_000_000


def test_lists_of_very_many_values_are_refused() -> None:
    content = parquet(
        pa.table(
            {"hash": [PDQ], "tags": [[None] * 100_000]},
            schema=pa.schema({"hash": pa.string(), "tags": pa.list_(pa.string())}),
        )
    )
    assert "its lists hold 100000 values in 1 rows" in error_of("parquet", content)
    stream = arrow(pa.table({"hash": [PDQ] * 3, "tags": [["a"] * 100_000] * 3}))
    assert "too many values for its 3 rows" in error_of("arrow", stream)


def test_delta_strings_are_refused() -> None:
    content = parquet(HASHES, use_dictionary=False, column_encoding={"hash": "DELTA_BYTE_ARRAY"})
    assert "DELTA_BYTE_ARRAY" in error_of("parquet", content)


def test_very_many_columns_are_refused() -> None:
    table = pa.table({f"c{place}": pa.array([], pa.int8()) for place in range(20_000)})
    assert error_of("parquet", parquet(table))
    assert error_of("arrow", arrow(table)) == "list has more than 16384 columns"


@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
def test_arrow_is_read_however_it_is_packed(compression: str | None) -> None:
    assert len(rows_of("arrow", arrow(HASHES, compression))) == 2000


def test_arrow_streams_are_read() -> None:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, ROWS.schema) as writer:
        writer.write_table(ROWS)
    assert FORMATS["arrow"].recognises(Source(content=sink.getvalue()), ALGORITHMS)
    assert rows_of("arrow", sink.getvalue()) == rows_of("arrow", arrow(ROWS))


def test_arrow_that_unpacks_beyond_measure_is_refused() -> None:
    content = arrow(HASHES, "zstd")
    size = HASHES.column("n").nbytes.to_bytes(8, "little")
    assert content.count(size) >= 1
    before = pa.total_allocated_bytes()
    error = error_of("arrow", content.replace(size, (2**40).to_bytes(8, "little")))
    assert "a message unpacks to more than 536870912 bytes" in error
    assert pa.total_allocated_bytes() - before < 1_000_000


def test_arrow_whose_offsets_lie_is_refused() -> None:
    content = arrow(HASHES)
    offsets = b"".join(number.to_bytes(4, "little") for number in (0, 64, 128))
    assert content.count(offsets) == 1
    lying = content.replace(offsets, b"".join(number.to_bytes(4, "little") for number in (0, 2**30, 128)))
    assert "cannot be read to its end" in error_of("arrow", lying)


def test_few_bytes_of_a_dictionary_do_not_fill_the_memory() -> None:
    words = pa.DictionaryArray.from_arrays(pa.array([0] * 3000, pa.int32()), pa.array(["x" * 1_000_000]))
    content = arrow(pa.table({"hash": [PDQ] * 3000, "note": words}))
    first: RawRows = next(iter(FORMATS["arrow"].read(Source(content=content), OPTIONS)))
    assert first.rows.nbytes < 80_000_000


def test_the_pages_of_a_file() -> None:
    content = parquet(HASHES, use_dictionary=["n"], data_page_size=1000)
    column = pq.ParquetFile(io.BytesIO(content)).metadata.row_group(0).column(1)
    found = list(pages(io.BytesIO(content), column.dictionary_page_offset, column.total_compressed_size))
    assert [page.dictionary for page in found][:2] == [True, False]
    assert sum(page.values for page in found[1:]) == 2000
    with pytest.raises(ValueError, match=r"a page|a header"):
        list(pages(io.BytesIO(content), 1, column.total_compressed_size))
