"""Segments: arrays in, segments out; laws that hold whatever the times are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hashmatch.aligning import MOST_SEGMENTS, LineTerms, Pairs, Stretch, Track, align, difference
from hashmatch.pictures import group

from .films import codes, film, noisy

TERMS = LineTerms((1.0,), 0.5, 2.0, frames=3, pictures=3, bits=10, gap=5.0, gap_steps=3)
Times = Sequence[float] | np.ndarray


def track(when: Times, given: np.ndarray, step: float = 1.0) -> Track:
    times = np.array(when, float)
    return Track(times, given, step, 0.0, float(times.max(initial=0)) + step)


def pairs_of(upload: Track, known: Track) -> Pairs:
    distances = np.bitwise_count(upload.codes[:, np.newaxis] ^ known.codes).sum(axis=2).astype(np.int64)
    rows, others = np.nonzero(distances <= 31)
    return Pairs(rows, others, distances[rows, others], np.zeros(len(rows), np.int64), upload.codes[rows])


def aligned(upload: Track, known: Track, terms: LineTerms = TERMS) -> tuple[Stretch, ...]:
    return align(pairs_of(upload, known), upload, known, group(upload.codes, terms.bits, 256), terms)


def ends(found: Sequence[Stretch]) -> np.ndarray:
    return np.array([(*own.upload, *own.known) for own in found]).reshape(-1, 4)


@st.composite
def cuts(draw: st.DrawFn) -> tuple[Track, Track, list[tuple[float, ...]]]:
    """An upload with cuts of a film between other pictures, the film as a list has it, and where the cuts are."""
    movie = film(draw(st.integers(0, 99)), 400, draw(st.sampled_from([1.0, 1.7, 3.0])))
    known_times = np.arange(400) + draw(st.sampled_from([0.0, 0.25, 0.6]))
    parts, truth, at = [], [], 0
    for number in range(draw(st.integers(1, 3))):
        other, length = draw(st.integers(6, 30)), draw(st.integers(15, 60))
        # A cut that begins just behind the film's beginning is taken to begin there.
        first = draw(st.sampled_from([0.0, *np.arange(2, 325, 0.25)]))
        parts += [codes(1000 + number, other), noisy(movie.at(np.arange(length) + first), draw(st.integers(0, 20)))]
        truth.append((at + other, at + other + length, first, first + length))
        at += other + length
    given = np.concatenate([*parts, codes(2000, 7)])
    return track(np.arange(len(given)), given), track(known_times, movie.at(known_times)), truth


@hypothesis_settings(max_examples=60, deadline=None)
@given(world=cuts())
def test_planted_cuts_are_found_from_end_to_end(world: tuple[Track, Track, list[tuple[float, ...]]]) -> None:
    upload, known, truth = world
    found = aligned(upload, known)
    assert len(found) == len(truth)
    assert np.abs(ends(found) - np.array(truth)).max() <= 1.5
    assert [own.line.speed for own in found] == pytest.approx([1] * len(found), abs=0.03)


@hypothesis_settings(max_examples=40, deadline=None)
@given(world=cuts(), before=st.integers(-1000, 10**6), behind=st.integers(-1000, 10**6))
def test_what_is_shifted_is_found_shifted(
    world: tuple[Track, Track, list[tuple[float, ...]]], before: int, behind: int
) -> None:
    def shifted(own: Track, by: int) -> Track:
        return replace(own, when=own.when + by, begin=own.begin + by, end=own.end + by)

    upload, known, _ = world
    found, moved = aligned(upload, known), aligned(shifted(upload, before), shifted(known, behind))
    assert ends(moved) == pytest.approx(ends(found) + np.array([before, before, behind, behind]), abs=1e-3)
    assert [own.pictures for own in moved] == [own.pictures for own in found]


@hypothesis_settings(max_examples=40, deadline=None)
@given(world=cuts(), seed=st.integers(0, 99))
def test_the_order_of_pairs_does_not_matter(world: tuple[Track, Track, list[tuple[float, ...]]], seed: int) -> None:
    upload, known, _ = world
    pairs, groups = pairs_of(upload, known), group(upload.codes, 10, 256)
    order = np.random.default_rng(seed).permutation(len(pairs.upload))
    mixed = Pairs(*(part[order] for part in (pairs.upload, pairs.known, pairs.distance, pairs.turn, pairs.codes)))
    found, again = align(pairs, upload, known, groups, TERMS), align(mixed, upload, known, groups, TERMS)
    assert (ends(again) == ends(found)).all()
    for one, other in zip(found, again, strict=True):
        assert one.pairs.tolist() == order[other.pairs].tolist()


@hypothesis_settings(max_examples=40, deadline=None)
@given(world=cuts(), stretch=st.sampled_from([1 / 50, 0.1, 25.0]))
def test_the_unit_of_time_does_not_matter(world: tuple[Track, Track, list[tuple[float, ...]]], stretch: float) -> None:
    def scaled(own: Track) -> Track:
        return Track(own.when * stretch, own.codes, own.step * stretch, own.begin * stretch, own.end * stretch)

    upload, known, _ = world
    found = aligned(upload, known)
    again = aligned(scaled(upload), scaled(known), replace(TERMS, gap=TERMS.gap * stretch))
    assert ends(again) == pytest.approx(ends(found) * stretch, abs=1e-6 * stretch)


@hypothesis_settings(max_examples=60, deadline=None)
@given(
    points=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(0, 31)), max_size=25, unique=True),
    turns=st.integers(1, 8),
)
def test_scattered_pairs_make_no_segment(points: list[tuple[int, int, int]], turns: int) -> None:
    """Of no three of them within reach of each other one can be sure."""
    upload, known = track(np.arange(401), codes(1, 401)), track(np.arange(401), codes(2, 401))
    rows, others, distances = np.array(points, np.int64).reshape(-1, 3).T
    pairs = Pairs(rows, others, distances, rows % turns, upload.codes[rows])
    for own in align(pairs, upload, known, np.arange(401), TERMS):
        # What is found all the same is what was asked for.
        assert len(own.pairs) >= 3
        assert len(set(rows[own.pairs].tolist())) == len(own.pairs)
        assert len(set((rows[own.pairs] % turns).tolist())) == 1
        line = own.known[0] + own.line.speed * (rows[own.pairs] - own.upload[0])
        assert np.abs(others[own.pairs] - line).max() <= 0.7 + 0.25 * own.line.speed + 1e-6
        assert np.diff(rows[own.pairs]).max() <= max(5, 3 / own.line.speed)
        assert 0.5 <= own.line.speed <= 2


def test_pairs_at_random_make_none() -> None:
    upload, known = track(np.arange(2000), codes(1, 2000)), track(np.arange(2000), codes(2, 2000))
    for seed in range(5):
        random = np.random.default_rng(seed)
        rows, others = random.integers(0, 2000, (2, 300))
        pairs = Pairs(rows, others, 31 + 0 * rows, 0 * rows, upload.codes[rows])
        assert align(pairs, upload, known, np.arange(2000), TERMS) == ()


def test_a_picture_that_is_held_is_none_however_long() -> None:
    one = np.repeat(codes(3, 1), 300, axis=0)
    assert aligned(track(np.arange(300), noisy(one, 4, 1)), track(np.arange(300), noisy(one, 4, 2))) == ()


def test_a_picture_held_under_grain_is_none() -> None:
    """Grain that moves it by up to 20 bits makes many of it look different, but no nearer to their partners than others."""
    one = np.repeat(codes(3, 1), 60, axis=0)
    assert aligned(track(np.arange(60), noisy(one, 14, 1)), track(np.arange(60), noisy(one, 14, 2))) == ()


def test_a_speaker_before_a_still_camera_is_found_where_the_speech_is() -> None:
    speech = noisy(np.repeat(codes(4, 1), 300, axis=0), 14)
    given = np.concatenate([codes(5, 20), noisy(speech[120:160], 4), codes(6, 30)])
    found = aligned(track(np.arange(len(given)), given), track(np.arange(300), speech))
    assert ends(found) == pytest.approx(np.array([[20, 60, 120, 160]]), abs=1.5)


def test_a_held_title_beside_a_cut_does_not_hide_it() -> None:
    title, movie = codes(7, 1), film(8, 60).at(np.arange(60))
    upload = np.concatenate([noisy(np.repeat(title, 200, axis=0), 4, 1), movie[20:30], codes(9, 20)])
    known = np.concatenate([noisy(np.repeat(title, 200, axis=0), 4, 2), movie])
    found = aligned(track(np.arange(len(upload)), upload), track(np.arange(len(known)), known))
    assert ends(found) == pytest.approx(np.array([[200, 210, 220, 230]]), abs=1.5)


def test_a_gap_ends_a_segment_and_a_short_one_does_not() -> None:
    movie = film(10, 100).at(np.arange(100))
    for gap, count in ((4, 1), (7, 2)):
        given = movie.copy()
        given[40 : 40 + gap] = codes(11, gap)
        assert len(aligned(track(np.arange(100), given), track(np.arange(100), movie))) == count


def test_the_most_segments_are_bounded() -> None:
    movie = film(12, 10).at(np.arange(10))
    given = np.concatenate([part for number in range(80) for part in (movie, codes(100 + number, 6))])
    found = aligned(track(np.arange(len(given)), given), track(np.arange(10), movie))
    assert len(found) == MOST_SEGMENTS


def test_frames_at_one_moment_and_huge_times() -> None:
    movie = film(13, 20).at(np.arange(20))
    for times in (np.zeros(20), np.full(20, 1e7), np.linspace(0, 1e7, 20), np.linspace(0, 1e-9, 20)):
        step = max(float(np.median(np.diff(times))), 1e-3)
        found = aligned(track(times, movie, step), track(times, movie, step))
        assert len(found) <= 1
        assert np.isfinite(ends(found)).all()


def test_nothing_in_nothing_out() -> None:
    none = np.zeros(0, np.int64)
    some = track(np.arange(5), codes(1, 5))
    assert align(Pairs(none, none, none, none, some.codes[none]), some, some, np.arange(5), TERMS) == ()


def test_what_is_clearly_different_grows_with_noise() -> None:
    assert difference(10, np.array([0, 2, 3])) == 10
    assert difference(10, np.array([0, 8, 30])) == 16
