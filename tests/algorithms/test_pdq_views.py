"""Views of a picture are hashed like the pictures that they show."""

from __future__ import annotations

import numpy as np
import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.algorithms.base import PerceptualAlgorithm
from hashmatch.algorithms.orientations import turn, turned_coefficients
from hashmatch.algorithms.pdq import PDQ, transform
from hashmatch.algorithms.pdq_matrices import SIDE, shrinking, small_picture
from hashmatch.algorithms.pdq_views import FADE, factors, view_coefficients, view_picture
from hashmatch.frames import Frame, Pixels
from hashmatch.hashes import ORIENTATIONS, hamming
from hashmatch.sketch import Axis, Sketch
from hashmatch.views import WHOLE, Span, View, ViewHashes
from tests.drawing import textured, textured_grey

SIDES = [(640, 480), (1000, 1500), (300, 401), (128, 128), (90, 200)]
FEW_BITS = 12


def hashed(pixels: Pixels, *views: View, reduced: int = 1, size: tuple[int, int] | None = None) -> ViewHashes:
    return PDQ.hash_views(Sketch.of(Frame(pixels, reduced=reduced, size=size)), views)


def plain(pixels: Pixels) -> tuple[np.ndarray, int]:
    found = PDQ.hash_frame(Frame(np.ascontiguousarray(pixels)))
    codes = np.frombuffer(b"".join(found.orientations.values()), np.uint8).reshape(len(ORIENTATIONS), -1)
    return codes, found.quality or 0


@pytest.mark.parametrize("sides", SIDES)
def test_the_whole_has_the_hash_of_the_picture_within_few_bits(sides: tuple[int, int]) -> None:
    for seed in range(5):
        pixels = textured(*sides, seed)
        codes, quality = plain(pixels)
        found = hashed(pixels, View("whole"))
        assert hamming(found.codes[0], codes).max() <= 2 * FEW_BITS
        assert abs(found.qualities[0] - quality) <= 5


def test_the_hash_of_the_whole_is_nearly_the_same_at_every_size() -> None:
    large = textured(1200, 1600, 3)
    codes, _ = plain(large)
    small = large.reshape(300, 4, 400, 4, 3).mean(axis=(1, 3)).astype(np.uint8)
    assert hamming(hashed(small, View("whole")).codes[0], codes).max() <= FEW_BITS


@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize(
    "off", [(0.1, 0.9, 0.0, 1.0), (0.0, 1.0, 0.2, 0.7), (0.05, 0.85, 0.3, 0.62), (0.4, 0.8, 0.1, 0.9)]
)
def test_what_is_left_has_the_hash_of_the_picture_so_trimmed(
    sides: tuple[int, int], off: tuple[float, float, float, float]
) -> None:
    height, width = sides
    top, bottom, left, right = (
        round(off[0] * height),
        round(off[1] * height),
        round(off[2] * width),
        round(off[3] * width),
    )
    view = View("cut", Span(top / height, bottom / height), Span(left / width, right / width))
    distances = []
    for seed in range(3):
        pixels = textured(*sides, seed)
        codes, quality = plain(pixels[top:bottom, left:right])
        found = hashed(pixels, view)
        distances.append(int(hamming(found.codes[0], codes).max()))
        assert abs(found.qualities[0] - quality) <= 8
    # The reference's own hash of small pictures is moved by up to a pixel, which is much in these.
    few = FEW_BITS if min(sides) >= 300 else 2 * FEW_BITS
    assert np.median(distances) <= few
    assert max(distances) <= 2 * few


def test_a_reduced_picture_is_cut_where_the_picture_is() -> None:
    whole = textured_grey(1200, 1600, 5)
    reduced = whole.reshape(300, 4, 400, 4).mean(axis=(1, 3)).round().astype(np.uint8)
    view = View("cut", Span(100 / 1200, 1.0), Span(0.0, 1200 / 1600))
    codes, _ = plain(whole[100:, :1200])
    found = hashed(reduced, view, reduced=4, size=(1200, 1600))
    assert hamming(found.codes[0], codes).max() <= FEW_BITS


def slow_extension(lines: int, before: int, after: int) -> np.ndarray:
    """What puts lines back, one by one: ``[before + lines + after, lines]``."""
    mean = np.full(lines, 1 / lines)
    extended = [np.eye(lines)[[line]] for line in range(lines)]
    for far in range(1, before + 1):
        faded = min(1.0, (far - 0.5) / lines / FADE)
        extended.insert(0, (1 - faded) * np.eye(lines)[[0]] + faded * mean)
    for far in range(1, after + 1):
        faded = min(1.0, (far - 0.5) / lines / FADE)
        extended.append((1 - faded) * np.eye(lines)[[-1]] + faded * mean)
    return np.concatenate(extended)


@pytest.mark.parametrize("amounts", [(0, 0), (12, 0), (0, 24), (24, 6)])
def test_lines_that_are_put_back_are_those_of_the_extended_picture(amounts: tuple[int, int]) -> None:
    pixels = textured_grey(300, 300, 6)
    before, after = amounts
    extension = slow_extension(300, before, after)
    extended = Frame(np.rint(extension @ pixels.astype(float)).astype(np.uint8))
    codes, _ = plain(extended.pixels)
    found = hashed(pixels, View("extended", Span(before=before / 300, after=after / 300)))
    assert hamming(found.codes[0], codes).max() <= FEW_BITS


