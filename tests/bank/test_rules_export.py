"""docs/bank.md, "Export", sentence by sentence."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest

from hashmatch.bank import HashBank
from hashmatch.errors import ExportRefused, FormatError, UnknownList, UnknownName
from hashmatch.formats.source import Source
from hashmatch.hashes import FrameHash, MediaHash
from hashmatch.matching import Matcher
from hashmatch.results import HashedMedia

from .files import BLANK_PDQ, MD5, PDQ, Row, jsonl
from .looking import exported, known, objects, standing

ROWS = [Row("a", PDQ[0], labels=("x",)), Row("a", PDQ[1]), Row("b", MD5[0], "md5", labels=("x", "y")), Row("c", PDQ[2])]


def fill(bank: HashBank, name: str = "one", share_level: str = "amber") -> None:
    bank.import_list(jsonl(ROWS), name, mode="update", share_level=share_level)


def ids(source: Source) -> list[str]:
    return [line["source_id"] for line in objects(source) if "hashmatch" not in line]


def with_levels(bank: HashBank, list_level: str, *row_levels: str | None) -> None:
    rows = [
        {"source_id": f"id{i}", "algorithm": "pdq", "digest": PDQ[i], **({"share_level": level} if level else {})}
        for i, level in enumerate(row_levels)
    ]
    content = "\n".join(str(row).replace("'", '"') for row in rows)
    bank.import_list(Source(content=content.encode(), name="x.jsonl"), "one", share_level=list_level)


def test_json_lines_begin_with_one_header_for_each_list(bank: HashBank) -> None:
    fill(bank, "one")
    fill(bank, "two")
    lines = objects(exported(bank))
    assert [line["list"]["name"] for line in lines[:2]] == ["one", "two"]
    assert lines[0]["list"] == {summary.settings.name: summary.settings.to_json() for summary in bank.lists()}["one"]
    assert all("hashmatch" not in line for line in lines[2:])


def test_withdrawn_claims_are_not_exported(bank: HashBank) -> None:
    fill(bank)
    bank.withdraw("one", "a")
    bank.import_list(jsonl([Row("c", PDQ[2], withdrawn=True)]), "one", accept_change=True)
    assert ids(exported(bank)) == ["b"]


def test_quarantined_hashes_are_exported_and_quarantined_again(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", BLANK_PDQ)]), "one")
    assert bank.import_list(exported(bank), "two").quarantined == 1


def test_export_imports_again_to_the_same_records(bank: HashBank) -> None:
    fill(bank)
    bank.import_list(exported(bank), "two")
    for name in ("one", "two"):
        bank.configure(name, partner="P")
    told = [
        {source_id: sorted((row["digest"], tuple(row["labels"])) for row in rows) for source_id, rows in found.items()}
        for found in (known(bank, "one"), known(bank, "two"))
    ]
    assert told[0] == told[1]


def test_export_into_its_own_list_changes_nothing(bank: HashBank) -> None:
    fill(bank)
    assert bank.import_list(exported(bank), "one").batch is None


@pytest.mark.parametrize("level", ["amber", "amber+strict", "red"])
def test_what_is_amber_or_stricter_leaves_only_when_that_is_allowed(bank: HashBank, level: str) -> None:
    fill(bank, share_level=level)
    sink = BytesIO()
    with pytest.raises(ExportRefused, match=f"one is {level}".replace("+", r"\+")):
        bank.export_list(sink)
    assert sink.getvalue() == b""
    assert bank.export_list(sink, allow_restricted=True).rows == 4


@pytest.mark.parametrize("level", ["clear", "green"])
def test_what_is_green_or_laxer_leaves(bank: HashBank, level: str) -> None:
    fill(bank, share_level=level)
    report = bank.export_list(BytesIO())
    assert (report.rows, report.claims, report.partial, report.warnings) == (4, 3, False, ())


def test_the_stricter_of_list_and_row_counts(bank: HashBank) -> None:
    with_levels(bank, "green", None, "clear", "amber", "red")
    assert ids(exported(bank, allow_restricted=False)) == ["id0", "id1"]


def test_laxer_row_in_a_restricted_list_does_not_leave(bank: HashBank) -> None:
    with_levels(bank, "amber", "clear", None)
    with pytest.raises(ExportRefused):
        exported(bank, allow_restricted=False)


def test_if_some_is_restricted_the_rest_leaves_and_the_report_says_how_much_was_left_out(bank: HashBank) -> None:
    with_levels(bank, "green", None, "amber", "red")
    report = bank.export_list(BytesIO())
    assert (report.rows, report.partial) == (1, True)
    assert report.warnings == ("2 rows are amber or stricter and were left out",)


def test_restricted_list_beside_a_free_one(bank: HashBank) -> None:
    fill(bank, "one", "green")
    fill(bank, "two", "red")
    lines = objects(exported(bank, allow_restricted=False))
    assert {line["list"] for line in lines if "hashmatch" not in line} == {"one"}
    with pytest.raises(ExportRefused):
        exported(bank, names="two", allow_restricted=False)


def test_refused_export_leaves_the_file_that_stood_there(bank: HashBank, tmp_path: Path) -> None:
    fill(bank)
    path = tmp_path / "out.jsonl"
    path.write_text("as it was")
    with pytest.raises(ExportRefused):
        bank.export_list(path)
    assert path.read_text() == "as it was"
    assert [item.name for item in tmp_path.iterdir() if item.is_file()] == ["out.jsonl"]


@pytest.mark.parametrize(
    ("choice", "left"),
    [({"labels": ["x"]}, ["a", "b"]), ({"labels": ["y", "z"]}, ["b"]), ({"algorithms": ["md5"]}, ["b"])],
)
def test_export_that_leaves_rows_out_says_partial(
    bank: HashBank, choice: dict[str, list[str]], left: list[str]
) -> None:
    fill(bank)
    source = exported(bank, **choice)
    assert sorted(ids(source)) == left
    assert objects(source)[0]["partial"] is True


def test_export_by_share_level_is_partial_too(bank: HashBank) -> None:
    with_levels(bank, "green", None, "red")
    assert objects(exported(bank, allow_restricted=False))[0]["partial"] is True


def test_whole_export_is_not_partial_whatever_was_asked(bank: HashBank) -> None:
    fill(bank)
    assert objects(exported(bank, algorithms=["pdq", "md5"]))[0]["partial"] is False


def test_csv_cannot_say_partial_and_the_report_warns(bank: HashBank) -> None:
    fill(bank)
    report = bank.export_list(BytesIO(), format="csv", labels=["x"], allow_restricted=True)
    assert report.partial
    assert any("claims were left out, and this format cannot say so" in warning for warning in report.warnings)
    (level,) = bank.export_list(BytesIO(), format="csv", allow_restricted=True).warnings
    assert level == "one is amber, and this format says so of single rows alone"
    assert not bank.export_list(BytesIO(), format="jsonl", allow_restricted=True).warnings


def test_what_a_format_cannot_say_of_a_list_is_said_when_it_is_written(bank: HashBank) -> None:
    rows = [Row("a", MD5[0], "md5"), Row("b", MD5[1], "md5", opinion="negative"), Row("c", MD5[2], "md5")]
    bank.import_list(jsonl(rows), "one", mode="replace", role="allow", share_level="clear")
    sink = BytesIO()
    report = bank.export_list(sink, format="lines")
    assert (report.rows, report.claims, report.partial) == (2, 2, True)
    assert report.warnings[0] == "1 row is negative and left out: this format cannot say so"
    assert any(warning.startswith("one is an allow list") for warning in report.warnings)
    assert sorted(sink.getvalue().decode().split("\n")[:-1]) == sorted(f"md5 {digits}" for digits in (MD5[0], MD5[2]))
    csv = bank.export_list(BytesIO(), format="csv")
    assert csv.rows == 3


DEAD = {
    "low": ("1 row is of too low a quality and left out: this format cannot say so", {"quality": 10}),
    "gone": ("1 row is expired and left out: this format cannot say so", {"expires_at": "2020-01-01"}),
    "blank": ("1 row is in quarantine and left out: this format cannot say so", {"digest": BLANK_PDQ}),
}


@pytest.mark.parametrize("form", ["lines", "tcap-v1", "threatexchange"])
def test_what_matches_nothing_matches_nothing_in_the_hands_of_others(bank: HashBank, form: str, tmp_path: Path) -> None:
    said = {"a": {}, **{name: more for name, (_, more) in DEAD.items()}}
    rows = [
        {"source_id": name, "algorithm": "pdq", "digest": PDQ[number], "quality": 100, **more}
        for number, (name, more) in enumerate(said.items())
    ]
    source = Source(content="\n".join(map(json.dumps, rows)).encode(), name="x.jsonl")
    bank.import_list(source, "one", mode="replace", share_level="clear")
    bank.publish()
    path = tmp_path / "exported"
    report = bank.export_list(path, format=form)
    warned = {name for name, (warning, _) in DEAD.items() if warning in report.warnings}
    assert warned == ({"low", "blank"} if form == "threatexchange" else set(DEAD))
    assert report.rows == 4 - len(warned)
    for row in rows:
        pdq = MediaHash("pdq", (FrameHash(bytes.fromhex(str(row["digest"])), 100),))
        there, here = (
            matcher.match_hashes(HashedMedia({"pdq": pdq}), radius=0)
            for matcher in (Matcher.from_lists([path]), Matcher.open(bank.folder))
        )
        assert [match.distance for match in there.matches] == [match.distance for match in here.matches]
        assert there.matched is (row["source_id"] == "a")


@pytest.mark.parametrize("form", ["lines", "tcap-v1", "threatexchange"])
def test_a_frame_of_a_video_does_not_become_a_picture_in_the_hands_of_others(bank: HashBank, form: str) -> None:
    rows = [
        {"source_id": "v", "algorithm": "pdq", "digest": digest, "frame": number, "timestamp": number}
        for number, digest in enumerate(PDQ[:3])
    ]
    rows.append({"source_id": "still", "algorithm": "pdq", "digest": PDQ[3]})
    source = Source(content="\n".join(map(json.dumps, rows)).encode(), name="x.jsonl")
    bank.import_list(source, "one", mode="replace", share_level="clear")
    sink = BytesIO()
    report = bank.export_list(sink, format=form)
    assert (report.rows, report.partial) == (1, True)
    assert "3 rows are of frames of a video and left out: this format cannot say so" in report.warnings
    assert PDQ[3].encode() in sink.getvalue()
    assert not any(digest.encode() in sink.getvalue() for digest in PDQ[:3])


def test_a_level_that_a_format_cannot_carry_is_not_said_to_be_carried(bank: HashBank) -> None:
    fill(bank)
    for form, said in (("csv", "says so of single rows alone"), ("lines", "cannot say so")):
        warnings = bank.export_list(BytesIO(), format=form, allow_restricted=True).warnings
        assert f"one is amber, and this format {said}" in warnings


def test_list_that_is_named_twice_is_exported_once(bank: HashBank) -> None:
    fill(bank)
    assert sorted(ids(exported(bank, names=["one", "one"]))) == ["a", "a", "b", "c"]


def test_unknown_lists_and_formats_are_errors(bank: HashBank) -> None:
    fill(bank)
    with pytest.raises(UnknownList):
        exported(bank, names="two")
    with pytest.raises(UnknownName):
        exported(bank, format="nope")
    with pytest.raises(FormatError, match="read, not written"):
        exported(bank, format="tcap")


def test_bank_with_an_empty_list_can_be_exported_and_imported_again(bank: HashBank, tmp_path: Path) -> None:
    fill(bank, "one")
    fill(bank, "two")
    bank.import_list(jsonl([Row("z", PDQ[0])]), "empty", mode="replace")
    bank.withdraw("empty", "z")
    fresh = HashBank.open(tmp_path / "fresh")
    fresh.import_list(exported(bank))
    assert [summary.settings for summary in fresh.lists()] == [summary.settings for summary in bank.lists()]
    assert standing(fresh) == standing(bank)
