from __future__ import annotations

import gzip

import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.base import RawRows
from hashmatch.formats.source import Source

from .samples import OPTIONS, read, rejects_of, rows_of
from .samples_exchanges import MD5, PDQ

ADDED = "2020-07-31T18:47:45+0000"
HEADER = "indicator,first_descriptor_id,added_on,labels\n"
ROW = f"{PDQ},3058061737574159,{ADDED},group:example plain\n"
GOLDEN = {
    "line": 1,
    "digest": PDQ,
    "labels": ["entity:example", "tag:plain"],
    "created_at": ADDED,
    "extra": '{"first_descriptor_id":"3058061737574159"}',
}


def rows(content: str, file: str = "list") -> list[dict[str, object]]:
    chunks = read("tag-query", content.encode(), file=file)
    return [{k: v for k, v in row.items() if v is not None} for chunk in chunks for row in chunk.rows.to_pylist()]


def test_a_row_under_our_names() -> None:
    assert rows(ROW) == [GOLDEN]
    assert FORMATS["tag-query"].mode is None


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (HEADER + ROW, 2),
        (ROW.replace("\n", "\r\n"), 1),
        ("\n \n" + HEADER.upper() + "\r\n" + ROW, 5),
        (f"labels,added_on,indicator,first_descriptor_id\nplain group:example,{ADDED},{PDQ},3058061737574159\n", 2),
        (f'"{PDQ}", 3058061737574159 ,"{ADDED}","group:example  plain"', 1),
    ],
)
def test_with_or_without_header(content: str, line: int) -> None:
    assert recognise(Source(content=content.encode()), ALGORITHMS).name == "tag-query"
    assert rows(content) == [{**GOLDEN, "line": line}]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "indicator,indicator_id,first_descriptor_id,added_on,labels\n",
        "hash,indicator_id,descriptor_id,timestamp,tags\n",
    ],
)
def test_the_variant_with_the_id_of_the_indicator_names_the_claim(header: str) -> None:
    content = header + ROW.replace(",", ",2819000000000001,", 1)
    assert recognise(Source(content=content.encode()), ALGORITHMS).name == "tag-query"
    (row,) = rows(content)
    assert row == {**GOLDEN, "line": 2 if header else 1, "source_id": "2819000000000001"}


@pytest.mark.parametrize(
    ("file", "algorithm", "media_type"),
    [
        ("simple.HASH_PDQ.te", "pdq", None),
        ("simple.hash_pdq.te.gz", "pdq", None),
        ("303636684709969.hash_video_md5.te", "md5", "video"),
        ("HASH_SHA256.te", "sha256", None),
        ("simple.HASH_MD5.te", "md5", None),
        ("simple.HASH_PDQ.csv", None, None),
        ("simple.te", None, None),
        ("list", None, None),
    ],
)
def test_the_name_of_the_file_says_the_type(file: str, algorithm: str | None, media_type: str | None) -> None:
    (row,) = rows(ROW, file)
    assert (row.get("algorithm"), row.get("media_type")) == (algorithm, media_type)


@pytest.mark.parametrize("file", ["simple.HASH_TMK.te", "simple.HASH_PHOTODNA.te", "a.hash_url_md5.te"])
def test_a_file_of_another_type_is_refused_in_one_sentence(file: str) -> None:
    with pytest.raises(FormatError, match=r"\.te cannot be matched against: .* is no kind of hash that is known here"):
        rows(ROW, file)


@pytest.mark.parametrize("cell", ["TMK1FVECVF01|AAAA", PDQ, "x" * 100_000])
def test_it_is_known_by_its_name_whatever_it_holds(cell: str) -> None:
    content = f"{cell},3058061737574159,{ADDED},\n".encode()
    source = Source(content=content, name="simple.HASH_TMK.te")
    with pytest.raises(FormatError, match=r"^simple\.HASH_TMK\.te cannot be matched against: 'HASH_TMK' is no kind"):
        list(recognise(source, ALGORITHMS).read(source, OPTIONS))


