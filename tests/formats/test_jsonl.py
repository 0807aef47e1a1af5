from __future__ import annotations

import pytest

from hashmatch.errors import FormatError, InvalidValue
from hashmatch.formats import recognise
from hashmatch.formats.base import ReadOptions
from hashmatch.formats.source import Source

from .samples import ALGORITHMS, MD5, PDQ, as_lines, read, rejects_of, rows_of, sample

HEADER = {"hashmatch": 1, "list": {"name": "ours", "role": "allow"}, "partial": True}
RECORD = {"list": "ours", "source_id": "1", "algorithm": "pdq", "digest": PDQ}


def test_headers_come_with_the_rows_that_follow() -> None:
    (chunk,) = read("jsonl", as_lines(HEADER, RECORD))
    assert chunk.headers == ({"name": "ours", "role": "allow", "partial": True},)
    assert chunk.rows.column("list").to_pylist() == ["ours"]


def test_the_sample() -> None:
    assert rows_of("jsonl", sample("jsonl")) == [
        {"line": 2, "list": "ours", "source_id": "1", "algorithm": "pdq", "digest": PDQ, "labels": ["a:b"]},
        {"line": 3, "list": "ours", "source_id": "2", "algorithm": "md5", "digest": MD5, "extra": '{"note":"é"}'},
    ]


def test_without_header_rows_still_name_their_list() -> None:
    assert recognise(Source(content=as_lines(RECORD)), ALGORITHMS).name == "jsonl"
    assert rows_of("jsonl", as_lines(RECORD)) == [{"line": 1, **RECORD}]


def test_a_header_alone_is_an_empty_list() -> None:
    (chunk,) = read("jsonl", as_lines(HEADER))
    assert (len(chunk.rows), len(chunk.headers)) == (0, 1)


def test_unknown_keys_go_to_extra() -> None:
    content = as_lines({**RECORD, "extra": {"a": 1}, "b": [{"c": None}]})
    assert rows_of("jsonl", content)[0]["extra"] == '{"a":1,"b":[{"c":null}]}'


def test_withdrawals_are_read() -> None:
    content = as_lines({"list": "ours", "source_id": "1", "withdrawn": True})
    assert rows_of("jsonl", content) == [{"line": 1, "list": "ours", "source_id": "1", "withdrawn": True}]


def test_lines_of_others_are_read_by_the_names_of_their_fields() -> None:
    content = as_lines(
        {"Hash Value": PDQ, "type": "PDQ", "id": 17, "quality": 50, "tags": ["x", 5], "score": 0.5, "list": "red"},
        {"md5": MD5, "pdq": PDQ, "uuid": "u", "deleted": "no"},
    )
    assert recognise(Source(content=content), ALGORITHMS).name == "jsonl"
    assert rows_of("jsonl", content) == [
        {
            "line": 1,
            "source_id": "17",
            "algorithm": "pdq",
            "digest": PDQ,
            "quality": "50",
            "labels": ["x", "5"],
            "extra": '{"list":"red","score":0.5}',
        },
        {"line": 2, "algorithm": "md5", "digest": MD5, "withdrawn": False, "extra": '{"uuid":"u"}'},
        {"line": 2, "algorithm": "pdq", "digest": PDQ, "withdrawn": False, "extra": '{"uuid":"u"}'},
    ]


def test_what_the_user_maps_wins() -> None:
    options = ReadOptions(columns={"digest": "fingerprint", "source_id": "nr"}, algorithms=ALGORITHMS)
    content = as_lines({"fingerprint": PDQ, "nr": 1.5, "id": 2, "hash": "x"}, {"hash": MD5})
    assert rows_of("jsonl", content, options) == [
        {"line": 1, "source_id": "1.5", "digest": PDQ, "extra": '{"hash":"x","id":2}'},
        {"line": 2, "digest": MD5},
    ]


def test_only_fields_of_ours_and_algorithms_can_be_mapped() -> None:
    with pytest.raises(InvalidValue, match="no field 'hashes'"):
        read("jsonl", as_lines(RECORD), ReadOptions(columns={"hashes": "x"}, algorithms=ALGORITHMS))


BAD = {
    "depth bomb": b"[" * 100_000,
    "depth bomb within": b'{"digest":"ab","x":' + b"[" * 100_000,
    "deep extra": b'{"digest":"ab","x":' + b"[" * 200 + b"]" * 200 + b"}",
    "not a number": b'{"digest":"ab","x":NaN}',
    "infinity": b'{"digest":"ab","x":-Infinity}',
    "beyond all measure": b'{"digest":"ab","x":1e999}',
    "huge integer": b'{"digest":"ab","x":' + b"9" * 5000 + b"}",
    "torn": b'{"digest":"ab"',
    "two values": b'{"digest":"ab"}{"digest":"ab"}',
    "array": b'["ab"]',
    "lone surrogate": b'{"digest":"\\ud800"}',
    "not UTF-8": b'{"digest":"caf\xe9"}',
    "raw NUL": b'{"digest":"a\x00b"}',
    "object as digest": b'{"digest":{}}',
    "array as quality": b'{"digest":"ab","quality":[1]}',
    "object as label": b'{"digest":"ab","labels":[{}]}',
    "extra is text of an array": b'{"digest":"ab","extra":[1]}',
    "no hash": b'{"source_id":"1"}',
    "empty": b"{}",
}


