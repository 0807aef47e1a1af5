"""Known videos in a snapshot: against an oracle, in every order and number of pieces, and where there is none."""

from __future__ import annotations

import itertools
import json
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hashmatch import publishing, video_writing
from hashmatch.errors import BankDamaged
from hashmatch.known_videos import CODES, FIRST, LAST, RECORD, RECORDS, STEP, TIMED, VIDEO_FILES
from hashmatch.publishing import build
from hashmatch.records import ListSettings
from hashmatch.snapshot import Snapshot

from .tables import settings, table

LISTS = settings(ListSettings("tcap"), ListSettings("other"))
Row = dict[str, Any]


def opened(folder: Path, rows: list[Row], **how: Any) -> Snapshot:
    return Snapshot.open(folder / build(folder, 1, [table(rows)], LISTS, **how))


def frames(source_id: str, times: list[float | None], digests: list[int] | None = None, **own: Any) -> list[Row]:
    """The rows of one video: of a frame a digest of its own, unless they are given."""
    known = range(1, len(times) + 1) if digests is None else digests
    return [
        {"source_id": source_id, "frame": number, "timestamp": time, "digest": bytes([digest]) * 32, **own}
        for number, (time, digest) in enumerate(zip(times, known, strict=True))
    ]


def told(snapshot: Snapshot, algorithm: str = "pdq") -> dict[tuple[str, str], dict[str, Any]]:
    """What is known of each video, by its list and id."""
    videos = snapshot.videos(algorithm)
    if videos is None:
        return {}
    rows = np.arange(snapshot.manifest.records)[videos.first :][: len(videos.numbers)]
    numbers = videos.of(rows)
    assert np.isnan(videos.places[numbers < 0]).all()
    when = np.where(numbers < 0, -1, videos.places)
    assert (videos.when(rows[numbers >= 0]) == when[numbers >= 0]).all()
    named = snapshot.hash_records(videos.counts[:, RECORD])
    return {
        (own.list, own.source_id): {
            "records": int(videos.counts[i, RECORDS]),
            "codes": int(videos.counts[i, CODES]),
            "timed": bool(videos.counts[i, TIMED]),
            "span": tuple(None if np.isnan(value) else float(value) for value in videos.spans[i]),
            "when": sorted(when[numbers == i].tolist()),
            "seconds": videos.seconds(i),
        }
        for i, own in enumerate(named)
    }


