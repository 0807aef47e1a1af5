"""Lists straight from files: what is taken, under which name, and what is refused rather than guessed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hashmatch import Matcher
from hashmatch.errors import FormatError, NotPublished
from hashmatch.indexes import CHOICES
from hashmatch.records import Role

PDQ, OTHER = "5a" * 16 + "c3" * 16, "c3" * 16 + "5a" * 16


def write(folder: Path, name: str, digest: str = PDQ) -> Path:
    path = folder / name
    path.write_text(f"id,algorithm,hash\n1,pdq,{digest}\n")
    return path


def settle(folder: Path, **stated: object) -> None:
    (folder / "lists.json").write_text(json.dumps(stated))


def test_a_list_is_called_after_its_file(tmp_path: Path) -> None:
    matcher = Matcher.from_lists([write(tmp_path, "Partner A (new).csv")])
    assert list(matcher.settings) == ["partner-a-new"]
    assert matcher.settings["partner-a-new"].role is Role.BLOCK


def test_equal_files_give_an_equal_snapshot(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv")
    assert Matcher.from_lists(path).version == Matcher.from_lists([path]).version


@pytest.mark.parametrize("index", CHOICES)
def test_the_index_that_is_asked_for_is_the_one_that_is_built(index: str, kind: str, tmp_path: Path) -> None:
    matcher = Matcher.from_lists(write(tmp_path, "a.csv"), index)
    expected = kind if index == "auto" else index
    assert matcher.snapshot.choice == index
    assert matcher.snapshot.manifest.algorithms["pdq"].index == matcher.snapshot.index("pdq", 31).name == expected
    code = np.frombuffer(bytes.fromhex(PDQ), dtype=np.uint8)[np.newaxis]
    assert [record.source_id for record in matcher.search(code).records(0)] == ["1"]


def test_nothing_of_a_list_is_left_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    matcher = Matcher.from_lists([write(tmp_path, "a.csv")])
    assert not list((tmp_path / "scratch").iterdir())
    code = np.frombuffer(bytes.fromhex(PDQ), dtype=np.uint8)[np.newaxis]
    assert [record.source_id for record in matcher.search(code).records(0)] == ["1"]


def test_what_stands_beside_the_files_says_whose_they_are(tmp_path: Path) -> None:
    write(tmp_path, "a.csv")
    write(tmp_path, "b.csv", OTHER)
    settle(tmp_path, **{"a.csv": {"name": "mine", "partner": "Us", "role": "allow", "radius": {"pdq": 3}}})
    matcher = Matcher.from_lists([tmp_path])
    assert matcher.settings["mine"].partner == "Us"
    assert matcher.settings["mine"].role is Role.ALLOW
    assert matcher.settings["mine"].radius == {"pdq": 3}
    assert not any(report.notes for report in matcher.reports)


def test_in_a_folder_what_is_no_list_is_left_and_said(tmp_path: Path) -> None:
    write(tmp_path, "a.csv")
    (tmp_path / "notes.md").write_text("Dear all,\n")
    (tmp_path / "deeper").mkdir()
    matcher = Matcher.from_lists([tmp_path])
    assert [Path(path).name for path, _ in matcher.left] == ["deeper", "notes.md"]
    with pytest.raises(FormatError, match=r"notes\.md"):
        Matcher.from_lists([tmp_path / "notes.md"])


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        ('{"a.csv": {"rol": "allow"}}', "'rol'"),
        ('{"b.csv": {"role": "allow"}}', "b.csv"),
        ('{"deeper/a.csv": {"role": "allow"}}', "not a file beside it"),
        ('{"a.csv": {"role": "allow", "role": "block"}}', "twice"),
        ('{"a.csv": {"role": "permit"}}', "permit"),
        ('["a.csv"]', "map file names"),
        ("{", "cannot be read"),
    ],
)
def test_settings_that_are_wrong_are_refused(stated: str, reason: str, tmp_path: Path) -> None:
    write(tmp_path, "a.csv")
    (tmp_path / "deeper").mkdir()
    write(tmp_path / "deeper", "a.csv")
    (tmp_path / "lists.json").write_text(stated)
    with pytest.raises(FormatError, match=reason):
        Matcher.from_lists([tmp_path])


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    paths = [write(tmp_path, "a.csv"), write(tmp_path, "a.tsv", OTHER)]
    with pytest.raises(FormatError, match="another file holds too"):
        Matcher.from_lists(paths)


def test_a_file_without_a_good_row_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"id,algorithm,hash\n1,pqd,{PDQ}\n")
    with pytest.raises(FormatError, match=r"no good row of a; line 2: unknown algorithm 'pqd'"):
        Matcher.from_lists([tmp_path / "a.csv"])


def test_bare_hashes_whose_length_fits_several_need_their_algorithm(tmp_path: Path) -> None:
    (tmp_path / "bare.txt").write_text(f"{PDQ}\n{'ab' * 16}\n")
    with pytest.raises(FormatError, match=r"pdq, phash256 or sha256: name the algorithm"):
        Matcher.from_lists([tmp_path])
    settle(tmp_path, **{"bare.txt": {"algorithm": "sha256"}})
    assert Matcher.from_lists([tmp_path]).algorithms == ("md5", "sha256")


def test_nothing_to_load_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no list to load"):
        Matcher.from_lists([tmp_path])
    write(tmp_path, "a.csv")
    settle(tmp_path, **{"a.csv": {"role": "allow"}})
    with pytest.raises(NotPublished):
        Matcher.from_lists([tmp_path])
