from __future__ import annotations

import io
import random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.algorithms import ALGORITHMS
from hashmatch.checking import sizes
from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.base import ReadOptions
from hashmatch.formats.source import Source
from hashmatch.importing import read_list
from hashmatch.records import SCHEMA

from .samples import MD5, PDQ, PDQ_2, SHA256, read, rejects_of, rows_of


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (PDQ, {"digest": PDQ}),
        (f"  {PDQ.upper()}  ", {"digest": PDQ.upper()}),
        (f"hash={PDQ}", {"digest": PDQ}),
        (f"{PDQ},97", {"digest": PDQ, "algorithm": "pdq", "quality": "97"}),
        (f"{PDQ}, 97 ,a.jpg", {"digest": PDQ, "algorithm": "pdq", "quality": "97", "extra": '{"filename":"a.jpg"}'}),
        (
            f"hash={PDQ},0,a, b,.jpg",
            {"digest": PDQ, "algorithm": "pdq", "quality": "0", "extra": '{"filename":"a, b,.jpg"}'},
        ),
        (f"{PDQ},97,", {"digest": PDQ, "algorithm": "pdq", "quality": "97"}),
        (f"pdq {PDQ}", {"digest": PDQ, "algorithm": "pdq"}),
        (f"PDQ:{PDQ}", {"digest": PDQ, "algorithm": "pdq"}),
        (f"SHA-256: {PDQ}", {"digest": PDQ, "algorithm": "sha256"}),
        (f"sha_256\t{PDQ}", {"digest": PDQ, "algorithm": "sha256"}),
        ("md5 odd", {"digest": "odd", "algorithm": "md5"}),
        ("abcdef123", {"digest": "abcdef123"}),
    ],
)
def test_each_form(line: str, expected: dict[str, object]) -> None:
    assert rows_of("lines", f"{line}\n".encode()) == [{"line": 1, **expected}]


@pytest.mark.parametrize(
    "line",
    ["photodna abcdef12", f"{PDQ} {PDQ}", f"pdq {PDQ} x", f"{PDQ},a.jpg", "pdq", "pdq:", "Dear all", "abc", "hash="],
)
def test_a_line_in_no_form_is_a_reject(line: str) -> None:
    content = f"{MD5}\n{line}\n{PDQ_2}\n".encode()
    assert [row["line"] for row in rows_of("lines", content)] == [1, 3]
    ((number, reason),) = rejects_of("lines", content)
    assert number == 2
    assert line[:50] in reason


def test_comments_and_blank_lines_are_skipped_and_counted() -> None:
    content = f"# a\n\n  # b\n{MD5}\r\n\r\n{PDQ}".encode()
    assert [row["line"] for row in rows_of("lines", content)] == [4, 6]


def test_the_first_hundred_lines_must_hold_one_in_form() -> None:
    with pytest.raises(FormatError, match="not in the format lines: line 1: neither"):
        read("lines", b"no\n" * 100 + f"{PDQ}\n".encode())
    assert len(rejects_of("lines", b"no\n" * 99 + f"{PDQ}\n".encode() + b"no\n" * 100)) == 199


def test_a_few_lines_of_something_else_are_not_in_the_format() -> None:
    for content in (b"", b"# only a comment\n", b"no\n"):
        with pytest.raises(FormatError, match="not in the format lines"):
            read("lines", content)


def test_the_first_twenty_lines_must_all_be_in_form_to_be_recognised() -> None:
    recognises = FORMATS["lines"].recognises
    good = f"# x\n{MD5}\n".encode() * 30
    assert recognises(Source(content=good), ALGORITHMS)
    assert not recognises(Source(content=good[:100] + b"no\n" + good), ALGORITHMS)
    assert recognises(Source(content=good + b"no\n"), ALGORITHMS)
    assert not recognises(Source(content=f"hash\n{MD5}\n".encode()), ALGORITHMS)


def test_a_name_that_is_not_text_spoils_its_line_alone() -> None:
    content = f"{PDQ},97,caf\xe9.jpg\n{PDQ_2}\n".encode("latin-1")
    assert [row["line"] for row in rows_of("lines", content)] == [2]
    assert "UTF-8" in rejects_of("lines", content)[0][1]


