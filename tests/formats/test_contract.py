"""What every format promises, shown for each that is registered."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.base import RAW_SCHEMA, RawRows, is_raw
from hashmatch.formats.chunk import CHUNK_ROWS
from hashmatch.formats.json_text import OBJECT, canonical, decode
from hashmatch.formats.source import Source
from hashmatch.texts import decoded

from .samples import OPTIONS, SAMPLES, read, sample
from .samples_columns import ROWS, arrow, parquet

TEXT = [name for name in FORMATS if not FORMATS[name].binary]


def table(chunks: list[RawRows]) -> pa.Table:
    """The rows of all chunks, without dictionaries."""
    full = [chunk.rows for chunk in chunks if len(chunk.rows)] or [chunk.rows for chunk in chunks[:1]]
    plain = [[decoded(column.combine_chunks()) for column in rows.columns] for rows in full]
    return pa.concat_tables(pa.table(columns, names=RAW_SCHEMA.names) for columns in plain)


@pytest.mark.parametrize("name", FORMATS)
def test_it_carries_the_name_of_its_entry(name: str) -> None:
    assert FORMATS[name].name == name
    assert FORMATS[name].suffix.startswith(".")


@pytest.mark.parametrize("name", FORMATS)
def test_it_recognises_its_own_sample_alone(name: str) -> None:
    recognising = {other for other in SAMPLES if FORMATS[name].recognises(Source(content=sample(other)), ALGORITHMS)}
    assert recognising == {name}


@pytest.mark.parametrize("name", FORMATS)
def test_its_sample_is_recognised_whatever_the_file_is_called(name: str) -> None:
    for file in ("list", "list.csv", "list.json.gz", "LIST.TXT"):
        assert recognise(Source(content=sample(name), name=file), ALGORITHMS) is FORMATS[name]


@pytest.mark.parametrize("name", FORMATS)
def test_rows_are_in_the_raw_schema(name: str) -> None:
    chunks = read(name, sample(name))
    assert all(is_raw(chunk.rows.schema) for chunk in chunks)
    assert len(table(chunks)) >= 2
    assert not any(chunk.rejects for chunk in chunks)
    lines = lines_of(chunks)
    assert lines == sorted(lines)
    assert min(lines) >= 1


@pytest.mark.parametrize("name", FORMATS)
def test_unknown_fields_are_in_canonical_json(name: str) -> None:
    for extra in table(read(name, sample(name))).column("extra").to_pylist():
        assert extra is None or extra == canonical(decode(extra.encode(), OBJECT)) != "{}"


@pytest.mark.parametrize("name", TEXT)
def test_copies_with_other_packing_marks_and_line_ends_read_the_same(name: str) -> None:
    content = sample(name)
    expected = table(read(name, content))
    copies = {
        "gzip": gzip.compress(content),
        "two members": gzip.compress(content[:50]) + gzip.compress(content[50:]),
        "byte order mark": b"\xef\xbb\xbf" + content,
        "packed byte order mark": gzip.compress(b"\xef\xbb\xbf" + content),
        "CRLF": content.replace(b"\n", b"\r\n"),
        "mixed line ends": content.replace(b"\n", b"\r\n", 1),
        "no last line end": content.rstrip(b"\n"),
    }
    for what, copy in copies.items():
        source = Source(content=copy, name="list")
        assert recognise(source, ALGORITHMS) is FORMATS[name], what
        assert table(list(FORMATS[name].read(source, OPTIONS))).equals(expected), what
        assert source.sha256 == hashlib.sha256(copy).hexdigest(), what


@pytest.mark.parametrize("name", [name for name in FORMATS if FORMATS[name].binary])
def test_a_binary_file_is_not_read_packed(name: str) -> None:
    source = Source(content=gzip.compress(sample(name)), name="list")
    assert recognise(source, ALGORITHMS) is FORMATS[name]
    with pytest.raises(FormatError, match=r"^list is packed with gzip, .*: unpack it$"):
        list(FORMATS[name].read(source, OPTIONS))


@pytest.mark.parametrize("name", FORMATS)
def test_a_path_reads_as_its_bytes_do(name: str, tmp_path: Path) -> None:
    path = tmp_path / "list.any"
    path.write_bytes(sample(name))
    source = Source(path)
    assert table(list(FORMATS[name].read(source, OPTIONS))).equals(table(read(name, sample(name))))
    assert source.sha256 == hashlib.sha256(sample(name)).hexdigest()


@pytest.mark.parametrize("name", FORMATS)
def test_it_reads_the_same_twice(name: str) -> None:
    source = Source(content=sample(name))
    first, second = (table(list(FORMATS[name].read(source, OPTIONS))) for _ in range(2))
    assert first.equals(second)


LARGE = CHUNK_ROWS + 100
ENLARGED = {"parquet": parquet, "arrow": arrow}


def enlarged(name: str) -> bytes:
    """The sample with its records repeated until they fill more than one chunk."""
    content = sample(name)
    if FORMATS[name].binary:
        return ENLARGED[name](ROWS.take([0, *[1] * LARGE]))
    if content.startswith(b"<?xml"):
        opening, closing = content.rindex(b"<video>"), content.rindex(b"</video>") + len(b"</video>")
        return content[:opening] + content[opening:closing] * LARGE + content[closing:]
    if content.count(b"\n") == 1 or content.count(b"\n{") or not content.startswith((b"{", b"[")):
        *first, last = content.splitlines(keepends=True)
        return b"".join(first) + last * LARGE
    document = json.loads(content)
    records = max(lists_in(document), key=len)
    records.extend([records[-1]] * LARGE)
    return json.dumps(document).encode()


def lists_in(value: object) -> Iterator[list[object]]:
    """The lists in a JSON document, at any depth."""
    if isinstance(value, list):
        yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from lists_in(child)


@pytest.mark.parametrize("name", FORMATS)
def test_chunks_are_bounded_and_nothing_is_lost_between_them(name: str) -> None:
    chunks = read(name, enlarged(name))
    sizes = [len(chunk.rows) for chunk in chunks]
    assert len(sizes) > 1
    assert max(sizes) <= CHUNK_ROWS + 16
    assert sum(sizes) >= LARGE
    small = read(name, sample(name))
    assert table(chunks).drop_columns("line").slice(0, 1).equals(table(small).drop_columns("line").slice(0, 1))
    assert len(set(lines_of(chunks))) >= LARGE
    assert gaps(lines_of(chunks)) == gaps(lines_of(small))


def lines_of(chunks: list[RawRows]) -> list[int]:
    return table(chunks).column("line").to_pylist()


def gaps(lines: list[int]) -> int:
    """How many lines between the first and the last have no row, as blank ones have none."""
    return max(lines) - min(lines) + 1 - len(set(lines))


@pytest.mark.parametrize("name", FORMATS)
def test_one_that_is_only_read_says_so(name: str, tmp_path: Path) -> None:
    form = FORMATS[name]
    if "write" in vars(type(form)):
        assert form.losses <= {"quarantine", "said_at", "batch"} | set(RAW_SCHEMA.names)
        return
    with (tmp_path / "out").open("wb") as sink, pytest.raises(FormatError, match=name):
        form.write([], {}, sink, False)


def test_every_format_has_a_sample() -> None:
    assert set(SAMPLES) == set(FORMATS)


def test_what_is_in_no_format_is_said_in_a_sentence_that_names_them() -> None:
    with pytest.raises(FormatError, match=rf"^notes\.txt is in no list format .*; known are {', '.join(FORMATS)}$"):
        recognise(Source(content=b"Dear all,\nplease find attached.\n", name="notes.txt"), ALGORITHMS)
    with pytest.raises(FormatError, match="is empty"):
        recognise(Source(content=b"\n \n", name="void.csv"), ALGORITHMS)
