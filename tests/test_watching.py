"""Known videos in uploads, through a matcher: what matches, what does not, and from when to when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hashmatch.hashes import ORIENTATIONS, FrameHash, MediaHash
from hashmatch.matching import Matcher
from hashmatch.publishing import build
from hashmatch.records import ListSettings
from hashmatch.results import HashedMedia, MatchReport, VideoMatch
from hashmatch.snapshot import Snapshot
from hashmatch.video_rule import VideoRule

from .films import codes, film, known, noisy, turned, upload
from .tables import SAID_AT, settings, table

LISTS = settings(ListSettings("tcap", partner="Sample"), ListSettings("other"))
END_SECONDS = 1.5
"""How far from the truth a segment's ends may be where both are sampled once a second."""

LONG = film(1, 600, 2.5)


def match(
    folder: Path,
    rows: list[dict[str, Any]],
    hashed: HashedMedia,
    settings: dict[str, ListSettings] = LISTS,
    **terms: Any,
) -> MatchReport:
    snapshot = Snapshot.open(folder / build(folder, 1, [table(rows)], settings))
    return Matcher.from_snapshot(snapshot).match_hashes(hashed, **terms)


def only(report: MatchReport) -> VideoMatch:
    assert report.matched
    assert report.matches == ()
    (video,) = report.videos
    return video


def ends(video: VideoMatch) -> list[tuple[float, float, float, float]]:
    return [(own.upload_start, own.upload_end, own.known_start, own.known_end) for own in video.segments]


def near(video: VideoMatch, *truth: tuple[float, float, float, float], seconds: float = END_SECONDS) -> None:
    """Fails unless the segments are those, with ends that are not too far off."""
    assert len(video.segments) == len(truth)
    assert np.abs(np.array(ends(video)) - np.array(truth)).max() <= seconds


def second(frames: int) -> np.ndarray:
    return np.arange(frames, dtype=float)


def test_a_clip_that_was_cut_out_is_told_with_its_ends(tmp_path: Path) -> None:
    times = second(60)
    report = match(tmp_path, known(LONG.at(second(600))), upload(noisy(LONG.at(times + 100.4), 14), times))
    video = only(report)
    near(video, (0, 60, 100.4, 160.4))
    (segment,) = video.segments
    assert (segment.speed, segment.orientation, segment.frames, segment.pictures) == (1.0, "original", 60, 24)
    assert 5 <= segment.distance <= 9
    assert (video.by, video.algorithm, video.record.source_id, video.record.partner) == (
        "segments",
        "pdq",
        "film",
        "Sample",
    )
    assert (video.known_frames, video.known_duration, video.upload_duration) == (600, 600, 60)
    assert video.known_share == pytest.approx(24 / 240)
    assert video.upload_share == 1
    assert (video.known_rate, video.upload_rate) == (None, None)
    assert video.record.frame == video.record.timestamp
    assert 100 <= video.record.frame <= 160


def test_ten_seconds_in_a_two_hour_upload_are_found(tmp_path: Path) -> None:
    given = codes(5, 7200)
    given[4001:4011] = noisy(LONG.at(second(10) + 300.2), 20)
    near(only(match(tmp_path, known(LONG.at(second(600))), upload(given))), (4001, 4011, 300.2, 310.2))


def test_ten_seconds_of_a_two_hour_film_are_found(tmp_path: Path) -> None:
    movie = film(2, 7200, 3)
    given = noisy(movie.at(second(10) + 5000.7), 20)
    near(only(match(tmp_path, known(movie.at(second(7200))), upload(given))), (0, 10, 5000.7, 5010.7))


def test_a_whole_film_within_a_longer_one(tmp_path: Path) -> None:
    given = codes(6, 200)
    given[70:130] = noisy(LONG.at(second(60) + 0.3), 14)
    near(only(match(tmp_path, known(LONG.at(second(60))), upload(given))), (69.7, 129.7, 0, 60))


@pytest.mark.parametrize("shot", [1.0, 2.7, 6.0])
@pytest.mark.parametrize("phase", [0.0, 0.3, 0.5, 0.8])
def test_ends_are_near_whatever_the_phase(shot: float, phase: float, tmp_path: Path) -> None:
    movie = film(3, 300, shot)
    given = codes(7, 120)
    given[20:80] = noisy(movie.at(second(60) + 100 + phase), 14)
    near(only(match(tmp_path, known(movie.at(second(300))), upload(given))), (20, 80, 100 + phase, 160 + phase))


@pytest.mark.parametrize("step", [0.04, 0.5, 2.0, 3.3])
def test_a_list_that_is_sampled_otherwise(step: float, tmp_path: Path) -> None:
    movie = film(4, 120, 4)
    times = np.arange(0.1, 120, step)
    given = codes(8, 100)
    given[30:70] = noisy(movie.at(second(40) + 50.6), 14)
    video = only(match(tmp_path, known(movie.at(times), times.tolist()), upload(given)))
    near(video, (30, 70, 50.6, 90.6), seconds=max(END_SECONDS, step))


