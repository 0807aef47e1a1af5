from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch import HashBank
from hashmatch.algorithms import ALGORITHMS
from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.chunk import CHUNK_ROWS
from hashmatch.formats.csv_blocks import CsvBlock
from hashmatch.formats.source import BLOCK_BYTES, LINE_BYTES, Source
from hashmatch.records import Mode, Role

from .samples import read, rejects_of, rows_of
from .samples_intelligence import NSRL_HEADER, made_up, nsrl_row

SHA1, MD5 = made_up("sha1", 1), made_up("md5", 1)
GOLDEN = [
    {"line": 2, "source_id": f"sha1:{SHA1}", "algorithm": "sha1", "digest": SHA1.upper()},
    {"line": 2, "source_id": f"sha1:{SHA1}", "algorithm": "md5", "digest": MD5.upper()},
]


def content_of(*rows: str | bytes, header: str = NSRL_HEADER) -> bytes:
    return b"".join(row if isinstance(row, bytes) else row.encode("latin-1") for row in (header, *rows))


def one_by_one(content: bytes) -> tuple[list[dict[str, object]], list[tuple[int, str]]]:
    """What is read without whole columns."""
    with mock.patch.object(CsvBlock, "columns", return_value=None):
        return rows_of("nsrl", content), rejects_of("nsrl", content)


def test_a_file_is_one_claim_and_the_list_can_only_allow() -> None:
    assert rows_of("nsrl", content_of(nsrl_row(1))) == GOLDEN
    form = FORMATS["nsrl"]
    assert (form.role, form.mode, form.row_is_word) == (Role.ALLOW, Mode.REPLACE, False)


def test_columns_are_found_by_name_and_others_may_lack() -> None:
    header, row = '"MD5","SpecialCode","sha-1","FileName","FileSize"\n', f'"{MD5.upper()}","","{SHA1.upper()}","a",5\n'
    content = content_of(row, header=header)
    assert recognise(Source(content=content, name="list.csv"), ALGORITHMS).name == "nsrl"
    assert rows_of("nsrl", content) == GOLDEN


@pytest.mark.parametrize("name", ["café.dll", 'a ""quoted"" name', "a, b", "x" * 1000, "\x81\x8d\xff"])
def test_names_of_files_are_latin_1_and_are_not_kept(name: str) -> None:
    assert rows_of("nsrl", content_of(nsrl_row(1, name=name))) == GOLDEN
    assert one_by_one(content_of(nsrl_row(1, name=name))) == (GOLDEN, [])


@pytest.mark.parametrize("special", ["M", "m", " M "])
def test_what_is_malicious_is_a_reject(special: str) -> None:
    content = content_of(nsrl_row(3, special), nsrl_row(1), nsrl_row(4, "S"))
    withdrawal, *others = rows_of("nsrl", content)
    assert withdrawal == {"line": 2, "source_id": f"sha1:{made_up('sha1', 3)}", "withdrawn": True}
    assert {row["line"] for row in others} == {3, 4}
    assert rejects_of("nsrl", content) == [(2, "special code M: a malicious file, which an allow list must not hold")]


def test_what_a_later_release_calls_malicious_is_allowed_no_longer(tmp_path: Path) -> None:
    release = tmp_path / "NSRLFile.txt"
    with HashBank.open(tmp_path / "bank") as bank:
        release.write_bytes(content_of(*(nsrl_row(number) for number in range(10))))
        assert bank.import_list(release, name="nsrl", role="allow").added == 10
        release.write_bytes(content_of(*(nsrl_row(number, "M" if number == 4 else "") for number in range(10))))
        report = bank.import_list(release, name="nsrl")
    assert (report.withdrawn, report.rejected, report.held_back, report.unchanged) == (1, 1, 0, 9)


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (1, 2, 0)])
def test_what_one_row_calls_malicious_no_other_allows(order: tuple[int, ...]) -> None:
    # The same file once more, its digest written otherwise.
    again = nsrl_row(1, name="m.exe").replace(SHA1.upper(), SHA1)
    rows = [nsrl_row(1, "M"), nsrl_row(1), again + nsrl_row(2)]
    content = content_of(*(rows[place] for place in order))
    for read_as in (one_by_one, lambda content: (rows_of("nsrl", content), rejects_of("nsrl", content))):
        claims, rejects = read_as(content)
        said = {(row["source_id"], row.get("algorithm"), row.get("withdrawn")) for row in claims}
        other = f"sha1:{made_up('sha1', 2)}"
        assert said == {(f"sha1:{SHA1}", None, True), (other, "sha1", None), (other, "md5", None)}
        assert sorted(reason.partition(":")[0] for _, reason in rejects) == [
            "another row says special code M",
            "another row says special code M",
            "special code M",
        ]


