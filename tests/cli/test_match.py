"""``hashmatch match``, against a bank and against list files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

import hashmatch

from .conftest import HASHES, MEDIA, objects, run

LINE_KEYS = {
    "file",
    "error",
    "hashes",
    "matches",
    "suppressed",
    "videos",
    "suppressed_videos",
    "low_quality",
    "snapshot",
}
MATCH_KEYS = {
    "algorithm",
    "distance",
    "orientation",
    "digest",
    "list",
    "partner",
    "source_id",
    "labels",
    "opinion",
    "share_level",
}


def test_json_line(sample_bank: Path) -> None:
    (line,) = objects(run("match", MEDIA / "coast_mirrored.jpg", "--bank", sample_bank, "--json"))
    assert set(line) == LINE_KEYS
    assert line["snapshot"] == hashmatch.Matcher.open(sample_bank).version
    assert set(line["hashes"]) == {"md5", "pdq", "phash", "sha256", "sha512"}
    (match,) = line["matches"]
    assert set(match) == MATCH_KEYS
    assert (match["algorithm"], match["list"], match["partner"], match["source_id"]) == (
        "pdq",
        "tcap",
        "Sample",
        "70004",
    )
    assert match["labels"] == ["ideology:islamist"]
    assert match["orientation"] != "original"
    assert 0 <= match["distance"] <= 31


def test_folders_are_entered_and_each_file_is_a_line(sample_bank: Path) -> None:
    result = run("match", MEDIA, "--bank", sample_bank, "--json")
    assert [Path(line["file"]).name for line in objects(result)] == sorted(path.name for path in MEDIA.iterdir())
    assert result.exit_code == 3


def test_text_has_a_table_and_a_line_of_counts(sample_bank: Path) -> None:
    result = run("match", MEDIA, "--bank", sample_bank)
    lines = result.stdout.splitlines()
    assert lines[0].split() == [
        "file",
        "distance",
        "algorithm",
        "list",
        "partner",
        "labels",
        "orientation",
        "source",
        "id",
    ]
    row = next(line for line in lines if "coast_mirrored.jpg" in line).split()
    assert (row[2], row[3], row[-2], row[-1]) == ("pdq", "tcap", "flip_y", "70004")
    count = len(list(MEDIA.iterdir()))
    assert lines[-1].startswith(f"{count} files: 12 matched, 1 suppressed, 1 of too low quality, 1 failed; snapshot ")
    assert "broken.jpg: " in result.stderr
    assert "plain_grey.png: quality too low to be matched by pdq" in result.stderr
    assert "is hidden by allowed" in result.stderr


def test_nothing_matched_is_no_table(sample_bank: Path) -> None:
    result = run("match", MEDIA / "meadow.jpg", "--bank", sample_bank, "--fail-on-match")
    assert result.exit_code == 0
    assert result.stdout.startswith("1 file: 0 matched")


def test_fail_on_match_wins_over_failures(sample_bank: Path) -> None:
    arguments = ("match", MEDIA / "coast.jpg", MEDIA / "broken.jpg", "--bank", sample_bank)
    assert run(*arguments).exit_code == 3
    assert run(*arguments, "--fail-on-match").exit_code == 10
    assert run(*arguments, "--fail-on-match", "--json").exit_code == 10
    assert run("match", MEDIA / "broken.jpg", "--bank", sample_bank, "--fail-on-match").exit_code == 3


def test_radius_is_inclusive(sample_bank: Path) -> None:
    (line,) = objects(run("match", MEDIA / "coast_resized.jpg", "--bank", sample_bank, "--json"))
    distance = line["matches"][0]["distance"]
    assert distance > 0
    arguments = ("match", MEDIA / "coast_resized.jpg", "--bank", sample_bank, "--json", "--radius")
    assert len(objects(run(*arguments, distance))[0]["matches"]) == 1
    assert objects(run(*arguments, distance - 1))[0]["matches"] == []
    assert run(*arguments, -1).exit_code == 2


def test_radius_by_algorithm(sample_bank: Path) -> None:
    arguments = ("match", MEDIA / "coast_resized.jpg", "--bank", sample_bank, "--json")
    distance = objects(run(*arguments))[0]["matches"][0]["distance"]

    def matches(*radii: object) -> int:
        options = [part for radius in radii for part in ("--radius", radius)]
        return len(objects(run(*arguments, *options))[0]["matches"])

    assert matches(f"pdq={distance}") == 1
    assert matches(f"pdq={distance - 1}") == 0
    assert matches("phash=0") == 1
    assert matches("phash=0", f"pdq={distance - 1}") == 0


@pytest.mark.parametrize(
    ("radii", "why"),
    [
        (("31", "pdq=31"), "either one N"),
        (("pdq=31", "31"), "either one N"),
        (("31", "31"), "either one N"),
        (("pdq=31", "pdq=30"), "pdq is given twice"),
        (("pdq=",), "not a valid integer"),
        (("pdq=-1",), "not in the range"),
        (("pdq=257",), "from 0 to 256"),
        (("many",), "not a valid integer"),
        (("crc=1",), "is none of pdq"),
        (("md5=1",), "md5 is matched exactly"),
    ],
)
def test_a_radius_that_makes_no_sense_is_a_usage_error(sample_bank: Path, radii: tuple[str, ...], why: str) -> None:
    options = [part for radius in radii for part in ("--radius", radius)]
    result = run("match", MEDIA / "coast.jpg", "--bank", sample_bank, "--json", *options)
    assert result.exit_code == 2
    assert why in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_only_some_lists(sample_bank: Path) -> None:
    arguments = ("match", MEDIA / "coast.jpg", "--bank", sample_bank, "--json")
    assert objects(run(*arguments, "--lists", "north"))[0]["matches"] == []
    assert len(objects(run(*arguments, "--lists", "north", "--lists", "tcap"))[0]["matches"]) == 4
    unknown = run(*arguments, "--lists", "nothing")
    assert unknown.exit_code == 1
    assert "nothing" in unknown.stderr


def test_min_quality(sample_bank: Path) -> None:
    arguments = ("match", MEDIA / "plain_grey.png", "--bank", sample_bank, "--json")
    assert objects(run(*arguments))[0]["low_quality"] == ["pdq"]
    assert objects(run(*arguments, "--min-quality", 0))[0]["low_quality"] == []
    assert run(*arguments, "--min-quality", 101).exit_code == 2


def test_paths_from_standard_input(sample_bank: Path) -> None:
    result = run("match", "-", "--bank", sample_bank, "--json", stdin=f"{MEDIA / 'coast.jpg'}\nnowhere.jpg\n")
    coast, missing = objects(result)
    assert result.exit_code == 3
    assert coast["matches"]
    assert "nowhere.jpg" in missing["error"]


@pytest.fixture(scope="module", params=["bank", "lists"])
def plain(request: pytest.FixtureRequest, sample_bank: Path) -> tuple[tuple[object, ...], Result]:
    """Where the samples are matched, and what is answered there without saying by which index."""
    where = ("--bank", sample_bank) if request.param == "bank" else ("--against", HASHES)
    return where, run("match", MEDIA, *where, "--json")


@pytest.mark.parametrize("index", ["auto", "faiss_flat", "multi_index"])
def test_every_index_gives_the_same_answers(
    index: str, plain: tuple[tuple[object, ...], Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    where, expected = plain
    chosen = []
    match_many = hashmatch.Matcher.match_many

    def watching(matcher: hashmatch.Matcher, *arguments: Any, **terms: Any) -> Any:
        chosen.append(matcher.snapshot.choice)
        return match_many(matcher, *arguments, **terms)

    monkeypatch.setattr(hashmatch.Matcher, "match_many", watching)
    asked = run("match", MEDIA, *where, "--json", "--index", index)
    assert chosen == [index]
    assert asked.exit_code == expected.exit_code == 3
    assert sum(len(line["matches"]) for line in objects(asked)) > 12
    assert [{**line, "snapshot": ""} for line in objects(asked)] == [
        {**line, "snapshot": ""} for line in objects(expected)
    ]


def test_an_index_that_cannot_be_chosen_is_wrong_usage(sample_bank: Path) -> None:
    for index in ("exact", "hnsw"):
        result = run("match", MEDIA / "coast.jpg", "--bank", sample_bank, "--index", index)
        assert result.exit_code == 2
        assert "auto, faiss_flat, multi_index" in result.stderr


@pytest.mark.parametrize("place", [(), ("--bank", "x", "--against", "y")])
def test_either_a_bank_or_lists(place: tuple[str, ...]) -> None:
    result = run("match", MEDIA / "coast.jpg", *place)
    assert result.exit_code == 2
    assert "--bank or --against" in result.stderr


def test_a_missing_bank_is_an_error_and_never_no_match(tmp_path: Path) -> None:
    result = run("match", MEDIA / "coast.jpg", "--bank", tmp_path / "none", "--json")
    assert result.exit_code == 1
    assert result.stdout == ""


def test_against_lists_says_what_it_took_and_what_it_left(tmp_path: Path) -> None:
    for path in HASHES.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "notes.doc").write_bytes(b"\x00\x01 not a list")
    result = run("match", MEDIA / "coast.jpg", "--against", tmp_path, "--json")
    assert len(objects(result)[0]["matches"]) == 4
    assert "tcap.json (tcap): 8 rows of tcap-sample" in result.stderr
    assert "notes.doc: left out: " in result.stderr


def test_what_a_file_makes_of_itself_is_told(tmp_path: Path) -> None:
    sha256 = hashmatch.hash_file(MEDIA / "coast.jpg", algorithms=("sha256",))["sha256"].hex
    header = '{"hashmatch":1,"list":{"name":"x","radius":{"pdq":60}},"partial":false}'
    row = f'{{"list":"x","source_id":"1","algorithm":"sha256","digest":"{sha256}"}}'
    (tmp_path / "x.jsonl").write_text(f"{header}\n{row}\n")
    result = run("match", MEDIA / "coast.jpg", "--against", tmp_path / "x.jsonl")
    assert "  x: radius by the file itself is pdq 60" in result.stderr.splitlines()


def test_rows_that_a_list_lost_are_told_and_show_in_the_exit_code(tmp_path: Path) -> None:
    md5 = hashmatch.hash_file(MEDIA / "coast.jpg", algorithms=("md5",))["md5"].hex
    (tmp_path / "list.txt").write_text(f"md5 {md5}\nmd5 {md5[:-1]}\n")
    result = run("match", MEDIA / "coast.jpg", "--against", tmp_path / "list.txt")
    assert result.exit_code == 3
    assert "1 file: 1 matched" in result.stdout
    assert "1 rejected" in result.stderr
    assert "line 2: " in result.stderr


def test_against_one_file_that_is_no_list_fails(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    result = run("match", MEDIA / "coast.jpg", "--against", tmp_path / "empty.csv")
    assert result.exit_code == 1
    assert "empty.csv" in result.stderr


class TestHashes:
    """``--hashes``: matching what was hashed elsewhere."""

    pdq = hashmatch.hash_file(MEDIA / "coast_mirrored.jpg")["pdq"]

    def test_typed_hashes(self, sample_bank: Path) -> None:
        upright = self.pdq.orientations["flip_y"]
        result = run("match", "--hashes", f"pdq:{upright}", f"PDQ:{upright.upper()}", "--bank", sample_bank, "--json")
        assert result.exit_code == 0
        assert [line["matches"][0]["source_id"] for line in objects(result)] == ["70004", "70004"]
        assert objects(result)[0]["file"] == f"pdq:{upright}"

    def test_a_bare_hash_whose_length_fits_one_algorithm(self, sample_bank: Path) -> None:
        md5 = hashmatch.hash_file(MEDIA / "coast.jpg", algorithms=("md5",))["md5"].hex
        (line,) = objects(run("match", "--hashes", md5, "--bank", sample_bank, "--json"))
        assert [match["source_id"] for match in line["matches"]] == ["70001"]

    @pytest.mark.parametrize("hash_", ["0" * 64, "crc:00", "zz", "pdq:00", "pdq:" + "g" * 64])
    def test_what_is_no_hash_or_several_is_a_usage_error(self, sample_bank: Path, hash_: str) -> None:
        result = run("match", "--hashes", f"pdq:{self.pdq.hex}", hash_, "--bank", sample_bank, "--json")
        assert result.exit_code == 2
        assert result.stdout == ""

    def test_an_ambiguous_hash_names_the_choices(self, sample_bank: Path) -> None:
        result = run("match", "--hashes", self.pdq.hex, "--bank", sample_bank)
        assert result.exit_code == 2
        assert "pdq, phash256, sha256" in result.stderr

    def test_lines_of_hash_json_keep_file_quality_and_orientations(self, sample_bank: Path) -> None:
        hashed = run(
            "hash", MEDIA / "coast_mirrored.jpg", MEDIA / "plain_grey.png", MEDIA / "broken.jpg", "--json"
        ).stdout
        result = run("match", "--hashes", "-", "--bank", sample_bank, "--json", stdin=hashed)
        mirrored, grey, broken = objects(result)
        assert mirrored["file"] == str(MEDIA / "coast_mirrored.jpg")
        assert [match["orientation"] for match in mirrored["matches"]] == ["flip_y"]
        assert grey["low_quality"] == ["pdq"]
        assert broken["matches"] == []

    def test_bad_lines_are_told_and_the_next_goes_on(self, sample_bank: Path) -> None:
        bad = ["nonsense", "0" * 64, "{", '{"hashes": 3}', '{"hashes": {"crc": {"hex": "00"}}}', "[" * 100_000]
        bad += [json.dumps({"file": "f", "hashes": {"pdq": {"hex": "00"}}}), json.dumps({"hashes": {}, "error": "why"})]
        lines = [*bad, f"pdq:{self.pdq.hex}"]
        result = run("match", "--hashes", "-", "--bank", sample_bank, "--json", stdin="\n".join(lines))
        *wrong, right = objects(result)
        assert result.exit_code == 3
        assert all(line["error"] and not line["matches"] for line in wrong)
        assert len(wrong) == len(bad)
        assert wrong[-1]["error"] == "why"
        assert right["error"] is None