def test_an_upload_of_every_frame(tmp_path: Path) -> None:
    times = np.arange(0, 12, 0.04)
    report = match(
        tmp_path, known(LONG.at(second(600))), upload(noisy(LONG.at(times + 40), 10), times.tolist(), duration=12.0)
    )
    near(only(report), (0, 12, 40, 52))


def test_cuts_in_another_order_are_segments_each(tmp_path: Path) -> None:
    at = np.concatenate([second(30) + 100, second(20) + 20, second(60) + 200])
    video = only(match(tmp_path, known(LONG.at(second(600))), upload(noisy(LONG.at(at + 0.2), 14))))
    near(video, (0, 30, 100.2, 130.2), (30, 50, 20.2, 40.2), (50, 110, 200.2, 260.2))


def test_one_scene_again_and_again(tmp_path: Path) -> None:
    at = np.tile(second(12) + 40, 5)
    video = only(match(tmp_path, known(LONG.at(second(600))), upload(noisy(LONG.at(at), 14))))
    near(video, *((12 * i, 12 * (i + 1), 40, 52) for i in range(5)))


@pytest.mark.parametrize("speed", [0.5, 0.8, 0.96, 1.04, 1.25, 2.0])
def test_other_speeds(speed: float, tmp_path: Path) -> None:
    given = codes(9, 200)
    length = int(80 / speed)
    given[20 : 20 + length] = noisy(LONG.at(second(length) * speed + 60), 14)
    video = only(match(tmp_path, known(LONG.at(second(600))), upload(given)))
    near(video, (20, 20 + length, 60, 60 + length * speed), seconds=2)
    assert video.segments[0].speed == pytest.approx(speed, rel=0.02)


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_the_orientation_that_agrees_is_told(name: str, tmp_path: Path) -> None:
    shown = np.stack([np.frombuffer(turned(code)[name], np.uint8) for code in LONG.at(second(30) + 50)])
    video = only(match(tmp_path, known(shown), upload(noisy(LONG.at(second(30) + 50), 0))))
    assert [own.orientation for own in video.segments] == [name]
    assert video.upload_share == video.known_share == 1


def test_an_upload_that_is_mirrored_from_the_middle_on(tmp_path: Path) -> None:
    plain, mirrored = LONG.at(second(40)), LONG.at(second(40) + 40)
    shown = np.stack([np.frombuffer(turned(code)["flip_x"], np.uint8) for code in mirrored])
    video = only(match(tmp_path, known(np.concatenate([plain, shown])), upload(np.concatenate([plain, mirrored]))))
    assert [own.orientation for own in video.segments] == ["original", "flip_x"]
    near(video, (0, 40, 0, 40), (40, 80, 40, 80))


def held(code: np.ndarray, frames: int, seed: int) -> np.ndarray:
    return noisy(np.repeat(code[np.newaxis], frames, axis=0), 4, seed)


BLACK, TITLE, LOGO = codes(20, 3)


@pytest.mark.parametrize("seconds", [1, 8, 90])
def test_black_titles_and_held_logos_make_no_match(seconds: int, tmp_path: Path) -> None:
    def clip(seed: int) -> np.ndarray:
        shared = [held(BLACK, 2, seed), held(TITLE, seconds, seed), held(BLACK, 1, seed + 1)]
        own = [film(seed, 30 + seed).at(second(30 + seed)), film(seed + 100, 40).at(second(40))]
        return np.concatenate([*shared, own[0], held(LOGO, seconds, seed), own[1], *shared[::-1]])

    rows = [row for seed in range(30, 40) for row in known(clip(seed), source_id=str(seed))]
    report = match(tmp_path, rows, upload(clip(50)))
    assert (report.matched, report.videos, report.matches) == (False, (), ())
    assert [own.record.source_id for own in match(tmp_path, rows, upload(clip(31))).videos] == ["31"]


def test_an_intro_that_clips_share_is_told_with_its_ends(tmp_path: Path) -> None:
    intro = film(60, 12, 2).at(second(12))
    rows = known(np.concatenate([intro, film(61, 60).at(second(60))]))
    report = match(tmp_path, rows, upload(np.concatenate([film(62, 30).at(second(30)), noisy(intro, 10)])))
    near(only(report), (30, 42, 0, 12))


def test_unrelated_films_have_nothing_in_common(tmp_path: Path) -> None:
    rows = [row for seed in range(70, 80) for row in known(film(seed, 200).at(second(200)), source_id=str(seed))]
    report = match(tmp_path, rows, upload(film(90, 300).at(second(300))))
    assert (report.matched, report.videos, report.suppressed_videos) == (False, (), ())