def with_md5_of(number: int, other: int, special: str = "") -> str:
    """A file with the MD5 of another one."""
    return nsrl_row(number, special).replace(made_up("md5", number).upper(), made_up("md5", other))


@pytest.mark.parametrize("turned", [False, True])
def test_what_one_row_calls_malicious_no_other_allows_by_the_md5_either(turned: bool) -> None:
    rows = [nsrl_row(1, "M"), with_md5_of(3, 1), nsrl_row(2), with_md5_of(1, 5), nsrl_row(5)]
    content = content_of(*(reversed(rows) if turned else rows))
    for read_as in (one_by_one, lambda content: (rows_of("nsrl", content), rejects_of("nsrl", content))):
        claims, rejects = read_as(content)
        said = {(row["source_id"], row.get("algorithm"), row.get("withdrawn")) for row in claims}
        gone = {(f"sha1:{made_up('sha1', number)}", None, True) for number in (1, 3)}
        # What stands beside a malicious SHA-1 in a row that says nothing is not malicious for that.
        allowed = {(f"sha1:{made_up('sha1', number)}", name, None) for number in (2, 5) for name in ("sha1", "md5")}
        assert said == gone | allowed
        assert len(rejects) == 3


@pytest.mark.parametrize("mode", ["update", "replace"])
@pytest.mark.parametrize("turned", [False, True])
def test_what_shares_the_md5_of_a_malicious_file_is_withdrawn_whatever_else_is_said_of_it(
    tmp_path: Path, mode: str, turned: bool
) -> None:
    release = tmp_path / "NSRLFile.txt"
    with HashBank.open(tmp_path / "bank") as bank:
        release.write_bytes(content_of(*(nsrl_row(number) for number in range(10))))
        bank.import_list(release, name="nsrl", mode=mode)
        later = [nsrl_row(11, "M"), with_md5_of(4, 11), *(nsrl_row(number) for number in range(10))]
        release.write_bytes(content_of(*(reversed(later) if turned else later), "a row that names no claim\n"))
        report = bank.import_list(release, name="nsrl", mode=mode)
    assert (report.withdrawn, report.rejected, report.held_back, report.unchanged) == (1, 3, 0, 10)


def test_a_malicious_row_without_sha_1_strikes_by_its_md5() -> None:
    content = content_of(nsrl_row(1, "M").replace(SHA1.upper(), ""), nsrl_row(1), nsrl_row(2))
    assert [line for line, _ in rejects_of("nsrl", content)] == [2, 3]
    assert {(row["source_id"], row.get("withdrawn")) for row in rows_of("nsrl", content)} == {
        (f"sha1:{SHA1}", True),
        (f"sha1:{made_up('sha1', 2)}", None),
    }


def test_the_reject_of_a_malicious_file_names_its_claim_and_does_not_spare_it() -> None:
    digits = "7" * 40
    rows = [nsrl_row(1, "M"), with_md5_of(3, 1), nsrl_row(4, "M").replace(made_up("sha1", 4).upper(), digits)]
    named = [reject.source_id for chunk in read("nsrl", content_of(*rows)) for reject in chunk.rejects]
    claims = [f"sha1:{SHA1}", f"sha1:{made_up('sha1', 3)}", f"sha1:{digits}"]
    assert [str(name).lower() for name in named] == claims
    assert not set(claims) & set(named)


def test_what_stands_in_blocks_far_apart_is_held_together() -> None:
    content = content_of(*(nsrl_row(number) for number in range(60_000)), nsrl_row(7, "M"))
    assert len(content) > BLOCK_BYTES
    claims = {row["source_id"]: row.get("withdrawn") for row in rows_of("nsrl", content)}
    assert claims.pop(f"sha1:{made_up('sha1', 7)}") is True
    assert len(claims) == 59_999
    assert [line for line, _ in rejects_of("nsrl", content)] == [9, 60_002]


@pytest.mark.parametrize("mode", ["update", "replace"])
def test_a_malicious_file_is_withdrawn_in_either_mode(tmp_path: Path, mode: str) -> None:
    release = tmp_path / "NSRLFile.txt"
    with HashBank.open(tmp_path / "bank") as bank:
        release.write_bytes(content_of(*(nsrl_row(number) for number in range(10))))
        bank.import_list(release, name="nsrl", mode=mode)
        release.write_bytes(content_of(nsrl_row(4, "M"), *(nsrl_row(number) for number in range(10))))
        report = bank.import_list(release, name="nsrl", mode=mode)
    assert (report.withdrawn, report.rejected, report.held_back, report.unchanged) == (1, 2, 0, 9)


