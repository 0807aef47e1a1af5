"""Typed columns: a value that cannot be read costs its row alone, and digests in bytes may be text."""

from __future__ import annotations

import base64
import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import FormatError
from hashmatch.formats.base import ReadOptions
from hashmatch.formats.source import Source
from hashmatch.formats.typed_digests import read_digests
from hashmatch.formats.typed_texts import ROW_BY_ROW, as_bytes, unreadable
from hashmatch.importing import ListFile, read_list

from .samples import ALGORITHMS, MD5, PDQ, PDQ_2, SHA256, read, rejects_of, rows_of
from .samples_columns import arrow, parquet

WRITERS = {"parquet": parquet, "arrow": arrow}
SHA512 = "ab" * 64
both = pytest.mark.parametrize("name", WRITERS)


def texts(*values: bytes | None) -> pa.Array:
    """Bytes that say that they are text."""
    return pa.array(values, pa.binary()).view(pa.string())


BAD = texts(b"a", b"caf\xe9", None, b"b")
BAD_COLUMNS: dict[str, tuple[str, pa.Array]] = {
    "an unknown text": ("note", BAD),
    "a large text": ("note", pa.array([b"a", b"caf\xe9", None, b"b"], pa.large_binary()).view(pa.large_string())),
    "an unknown dictionary": ("note", BAD.dictionary_encode()),
    "labels": ("tags", BAD),
    "a dictionary of labels": ("tags", BAD.dictionary_encode()),
    "a list of labels": ("tags", pa.ListArray.from_arrays([0, 1, 2, 3, 4], BAD)),
    "a large list of labels": ("tags", pa.LargeListArray.from_arrays([0, 1, 2, 3, 4], BAD)),
    "a list of bytes as labels": ("tags", pa.array([[b"a"], [b"a", b"\xff"], [], None], pa.list_(pa.binary()))),
    "an unknown list": ("note", pa.ListArray.from_arrays([0, 1, 2, 3, 4], BAD)),
    "an unknown structure": ("note", pa.StructArray.from_arrays([BAD], ["by"])),
    "an unknown map": ("note", pa.MapArray.from_arrays([0, 1, 2, 3, 4], pa.array(list("abcd")), BAD)),
    "an opinion": ("opinion", texts(b"seed", b"caf\xe9", None, b"seed")),
}


def table(column: str, values: pa.Array) -> pa.Table:
    return pa.table({"id": ["1", "2", "3", "4"], "hash": [MD5, MD5, PDQ, PDQ_2], column: values})


@both
@pytest.mark.parametrize("what", BAD_COLUMNS)
def test_text_that_is_none_costs_its_row_alone(name: str, what: str) -> None:
    column, values = BAD_COLUMNS[what]
    content = WRITERS[name](table(column, values))
    assert [row["source_id"] for row in rows_of(name, content)] == ["1", "3", "4"]
    (reject,) = [reject for chunk in read(name, content) for reject in chunk.rejects]
    assert (reject.line, reject.source_id) == (2, "2")
    assert reject.reason == f"column {column!r} is not UTF-8"


@both
@pytest.mark.parametrize("column", ["id", "hash"])
def test_bad_text_in_what_decides_costs_its_row_alone(name: str, column: str) -> None:
    columns = {"id": texts(b"1", b"2", b"3"), "hash": texts(MD5.encode(), PDQ.encode(), SHA256.encode())}
    content = WRITERS[name](pa.table({**columns, column: texts(*columns[column].to_pylist()[:2], b"\xff" * 9)}))
    assert [row["source_id"] for row in rows_of(name, content)] == ["1", "2"]
    (reject,) = [reject for chunk in read(name, content) for reject in chunk.rejects]
    assert (reject.line, reject.source_id) == (3, None if column == "id" else "3")