def test_each_claim_on_a_video_is_told(tmp_path: Path) -> None:
    shown = LONG.at(second(40))
    rows = [
        *known(shown, source_id="1", labels=["ideology:x"]),
        *known(shown, source_id="2", list="other", opinion="disputed"),
        *known(noisy(shown, 8), source_id="3", list="other"),
    ]
    report = match(tmp_path, rows, upload(shown))
    told = [(own.record.list, own.record.source_id, own.record.opinion) for own in report.videos]
    assert sorted(told) == [("other", "2", "disputed"), ("other", "3", "positive"), ("tcap", "1", "positive")]
    assert {own.record.labels for own in report.videos} == {(), ("ideology:x",)}
    for video in report.videos:
        near(video, (0, 40, 0, 40), seconds=0.5)


def test_the_most_evidence_comes_first(tmp_path: Path) -> None:
    rows = [
        *known(LONG.at(second(100)), source_id="long"),
        *known(LONG.at(second(100) + 80), source_id="short"),
    ]
    report = match(tmp_path, rows, upload(LONG.at(second(100))))
    assert [own.record.source_id for own in report.videos] == ["long", "short"]
    assert [own.by for own in report.videos] == ["segments", "segments"]


def test_frames_without_times_are_timed_by_a_rate_that_is_told(tmp_path: Path) -> None:
    movie = film(100, 60, 1.6)
    rows = known(movie.at(np.arange(0, 60, 0.04)), [None] * 1500)
    video = only(match(tmp_path, rows, upload(noisy(movie.at(second(30) + 10.5), 10))))
    assert (video.known_rate, video.known_duration) == (25, None)
    near(video, (0, 30, 10.5, 40.5))
    assert video.segments[0].speed == pytest.approx(1, abs=0.02)
    once = known(movie.at(second(60)), [None] * 60)
    video = only(match(tmp_path, once, upload(noisy(movie.at(second(30) + 10.5), 10), [None] * 30)))
    assert (video.known_rate, video.upload_rate) == (1, 1)
    near(video, (0, 30, 10.5, 40.5))


def test_times_that_are_repeated(tmp_path: Path) -> None:
    movie = film(101, 60, 1.6)
    times = np.arange(0, 60, 0.2)
    rows = known(movie.at(times), np.floor(times).tolist())
    near(only(match(tmp_path, rows, upload(noisy(movie.at(second(30) + 10.5), 10)))), (0, 30, 10.5, 40.5))


def test_odd_times_of_an_upload_end_nothing(tmp_path: Path) -> None:
    shown = LONG.at(second(30))
    for times in ([float("nan")] * 30, [float("inf")] * 30, [1e300] * 30, [-5.0] * 30, [7.0] * 30, [None] * 30):
        report = match(tmp_path, known(shown), upload(shown, times))
        assert only(report).upload_share == 1
    backwards = match(tmp_path, known(shown), upload(shown[::-1], second(30)[::-1].tolist()))
    near(only(backwards), (0, 30, 0, 30), seconds=0.5)


STILL = codes(110, 1)[0]
FOUR_BITS = np.array([15] + [0] * 31, np.uint8)


def test_a_still_with_a_sound_track_matches_itself_alone(tmp_path: Path) -> None:
    rows = known(held(STILL, 120, 1))
    video = only(match(tmp_path, rows, upload(held(STILL, 30, 2))))
    assert (video.by, video.segments, video.known_share, video.pictures) == ("both", (), 1, 1)
    within = np.concatenate([held(STILL, 20, 3), codes(111, 60)])
    assert match(tmp_path, rows, upload(within)).videos == ()


def test_a_very_short_clip_matches_itself_alone(tmp_path: Path) -> None:
    shown = codes(112, 2)
    rows = known(shown)
    video = only(match(tmp_path, rows, upload(noisy(shown, 10))))
    assert (video.by, video.pictures) == ("both", 2)
    within = np.concatenate([shown, codes(113, 40)])
    assert match(tmp_path, rows, upload(within)).videos == ()
    alone = upload(shown[:1])
    assert match(tmp_path, rows, alone).videos == ()
    assert only(match(tmp_path, known(shown[:1]), alone)).by == "both"


def test_an_animation_of_a_second(tmp_path: Path) -> None:
    shown, times = codes(114, 12), (np.arange(12) * 0.1).tolist()
    video = only(match(tmp_path, known(shown, times), upload(noisy(shown, 6), times, duration=1.2)))
    near(video, (0, 1.2, 0, 1.2), seconds=0.1)
    again = upload(np.concatenate([shown] * 3), (np.arange(36) * 0.1).tolist(), duration=3.6)
    video = only(match(tmp_path, known(shown, times), again))
    near(video, (0, 1.2, 0, 1.2), (1.2, 2.4, 0, 1.2), (2.4, 3.6, 0, 1.2), seconds=0.15)


