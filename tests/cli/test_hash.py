"""``hashmatch hash``."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import hashmatch
from hashmatch.algorithms import ALGORITHMS

from .conftest import MEDIA, objects, run


def test_default_is_pdq_and_sha256() -> None:
    result = run("hash", MEDIA / "coast.jpg")
    expected = hashmatch.hash_file(MEDIA / "coast.jpg")
    assert result.exit_code == 0
    assert f"pdq      {expected['pdq'].hex}  quality 100" in result.stdout
    assert f"sha256   {expected['sha256'].hex}" in result.stdout


def test_json_line_has_hashes_quality_and_orientations() -> None:
    (line,) = objects(run("hash", MEDIA / "coast.jpg", "--json"))
    hashed = hashmatch.hash_file(MEDIA / "coast.jpg")
    assert line == {
        "file": str(MEDIA / "coast.jpg"),
        "error": None,
        "media_type": "image",
        "hashes": {
            "pdq": {"hex": hashed["pdq"].hex, "quality": 100, "orientations": hashed["pdq"].orientations},
            "sha256": {"hex": hashlib.sha256((MEDIA / "coast.jpg").read_bytes()).hexdigest()},
        },
    }
    assert len(hashed["pdq"].orientations) == 8


def test_every_algorithm_can_be_asked_for() -> None:
    asked = [part for name in ALGORITHMS for part in ("--algorithm", name)]
    (line,) = objects(run("hash", *asked, MEDIA / "coast.jpg", "--json"))
    assert list(line["hashes"]) == list(ALGORITHMS)


def test_unknown_algorithm_is_a_usage_error_that_names_the_choices() -> None:
    result = run("hash", "--algorithm", "crc32", MEDIA / "coast.jpg")
    assert result.exit_code == 2
    assert all(name in result.stderr for name in ALGORITHMS)


def test_a_bad_file_is_told_and_the_next_goes_on() -> None:
    result = run("hash", "nowhere.jpg", MEDIA / "broken.jpg", MEDIA / "coast.jpg", "--json")
    missing, broken, good = objects(result)
    assert result.exit_code == 3
    assert "nowhere.jpg" in missing["error"]
    assert missing["hashes"] == {}
    assert broken["error"] is not None
    assert list(broken["hashes"]) == ["sha256"]
    assert good["error"] is None


def test_text_names_what_failed_on_stderr() -> None:
    result = run("hash", MEDIA / "broken.jpg")
    assert result.exit_code == 3
    assert "sha256" in result.stdout
    assert "broken.jpg: " in result.stderr


def test_folders_need_r() -> None:
    assert run("hash", MEDIA).exit_code == 3
    lines = objects(run("hash", "-r", MEDIA, "--json", "--algorithm", "md5"))
    assert [Path(line["file"]).name for line in lines] == sorted(path.name for path in MEDIA.iterdir())


def test_paths_are_read_from_standard_input() -> None:
    result = run("hash", "-", "--json", stdin=f"{MEDIA / 'coast.jpg'}\n\n{MEDIA / 'meadow.jpg'}")
    assert [Path(line["file"]).name for line in objects(result)] == ["coast.jpg", "meadow.jpg"]


def test_the_output_is_a_list_that_import_reads(tmp_path: Path) -> None:
    removals = tmp_path / "removals.jsonl"
    removals.write_text(run("hash", "-r", MEDIA, "--json").stdout)
    bank = tmp_path / "bank"
    result = run("import", removals, "--bank", bank, "--name", "own", "--json")
    (report,) = objects(result)
    assert report["format"] == "hashes"
    assert report["rejected"] == 0
    assert report["added"] == len(list(MEDIA.iterdir()))
    (line,) = objects(run("match", MEDIA / "coast_resized.jpg", "--bank", bank, "--json"))
    assert {match["list"] for match in line["matches"]} == {"own"}


def test_no_file_is_a_usage_error() -> None:
    result = run("hash")
    assert result.exit_code == 2
    assert "Usage:" in result.stderr


@pytest.mark.parametrize("quiet", ["a\x1b[2Jb.jpg", "line\nbreak.jpg", "back\rspace.jpg"])
def test_names_cannot_move_the_terminal(tmp_path: Path, quiet: str) -> None:
    (tmp_path / quiet).write_bytes((MEDIA / "coast.jpg").read_bytes())
    out = run("hash", tmp_path / quiet).stdout
    assert len(out.splitlines()) == 3
    assert "\x1b" not in out
    assert "\r" not in out
