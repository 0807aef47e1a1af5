"""What python-threatexchange writes: its dataset as CSV, and the lines that it reads as ``local_file``."""

from __future__ import annotations

import base64

import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.source import Source

from .samples import OPTIONS, read, rejects_of, rows_of
from .samples_exchanges import MD5, PDQ

HEADER = "signal_type,signal_str,collab,category,tags\n"
ROW = f"pdq,{PDQ},Sample Signals,POSITIVE_CLASS,group:example plain\n"
GOLDEN = {
    "line": 2,
    "source_id": f"Sample Signals:pdq:{PDQ}",
    "algorithm": "pdq",
    "digest": PDQ,
    "labels": ["entity:example", "tag:plain"],
    "opinion": "positive",
    "extra": '{"collab":"Sample Signals"}',
}


def dataset(*rows: str) -> bytes:
    return (HEADER + "".join(f"{row}\n" for row in rows)).encode()


def test_a_row_under_our_names() -> None:
    assert rows_of("pytx-dataset", (HEADER + ROW).encode()) == [GOLDEN]
    assert FORMATS["pytx-dataset"].mode is None


@pytest.mark.parametrize(
    "content",
    [
        HEADER + ROW,
        (HEADER + ROW).replace("\n", "\r\n"),
        f"collab,signal_type,signal_str,category,tags\r\nSample Signals,pdq,{PDQ},positive_class,plain group:example\r\n",
        f'Signal Type,signal_str,collab,category,tags\n"pdq",{PDQ},"Sample Signals", POSITIVE_CLASS,"group:example plain"',
    ],
)
def test_the_columns_come_in_any_order(content: str) -> None:
    assert recognise(Source(content=content.encode(), name="collab.csv"), ALGORITHMS).name == "pytx-dataset"
    assert rows_of("pytx-dataset", content.encode()) == [GOLDEN]


@pytest.mark.parametrize(
    ("category", "opinion"),
    [
        ("POSITIVE_CLASS", "positive"),
        ("INVESTIGATION_SEED", "seed"),
        ("NEGATIVE_CLASS", "negative"),
        ("DISPUTED", "disputed"),
    ],
)
def test_categories_are_opinions(category: str, opinion: str) -> None:
    (row,) = rows_of("pytx-dataset", dataset(f"pdq,{PDQ},c,{category},"))
    assert row["opinion"] == opinion


@pytest.mark.parametrize(
    ("signal_type", "algorithm", "media_type"),
    [
        ("pdq", "pdq", None),
        ("video_md5", "md5", "video"),
        ("video_sha256", "sha256", "video"),
        ("md5", "md5", None),
        ("sha256", "sha256", None),
        ("PDQ", "pdq", None),
    ],
)
def test_signal_types_and_what_they_stand_for(signal_type: str, algorithm: str, media_type: str | None) -> None:
    digest = "0f" * {"pdq": 32, "md5": 16, "sha256": 32}[algorithm]
    (row,) = rows_of("pytx-dataset", dataset(f"{signal_type},{digest},c,DISPUTED,"))
    assert (row["algorithm"], row.get("media_type")) == (algorithm, media_type)
    (row,) = rows_of("lines", f"{signal_type} {MD5}\n".encode())
    assert (row["algorithm"], row.get("media_type")) == (algorithm, media_type)


UNUSABLE = ["raw_text", "url", "url_md5", "trend_query", "photodna", "clip", "tmk_pdqf", ""]


@pytest.mark.parametrize("signal_type", UNUSABLE)
def test_signals_that_are_no_hashes_of_ours_are_rejects_that_name_them(signal_type: str) -> None:
    content = dataset(ROW.strip(), f"{signal_type},{MD5},c,POSITIVE_CLASS,", ROW.strip())
    assert [row["line"] for row in rows_of("pytx-dataset", content)] == [2, 4]
    assert rejects_of("pytx-dataset", content) == [(3, f"{signal_type!r} is no kind of hash that is known here")]


def test_what_two_collaborations_say_of_one_hash_are_two_claims() -> None:
    content = dataset(f"pdq,{PDQ},one,POSITIVE_CLASS,a", f"pdq,{PDQ},two,NEGATIVE_CLASS,b", f"pdq,{PDQ},,DISPUTED,")
    rows = rows_of("pytx-dataset", content)
    assert [row.get("source_id") for row in rows] == [f"one:pdq:{PDQ}", f"two:pdq:{PDQ}", None]
    assert [row["opinion"] for row in rows] == ["positive", "negative", "disputed"]
    assert [row.get("extra") for row in rows] == ['{"collab":"one"}', '{"collab":"two"}', None]


