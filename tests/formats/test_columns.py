"""Whole columns give what reading row by row gives: the same rows, the same rejects, the same lines."""

from __future__ import annotations

import functools
import json
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hashmatch.cells import LONGEST_TEXT
from hashmatch.checking import check
from hashmatch.errors import FormatError
from hashmatch.formats import csv_reading, json_reading
from hashmatch.formats.base import RawRows, ReadOptions
from hashmatch.formats.csv import CSV
from hashmatch.formats.fields import EXTRA_BYTES
from hashmatch.formats.json_text import OBJECT, canonical, decode
from hashmatch.formats.jsonl import JSONL
from hashmatch.formats.source import Source

from .samples import ALGORITHMS, MD5, OPTIONS, PDQ, PDQ_2, SHA256, as_lines

FORMATS = {"csv": CSV, "jsonl": JSONL}
NEVER = 2**40


def chunks_of(name: str, content: bytes, options: ReadOptions, small: int, size: int) -> list[RawRows]:
    """A file as it is read with blocks of some size, of which those that are not small are read by columns."""
    blocks = functools.partialmethod(Source.blocks, size)
    with (
        patch.object(csv_reading, "SMALL", small),
        patch.object(json_reading, "SMALL", small),
        patch.object(json_reading, "_FIRST", 3),
        patch.object(Source, "blocks", blocks),
    ):
        return list(FORMATS[name].read(Source(content=content, name="x"), options))


def settled(chunks: list[RawRows]) -> tuple[list[str], list[str], object]:
    """What chunks say: rows, rejects and headers.

    Nothing said is nothing, as ``RAW_SCHEMA`` has it; every ``extra`` is an object.
    """
    rows = []
    for row in (row for chunk in chunks for row in chunk.rows.to_pylist()):
        row = {key: value for key, value in row.items() if value not in (None, "")}
        extra = decode(row.pop("extra", "{}").encode(), OBJECT)
        row |= {"extra": canonical(extra)} if extra else {}
        rows.append(json.dumps(row, sort_keys=True))
    rejects = sorted(repr(reject) for chunk in chunks for reject in chunk.rejects)
    headers = [header for chunk in chunks for header in chunk.headers]
    return sorted(rows), rejects, headers


def answer(name: str, content: bytes, options: ReadOptions, small: int, size: int = 4096) -> object:
    try:
        return settled(chunks_of(name, content, options, small, size))
    except FormatError as error:
        return str(error)


def assert_alike(name: str, content: bytes, options: ReadOptions = OPTIONS, size: int = 4096) -> None:
    assert answer(name, content, options, -1, size) == answer(name, content, options, NEVER)


def by_columns(name: str, content: bytes) -> bool:
    """Whether any of a file is read by columns."""
    chunks = chunks_of(name, content, OPTIONS, -1, 4096)
    return any(str(column.type).startswith("dictionary") for chunk in chunks for column in chunk.rows.columns)


words = st.sampled_from(
    [
        "", " ", "a", " a ", "é", "\u00a0x\u2003", "\ufeff", "1", "true", "no", "maybe", "png", "image/PNG", "video", "PDQ",
        "SHA-256", "md5", "a;b|c", '["x", 5]', "[nope", "{}", '{"a":1}', '{"case":[1]}', "{nope", '{"a":NaN}', "{" * 70,
        '{"a":' + "[" * 70 + "]" * 70 + "}", "Far Right", "2024-01-01", PDQ, PDQ_2, MD5, SHA256, "\x1f", "\x85", "null", "=1",
    ]
)  # fmt: skip
names = st.sampled_from(
    [
        "id", "hash", "digest", "algorithm", "type", "md5", "pdq", "MD5", "quality", "labels", "ideology", "file_type", "file type",
        "media_type", "extra", "withdrawn", "deleted", "list", "source_id", "note", "n,o", "created", "x", "", "timestamp", "frame",
    ]
)  # fmt: skip


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