@pytest.mark.parametrize("view", [View("a", Span(before=0.05), WHOLE), View("b", WHOLE, Span(0.2, 0.9, 0.0, 0.03))])
def test_a_plain_ground_stays_plain(view: View) -> None:
    sketch = Sketch.of(Frame(np.full((333, 222), 90, np.uint8)))
    samples = np.eye(SIDE)
    for axis, span in ((sketch.rows, view.rows), (sketch.columns, view.columns)):
        assert np.allclose(factors(axis, (span,), samples).sum(axis=1), 1, atol=1e-5)
    assert hashed(sketch.frame.pixels, view).qualities.tolist() == [0]


def test_mixed_factors_are_the_mixture_of_the_samples() -> None:
    axis = Axis(700, 700, 1)
    spans = (Span(0.1, 0.8), Span(0.0, 1.0, 0.02, 0.04))
    mixing = np.random.default_rng(1).normal(size=(16, SIDE))
    mixed = factors(axis, spans, mixing)
    assert np.allclose(mixed, factors(axis, spans, np.eye(SIDE)) @ mixing.T, atol=1e-4)
    assert np.array_equal(mixed, factors(axis, spans, mixing)), "what is kept is the same"


def test_the_small_picture_of_a_view_is_what_is_transformed() -> None:
    sketch = Sketch.of(Frame(textured(500, 400, 2)))
    view = View("cut", Span(0.1, 0.93), Span(0.0, 0.7))
    picture = view_picture(sketch, view).astype(np.float64)
    frequencies = np.arange(1, 17)[:, np.newaxis] * (2 * np.arange(SIDE) + 1) * np.pi / (2 * SIDE)
    cosines = np.sqrt(2 / SIDE) * np.cos(frequencies)
    found = view_coefficients(sketch, [view], cosines)[0]
    assert np.allclose(found, transform(picture), atol=0.5)
    trimmed = np.ascontiguousarray(sketch.frame.pixels[50:465, :280])
    assert np.abs(picture - small_picture(trimmed, shrinking(415), shrinking(280))).mean() < 2.5


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_orientations_of_a_view_are_views_of_the_turned_picture(orientation: str) -> None:
    pixels = textured(600, 450, 7)
    top, bottom, left, right = 60, 30, 90, 45
    view = View("cut", Span(top / 600, 1 - bottom / 600), Span(left / 450, 1 - right / 450))
    mark = np.zeros((600, 450), np.bool_)
    mark[top : 600 - bottom, left : 450 - right] = True
    turned = turn(mark, orientation)
    rows, columns = np.flatnonzero(turned.any(axis=1)), np.flatnonzero(turned.any(axis=0))
    same = View(
        "cut",
        Span(rows[0] / turned.shape[0], (rows[-1] + 1) / turned.shape[0]),
        Span(columns[0] / turned.shape[1], (columns[-1] + 1) / turned.shape[1]),
    )
    again = hashed(np.ascontiguousarray(turn(pixels, orientation)), same).codes[0, 0]
    known = hashed(pixels, view).codes[0]
    assert hamming(known[ORIENTATIONS.index(orientation)], again) <= FEW_BITS
    assert int(hamming(known, again).argmin()) == ORIENTATIONS.index(orientation)


def test_many_transforms_turn_like_each_alone() -> None:
    many = np.random.default_rng(3).normal(size=(5, 16, 16))
    turned = turned_coefficients(many)
    assert turned.shape == (5, len(ORIENTATIONS), 16, 16)
    for alone, own in zip(many, turned, strict=True):
        assert np.array_equal(turned_coefficients(alone), own)


def test_many_views_have_the_hashes_of_each_alone() -> None:
    pixels = textured(700, 500, 2)
    views = (
        View("whole"),
        View("cut", Span(0.1, 0.9), WHOLE),
        View("little", Span(0.3, 0.6), Span(0.4, 0.9)),
        View("extended", Span(before=0.03), Span(after=0.02)),
        View("both", Span(0.3, 0.6, 0.02, 0.0), Span(0.4, 0.9)),
    )
    together = hashed(pixels, *views)
    assert together.views == views
    for number, view in enumerate(views):
        alone = hashed(pixels, view)
        assert hamming(together.codes[number], alone.codes[0]).max() <= 2, "sums are rounded in another order"
        assert together.qualities[number] == alone.qualities[0]


def test_what_puts_lines_back_is_of_no_higher_quality() -> None:
    flat = (textured(400, 400, 1) // 12).astype(np.uint8)
    found = hashed(flat, View("whole"), View("extended", Span(before=0.06, after=0.06), WHOLE))
    assert 0 < found.qualities[0] < 100
    assert found.qualities[1] == pytest.approx(found.qualities[0] / 1.12, abs=1)


@pytest.mark.parametrize("sides", [(1, 1), (4, 700), (700, 3)])
def test_a_side_under_five_pixels_has_no_quality(sides: tuple[int, int]) -> None:
    assert hashed(textured(*sides, 1), View("whole")).qualities.tolist() == [0]
    assert hashed(textured(50, 50, 1), View("cut", Span(0.5, 0.56), WHOLE)).qualities.tolist() == [0]


@pytest.mark.parametrize("name", ALGORITHMS)
def test_other_algorithms_say_that_they_have_no_views(name: str) -> None:
    algorithm = ALGORITHMS[name]
    if isinstance(algorithm, PerceptualAlgorithm):
        assert algorithm.has_views == (name == "pdq")
        if not algorithm.has_views:
            with pytest.raises(NotImplementedError):
                algorithm.hash_views(Sketch.of(Frame(textured(64, 64))), [View("whole")])