@both
def test_bad_values_of_several_columns_and_batches(name: str) -> None:
    count, drawn = 40_000, random.Random(2)
    notes = [b"\xff" if drawn.random() < 0.001 else b"ok" for _ in range(count)]
    tags = [[b"x", b"\xc3"] if drawn.random() < 0.001 else [b"x"] for _ in range(count)]
    listed = pa.array(tags, pa.list_(pa.binary())).view(pa.list_(pa.string()))
    columns = {"hash": [f"{number:064x}" for number in range(count)], "note": texts(*notes), "tags": listed}
    content = WRITERS[name](pa.table(columns))
    bad = [line for line in range(1, count + 1) if notes[line - 1] != b"ok" or len(tags[line - 1]) > 1]
    chunks = read(name, content)
    assert sorted(reject.line for chunk in chunks for reject in chunk.rejects) == bad
    lines = [line for chunk in chunks for line in chunk.rows.column("line").to_pylist()]
    assert sorted([*lines, *bad]) == list(range(1, count + 1))


@both
def test_a_bad_value_of_a_dictionary_that_no_row_has_costs_nothing(name: str) -> None:
    words = pa.DictionaryArray.from_arrays(pa.array([1, 1, 1, None]), texts(b"\xff", b"ok"))
    assert [row.get("extra") for row in rows_of(name, arrow(table("note", words)) if name == "arrow" else parquet(table("note", words)))] == [
        '{"note":"ok"}', '{"note":"ok"}', '{"note":"ok"}', None
    ]  # fmt: skip


@both
def test_a_date_beyond_the_calendar_costs_its_row_alone(name: str) -> None:
    kind = pa.list_(pa.timestamp("s"))
    values = pa.array([[0], [2**50], None, []], pa.list_(pa.int64())).cast(kind)
    content = (
        arrow(table("when", values)) if name == "arrow" else parquet(table("when", values.cast(pa.list_(pa.int64()))))
    )
    if name == "parquet":
        assert len(rows_of(name, content)) == 4
        return
    assert [row["source_id"] for row in rows_of(name, content)] == ["1", "3", "4"]
    ((line, reason),) = rejects_of(name, content)
    assert line == 2
    assert reason.startswith("column 'when' cannot be read: ")


@given(st.lists(st.booleans(), max_size=5 * ROW_BY_ROW))
def test_the_values_that_cannot_be_read_are_all_found(bad: list[bool]) -> None:
    column = texts(*(b"\xff" if is_bad else b"x" for is_bad in bad))
    found = [place for place, _ in unreadable(column, lambda part: part.validate(full=True))]
    assert found == [place for place, is_bad in enumerate(bad) if is_bad]


def test_text_of_every_type_is_taken_for_bytes() -> None:
    union = pa.UnionArray.from_sparse(pa.array([0, 1, 0, 0], pa.int8()), [BAD, pa.array([1, 2, 3, 4])])
    columns = {what: values for what, (_, values) in BAD_COLUMNS.items()} | {"a union": union}
    batch = pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
    with pytest.raises(pa.ArrowInvalid, match="UTF8"):
        batch.validate(full=True)
    as_bytes(batch).validate(full=True)
    assert "string" not in str(as_bytes(batch).schema.remove_metadata().types)


def read_columns(name: str, columns: dict[str, object], algorithm: str | None = None) -> ListFile:
    return read_list(Source(content=WRITERS[name](pa.table(columns)), name="list"), algorithm=algorithm)


def hashes(file: ListFile) -> list[tuple[str, str]]:
    (part,) = file.parts
    words = [row for words in part.words.columns(["algorithm", "digest"]) for row in words.to_pylist()]
    return sorted((row["algorithm"], row["digest"].hex()) for row in words)


@both
def test_digits_in_bytes_are_read_as_text(name: str) -> None:
    stated = [("pdq", PDQ), ("sha256", SHA256), ("md5", MD5), ("sha512", SHA512)]
    columns = {"algorithm": [name for name, _ in stated], "hash": [digest.upper().encode() for _, digest in stated]}
    assert hashes(read_columns(name, columns)) == sorted(stated)
    assert hashes(read_columns(name, {"hash": [PDQ.encode()]}, "pdq")) == [("pdq", PDQ)]
    assert hashes(read_columns(name, {"pdq": [PDQ.encode()], "md5": [MD5.encode()]})) == [("md5", MD5), ("pdq", PDQ)]


@both
def test_digits_in_bytes_are_never_taken_for_a_longer_digest(name: str) -> None:
    file = read_columns(name, {"algorithm": ["md5", None], "hash": [bytes.fromhex(MD5), PDQ.encode()]}, "sha512")
    assert hashes(file) == [("md5", MD5)]
    assert [reject.line for reject in file.rejects] == [2]
    assert "may be " in file.rejects[0].reason