cells = st.one_of(words, words.map(quoted), words.map(quoted).map(lambda text: f" {text} "), st.text(max_size=5))
odd_lines = st.sampled_from(
    [
        '"',
        '"a\nb",c',
        'a"b,c',
        '"a"b,c',
        "",
        " ",
        "\t\t",
        "a\rb,c",
        "a\0b",
        ",,,",
        '""',
        '"a,""',
        'x,"y',
        '"a\r\nb"',
        '""",""',
    ]
)
ends = st.sampled_from(["\n", "\n", "\r\n", "\n\n"])


@st.composite
def csv_files(draw: st.DrawFn) -> bytes:
    delimiter = draw(st.sampled_from([",", ",", ";", "\t"]))
    header = draw(st.lists(names, min_size=1, max_size=6))
    width = st.just(len(header)) | st.integers(1, 7)
    row = width.flatmap(lambda count: st.lists(cells, min_size=count, max_size=count)).map(delimiter.join)
    lines = draw(st.lists(row | row | row | odd_lines, max_size=12))
    text = "".join(line + draw(ends) for line in [delimiter.join(header), *lines])
    content = text.encode("utf-8", "surrogatepass")
    return content + draw(st.sampled_from([b"", b"x", b"\xff,a\n", b"\xef\xbb\xbfa"]))


@given(csv_files(), st.sampled_from([1, 7, 40, 4096]))
@example(f"id,hash,extra\n1,{PDQ},{{}}\n".encode(), 4096)
@example(f'hash,note\n{PDQ},"a"\n{PDQ},""""\n\r\n{PDQ},"a,""b"""\n'.encode(), 4096)
@settings(max_examples=200)
def test_csv_reads_the_same_by_columns(content: bytes, size: int) -> None:
    assert_alike("csv", content, size=size)


@given(st.lists(st.sampled_from('"",;\n\r \t0abé\x00'), max_size=40).map("".join))
@settings(max_examples=200)
def test_any_quoting_reads_the_same_by_columns(text: str) -> None:
    assert_alike("csv", f"digest,b\n{text}\n".encode())
    assert_alike("csv", f"digest\n{text}".encode(), size=5)


def test_csv_written_by_us_keeps_its_blanks_by_columns() -> None:
    header = "source_id,algorithm,digest,frame,media_type,timestamp,quality,labels,opinion,share_level,created_at,updated_at,expires_at,extra"
    content = f'{header}\n 1 , pdq ,{PDQ},,image,,, a ;b,,,,,,"{{""a"":1}}"\n'.encode()
    assert by_columns("csv", content)
    assert_alike("csv", content)
    (row,) = (row for chunk in chunks_of("csv", content, OPTIONS, -1, 4096) for row in chunk.rows.to_pylist())
    assert (row["source_id"], row["labels"], row["extra"]) == (" 1 ", ["a", "b"], '{"a":1}')


values = (
    words
    | st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=True)
    | st.lists(words, max_size=2)
    | st.dictionaries(words, words | st.integers(0, 9), max_size=2)
)
raw_lines = st.sampled_from(
    [
        b"", b" ", b"{}", b"[]", b'{"digest":"ab"', b'{"digest":"ab"}{"digest":"cd"}', b'{"digest":"ab",', b'"x":{}}', b'{"x":{}', b"}",
        b'{"digest":"ab","digest":"cd"}', b'{"digest":"\\ud800"}', b'{"digest":"ab","x":"\\ud83d\\ude00 \\ud800"}', b'{"digest":"caf\xe9"}',
        b'{"digest":"ab","x":"\xe9"}', b'{"digest":"ab","x":1e999}', b'{"digest":"ab","quality":1.0}', b'{"digest":"ab","quality":1E1}',
        b'{"digest":"ab","x": { "b" : 1 , "a" : [ ] } }', b' {"digest":"ab"}', b'{"digest":"ab"} ', b'{"digest":"ab","x":' + b"[" * 70 + b"]" * 70 + b"}",
        b'{"hashmatch":1,"list":{"name":"ours"},"partial":true}', b'{"hashmatch":1,"list":"ours","digest":"ab"}', b'{"digest":"ab","extra":{"b":1,"b":2}}',
        b'{"digest":"ab","extra":{ },"b":3}', b'{"digest":"ab","extra":{"b":1,"c":{}},"b":3}', b'{"digest":"ab","x":null,"labels":null}',
    ]
)  # fmt: skip


