"""Lookup: videos and queries that are drawn, and seekers, which find what was planted and nothing else."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from benchmarks.filming import lookup
from benchmarks.filming.known import MOVES, NOISE, TITLE_FRAMES, Query, draw_queries, draw_videos
from benchmarks.filming.plan import QUICK
from benchmarks.samplers import SAMPLERS
from benchmarks.seekers import SEEKERS, Frames, Told
from benchmarks.seekers.brute import unique
from hashmatch.errors import MissingExtra
from hashmatch.hashes import ORIENTATIONS, Codes, FrameHash, code_matrix, hamming

FOLDER = Path(__file__).parent.parent.parent / "benchmarks"
PLAN = replace(QUICK.lookup, videos=12, frames=40, queries=8)

every_seeker = pytest.mark.parametrize("name", SEEKERS)


def codes(frames: Frames) -> Codes:
    return code_matrix((frame.digest for frame in frames), 32)


def test_tables_name_every_file() -> None:
    for table, folder in ((SEEKERS, "seekers"), (SAMPLERS, "samplers")):
        files = {path.stem for path in (FOLDER / folder).glob("*.py")} - {"__init__", "base"}
        assert {line.partition(":")[0].rpartition(".")[2] for line in table._table.values()} == files
    assert set(lookup.LOOKERS) <= set(SEEKERS)


def test_videos_are_shots_behind_titles_that_few_share() -> None:
    videos = draw_videos(PLAN, 1)
    assert videos == draw_videos(PLAN, 1) != draw_videos(PLAN, 2)
    matrices = [codes(frames) for frames in videos.values()]
    assert {len(matrix) for matrix in matrices} == {PLAN.frames}
    moves = np.concatenate([hamming(one[TITLE_FRAMES:-1], one[TITLE_FRAMES + 1 :]) for one in matrices])
    near = moves < 60
    assert 0.5 < near.mean() < 0.95, "cuts, and frames of one shot"
    assert moves[near].min() >= MOVES[0]
    assert moves[near].max() < MOVES[1]
    titles = [one[:TITLE_FRAMES].tobytes() for one in matrices]
    assert 1 < len(set(titles)) < len(titles)
    ones = np.bitwise_count(np.concatenate(matrices)).sum(axis=1)
    assert 96 <= ones.min() <= ones.max() <= 160, "nothing that is quarantined"


def test_queries_are_cut_out_of_videos_or_near_none() -> None:
    videos = draw_videos(PLAN, 1)
    for number, query in enumerate(draw_queries(PLAN, videos, 1)):
        assert len(query.frames) == PLAN.asked
        assert (query.planted is None) == bool(number % 2)
        assert all(tuple(frame.orientations) == ORIENTATIONS for frame in query.frames)
        if query.planted is not None:
            windows = np.lib.stride_tricks.sliding_window_view(codes(videos[query.planted]), PLAN.asked, axis=0)
            off = hamming(windows.transpose(0, 2, 1), codes(query.frames)).max(axis=1)
            assert off.min() <= NOISE
        else:
            own = codes(query.frames)[TITLE_FRAMES:]
            assert min(hamming(own[:, None], codes(frames)[None]).min() for frames in videos.values()) > 60


@every_seeker
def test_it_finds_what_was_planted_or_says_what_is_missing(name: str) -> None:
    if name == "vpdq_index" and not (importlib.util.find_spec("threatexchange") and importlib.util.find_spec("vpdq")):
        with pytest.raises(MissingExtra, match="pip install"):
            SEEKERS[name]
        return
    videos = draw_videos(PLAN, 3)
    queries = draw_queries(PLAN, videos, 3)
    seeker, truth = SEEKERS[name](videos), SEEKERS["brute"](videos)
    answers = [seeker.told(seeker.search(seeker.prepare(query.frames))) for query in queries]
    right = [truth.told(truth.search(truth.prepare(query.frames))) for query in queries]
    assert lookup.missed(right, queries) == lookup.false(right, queries) == lookup.false(answers, queries) == 0
    if name == "known":
        assert lookup.missed(answers, queries) == len(queries) // 2, "half of a video is not 80 % of it"
        return
    assert lookup.missed(answers, queries) == 0
    off = lookup.shares_off(answers, right)
    assert off is not None
    assert off < 1e-9
    if name in ("ours", "upright"):
        for told, query in zip(answers, queries, strict=True):
            for one in told.values():
                (span,) = one.spans
                assert span.end - span.begin == pytest.approx(len(query.frames), abs=1.5)
                assert span.speed == pytest.approx(1, abs=0.05)


def test_brute_force_counts_as_vpdq_does() -> None:
    code = [bytes([number]) * 32 for number in range(20)]
    frames = [FrameHash(one, 100, float(second), second) for second, one in enumerate(code)]
    poor = replace(frames[3], quality=49)
    brute = SEEKERS["brute"]({"a": tuple(frames[:10]), "b": (*frames[10:], poor)})
    assert len(unique((frames[0], frames[0], frames[1], poor))) == 2, "different ones, of quality 50 on"
    found = brute.search(brute.prepare((frames[0], frames[0], poor)))
    near = sum(hamming(codes((frames[0],)), codes((one,)))[0] <= 31 for one in frames[:10])
    assert found == {"a": Told(near / 10, 1.0)}
    assert brute.search(brute.prepare((poor,))) == {}


def test_answers_are_held_against_what_was_planted() -> None:
    queries = [Query((), "a"), Query((), None), Query((), "b")]
    told = Told(0.5, 1.0)
    answers = [{"a": told, "c": told}, {"a": told}, {}]
    assert lookup.missed(answers, queries) == 1
    assert lookup.false(answers, queries) == 2
    assert lookup.shares_off(answers, [{"a": Told(0.25, 1.0)}, {"a": told}, {}]) == 0.25
    assert lookup.shares_off(answers, [{}, {}, {}]) is None


def test_a_seeker_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SEEKERS._table, "gone", "a_package_that_is_nowhere:Seeker")
    built, absences = lookup.build(("gone", "brute"), draw_videos(PLAN, 1), "lookup")
    assert list(built) == ["brute"]
    assert [(one.set, one.name) for one in absences] == [("lookup", "gone")]
    assert "a_package_that_is_nowhere" in absences[0].reason


def test_no_two_neighbours_of_a_video_are_the_same() -> None:
    for frames in draw_videos(PLAN, 1).values():
        assert all(one.digest != other.digest for one, other in pairwise(frames[TITLE_FRAMES:]))
