"""Every variant, whatever the picture: few views, inside the picture, and never an error."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from hashmatch.frames import Frame, Pixels
from hashmatch.sketch import Sketch
from hashmatch.variants import VARIANTS
from hashmatch.views import View
from tests.drawing import textured, textured_grey, tiled

MOST_VIEWS = 40


def checkers(side: int) -> Pixels:
    return ((np.indices((side, side)).sum(axis=0) % 2) * 255).astype(np.uint8)


PICTURES: dict[str, Pixels] = {
    "one pixel": np.zeros((1, 1, 3), np.uint8),
    "a line": textured_grey(1, 3000),
    "a column": textured(3000, 1),
    "19 rows": textured(19, 400),
    "20 rows": textured(20, 400),
    "blank": np.full((300, 400, 3), 200, np.uint8),
    "blank but for a pixel": np.pad(np.full((1, 1), 255, np.uint8), ((150, 149), (10, 300))),
    "noise": np.random.default_rng(1).integers(0, 256, (300, 200, 3), dtype=np.uint8),
    "checkers": checkers(400),
    "a step": np.repeat(np.array([[0], [255]], np.uint8), 150, axis=0) * np.ones((1, 300), np.uint8),
    "a ramp": np.linspace(0, 255, 500).astype(np.uint8)[:, np.newaxis] * np.ones((1, 300), np.uint8),
    "textured": textured(450, 600, 3),
    "tiled": tiled(900, 800),
}


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("name", VARIANTS)
def test_views_are_few_and_inside_the_picture(name: str, picture: str) -> None:
    frame = Frame(PICTURES[picture])
    views = list(VARIANTS[name].views(Sketch.of(frame)))
    assert len(views) <= MOST_VIEWS
    assert {view.kind for view in views} <= {name}
    for span in (span for view in views for span in (view.rows, view.columns)):
        assert 0 <= span.start < span.stop <= 1
        assert 0 <= span.before <= 0.1
        assert 0 <= span.after <= 0.1
        assert {type(value) for value in astuple(span)} == {float}, "what a worker can send"
    assert views == list(VARIANTS[name].views(Sketch.of(frame))), "the same picture has the same views"


@pytest.mark.parametrize("name", VARIANTS)
def test_views_of_a_reduced_picture_are_shares_of_the_picture(name: str) -> None:
    pixels = np.pad(textured_grey(260, 340, 2), ((40, 30), (0, 0)))
    frame = Frame(pixels, fast=True, reduced=3, size=(988, 1019))
    for view in VARIANTS[name].views(Sketch.of(frame)):
        for span in (view.rows, view.columns):
            assert 0 <= span.start < span.stop <= 1


def test_every_name_is_that_of_its_variant() -> None:
    assert {name: VARIANTS[name].name for name in VARIANTS} == {name: name for name in VARIANTS}


@pytest.mark.parametrize("name", VARIANTS)
def test_views_within_another_keep_what_it_keeps(name: str) -> None:
    sketch = Sketch.of(Frame(np.pad(textured_grey(260, 340, 2), 40)))
    outer = next(VARIANTS["bordered"].views(sketch))
    within = list(VARIANTS[name].within(outer))
    assert len(within) <= MOST_VIEWS
    assert all(isinstance(view, View) and view.kind == name and view.bare == outer.bare for view in within)
    assert bool(within) == (name == "extended")