@given(st.lists(st.tuples(st.sampled_from(sorted(ALGORITHMS)), st.integers(0, 2**64), st.booleans()), max_size=40))
def test_what_is_written_comes_back_but_for_what_is_lost(drawn: list[tuple[str, int, bool]]) -> None:
    records: list[dict[str, Any]] = [
        {
            "list": "l",
            "source_id": f"{number}",
            "algorithm": algorithm,
            "frame": -1,
            "digest": random.Random(seed).randbytes(ALGORITHMS[algorithm].size),
            "media_type": "image",
            "labels": ["a:b"],
            "opinion": "negative" if negative else "positive",
            "said_at": 0,
            "extra": "{}",
            "batch": 1,
        }
        for number, (algorithm, seed, negative) in enumerate(drawn)
    ]
    sink = io.BytesIO()
    FORMATS["lines"].write([pa.Table.from_pylist(records, schema=SCHEMA)], {}, sink, ())
    expected = sorted((row["algorithm"], row["digest"].hex()) for row in records if row["opinion"] == "positive")
    content = sink.getvalue()
    options = ReadOptions(algorithms=sizes())
    rows = rows_of("lines", content, options) if content else []
    found = sorted((str(row["algorithm"]), str(row["digest"])) for row in rows)
    assert found == expected
    if content:
        assert recognise(Source(content=content), ALGORITHMS).name == "lines"


DETAILS = f"hash={PDQ},norm=128,delta=3,quality=97,filename=a, b=c.jpg"


def test_the_details_of_the_reference_hasher() -> None:
    assert rows_of("lines", f"{DETAILS}\nhash={PDQ_2},norm=128,quality=5\n".encode()) == [
        {
            "line": 1,
            "algorithm": "pdq",
            "digest": PDQ,
            "quality": "97",
            "extra": '{"delta":"3","filename":"a, b=c.jpg","norm":"128"}',
        },
        {"line": 2, "algorithm": "pdq", "digest": PDQ_2, "quality": "5", "extra": '{"norm":"128"}'},
    ]
    assert recognise(Source(content=DETAILS.encode()), ALGORITHMS).name == "lines"


def test_a_number_behind_a_hash_is_no_quality_where_the_user_names_another_algorithm() -> None:
    content = f"{SHA256},42,a.jpg\n{SHA256}\n{DETAILS}\n".encode()
    first, second, third = rows_of("lines", content, ReadOptions(algorithms=ALGORITHMS, algorithm="sha256"))
    assert first == {"line": 1, "digest": SHA256, "extra": '{"filename":"a.jpg","quality":"42"}'}
    assert second == {"line": 2, "digest": SHA256}
    assert "algorithm" not in third
    for algorithm in ("pdq", None):
        (row, *_) = rows_of("lines", content, ReadOptions(algorithms=ALGORITHMS, algorithm=algorithm))
        assert (row["algorithm"], row["quality"]) == ("pdq", "42")
    (part,) = read_list(Source(content=content), format="lines", algorithm="sha256").parts
    assert {row["algorithm"] for words in part.words.columns(["algorithm"]) for row in words.to_pylist()} == {"sha256"}


def test_signal_types_that_we_do_not_have_do_not_hide_a_list() -> None:
    content = f"tmk_pdqf {MD5}\nPDQ {PDQ}\nurl https://example.org/?a b\nvideo_md5 {MD5}\n".encode()
    assert recognise(Source(content=content), ALGORITHMS).name == "lines"
    assert [row["line"] for row in rows_of("lines", content)] == [2, 4]
    (first, second) = rejects_of("lines", content)
    assert first[0] == 1
    assert first[1].startswith("'tmk_pdqf' is no kind of hash that is known here: 'tmk_pdqf")
    assert second[1].startswith("'url' is no kind of hash")
    assert not FORMATS["lines"].recognises(Source(content=b"url https://example.org/\n"), ALGORITHMS)