def test_a_file_without_sha_1_is_a_reject_and_one_without_md5_has_one_hash() -> None:
    rows = [nsrl_row(1).replace(SHA1.upper(), bad) for bad in ("", "xyz", SHA1 + "00", "ü" * 40)]
    content = content_of(*rows, nsrl_row(1).replace(MD5.upper(), ""), nsrl_row(1))
    assert rejects_of("nsrl", content) == [(line, "no SHA-1, which names each file") for line in (2, 3, 4, 5)]
    assert [(row["line"], row["algorithm"]) for row in rows_of("nsrl", content)] == [
        (6, "sha1"),
        (7, "sha1"),
        (7, "md5"),
    ]


BAD = {
    "too few cells": ('"abc","def"\n', "2 cells where the header has 8"),
    "too many cells": (nsrl_row(9).replace("\n", ",1\n"), "9 cells where the header has 8"),
    "an open quote": ('"abc,"def\n', "text after a closing quote"),
    "a quote that is never closed": (nsrl_row(9).replace('""\n', '"\n'), "a quote that is not closed"),
    "NUL": (nsrl_row(9).replace("setup", "set\0up"), "a NUL byte"),
    "noise": ("\x81\x02\x93\n", "1 cells where the header has 8"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_row_is_a_reject_and_the_next_goes_on(what: str) -> None:
    row, reason = BAD[what]
    content = content_of(nsrl_row(1), row, nsrl_row(2), nsrl_row(3))
    assert rejects_of("nsrl", content) == [(3, reason)]
    assert sorted({row["line"] for row in rows_of("nsrl", content)}) == [2, 4, 5]  # type: ignore[type-var]


def test_blank_lines_and_lines_that_end_otherwise_are_read_alike() -> None:
    content = content_of(
        "\n", nsrl_row(1), "\n", nsrl_row(2).replace("\n", "\r\n"), nsrl_row(3).rstrip("\n"), header="\n" + NSRL_HEADER
    )
    assert [row["line"] for row in rows_of("nsrl", content)] == [4, 4, 6, 6, 7, 7]
    assert rejects_of("nsrl", content) == []


CELLS = st.sampled_from(
    ["", "M", "a", '"', '""', ",", "\r", " ", "é", "\0", SHA1.upper(), MD5.upper(), nsrl_row(5).strip()]
)
ROWS = st.lists(CELLS, max_size=6).map("".join) | st.integers(1, 9).map(lambda number: nsrl_row(number).strip())


@given(st.lists(ROWS, max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_whole_columns_read_as_row_by_row(rows: list[str], end: str) -> None:
    content = content_of(*(row + end for row in rows))
    assert (rows_of("nsrl", content), rejects_of("nsrl", content)) == one_by_one(content)


def test_chunks_are_bounded_and_in_order() -> None:
    count = CHUNK_ROWS + 10
    content = content_of(*(nsrl_row(number % 50) for number in range(count)))
    chunks = read("nsrl", content)
    assert max(len(chunk.rows) for chunk in chunks) <= CHUNK_ROWS
    lines = [line for chunk in chunks for line in chunk.rows.column("line").to_pylist()]
    assert lines == [line for line in range(2, count + 2) for _ in "ab"]


def test_a_line_that_is_too_long_is_a_reject() -> None:
    content = content_of(nsrl_row(1), b'"' + b"a" * (LINE_BYTES + 10) + b'"\n', nsrl_row(2))
    assert [line for line, _ in rejects_of("nsrl", content)] == [3]
    assert [row["line"] for row in rows_of("nsrl", content)] == [2, 2, 4, 4]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        nsrl_row(1).encode(),
        b'"SHA-1","CRC32","FileName","SpecialCode"\n',
        NSRL_HEADER.replace("\n", ",a" * 100_000 + "\n").encode(),
        NSRL_HEADER.replace("\n", "\r").encode() * 5,
        b'"' * 100_000,
        b"\n" * 5000 + NSRL_HEADER.encode(),
    ],
)
def test_what_has_no_header_of_nsrl_is_a_format_error(content: bytes) -> None:
    with pytest.raises(FormatError, match=r"^list is not in the format nsrl: [^\n]+$"):
        read("nsrl", content)
