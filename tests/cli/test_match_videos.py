"""``hashmatch match`` of videos: text with a timeline, JSON with all numbers, vPDQ's rule on request."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hashmatch
from hashmatch.hashing import hash_file

from ..clips import X264, clip, needs
from ..films import codes, film, known, noisy
from .conftest import ROOT, objects, process, run

DOCS = (ROOT / "docs" / "video.md").read_text(encoding="utf-8")
MOVIE = film(1, 120, 2.5)


def listed(path: Path, rows: list[dict[str, Any]]) -> Path:
    """A list file of some rows: CSV."""
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(
            stream, ["source_id", "algorithm", "frame", "timestamp", "digest", "media_type", "label"]
        )
        writer.writeheader()
        for row in rows:
            named = {**row, "algorithm": "pdq", "digest": row["digest"].hex(), "label": "ideology:x"}
            writer.writerow({key: named[key] for key in writer.fieldnames})
    return path


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    folder = tmp_path / "bank"
    rows = known(MOVIE.at(np.arange(120)), source_id="case-7")
    result = run(
        "import",
        listed(tmp_path / "films.csv", rows),
        "--bank",
        folder,
        "--name",
        "films",
        "--partner",
        "Sample",
        "--replace",
    )
    assert result.exit_code == 0, result.output
    return folder


def line(given: np.ndarray, seconds: float = 1.0) -> str:
    """A line of ``hashmatch hash --json`` of a video."""
    frames = [
        {"frame": number, "hex": code.tobytes().hex(), "quality": 100, "timestamp": number * seconds}
        for number, code in enumerate(given)
    ]
    hashes = {"pdq": {"hex": frames[0]["hex"], "quality": 100, "frames": frames}}
    return json.dumps({"file": "upload.mp4", "media_type": "video", "duration": len(given) * seconds, "hashes": hashes})


def cut() -> np.ndarray:
    return np.concatenate([codes(5, 10), noisy(MOVIE.at(np.arange(30) + 50.2), 10), codes(6, 20)])


def test_the_text_has_a_line_for_a_video_and_a_bar_for_a_segment(bank: Path) -> None:
    result = run("match", "--hashes", "-", "--bank", bank, stdin=line(cut()))
    told, bar, counts = result.stdout.splitlines()
    assert told == "upload.mp4: films (Sample) case-7 ideology:x: 25 % of 02:00 found, 49 % of the upload"
    assert bar.startswith("  " + "─" * 10 + "█" * 30 + "─" * 20 + " 00:")
    assert bar.endswith(", 30 frames, 12 pictures")
    assert re.search(r" 00:(09|10)–00:(39|40) = 00:(49|50)–01:(19|20), ", bar)
    assert counts.startswith("1 hash: 1 matched, 0 suppressed")
    assert result.exit_code == 0
    assert run("match", "--hashes", "-", "--bank", bank, "--fail-on-match", stdin=line(cut())).exit_code == 10


def test_the_json_has_all_numbers(bank: Path) -> None:
    (answer,) = objects(run("match", "--hashes", "-", "--bank", bank, "--json", stdin=line(cut())))
    (video,) = answer["videos"]
    assert (answer["matches"], answer["suppressed"], answer["suppressed_videos"]) == ([], [], [])
    (segment,) = video["segments"]
    assert (segment["frames"], segment["pictures"], segment["speed"], segment["orientation"]) == (
        30,
        12,
        1.0,
        "original",
    )
    assert segment["upload_start"] == pytest.approx(10, abs=1)
    assert segment["known_end"] == pytest.approx(80.2, abs=1)
    assert set(segment) == set(hashmatch.Segment.__dataclass_fields__)
    assert set(hashmatch.VideoMatch.__dataclass_fields__) - {"record"} <= set(video)
    shown = json.loads(DOCS.partition("```json\n")[2].partition("```")[0])
    assert list(video) == list(shown)
    assert list(segment) == list(shown["segments"][0])
    assert (video["by"], video["list"], video["partner"], video["source_id"]) == (
        "segments",
        "films",
        "Sample",
        "case-7",
    )
    assert (video["labels"], video["known_frames"], video["known_duration"]) == (["ideology:x"], 120, 120)
    assert (video["upload_duration"], video["known_share"], video["known_rate"]) == (60, 0.25, None)
    assert 50 <= video["known_frame"] == video["known_timestamp"] <= 80


def test_vpdqs_rule_can_be_asked_for(bank: Path) -> None:
    def videos(rule: str) -> list[Any]:
        (answer,) = objects(
            run("match", "--hashes", "-", "--bank", bank, "--json", "--video-rule", rule, stdin=line(cut()))
        )
        return answer["videos"]

    assert videos("vpdq") == []
    assert videos("vpdq:26:0") == []
    assert videos("vpdq:20:51") == []
    (video,) = videos("vpdq:20:45")
    assert (video["by"], video["segments"]) == ("vpdq", [])
    assert videos("aligned")[0]["by"] == "segments"
    wrong = run("match", "--hashes", "-", "--bank", bank, "--video-rule", "vpdq:80", stdin="")
    assert wrong.exit_code == 2
    assert "vpdq:KNOWN:UPLOAD" in wrong.output


def test_a_terminal_without_blocks_gets_plain_characters(bank: Path) -> None:
    given = MOVIE.at(np.arange(40) * 2.0)
    arguments = ("match", "--hashes", "-", "--bank", bank)
    plain = process(arguments, line(given).encode(), PYTHONIOENCODING="ascii", PYTHONUTF8="0").stdout.decode("ascii")
    assert "#" * 59 in plain
    assert re.search(r" at x(1\.9|2\.0)\d, ", plain)
    blocks = process(arguments, line(given).encode(), PYTHONIOENCODING="utf-8").stdout.decode()
    assert "█" * 59 in blocks
    assert re.search(r" at ×(1\.9|2\.0)\d, ", blocks)


def test_what_an_allow_list_hides_is_said(bank: Path, tmp_path: Path) -> None:
    rows = known(MOVIE.at(np.arange(120) + 0.2), source_id="news")
    allowed = listed(tmp_path / "news.csv", rows)
    done = run("import", allowed, "--bank", bank, "--name", "news", "--role", "allow", "--replace")
    assert done.exit_code == 0, done.output
    result = run("match", "--hashes", "-", "--bank", bank, "--fail-on-match", stdin=line(cut()))
    assert result.exit_code == 0
    assert "1 hash: 0 matched, 1 suppressed" in result.stdout
    assert "films case-7, a video, is hidden by news news at distance" in result.stderr
    (answer,) = objects(run("match", "--hashes", "-", "--bank", bank, "--json", stdin=line(cut())))
    assert answer["videos"] == []
    (hidden,) = answer["suppressed_videos"]
    assert (hidden["source_id"], hidden["allowed_by"]["source_id"], len(hidden["segments"])) == ("case-7", "news", 1)


@needs(X264)
def test_a_clip_in_a_file_is_found_from_end_to_end(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(clip(X264, "mp4", count=100))
    frames = hash_file(path, ("pdq",), sampling=0.2)["pdq"].frames
    rows = known(np.array([np.frombuffer(own.digest, np.uint8) for own in frames]), [own.timestamp for own in frames])
    against = listed(tmp_path / "films.csv", rows)
    result = process(("match", path, "--against", against, "--sampling", "every", "--json"))
    (answer,) = objects(result)
    (video,) = answer["videos"]
    (segment,) = video["segments"]
    ends = [segment[name] for name in ("upload_start", "upload_end", "known_start", "known_end")]
    assert ends == pytest.approx([0, 4, 0, 4], abs=0.15)
    assert (video["known_share"], answer["matches"]) == (1, [])


def test_a_photo_in_a_video_is_told_with_its_second(tmp_path: Path) -> None:
    photo = noisy(cut()[12:13], 4)[0].tobytes().hex()
    against = tmp_path / "photos.txt"
    against.write_text(f"pdq:{photo}\n")
    result = run("match", "--hashes", "-", "--against", against, stdin=line(cut(), 0.5))
    assert result.stdout.splitlines()[0].split()[-2:] == ["at", "second"]
    assert result.stdout.splitlines()[2].split()[-1] == "6.0"
    (answer,) = objects(run("match", "--hashes", "-", "--against", against, "--json", stdin=line(cut(), 0.5)))
    (match,) = answer["matches"]
    assert (match["frame"], match["timestamp"]) == (12, 6)
    assert "known_frame" not in match


def test_a_still_that_is_a_frame_of_a_video_says_which(bank: Path) -> None:
    still = MOVIE.at([33.0])[0].tobytes().hex()
    (answer,) = objects(run("match", "--hashes", f"pdq:{still}", "--bank", bank, "--json"))
    assert {(own["known_frame"], own["known_timestamp"]) for own in answer["matches"]} == {(33, 33), (34, 34)}
    assert all("frame" not in own for own in answer["matches"])
    assert answer["videos"] == []


def test_the_snapshot_says_how_many_videos_it_knows(bank: Path) -> None:
    (summary,) = objects(run("snapshot", "--bank", bank, "--json"))
    assert summary["videos"] == {"pdq": 1}
    shown = run("snapshot", "--bank", bank).stdout.splitlines()
    assert shown[2].split() == ["algorithm", "hashes", "records", "known", "videos", "index"]
    assert shown[4].split()[:4] == ["pdq", "48", "120", "1"]