def test_a_montage_of_very_short_cuts(tmp_path: Path) -> None:
    movie = film(115, 400)
    order = np.random.default_rng(3).permutation(400)[:40]
    report = match(tmp_path, known(movie.at(second(400))), upload(noisy(movie.at(order.astype(float)), 8)))
    video = only(report)
    assert (video.by, video.segments) == ("scattered", ())
    assert video.known_share == pytest.approx(0.1)
    assert video.upload_share == 1
    few = upload(np.concatenate([movie.at(order[:9].astype(float)), codes(116, 8)]))
    assert match(tmp_path, known(movie.at(second(400))), few).videos == ()


def test_a_film_backwards_is_found_without_segments(tmp_path: Path) -> None:
    shown = film(117, 30).at(second(30))
    video = only(match(tmp_path, known(shown), upload(shown[::-1])))
    assert (video.by, video.segments, video.known_share) == ("known", (), 1)


def test_shares_are_counted_as_vpdq_counts_them(tmp_path: Path) -> None:
    shown = codes(118, 6)
    rows = known(shown[[0, 0, 1, 1, 2, 3, 4, 5]])
    rows += known(codes(119, 4), source_id="low", quality=49)
    frames = [*upload(np.concatenate([shown[:3], shown[:3], codes(120, 2)])).hashes["pdq"].frames]
    frames += upload(codes(121, 5), quality=49).hashes["pdq"].frames
    hashed = HashedMedia({"pdq": MediaHash("pdq", tuple(frames))})
    rule = VideoRule.vpdq(0.5, 0.6)
    for least in (None, 0):
        video = only(match(tmp_path, rows, hashed, video_rule=rule, min_quality=least))
        assert (video.by, video.segments, video.known_share, video.upload_share) == ("vpdq", (), 0.5, 0.6)
        assert (video.known_frames, video.pictures) == (8, 3)
    for known_share, upload_share in ((0.51, 0), (0, 0.61), (0.8, 0)):
        rule = VideoRule.vpdq(known_share, upload_share)
        assert match(tmp_path, rows, hashed, video_rule=rule).videos == ()


def test_a_still_that_hits_a_known_video_is_a_match_of_its_frame(tmp_path: Path) -> None:
    shown = codes(122, 5)
    still = HashedMedia({"pdq": MediaHash("pdq", (FrameHash(shown[3].tobytes(), 100),))})
    report = match(tmp_path, known(shown, [0, 2, 4, 6, 8]), still)
    (one,) = report.matches
    assert (one.record.frame, one.record.timestamp, one.frame, report.videos) == (3, 6, -1, ())


def test_a_photo_shown_in_a_video_is_a_match_with_its_time(tmp_path: Path) -> None:
    given = codes(123, 50)
    photo = {"source_id": "photo", "digest": noisy(given[30:31], 10)[0].tobytes()}
    report = match(tmp_path, [photo, *known(codes(124, 9))], upload(given, (second(50) * 2).tolist()))
    (one,) = report.matches
    assert (one.record.source_id, one.frame, one.timestamp, report.videos) == ("photo", 30, 60, ())
    assert report.matched


def test_what_has_expired_shows_nothing(tmp_path: Path) -> None:
    shown = LONG.at(second(40))
    rows = [*known(shown, expires_at=SAID_AT), *known(codes(125, 9), source_id="2")]
    assert match(tmp_path, rows, upload(shown)).videos == ()


def test_a_list_s_radius_holds_for_frames(tmp_path: Path) -> None:
    shown = LONG.at(second(40))
    lists = settings(ListSettings("tcap", radius={"pdq": 3}), ListSettings("other"))
    rows = [*known(shown, source_id="1"), *known(shown, source_id="2", list="other")]
    snapshot = Snapshot.open(tmp_path / build(tmp_path, 1, [table(rows)], lists))
    report = Matcher.from_snapshot(snapshot).match_hashes(upload(shown ^ FOUR_BITS))
    assert [own.record.source_id for own in report.videos] == ["2"]


def test_two_algorithms_each_tell(tmp_path: Path) -> None:
    shown = LONG.at(second(20))
    rows = known(shown) + [{**row, "algorithm": "phash", "digest": row["digest"][:8]} for row in known(shown)]
    both = upload(shown)
    frames = tuple(FrameHash(own.digest[:8], None, own.timestamp, own.frame) for own in both.hashes["pdq"].frames)
    report = match(tmp_path, rows, HashedMedia({**both.hashes, "phash": MediaHash("phash", frames)}))
    assert sorted(own.algorithm for own in report.videos) == ["pdq", "phash"]
