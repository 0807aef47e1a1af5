"""Scoring: what counts as found, how far off ends are, and what is told falsely."""

from __future__ import annotations

import pytest

from benchmarks.filming.edits import Part
from benchmarks.filming.scoring import Score, covered
from benchmarks.seekers import Span, Told


def told(*spans: Span) -> Told:
    return Told(1.0, 1.0, spans)


def test_a_piece_told_with_its_times_is_found_and_its_ends_are_measured() -> None:
    score = Score()
    part = Part("a", 10.0, 20.0, 3.0)
    score.add([part], {"a": told(Span(10.5, 14.0, 3.5, 7.0, 1.0), Span(14.0, 19.0, 7.0, 12.75, 1.02))})
    judged = score.judged("an edit", "ours", "Ours")
    assert (judged.uploads, judged.parts, judged.found, judged.false) == (1, 1, 1, 0)
    assert judged.ends == (0.5, 1.0, 0.5, 0.25)
    assert judged.speeds == (1.02,), "of the longest"
    assert judged.covered == (pytest.approx(0.85),)
    assert (judged.recall, judged.median_end, judged.worst_end, judged.near_ends) == (1.0, 0.5, 1.0, 1.0)
    score.add([part], {"a": told(Span(12.5, 18.0, 5.5, 11.5, 1.0))})
    assert score.judged("an edit", "ours", "Ours").near_ends == 5 / 8


def test_a_piece_not_told_is_missed_and_another_clip_is_false() -> None:
    score = Score()
    score.add([Part("a", 0.0, 5.0, 0.0), Part("b", 5.0, 9.0, 0.0)], {"b": told(), "c": told(Span(0, 1, 0, 1, 1))})
    score.add([], {"a": told()})
    judged = score.judged("an edit", "known", "Ours")
    assert (judged.uploads, judged.parts, judged.found, judged.false, judged.recall) == (2, 2, 1, 2, 0.5)
    assert (judged.ends, judged.covered, judged.worst_end, judged.near_ends) == ((), (), None, None)


@pytest.mark.parametrize(
    ("spans", "share"),
    [
        ([(0, 100)], 1.0),
        ([(10, 20)], 1.0),
        ([(12, 14), (13, 16)], 0.4),
        ([(18, 30), (5, 11)], 0.3),
        ([(30, 40)], 0.0),
        ([(12, 18), (13, 14)], 0.6),
    ],
)
def test_seconds_are_covered_once(spans: list[tuple[float, float]], share: float) -> None:
    part = Part("a", 10.0, 20.0, 0.0)
    assert covered(part, [Span(begin, end, 0, 1, 1) for begin, end in spans]) == pytest.approx(share)