@pytest.mark.parametrize("line", BAD.values(), ids=BAD)
def test_a_bad_line_is_a_reject_and_the_next_goes_on(line: bytes) -> None:
    content = as_lines(RECORD) + line + b"\n" + as_lines(RECORD)
    assert [row["line"] for row in rows_of("jsonl", content)] == [1, 3]
    ((number, reason),) = rejects_of("jsonl", content)
    assert number == 2
    assert reason
    assert len(reason) < 200


def test_of_equal_keys_the_last_counts() -> None:
    assert rows_of("jsonl", b'{"digest":"ab","digest":"cd"}\n')[0]["digest"] == "cd"


def test_a_reject_names_list_and_claim_where_they_can_be_read() -> None:
    (chunk,) = read("jsonl", as_lines(RECORD, {**RECORD, "source_id": 9, "quality": {}}))
    assert [(reject.list, reject.source_id) for reject in chunk.rejects] == [("ours", "9")]


def test_integers_and_floats_become_text_without_loss() -> None:
    content = as_lines(
        {"digest": "ab", "id": 2**64 + 1, "quality": 50.0, "timestamp": 1e-7, "updated_at": 1704901040.222779}
    )
    (row,) = rows_of("jsonl", content)
    assert (row["source_id"], row["quality"]) == (str(2**64 + 1), "50.0")
    assert (row["timestamp"], row["updated_at"]) == ("0.0000001", "1704901040.222779")


def test_a_newer_version_of_ours_is_refused_whole() -> None:
    with pytest.raises(FormatError, match="was written in version 2 of the format; 1 is known"):
        read("jsonl", as_lines({**HEADER, "hashmatch": 2}, RECORD))


def test_other_objects_are_not_in_the_format() -> None:
    with pytest.raises(FormatError, match="not in the format jsonl: line 1: no hash"):
        read("jsonl", as_lines({"name": "x"}, {"name": "y"}))


def test_objects_of_ever_other_keys_keep_no_memory_of_them() -> None:
    content = as_lines(*({"digest": "ab", f"key{number}": 1} for number in range(1000)))
    assert len(rows_of("jsonl", content)) == 1000


BOTH = "several columns that may say that a row is withdrawn (withdrawn, deleted): map one as withdrawn"


def test_a_record_of_which_two_fields_may_say_that_it_is_withdrawn_is_a_reject_that_names_its_claim() -> None:
    unclear = {"id": 7, "pdq": PDQ, "withdrawn": None, "deleted": True}
    (chunk,) = read("jsonl", as_lines({"id": 6, "pdq": PDQ, "deleted": False}, unclear, {**unclear, "deleted": False}))
    assert [(reject.line, reject.reason, reject.source_id) for reject in chunk.rejects] == [
        (2, BOTH, "7"),
        (3, BOTH, "7"),
    ]
    assert chunk.rows.column("source_id").to_pylist() == ["6"]
    options = ReadOptions({"withdrawn": "deleted"}, ALGORITHMS)
    assert [row["withdrawn"] for row in rows_of("jsonl", as_lines(unclear), options)] == [True]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("phash", 1234567812345678, "1234567812345678 is a number, not a hash"),
        ("hash", 1234567812345678, "1234567812345678 is a number, not a hash"),
        ("md5", 10**31 + 0.5, f"{10**31} is a number, not a hash"),
        ("pdq", True, "true is a truth value, not a hash"),
        ("pdq", 0, "0 is a number, not a hash"),
    ],
)
def test_a_number_is_no_hash(field: str, value: object, reason: str) -> None:
    content = as_lines({"id": 1, field: PDQ}, {"id": 2, field: value}, {"id": 3, field: f"{value}"})
    (chunk,) = read("jsonl", content)
    assert [(reject.line, reject.reason, reject.source_id) for reject in chunk.rejects] == [(2, reason, "2")]
    assert [row["digest"] for row in chunk.rows.to_pylist()] == [PDQ, f"{value}"]


def test_a_record_that_withdraws_by_its_id_needs_no_hash_that_is_one() -> None:
    assert rows_of("jsonl", as_lines({"id": 1, "pdq": 5, "deleted": True})) == [
        {"line": 1, "source_id": "1", "withdrawn": True}
    ]
