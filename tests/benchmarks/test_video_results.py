"""Results of the video benchmark: what is wrong with a run, and what it was to reach."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.filming.results import STRANGERS, Drift, Judged, Sought, VideoResults
from benchmarks.filming.targets import TARGETS

from .videos_drawn import SECONDS, SETS, judged, results, sought


def test_a_good_run_has_no_fault_and_reaches_all() -> None:
    assert results().faults == ()
    for target in TARGETS:
        worst = target.worst(results())
        assert worst is not None, target.words
        assert target.kept_by(worst[1]), target.words


@pytest.mark.parametrize(
    ("drift", "words"),
    [
        (
            Drift(SETS[0], "second", "every", 0, (19, 0, 1)),
            "H.264, 480p: second is 2 bits off every, 1.000 of 20 frames",
        ),
        (
            Drift(SETS[0], "keyframes", "every", 1, (3,)),
            "keyframes is 0 bits off every, 1.000 of 3 .* and 1 frames are",
        ),
        (Drift(SETS[0], "every", "vpdq_every", 0, (1,) * 12), "every is 11 bits off vpdq_every, 0.417 of 12 frames"),
    ],
)
def test_hashes_that_are_off_are_a_fault(drift: Drift, words: str) -> None:
    (fault,) = results(drifts=(drift,)).faults
    assert re.search(words, fault)


@pytest.mark.parametrize(
    ("lookup", "wrong"),
    [
        (sought("ours", missed=1), True),
        (sought("upright", false=1), True),
        (sought("ours", shares=0.01), True),
        (sought("ours", shares=None), True),
        (sought("vpdq_index", missed=1, false=1, shares=0.5), False),
        (sought("ours", shares=1e-9), False),
    ],
)
def test_wrong_answers_of_ours_are_a_fault_and_others_are_shown(lookup: Sought, wrong: bool) -> None:
    assert len(results(lookups=(lookup,)).faults) == wrong


@pytest.mark.parametrize(
    ("judgement", "wrong"),
    [
        (judged("mirrored", "ours", 38), False),
        (judged("mirrored", "ours", 37), True),
        (judged("mirrored", "ours", 40, false=1), True),
        (judged("letterboxed", "ours", 0), False),
        (judged("letterboxed", "ours", 0, false=1), True),
        (judged(STRANGERS, "ours", 0, false=1), True),
        (judged(STRANGERS, "vpdq_index", 0, false=1), False),
        (judged("mirrored", "vpdq_index", 0), False),
    ],
)
def test_what_is_missed_or_told_falsely_is_a_fault_of_ours(judgement: Judged, wrong: bool) -> None:
    assert len(results(judgements=(judgement,)).faults) == wrong


def test_times_and_ends_are_no_fault() -> None:
    slow = results(seconds=dict.fromkeys(SECONDS, 1.0), judgements=(judged("mirrored", "ours", 40, ends=(9.0,)),))
    assert slow.faults == ()
    missed = {target.words for target in TARGETS if (worst := target.worst(slow)) and not target.kept_by(worst[1])}
    assert missed == {"every frame × vpdq", "key frames × vpdq's one a second", "ends of segments, worst, s"}


def test_a_target_is_of_the_worst() -> None:
    by_words = {target.words: target for target in TARGETS}
    found = results()
    worse = replace(found, hashed=tuple(
        replace(one, timed=replace(one.timed, rounds=tuple(2 * own for own in one.timed.rounds)))
        if (one.set, one.sampler) == (SETS[1], "every")
        else one
        for one in found.hashed
    ))  # fmt: skip
    name, figure = by_words["every frame × vpdq"].worst(worse) or ("", 0.0)
    assert (name, figure) == (SETS[1], pytest.approx(4 / 3.6))
    name, figure = by_words["time of every frame × that of decoding alone"].worst(worse) or ("", 0.0)
    assert (name, figure) == (SETS[1], pytest.approx(3.6))
    assert by_words["recall"].worst(results(judgements=(judged("mirrored", "ours", 30),))) == ("mirrored", 0.75)
    assert by_words["ends of segments, worst, s"].worst(found) == ("trimmed to 50 %", 1.25)


def test_what_was_not_measured_has_no_figure() -> None:
    nothing = results(sets=(), drifts=(), lookups=(), judgements=())
    assert nothing.faults == ()
    assert [target.words for target in TARGETS if target.worst(nothing) is not None] == []


def test_minutes_are_counted() -> None:
    every = next(one for one in results().hashed if one.sampler == "every")
    assert every.seconds_per_minute == pytest.approx(5.4), "1.8 s for 20 s of video"


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    results().write(tmp_path / "video.json")
    assert VideoResults.read(tmp_path / "video.json") == results()
