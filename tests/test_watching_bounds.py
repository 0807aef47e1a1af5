"""Known videos in crowds: bounded, and the same answers where nothing is crowded."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

from hashmatch import aligning, hits, showing, voting, watching
from hashmatch.hits import look_up
from hashmatch.matching import Matcher
from hashmatch.publishing import build
from hashmatch.query_codes import QueryCodes
from hashmatch.records import ListSettings
from hashmatch.results import MatchReport
from hashmatch.snapshot import Snapshot
from hashmatch.terms import Terms
from hashmatch.timeline import Timeline
from hashmatch.video_rule import VideoRule
from hashmatch.video_writing import VideoIds

from .films import codes, film, known, noisy, upload
from .tables import settings, table

LISTS = settings(ListSettings("tcap"))
MOVIE = film(1, 60, 2).at(np.arange(60))
TITLE = np.repeat(codes(2, 1), 40, axis=0)
GIVEN = np.concatenate([noisy(TITLE, 6, 1), noisy(MOVIE[10:40], 6), noisy(TITLE, 6, 2)])


def opened(folder: Path, rows: list[dict[str, Any]]) -> Snapshot:
    return Snapshot.open(folder / build(folder, 1, [table(rows)], LISTS))


def crowd(folder: Path) -> Snapshot:
    """Twenty videos of a title that is held and pictures of their own, of which the first one is the movie's."""
    return opened(
        folder,
        [
            row
            for number in range(20)
            for row in known(
                np.concatenate([noisy(TITLE, 6, number + 9), MOVIE if number == 0 else codes(number + 99, 30)]),
                source_id=f"{number:02d}",
            )
        ],
    )


def told(report: MatchReport) -> list[tuple[str, list[tuple[float, float]]]]:
    return [
        (own.record.source_id, [(part.upload_start, part.upload_end) for part in own.segments]) for own in report.videos
    ]


def test_a_held_title_does_not_hide_the_cut_between(tmp_path: Path) -> None:
    assert told(Matcher.from_snapshot(crowd(tmp_path)).match_hashes(upload(GIVEN))) == [("00", [(39.5, 69.5)])]


BOUNDS = (
    {(hits, "VIDEO_ANSWERS_TOGETHER"): 1},
    {(hits, "VIDEO_ANSWERS_TOGETHER"): 30, (hits, "CROWDED_CODES"): 5},
    {(hits, "VIDEO_ANSWERS_TOGETHER"): 30, (hits, "CROWDED_CODES"): 5, (hits, "VIDEO_ANSWERS"): 2000},
    {(watching, "_MOST_HITS"): 400},
    {(showing, "_MOST_PAIRS"): 400},
    {(aligning, "_MOST_PAIRS"): 400},
    {(voting, "_MOST_VOTERS"): 200, (voting, "_MOST_VOTES"): 500},
    {(showing, "_MOST_GROUPS"): 2},
)


@pytest.mark.parametrize("bounds", BOUNDS, ids=lambda bounds: " ".join(name for _, name in bounds))
def test_bounds_leave_out_what_is_crowded_alone(bounds: dict[tuple[Any, str], int], tmp_path: Path) -> None:
    matcher = Matcher.from_snapshot(crowd(tmp_path))
    plain = matcher.match_hashes(upload(GIVEN))
    patches = [mock.patch.object(module, name, value) for (module, name), value in bounds.items()]
    for patch in patches:
        patch.start()
    try:
        assert told(matcher.match_hashes(upload(GIVEN))) == told(plain)
    finally:
        for patch in patches:
            patch.stop()


def neighbors_of(snapshot: Snapshot, given: np.ndarray, *more: np.ndarray) -> list[list[tuple[int, int]]]:
    """What is found around each code of some uploads: the first is judged as a video, the others are stills."""
    uploads = []
    for number, own in enumerate((given, *more)):
        frames = upload(own).hashes["pdq"].frames
        uploads.append(QueryCodes.of("pdq", 32, frames, Timeline.of(frames) if number == 0 else None))
    return [
        list(zip(found.rows[start:stop].tolist(), found.distances[start:stop].tolist(), strict=True))
        for found in look_up(snapshot, uploads, Terms.of(snapshot))
        for start, stop in zip(found.offsets[:-1], found.offsets[1:], strict=True)
    ]


def test_what_was_cut_is_looked_up_again_where_it_is_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = crowd(tmp_path)
    whole = neighbors_of(snapshot, GIVEN, GIVEN[:1])
    assert max(map(len, whole)) > 100
    monkeypatch.setattr(hits, "VIDEO_ANSWERS_TOGETHER", 7)
    assert neighbors_of(snapshot, GIVEN, GIVEN[:1]) == whole
    monkeypatch.setattr(hits, "CROWDED_CODES", 3)
    cut = neighbors_of(snapshot, GIVEN, GIVEN[:1])
    assert cut[-1 * len(upload(GIVEN[:1]).hashes["pdq"].frames[0].orientations) :] == whole[-8:]
    assert [own[:7] for own in whole[:-8]] == cut[:-8]
    monkeypatch.setattr(hits, "CROWDED_CODES", 10**6)
    monkeypatch.setattr(hits, "VIDEO_ANSWERS", 2000)
    least = neighbors_of(snapshot, GIVEN)
    assert sum(map(len, least)) <= 2000
    assert all(own == full[: len(own)] for own, full in zip(least, whole, strict=False))
    assert sum(map(len, least)) > sum(map(len, cut[:-8]))


def test_an_upload_of_one_code_is_not_multiplied(tmp_path: Path) -> None:
    """All frames are one code in the upload and in many videos: each is counted, none is paired with all."""
    rows = [row for number in range(30) for row in known(TITLE, source_id=str(number))]
    matcher = Matcher.from_snapshot(opened(tmp_path, rows))
    report = matcher.match_hashes(upload(np.repeat(TITLE[:1], 3000, axis=0)))
    assert len(report.videos) == 30
    assert {own.by for own in report.videos} == {"both"}
    beside = matcher.match_hashes(upload(np.concatenate([np.repeat(TITLE[:1], 3000, axis=0), codes(5, 2)])))
    assert beside.videos == ()
    shared = matcher.match_hashes(upload(np.concatenate([TITLE[:1], codes(5, 2)])), video_rule=VideoRule.vpdq(1, 0.3))
    assert len(shared.videos) == 30


def test_frames_of_a_snapshot_that_knows_no_videos_are_single_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it was published before there were known videos."""
    monkeypatch.setattr(VideoIds, "add", lambda self, piece: None)
    snapshot = opened(tmp_path, known(MOVIE))
    assert snapshot.manifest.layout == 1
    report = Matcher.from_snapshot(snapshot).match_hashes(upload(MOVIE[:10]))
    assert report.videos == ()
    assert [own.record.frame for own in report.matches] == list(range(10))