def expected(rows: list[Row], algorithm: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The same by the words of ``known_videos``."""
    claims: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.get("algorithm", "pdq") == algorithm and row["frame"] >= 0:
            claims.setdefault((row.get("list", "tcap"), row["source_id"]), []).append(row)
    answer = {}
    for key, own in claims.items():
        times = [row["timestamp"] for row in own]
        timed = None not in times and max(times) <= 1e7 and (len(own) == 1 or min(times) < max(times))
        when = sorted(float(np.float32(row["timestamp"] if timed else row["frame"])) for row in own)
        gaps = sorted(b - a for a, b in itertools.pairwise(when) if b > a)
        step = gaps[(len(gaps) - 1) // 2] if gaps else None
        answer[key] = {
            "records": len(own),
            "codes": len({row["digest"] for row in own}),
            "timed": timed,
            "span": (when[0], when[-1], step),
            "when": when,
            "seconds": when[-1] - when[0] + step if timed and step is not None else None,
        }
    return answer


@st.composite
def records(draw: st.DrawFn) -> list[Row]:
    rows = {}
    for _ in range(draw(st.integers(1, 40))):
        row = {
            "list": draw(st.sampled_from(sorted(LISTS))),
            "source_id": draw(st.sampled_from(["1", "2", "ä", ""])),
            "algorithm": draw(st.sampled_from(["pdq", "phash", "md5"])),
            "frame": draw(st.integers(-1, 3)),
            "timestamp": draw(st.sampled_from([None, 0.0, 0.25, 1.1, 7.0, 2e7])),
        }
        row["digest"] = bytes([draw(st.integers(1, 4))]) * {"pdq": 32, "phash": 8, "md5": 16}[row["algorithm"]]
        rows[tuple(row[name] for name in ("list", "source_id", "algorithm", "frame", "digest"))] = row
    return list(rows.values())


@hypothesis_settings(max_examples=80, deadline=None)
@given(rows=records(), bound=st.integers(1, 12), size=st.integers(1, 12), part=st.integers(1, 5))
def test_videos_are_those_of_the_records(rows: list[Row], bound: int, size: int, part: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch("os.fsync"),
        mock.patch.object(publishing, "_BATCH", size),
        mock.patch.object(video_writing, "_ROWS", part),
        mock.patch.object(video_writing, "_SLICE", part),
        mock.patch.object(video_writing, "_FEW", part),
    ):
        snapshot = opened(Path(folder), rows, max_rows_in_memory=bound)
        snapshot.verify()
        for algorithm in snapshot.algorithms:
            assert told(snapshot, algorithm) == ({} if algorithm == "md5" else expected(rows, algorithm))


def test_a_video_s_length_is_to_the_end_of_its_last_frame(tmp_path: Path) -> None:
    snapshot = opened(
        tmp_path,
        [
            *frames("even", [0, 1, 2, 3]),
            *frames("gaps", [2, 3, 4, 60, 61]),
            *frames("untimed", [None, None, None]),
            *frames("half timed", [0, None, 2]),
            *frames("all at once", [5, 5, 5]),
            *frames("of one frame", [5]),
            *frames("repeated", [0, 0, 1, 1]),
        ],
    )
    known = told(snapshot)
    seconds = {key[1]: own["seconds"] for key, own in known.items()}
    assert seconds == {
        "even": 4,
        "gaps": 60,
        "untimed": None,
        "half timed": None,
        "all at once": None,
        "of one frame": None,
        "repeated": 2,
    }
    assert known[("tcap", "half timed")]["span"] == (0, 2, 1)
    assert known[("tcap", "all at once")]["when"] == [0, 1, 2]


def test_what_is_not_live_does_not_count(tmp_path: Path) -> None:
    rows = frames("1", [0, 1, 2, 3, 4], [1, 2, 2, 3, 4])
    rows[4]["quality"], rows[3]["opinion"] = 49, "negative"
    known = told(opened(tmp_path, [*rows, *frames("2", [0, 1], opinion="negative")]))
    assert {key: (own["records"], own["codes"], own["span"][LAST]) for key, own in known.items()} == {
        ("tcap", "1"): (3, 2, 2)
    }


def test_a_whole_file_beside_frames_is_of_no_video(tmp_path: Path) -> None:
    snapshot = opened(tmp_path, [*frames("1", [0, 1]), {"source_id": "1", "digest": b"\1" * 32}])
    videos = snapshot.videos("pdq")
    assert videos is not None
    assert videos.of(np.arange(3)).tolist() == [-1, 0, 0]
    with pytest.raises(BankDamaged, match="when a frame is"):
        videos.when(np.array([0]))


def test_pictures_alone_are_published_as_before_there_were_videos(tmp_path: Path) -> None:
    snapshot = opened(tmp_path, [{"digest": b"\1" * 32}, {"algorithm": "md5", "digest": b"\1" * 16, "frame": 3}])
    assert snapshot.videos("pdq") is None
    assert not any(path.name in VIDEO_FILES for path in snapshot.folder.rglob("*"))
    manifest = json.loads((snapshot.folder / "manifest.json").read_bytes())
    assert manifest["layout"] == 1
    assert "videos" not in manifest


def test_numbers_that_lead_out_of_the_videos_are_damage(tmp_path: Path) -> None:
    folder = opened(tmp_path, frames("1", [0, 1])).folder
    for wrong in (1, -2, 2**31 - 1):
        np.save(folder / "pdq" / "video_numbers.npy", np.array([0, wrong], np.int32))
        videos = Snapshot.open(folder).videos("pdq")
        assert videos is not None
        with pytest.raises(BankDamaged, match="leads out"):
            videos.of(np.arange(2))


@pytest.mark.parametrize("name", VIDEO_FILES)
def test_arrays_of_another_kind_are_damage(name: str, tmp_path: Path) -> None:
    folder = opened(tmp_path, frames("1", [0, 1])).folder
    array = np.load(folder / "pdq" / name)
    np.save(folder / "pdq" / name, array.astype(np.int16 if array.dtype != np.int16 else np.int8))
    content = json.loads((folder / "manifest.json").read_bytes())
    content["files"][f"pdq/{name}"]["size"] = (folder / "pdq" / name).stat().st_size
    (folder / "manifest.json").write_text(json.dumps(content))
    with pytest.raises(BankDamaged, match="pdq part"):
        Snapshot(folder)


def test_spans_are_by_their_columns(tmp_path: Path) -> None:
    videos = opened(tmp_path, frames("1", [1, 3, 5, 6])).videos("pdq")
    assert videos is not None
    assert (videos.spans[0, FIRST], videos.spans[0, LAST], videos.spans[0, STEP]) == (1, 6, 2)