@st.composite
def json_files(draw: st.DrawFn) -> bytes:
    keys = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    likely = {key: draw(st.sampled_from([words, words, st.integers(0, 99), values])) for key in keys}
    record = st.fixed_dictionaries({}, optional=likely) | st.fixed_dictionaries(likely)
    other = st.dictionaries(names, values, max_size=5)
    encoded = (record | record | record | other).map(lambda value: json.dumps(value).encode())
    first = json.dumps({"digest": "ab", **{key: draw(likely[key]) for key in keys}}).encode()
    lines = draw(st.lists(encoded | encoded | raw_lines, max_size=15))
    return b"".join(line + draw(ends).encode() for line in [first, first, first, *lines])


@given(json_files(), st.sampled_from([1, 100, 4096]))
@settings(max_examples=200)
def test_json_lines_read_the_same_by_columns(content: bytes, size: int) -> None:
    assert_alike("jsonl", content, size=size)


@given(
    json_files(),
    st.sampled_from(
        [
            {"withdrawn": "deleted"},
            {"digest": "note"},
            {"source_id": "hash", "algorithm": "x"},
            {"md5": "id"},
            {"list": "x"},
        ]
    ),
)
@settings(max_examples=80)
def test_mapped_columns_read_the_same_by_columns(content: bytes, columns: dict[str, str]) -> None:
    assert_alike("jsonl", content, ReadOptions(columns, ALGORITHMS))


def test_ordinary_files_are_read_by_columns() -> None:
    record = {
        "source_id": "1",
        "algorithm": "PDQ",
        "digest": PDQ,
        "labels": ["b", "a"],
        "quality": 50,
        "extra": {"b": 1},
    }
    content = as_lines(*[record] * 10)
    assert by_columns("jsonl", content)
    assert_alike("jsonl", content)
    content = f"id,type,hash,note\n1,PDQ,{PDQ},x\n".encode()
    assert by_columns("csv", content)
    assert_alike("csv", content)


@pytest.mark.parametrize("line", [b'"unclosed,x\n', b"too,many,cells\n", b"\xff,x\n", b'a"b,x\n', b"a\0b,x\n"])
def test_a_bad_line_spoils_no_other_of_its_block(line: bytes) -> None:
    good = b"".join(b"%064x,n\n" % number for number in range(3000))
    content = b"hash,note\n" + good + line + good
    chunks = chunks_of("csv", content, OPTIONS, 1000, 50_000)
    assert sum(len(chunk.rows) for chunk in chunks) >= 6000
    assert_alike("csv", content, size=50_000)
    lines = [line for chunk in chunks for line in chunk.rows.column("line").to_pylist()]
    assert lines == sorted(lines)


@pytest.mark.parametrize("note", ["x" * 40_000, [1e15] * 7_000, "x" * 31_000, ["\u00e9"] * 5_000])
def test_a_hash_is_taken_whatever_stands_beside_it_and_all_that_a_row_can_carry_stays(note: object) -> None:
    record = {"id": "1", "digest": PDQ, "algorithm": "pdq", "tier": "1", "note": note}
    lines = as_lines({**record, "note": "y"}, record, {**record, "extra": {"case": 7}})
    text = json.dumps(note).replace('"', '""')
    cells = f'id,digest,algorithm,tier,note\n0,{PDQ},pdq,1,y\n1,{PDQ},pdq,1,"{text}"\n'.encode()
    for name, content in (("jsonl", lines), ("csv", cells)):
        assert_alike(name, content, size=2**20)
        for small in (-1, NEVER):
            chunks = chunks_of(name, content, OPTIONS, small, 2**20)
            checked = [check(chunk.rows, None) for chunk in chunks if len(chunk.rows)]
            assert [one.rejects for one in checked if one.rejects] == []
            extras = [extra for one in checked for extra in one.rows.column("extra").to_pylist()]
            beside = note if name == "jsonl" else json.dumps(note)
            long = len(canonical(beside).encode()) > EXTRA_BYTES - 100
            assert [json.loads(extra).get("left_out") for extra in extras[1:2]] == [["note"] if long else None]
            assert all(json.loads(extra)["tier"] == "1" for extra in extras)


