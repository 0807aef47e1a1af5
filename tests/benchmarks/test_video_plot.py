"""The picture of videos: what it draws is computed without matplotlib; drawing needs it, and says so."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from benchmarks.filming.edits import EDITS
from benchmarks.filming.plot import SAMPLER_BARS, SEEKER_BARS, draw, drawn_sets, recalls, seconds
from benchmarks.samplers import SAMPLERS
from benchmarks.seekers import SEEKERS
from hashmatch.errors import MissingExtra

from .videos_drawn import SETS, results


def test_bars_are_what_was_measured_in_their_order() -> None:
    drawn = {bar.name: value for bar, value in seconds(results(), SETS[1]).items()}
    assert list(drawn) == [bar.name for bar in SAMPLER_BARS]
    assert drawn["every"] == pytest.approx(5.4)
    assert seconds(results(), "another") == {}


def test_recalls_are_of_edits_by_those_who_were_asked() -> None:
    found = {bar.name: recall for bar, recall in recalls(results()).items()}
    assert list(found) == ["ours", "known"]
    assert list(found["ours"]) == list(EDITS), "unrelated clips have no recall"
    assert (found["ours"]["mirrored"], found["ours"]["letterboxed"], found["known"]["mirrored"]) == (1.0, 0.25, 0.5)


def test_bars_are_known_and_look_different() -> None:
    assert {bar.name for bar in SAMPLER_BARS} <= set(SAMPLERS)
    assert {bar.name for bar in SEEKER_BARS} <= set(SEEKERS)
    for bars in (SAMPLER_BARS, SEEKER_BARS):
        assert len({bar.color for bar in bars}) == len({bar.label for bar in bars}) == len(bars)


def test_a_run_on_a_folder_is_drawn_too() -> None:
    assert drawn_sets(results()) == ["H.264, 1080p", "VP9, 1080p"]
    assert drawn_sets(results(sets=("holiday",))) == ["holiday"]


@pytest.mark.parametrize("of", ["all", "speed", "accuracy"])
def test_it_is_drawn_or_said_what_is_missing(of: str, tmp_path: Path) -> None:
    file = tmp_path / "video.png"
    found = {"all": results(), "speed": results(judgements=()), "accuracy": results(sets=())}[of]
    if importlib.util.find_spec("matplotlib") is None:
        with pytest.raises(MissingExtra, match="bench"):
            draw(found, file)
        assert not file.exists()
    else:
        draw(found, file)
        assert file.read_bytes().startswith(b"\x89PNG")
        assert file.stat().st_size > 10_000