@both
def test_base64_in_bytes_is_read_as_text(name: str) -> None:
    columns = {"algorithm": ["pdq", "md5"], "hash": [base64.b64encode(bytes.fromhex(text)) for text in (PDQ, MD5)]}
    assert hashes(read_columns(name, columns)) == [("md5", MD5), ("pdq", PDQ)]


@both
def test_bytes_beside_text_are_the_digest_even_if_they_can_be_printed(name: str) -> None:
    printable = b"a digest of bytes"[:16]
    columns = {"md5": [printable, None], "sha256": [None, SHA256]}
    assert hashes(read_columns(name, columns)) == [("md5", printable.hex()), ("sha256", SHA256)]


def test_bytes_of_the_size_of_the_named_algorithm_are_the_digest() -> None:
    digits = b"0123456789abcdef"
    column = pa.array([digits, digits, digits, b"text", bytes(16), None], pa.binary())
    named = pa.array(["md5", "phash", None, "md5", "md5", "md5"]).dictionary_encode()
    assert read_digests(column, named, ALGORITHMS).to_pylist() == [digits.hex(), digits.decode(), digits.decode(), "text", "00" * 16, None]  # fmt: skip
    assert read_digests(column.slice(0, 2), "md5", ALGORITHMS).to_pylist() == [digits, digits]
    # Eight bytes of digits are no digest's digits, and so may be a digest by chance.
    assert read_digests(pa.array([b"01234567", b"~~~~~~~~"]), None, ALGORITHMS).type == pa.binary()


NUMBERS = {
    "int64": pa.array([1234567812345678, None]),
    "uint64": pa.array([1234567812345678, None], pa.uint64()),
    "decimal128(38, 0)": pa.array([10**31, None], pa.decimal128(38, 0)),
    "bool": pa.array([True, None]),
}


@both
@pytest.mark.parametrize("column", ["hash", "phash"])
@pytest.mark.parametrize("kind", NUMBERS)
def test_a_column_of_numbers_holds_no_hashes(name: str, column: str, kind: str) -> None:
    content = WRITERS[name](pa.table({"id": ["1", "2"], column: NUMBERS[kind]}))
    with pytest.raises(FormatError) as caught:
        read(name, content)
    assert str(caught.value) == f"list has a column {column!r} of {kind}, which cannot be digest"


@both
def test_a_column_of_floats_may_be_empty_and_holds_no_hashes(name: str) -> None:
    empty = pa.array([float("nan"), None])
    for column in (empty, pa.nulls(2)):
        content = WRITERS[name](pa.table({"md5": [MD5, MD5], "sha256": column}))
        assert [(row["algorithm"], row["digest"]) for row in rows_of(name, content)] == [("md5", MD5)] * 2
    content = WRITERS[name](pa.table({"id": ["1", "2"], "md5": [1e31, None]}))
    with pytest.raises(FormatError, match=r"^list has a column 'md5' that cannot be read: numbers are no hashes$"):
        read(name, content)


@both
def test_of_two_columns_that_may_withdraw_a_row_one_must_be_mapped(name: str) -> None:
    content = WRITERS[name](pa.table({"pdq": [PDQ], "withdrawn": pa.array([None], pa.bool_()), "deleted": [True]}))
    with pytest.raises(FormatError, match=r"that a row is withdrawn \(withdrawn, deleted\): map one as withdrawn$"):
        read(name, content)
    options = ReadOptions({"withdrawn": "deleted"}, ALGORITHMS)
    assert [row["withdrawn"] for row in rows_of(name, content, options)] == [True]


@both
def test_a_day_in_eight_digits_is_that_day(name: str) -> None:
    columns = {
        "pdq": [PDQ],
        "created": [20240229],
        "updated": pa.array([20240301], pa.int32()),
        "expires": ["20301231"],
    }
    (part,) = read_columns(name, columns).parts
    (words,) = part.words.columns(["created_at", "updated_at", "expires_at"])
    assert [f"{date:%Y-%m-%d %H:%M}" for date in words.to_pylist()[0].values()] == [
        "2024-02-29 00:00", "2024-03-01 00:00", "2030-12-31 00:00"
    ]  # fmt: skip