@pytest.mark.parametrize(
    ("tags", "opinion", "labels"),
    [
        ("", None, []),
        ("true_positive", "positive", []),
        ("false_positive x", "negative", ["tag:x"]),
        ("disputed", "disputed", []),
        ("true_positive false_positive", "disputed", []),
        ("media_type_video cat:irf", None, ["category:irf"]),
    ],
)
def test_the_tags_of_the_clients_are_opinions(tags: str, opinion: str | None, labels: list[str]) -> None:
    (row,) = rows(f"{MD5},3058061737574159,{ADDED},{tags}\n")
    assert (row.get("opinion"), row["labels"]) == (opinion, labels)


def test_an_opinion_of_ones_own_has_no_date() -> None:
    (row,) = rows(ROW.replace(ADDED, "mine"))
    assert row["created_at"] == ""
    assert row["extra"] == '{"added_on":"mine","first_descriptor_id":"3058061737574159"}'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"{PDQ},1,{ADDED}", "3 cells, where 4 are meant"),
        (f"{PDQ},1,2,3,{ADDED},x", "6 cells, where 4 are meant"),
        (f",1,{ADDED},x", "no hash"),
        (f'{PDQ},1,{ADDED},"x', "a quote that is not closed"),
        (f'{PDQ},1,{ADDED},"x"y', "text after a closing quote"),
        (f"{PDQ},1,\0,x", "a NUL byte"),
        ("x" * 1000, "1 cells, where 4 are meant"),
        (f"{PDQ}" + "," * 10_000, "10001 cells, where 4 are meant"),
    ],
)
@pytest.mark.parametrize("header", ["", HEADER])
def test_a_bad_row_is_a_reject_and_the_next_goes_on(header: str, line: str, reason: str) -> None:
    content = f"{header}{ROW}{line}\n{ROW}".encode()
    first = 2 if header else 1
    assert [row["line"] for row in rows_of("tag-query", content)] == [first, first + 2]
    assert rejects_of("tag-query", content) == [(first + 1, reason)]


def test_a_reject_names_its_claim_and_bytes_that_are_no_text_spoil_their_row_alone() -> None:
    row = ROW.replace(",", ",2819000000000001,", 1)
    content = (row + row.replace(PDQ, "")).encode() + row.replace("plain", "\xe9").encode("latin-1") + row.encode()
    chunks: list[RawRows] = read("tag-query", content)
    assert [chunk.rows.column("line").to_pylist() for chunk in chunks] == [[1, 4]]
    assert [(r.line, r.source_id) for r in chunks[0].rejects] == [(2, "2819000000000001"), (3, None)]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a,b\n", b"\x00" * 1000, b"1,2,3\n" * 200, b'"' * 100_000])
def test_what_is_none_is_a_format_error(content: bytes) -> None:
    with pytest.raises(FormatError, match=r"^\(bytes\) is not in the format tag-query: [^\n]+$"):
        list(FORMATS["tag-query"].read(Source(content=content), OPTIONS))


@pytest.mark.parametrize(
    "line",
    [
        f"{PDQ},100,a, b.jpg",
        f"{PDQ},3058061737574159,{ADDED}",
        f"{PDQ},x,{ADDED},a",
        f"{PDQ},1,yesterday,a",
        "a,b,c,d",
        "indicator,b,c,d",
    ],
)
def test_other_lines_are_not_taken_for_it(line: str) -> None:
    assert not FORMATS["tag-query"].recognises(Source(content=f"{line}\n".encode()), ALGORITHMS)


def test_a_packed_file_is_read_by_its_name() -> None:
    source = Source(content=gzip.compress(ROW.encode()), name="simple.HASH_PDQ.te.gz")
    (chunk,) = FORMATS["tag-query"].read(source, OPTIONS)
    assert chunk.rows.column("algorithm").to_pylist() == ["pdq"]