@pytest.mark.parametrize("digest", [PDQ.upper(), f" {PDQ} ", base64.b64encode(bytes.fromhex(PDQ)).decode()])
def test_a_claim_is_the_same_however_its_hash_is_written(digest: str) -> None:
    (row,) = rows_of("pytx-dataset", dataset(f"pdq,{digest},Sample Signals,POSITIVE_CLASS,"))
    assert row["source_id"] == f"Sample Signals:pdq:{PDQ}"


def test_a_hash_that_cannot_be_read_names_no_claim() -> None:
    (chunk,) = read("pytx-dataset", dataset(ROW.strip(), "pdq,zz,Sample Signals,POSITIVE_CLASS,"))
    assert [(reject.line, reject.source_id) for reject in chunk.rejects] == [(3, None)]
    assert chunk.rows.column("source_id").to_pylist() == [f"Sample Signals:pdq:{PDQ}"]


def test_columns_that_we_do_not_know_are_kept() -> None:
    content = f"signal_type,signal_str,category,owner\npdq,{PDQ},DISPUTED,7\npdq,{PDQ},DISPUTED,\n".encode()
    assert [row.get("extra") for row in rows_of("pytx-dataset", content)] == ['{"owner":"7"}', None]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"pdq,{PDQ},c,POSITIVE_CLASS", "4 cells where the header has 5"),
        (f"pdq,{PDQ},c,POSITIVE_CLASS,a,b", "6 cells where the header has 5"),
        ("pdq,,c,POSITIVE_CLASS,", "no hash"),
        (f"pdq,{PDQ},c,MAYBE,", "'MAYBE' is no category"),
        (f"pdq,{PDQ},c,,", "'' is no category"),
        (f"pdq,{PDQ},c,{'x' * 1000},", "'xxx"),
        (f"{'x' * 1000},{PDQ},c,DISPUTED,", "'xxx"),
        (f'pdq,{PDQ},c,DISPUTED,"a', "a quote that is not closed"),
        (f"pdq,{PDQ}\0,c,DISPUTED,a", "a NUL byte"),
        ("," * 100_000, "100001 cells where the header has 5"),
    ],
)
def test_a_bad_row_is_a_reject_and_the_next_goes_on(row: str, reason: str) -> None:
    content = dataset(ROW.strip(), row, ROW.strip())
    assert [found["line"] for found in rows_of("pytx-dataset", content)] == [2, 4]
    ((line, found),) = rejects_of("pytx-dataset", content)
    assert line == 3
    assert found.startswith(reason)
    assert len(found) < 300


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        ROW.encode(),
        b"signal_type,signal_str\n",
        b"signal_type,signal_str,category,tags,tags\n",
        HEADER.strip().encode() + b",c" * 1_000_000 + b"\n",
        (HEADER + ROW).encode().replace(b"\n", b"\r"),
        b'"' + HEADER.encode(),
        HEADER.encode().replace(b"c", b"\xff"),
        HEADER.encode().replace(b"a", b"\0"),
    ],
)
def test_what_is_no_dataset_is_a_format_error(content: bytes) -> None:
    with pytest.raises(FormatError, match=r"^\(bytes\) is not in the format pytx-dataset: [^\n]+$"):
        list(FORMATS["pytx-dataset"].read(Source(content=content), OPTIONS))


def test_a_dataset_without_rows_is_in_the_format() -> None:
    assert rows_of("pytx-dataset", HEADER.encode()) == []


def test_a_local_file_is_plain_lines() -> None:
    content = f"pdq {PDQ}\n\nvideo_md5 {MD5}\r\n{MD5}\n".encode()
    assert recognise(Source(content=content), ALGORITHMS).name == "lines"
    assert rows_of("lines", content) == [
        {"line": 1, "algorithm": "pdq", "digest": PDQ},
        {"line": 3, "algorithm": "md5", "digest": MD5, "media_type": "video"},
        {"line": 4, "digest": MD5},
    ]


@pytest.mark.parametrize(
    "line", [f"url_md5 {MD5}", f"vpdq {MD5}", "vpdq: [", "raw_text bad words", "url https://example.org/"]
)
def test_lines_of_other_signals_are_rejects_that_show_them(line: str) -> None:
    content = f"pdq {PDQ}\n{line}\npdq {PDQ}\n".encode()
    assert [row["line"] for row in rows_of("lines", content)] == [1, 3]
    ((number, reason),) = rejects_of("lines", content)
    assert number == 2
    assert line[:20] in reason
