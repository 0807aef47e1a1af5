"""``hashmatch hash`` of videos: a few words for people, all frames for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import hashmatch
from tests.clips import RATE, clip

from .conftest import MEDIA, objects, run

COUNT = 60


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(clip("mpeg4", "mp4", count=COUNT))
    return path


def test_text_is_short(film: Path) -> None:
    result = run("hash", film)
    first = hashmatch.hash_file(film)["pdq"]
    assert result.exit_code == 0
    name, pdq, sha256 = result.stdout.splitlines()
    assert name == str(film)
    assert pdq == f"  pdq      {first.hex}  quality {first.quality}  the first of 3 frames in 2.4 s"
    assert "frames" not in sha256
    assert "the only frame in 2.4 s" in run("hash", film, "--sampling", "100").stdout


def test_json_has_every_frame(film: Path) -> None:
    (line,) = objects(run("hash", film, "--json", "--sampling", "every"))
    hashed = hashmatch.hash_file(film, sampling="every")
    assert (line["media_type"], line["duration"], line["sampling"]) == ("video", COUNT / RATE, "every")
    assert [frame["frame"] for frame in line["hashes"]["pdq"]["frames"]] == list(range(COUNT))
    assert [frame["hex"] for frame in line["hashes"]["pdq"]["frames"]] == [frame.hex for frame in hashed["pdq"].frames]
    assert line["hashes"]["pdq"]["frames"][7]["timestamp"] == 0.28
    assert "frames" not in line["hashes"]["sha256"]


def test_one_frame_is_a_frame_of_a_video_too(film: Path) -> None:
    (line,) = objects(run("hash", film, "--json", "--sampling", "100"))
    assert [(frame["frame"], frame["timestamp"]) for frame in line["hashes"]["pdq"]["frames"]] == [(0, 0.0)]
    assert line["sampling"] == 100
    (still,) = objects(run("hash", MEDIA / "coast.jpg", "--json", "--sampling", "every"))
    assert not {"duration", "sampling"} & still.keys()
    assert "frames" not in still["hashes"]["pdq"]


@pytest.mark.parametrize(("sampling", "frames"), [("every", COUNT), ("0.5", 5), ("2", 2)])
def test_sampling(film: Path, sampling: str, frames: int) -> None:
    (line,) = objects(run("hash", film, "--json", "--sampling", sampling))
    assert len(line["hashes"]["pdq"]["frames"]) == frames
    (keys,) = objects(run("hash", film, "--json", "--sampling", "keyframes"))
    assert 1 < len(keys["hashes"]["pdq"]["frames"]) < COUNT


@pytest.mark.parametrize("sampling", ["all", "0", "-1", "nan", "inf", ""])
def test_sampling_that_makes_no_sense_is_a_usage_error(film: Path, sampling: str) -> None:
    result = run("hash", film, "--sampling", sampling)
    assert result.exit_code == 2
    assert "is neither every, nor keyframes, nor a number of seconds above 0." in " ".join(result.stderr.split())


def test_damage_is_told_and_the_rest_is_hashed(film: Path) -> None:
    content = clip("mpeg4", "matroska", count=COUNT)
    film.write_bytes(content[: len(content) // 3])
    result = run("hash", film, "--json")
    (line,) = objects(result)
    assert result.exit_code == 3
    assert "and says that it lasts 2.4 s" in line["error"]
    assert line["hashes"]["pdq"]["frames"]
    assert "and says that it lasts" in run("hash", film).stderr


def test_the_lines_are_a_list_that_import_reads(film: Path, tmp_path: Path) -> None:
    removals = tmp_path / "removals.jsonl"
    removals.write_text(run("hash", film, "--json", "--sampling", "every").stdout)
    (report,) = objects(run("import", removals, "--bank", tmp_path / "bank", "--name", "own", "--json"))
    assert (report["format"], report["added"], report["rejected"]) == ("hashes", 1, 0)
    assert report["rows"] == COUNT + 1


def test_what_was_sampled_otherwise_is_hashed_again(film: Path, tmp_path: Path) -> None:
    done = tmp_path / "done.jsonl"
    done.write_text(run("hash", film, MEDIA / "coast.jpg", "--json", "--sampling", "2").stdout)
    both = (film, MEDIA / "coast.jpg", "--json", "--skip-hashed", done)
    assert run("hash", *both, "--sampling", "2").stdout == ""
    for sampling in ((), ("--sampling", "every")):
        (line,) = objects(run("hash", *both, *sampling))
        assert line["file"] == str(film)


def test_times_in_lines_are_no_longer_than_they_need_be(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(clip("mpeg4", "mp4", count=20, rate=30))
    line = json.loads(run("hash", path, "--json", "--sampling", "every").stdout)
    assert [frame["timestamp"] for frame in line["hashes"]["pdq"]["frames"]][:4] == [0.0, 0.033333, 0.066667, 0.1]


def test_a_picture_that_a_video_shows_is_found_by_the_frames_that_are_asked_for(film: Path, tmp_path: Path) -> None:
    lists = tmp_path / "known.txt"
    frames = hashmatch.hash_file(film, ("pdq",), sampling="every")["pdq"].frames
    lists.write_text(f"pdq {frames[37].hex}\n")
    for sampling, matched in (("every", True), ("50", False)):
        result = run("match", film, "--against", lists, "--json", "--sampling", sampling, "--radius", "0")
        (line,) = objects(result)
        assert (line["error"], line["duration"]) == (None, COUNT / RATE)
        assert bool(line["matches"]) is matched, sampling
    (report,) = hashmatch.Matcher.from_lists([lists]).match_many([film], sampling="every", radius=0)
    assert [(match.frame, match.timestamp) for match in report.matches] == [(37, 1.48)]
    assert hashmatch.Matcher.from_lists([lists]).match(film, sampling=50.0, radius=0).matches == ()
    assert run("match", film, "--against", lists, "--sampling", "0").exit_code == 2
