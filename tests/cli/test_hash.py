"""``hashmatch hash``."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image

import hashmatch
from hashmatch.algorithms import ALGORITHMS
from tests.drawing import textured

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


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_however_many_workers_hash_the_lines_are_the_same(workers: int) -> None:
    lines = objects(run("hash", "-r", MEDIA, "--json", "--workers", workers))
    assert lines == objects(run("hash", *sorted(MEDIA.iterdir()), "--json"))
    assert len(lines) == len(list(MEDIA.iterdir()))


def test_fast_hashes_say_that_they_are(tmp_path: Path) -> None:
    Image.fromarray(textured(1500, 1430)).save(tmp_path / "large.jpg")
    exact, fast = (objects(run("hash", tmp_path / "large.jpg", "--json", *more))[0] for more in ((), ("--fast",)))
    assert "decoding" not in exact
    assert fast["decoding"] == "fast"
    assert fast["hashes"]["sha256"] == exact["hashes"]["sha256"]


def test_a_run_that_was_stopped_is_gone_on_with(tmp_path: Path) -> None:
    names = ["a.png", "b.png", "\udce4.png", "bad.png", "z.png"]
    for number, name in enumerate(names):
        Image.fromarray(textured(40, 50, seed=number)).save(tmp_path / name, "PNG")
    (tmp_path / "bad.png").write_bytes(b"nothing")
    paths = [tmp_path / name for name in names]
    whole = run("hash", *paths, "--json").stdout
    lines = whole.splitlines(keepends=True)
    done = tmp_path / "done.jsonl"
    # Stopped in the middle of the third line, behind a file that could not be hashed.
    done.write_text("".join([lines[0], lines[3], lines[1], lines[2][:40]]))
    added = run("hash", *paths, "--json", "--skip-hashed", done)
    assert added.exit_code == 3
    assert added.stdout == "\n" + "".join(lines[2:])
    with done.open("a") as file:
        file.write(added.stdout)
    rest = run("hash", *paths, "--json", "--skip-hashed", done)
    # A name that is no UTF-8 may be written like another's.
    assert [line["file"] for line in objects(rest)] == [f"{tmp_path}/\\xe4.png", str(tmp_path / "bad.png")]
    paths = [paths[0], paths[1], paths[4]]
    nothing = run("hash", *paths, "--json", "--skip-hashed", done)
    assert (nothing.exit_code, nothing.stdout) == (0, "")


def test_what_to_skip_must_be_a_file(tmp_path: Path) -> None:
    assert run("hash", MEDIA / "coast.jpg", "--skip-hashed", tmp_path / "none").exit_code == 2


def test_only_what_is_hashed_as_it_is_asked_for_is_skipped(tmp_path: Path) -> None:
    Image.fromarray(textured(800, 900)).save(tmp_path / "a.jpg")
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("same.txt", b"one")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("same.txt", b"two")
    (tmp_path / "n\\xff").write_bytes(b"x")
    done = tmp_path / "done.jsonl"
    paths = [tmp_path / "a.jpg", tmp_path / "z.zip", tmp_path / "n\\xff"]
    lines = run("hash", "-r", *paths, "--json", "--algorithm", "md5", "--fast").stdout.splitlines(keepends=True)
    assert len(lines) == 4
    done.write_text("".join(lines[:2]))
    rest = objects(run("hash", "-r", *paths, "--json", "--algorithm", "md5", "--fast", "--skip-hashed", done))
    assert [line["hashes"]["md5"] for line in rest] == [json.loads(line)["hashes"]["md5"] for line in lines[2:]]
    done.write_text("".join(lines))
    # A name that may be another's is hashed again.
    again = objects(run("hash", "-r", *paths, "--json", "--algorithm", "md5", "--skip-hashed", done))
    assert [line["file"] for line in again] == [str(paths[2])]
    other = objects(run("hash", "-r", *paths, "--json", "--algorithm", "sha1", "--skip-hashed", done))
    assert len(other) == 4
    done.write_text(run("hash", paths[0], "--json", "--fast").stdout)
    assert len(objects(run("hash", paths[0], "--json", "--skip-hashed", done))) == 1
    assert objects(run("hash", paths[0], "--json", "--fast", "--skip-hashed", done)) == []
