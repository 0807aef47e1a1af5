"""Drift: which frames are compared, and what is too far."""

from __future__ import annotations

import pytest

from benchmarks.filming.drift import compared, drifts
from benchmarks.filming.results import Drift
from hashmatch.hashes import FrameHash


def frame(number: int, bits: int = 0, quality: int = 100, at: float | None = None) -> FrameHash:
    digest = ((1 << bits) - 1).to_bytes(32, "big")
    return FrameHash(digest, quality, number / 25 if at is None else at, number)


def test_frames_against_vpdq_are_those_of_one_number_that_are_sure() -> None:
    ours = [frame(0), frame(1, 3), frame(2, 9), frame(3)]
    theirs = [frame(0, at=0.0), frame(1), frame(2, quality=79), frame(4)]
    found = compared("a set", "every", "vpdq_every", [(ours, theirs)])
    assert (found.bits, found.frames, found.missing, found.most) == ((1, 0, 0, 1), 2, 2, 3)


def test_our_samplings_are_compared_by_time_and_all_must_be_there() -> None:
    every = [frame(number, number) for number in range(60)]
    second = [frame(0, 0), frame(25, 25), frame(50, 49)]
    keys = [frame(0, 0, at=0.0), frame(1, 50, at=2.0), frame(2, 0, at=99.0)]
    found = compared("a set", "second", "every", [(second, every), (second[:1], every)])
    assert (found.bits, found.missing) == ((3, 1), 0)
    assert compared("a set", "keyframes", "every", [(keys, every)]).missing == 1


def test_only_what_was_measured_is_compared() -> None:
    assert drifts("a set", {}) == []
    assert drifts("a set", {"decode": [None]}) == []


@pytest.mark.parametrize(
    ("against", "missing", "bits", "kept"),
    [
        ("every", 0, (10,), True),
        ("every", 0, (9, 1), False),
        ("every", 1, (10,), False),
        ("every", 0, (), False),
        ("vpdq_every", 0, (1, 2, 3, 4, 5), True),
        ("vpdq_every", 0, (99, 0, 0, 0, 0, 1), True),
        ("vpdq_every", 0, (9, 0, 0, 0, 0, 1), True),
        ("vpdq_every", 0, (98, 0, 0, 0, 0, 2), False),
        ("vpdq_every", 0, (999, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), False),
        ("vpdq_every", 1, (999,), False),
    ],
)
def test_what_is_kept(against: str, missing: int, bits: tuple[int, ...], kept: bool) -> None:
    assert Drift("a set", "second", against, missing, bits).kept == kept


def test_drift_is_counted() -> None:
    drift = Drift("a set", "every", "vpdq_every", 0, (1, 0, 0, 0, 2, 0, 1))
    assert (drift.frames, drift.most, drift.few) == (4, 6, 0.75)
    nothing = Drift("a set", "every", "vpdq_every", 0, ())
    assert (nothing.frames, nothing.most, nothing.few) == (0, 0, 1.0)
