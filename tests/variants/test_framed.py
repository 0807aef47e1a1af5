from __future__ import annotations

import numpy as np
import pytest

from hashmatch.frames import Frame
from hashmatch.sketch import Sketch
from hashmatch.variants import VARIANTS
from tests.drawing import textured

from .framing import Margins, laid, smooth

SEEDS = range(3)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("margins", [(42, 42, 56, 56), (60, 60, 60, 60), (120, 120, 0, 0), (0, 0, 150, 150)])
def test_frames_of_a_blurred_copy_are_taken_off(seed: int, margins: Margins) -> None:
    picture = textured(420, 560, seed)
    top, bottom, left, right = margins
    ground = smooth(picture, 420 + top + bottom, 560 + left + right)
    framed = laid(picture, margins, ground)
    assert framed.found("framed")
    assert framed.found("bordered") == []


def test_opposite_sides_are_put_alike() -> None:
    picture = textured(420, 560, 1)
    framed = laid(picture, (42, 42, 56, 56), smooth(picture, 504, 672))
    for view in VARIANTS["framed"].views(Sketch.of(Frame(framed.pixels))):
        for span in (view.rows, view.columns):
            assert span.start == pytest.approx(1 - span.stop, abs=1e-12)


def test_what_has_no_edges_has_no_such_view() -> None:
    ground = smooth(textured(420, 560, 1), 400, 500)
    assert list(VARIANTS["framed"].views(Sketch.of(Frame(ground)))) == []
    blank = np.full((300, 300), 9, np.uint8)
    assert list(VARIANTS["framed"].views(Sketch.of(Frame(blank)))) == []
