from __future__ import annotations

import numpy as np
import pytest

from hashmatch.frames import Frame
from hashmatch.sketch import Sketch
from hashmatch.variants import VARIANTS
from tests.drawing import textured

from .framing import Margins, laid

PICTURE = textured(420, 560, 11)


def bright(picture: np.ndarray) -> np.ndarray:
    """Without the darkest and the lightest, so that no line of it is like a border."""
    return (picture // 2 + 60).astype(np.uint8)


@pytest.mark.parametrize("color", [(0, 0, 0), (255, 255, 255), (200, 30, 90)])
@pytest.mark.parametrize(
    "margins", [(40, 40, 40, 40), (90, 90, 0, 0), (0, 0, 120, 120), (30, 70, 10, 55), (0, 0, 0, 33)]
)
def test_borders_are_taken_off_to_the_pixel(color: tuple[int, int, int], margins: Margins) -> None:
    framed = laid(bright(PICTURE), margins, color, noise=6)
    assert framed.found("bordered", within=1e-9)


def test_a_border_in_a_border_is_taken_off_too() -> None:
    inner = laid(bright(PICTURE), (60, 60, 0, 0), (0, 0, 0))
    outer = laid(inner.pixels, (30, 30, 30, 30), (255, 255, 255))
    nested = laid(bright(PICTURE), (90, 90, 30, 30), (0, 0, 0))
    views = list(VARIANTS["bordered"].views(Sketch.of(Frame(outer.pixels))))
    for wanted in (outer, nested):
        assert any(view.rows.near(wanted.rows, 1e-9) and view.columns.near(wanted.columns, 1e-9) for view in views)


def test_as_much_as_all_sides_have_alike_is_taken_off_a_picture_on_the_same_ground() -> None:
    picture = bright(PICTURE).copy()
    picture[:, :90] = 255
    picture[:50] = 255
    framed = laid(picture, (35, 35, 35, 35), (255, 255, 255))
    assert framed.found("bordered", within=1e-9), "of equal width"
    by_share = laid(picture, (42, 42, 56, 56), (255, 255, 255))
    assert by_share.found("bordered", within=1e-9), "of an equal share"
    two_sides = laid(picture, (60, 60, 0, 0), (255, 255, 255))
    assert two_sides.found("bordered", within=1e-9), "at two sides alone"


def test_a_picture_without_borders_has_no_such_view() -> None:
    assert list(VARIANTS["bordered"].views(Sketch.of(Frame(bright(PICTURE))))) == []


def test_little_is_never_left() -> None:
    framed = laid(bright(PICTURE)[:40, :50], (400, 300, 300, 400), (0, 0, 0))
    assert list(VARIANTS["bordered"].views(Sketch.of(Frame(framed.pixels)))) == [
        view
        for view in VARIANTS["bordered"].views(Sketch.of(Frame(framed.pixels)))
        if min(view.rows.kept, view.columns.kept) >= 0.15
    ]
    assert framed.found("bordered") == []
