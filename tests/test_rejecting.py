"""Every reject is written down, however many, and what strangers wrote does nothing when it is opened."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch import HashBank
from hashmatch.errors import ChangeTooLarge, FormatError, InvalidValue
from hashmatch.formats.source import Source
from hashmatch.records import RowError
from hashmatch.rejecting import COLUMNS, rejecting

DIGEST = "d8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"


def read(path: Path) -> list[Mapping[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def listing(*digests: str) -> Source:
    rows = "".join(f"{number},pdq,{digest}\n" for number, digest in enumerate(digests))
    return Source(content=f"id,algorithm,hash\n{rows}".encode(), name="partner.csv")


def test_all_rejects_are_written_with_line_list_id_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    with HashBank.open(tmp_path / "bank") as bank:
        report = bank.import_list(listing(DIGEST, *["zz"] * 1500), "one", rejects=path)
    assert (report.rejected, len(report.rejects), report.rejects_file) == (1500, 1000, str(path))
    rows = read(path)
    assert [int(row["line"]) for row in rows] == list(range(3, 1503))
    assert {(row["file"], row["list"], row["reason"]) for row in rows} == {
        ("partner.csv", "", "'zz' is not 64 hexadecimal digits")
    }
    assert [row["source_id"] for row in rows] == [str(number) for number in range(1, 1501)]


def test_json_lines_where_the_name_says_so(tmp_path: Path) -> None:
    path = tmp_path / "rejects.jsonl"
    lines = [{"list": "one", "source_id": "a", "algorithm": "pdq", "digest": digest} for digest in (DIGEST, "zz")]
    source = Source(content="\n".join(map(json.dumps, lines)).encode(), name="x.jsonl")
    with HashBank.open(tmp_path / "bank") as bank:
        bank.import_list(source, rejects=str(path))
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"file": "x.jsonl", "line": 2, "list": "one", "source_id": "a", "reason": "'zz' is not 64 hexadecimal digits"}
    ]


def test_nothing_to_reject_leaves_the_header_alone(tmp_path: Path) -> None:
    with HashBank.open(tmp_path / "bank") as bank:
        bank.import_list(listing(DIGEST), "one", rejects=tmp_path / "none.csv", dry_run=True)
        bank.import_list(listing(DIGEST), "one", rejects=tmp_path / "none.jsonl")
    assert (tmp_path / "none.csv").read_text() == '"file","line","list","source_id","reason"\n'
    assert (tmp_path / "none.jsonl").read_text() == ""


def test_a_file_that_turns_out_to_be_no_list_leaves_its_rejects(tmp_path: Path) -> None:
    with HashBank.open(tmp_path / "bank") as bank:
        with pytest.raises(FormatError):
            bank.import_list(listing("zz", "yy"), "one", mode="replace", rejects=tmp_path / "rejects.csv")
        assert len(read(tmp_path / "rejects.csv")) == 2
        bank.import_list(listing(*[f"{number:064x}" for number in range(2**8, 2**8 + 5)]), "one", mode="replace")
        with pytest.raises(ChangeTooLarge):
            bank.import_list(listing(f"{2**8:064x}"), "one", rejects=tmp_path / "rejects.csv")
    assert read(tmp_path / "rejects.csv") == []
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_list_that_is_not_read_leaves_what_stood_there(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    path.write_text("before")
    with HashBank.open(tmp_path / "bank") as bank:
        with pytest.raises(FormatError):
            bank.import_list(tmp_path / "misspelt.csv", "one", rejects=path)
        with pytest.raises(FormatError, match="no column 'nowhere'"):
            bank.import_list(listing(DIGEST), "one", map={"digest": "nowhere"}, rejects=path)
    assert path.read_text() == "before"


def test_any_other_error_leaves_what_stood_there(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    path.write_text("before")

    def interrupted() -> None:
        with rejecting(path) as table:
            table.add("x", RowError(1, "bad"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_the_list_itself_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    content = f"id,algorithm,hash\n1,pdq,{DIGEST}\n2,pdq,zz\n"
    path.write_text(content)
    (tmp_path / "link.csv").symlink_to(path)
    with HashBank.open(tmp_path / "bank") as bank:
        for name in ("list.csv", "link.csv"):
            with pytest.raises(InvalidValue, match="cannot be written over it"):
                bank.import_list(path, "one", rejects=tmp_path / name)
    assert path.read_text() == content


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("plain é", "plain é"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("  =1", "  '=1"),
        ('"=1', "\"'=1"),
        ("a;=1", "a;'=1"),
        ("\uff1d1", "'\uff1d1"),
        ("\t=1", r"\t=1"),
        ("\r\n=1", r"\r\n=1"),
        ("\x1b[2J", r"\x1b[2J"),
        ("a=1-2", "a=1-2"),
    ],
)
def test_no_cell_is_a_formula_or_moves_a_terminal(text: str, cell: str, tmp_path: Path) -> None:
    with rejecting(tmp_path / "r.csv") as table:
        table.add("x", RowError(1, text, "one", text))
    (row,) = read(tmp_path / "r.csv")
    assert (row["reason"], row["source_id"]) == (cell, cell)


ANY_TEXT = st.text(st.characters(codec=None), max_size=20)


@given(texts=st.lists(st.tuples(ANY_TEXT, ANY_TEXT), min_size=1, max_size=3))
def test_any_text_stays_one_row_and_can_be_read_back(texts: list[tuple[str, str]], tmp_path_factory: object) -> None:
    folder = tmp_path_factory.mktemp("r")  # type: ignore[attr-defined]
    for name in ("r.csv", "r.jsonl"):
        with rejecting(folder / name) as table:
            for line, (source_id, reason) in enumerate(texts):
                table.add("x", RowError(line, reason, None, source_id))
        content = (folder / name).read_bytes().decode()
        assert all(character.isprintable() or character == "\n" for character in content)
    assert [tuple(row) for row in map(dict.keys, read(folder / "r.csv"))] == [COLUMNS] * len(texts)
    objects = [json.loads(line) for line in (folder / "r.jsonl").read_text().splitlines()]
    assert [row["line"] for row in objects] == list(range(len(texts)))
    for row, (source_id, reason) in zip(objects, texts, strict=True):
        assert row["source_id"] == source_id.encode("utf-8", "backslashreplace").decode()
        assert row["reason"] == reason.encode("utf-8", "backslashreplace").decode()