def test_what_a_row_can_carry_is_what_the_checks_take() -> None:
    assert EXTRA_BYTES == LONGEST_TEXT


WITHDRAWALS = {
    "jsonl": (
        {
            '{"source_id":"p7","md5":"MD5","sha256":"SHA256","note":1e999,"withdrawn":WORD}': True,
            '{"source_id":"p7","md5":"MD5","sha256":"SHA256","note":"\xff","extra":[],"withdrawn":WORD}': True,
            '{"source_id":"p7","updated_at":1e999,"md5":"MD5","withdrawn":WORD}': False,
        },
        '{"source_id":"p1","md5":"MD5","sha256":"SHA256","note":1.5,"withdrawn":false}',
        ("true", "false"),
    ),
    "csv": (
        {
            'p7,MD5,SHA256,"{""a"":1,}",,WORD': True,
            'p7,MD5,SHA256,"{""a"":1e999}",,WORD': True,
            "p7,MD5,SHA256,,[nope,WORD": True,
        },
        "p1,MD5,SHA256,{},,no",
        ("yes", "no"),
    ),
}


@pytest.mark.parametrize("name", WITHDRAWALS)
@pytest.mark.parametrize("at", [1, 50, 2500])
def test_a_row_is_judged_alike_wherever_it_stands(name: str, at: int) -> None:
    bad, good, (yes, no) = WITHDRAWALS[name]
    header = "source_id,md5,sha256,extra,labels,withdrawn\n" if name == "csv" else ""
    for line, excused in bad.items():
        for word in (yes, no):
            lines = [good] * at + [line.replace("WORD", word)] + [good] * 2500
            text = (header + "\n".join(lines)).replace("MD5", MD5).replace("SHA256", SHA256)
            content = text.encode("latin-1")
            chunks = list(FORMATS[name].read(Source(content=content, name="x"), OPTIONS))
            checked = [check(chunk.rows, None) for chunk in chunks if len(chunk.rows)]
            rejects = [reject for part in (*chunks, *checked) for reject in part.rejects]
            withdrawn = {
                row for one in checked for row in one.rows.column("source_id").filter(one.withdrawn).to_pylist()
            }
            if excused and word == yes:
                assert (rejects, withdrawn) == ([], {"p7"})
            else:
                assert [reject.source_id for reject in rejects] == ["p7"]
                assert withdrawn == set()


@pytest.mark.parametrize(
    "line",
    ['{"id":"9","hash":12345678123456781234567812345678}', '{"id":"9","hash":"","withdrawn":null,"deleted":true}'],
)
@pytest.mark.parametrize("at", [1, 50, 2500])
def test_a_bad_record_keeps_no_others_from_being_read_by_columns(line: str, at: int) -> None:
    good = '{"id":"1","hash":"MD5","type":"md5","withdrawn":false}'.replace("MD5", MD5)
    content = "\n".join([good] * at + [line] + [good] * 2500).encode()
    chunks = chunks_of("jsonl", content, OPTIONS, 1000, 50_000)
    assert [(reject.line, reject.source_id) for chunk in chunks for reject in chunk.rejects] == [(at + 1, "9")]
    assert sum(len(chunk.rows) for chunk in chunks) == at + 2500
    assert by_columns("jsonl", content)
    assert_alike("jsonl", content)
