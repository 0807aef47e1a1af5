from __future__ import annotations

import numpy as np
import pytest

from hashmatch.frames import Frame, Pixels
from hashmatch.sketch import COARSE, FINE, Axis, Sketch
from tests.drawing import textured, textured_grey

SIDES = [(1, 1), (3, 500), (200, 90), (380, 381), (759, 760), (761, 1000), (64, 3001)]


def means(luma: np.ndarray, rows: Axis, columns: Axis) -> np.ndarray:
    sums = np.add.reduceat(np.add.reduceat(luma, rows.edges[:-1], axis=0), columns.edges[:-1], axis=1)
    return sums / np.diff(rows.edges)[:, np.newaxis] / np.diff(columns.edges)


@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize("drawn", [textured, textured_grey])
def test_cells_are_means_of_luma(sides: tuple[int, int], drawn: object) -> None:
    pixels: Pixels = drawn(*sides, 4)  # type: ignore[operator]
    sketch = Sketch.of(Frame(pixels))
    luma = pixels @ np.array([0.299, 0.587, 0.114]) if pixels.ndim == 3 else pixels.astype(float)
    assert sketch.cells.shape == (min(sides[0], FINE), min(sides[1], FINE))
    assert sketch.cells.flags.c_contiguous
    for one in (sketch, sketch.coarser):
        assert np.allclose(one.cells, means(luma, one.rows, one.columns), rtol=0, atol=2e-3)
    assert max(sketch.coarser.cells.shape) <= max(COARSE, 1)


@pytest.mark.parametrize("lines", [1, 2, COARSE, COARSE + 1, FINE - 1, FINE, FINE + 1, 1000, 65_535])
def test_an_axis_shares_out_all_lines_evenly(lines: int) -> None:
    axis = Axis(lines, lines, 1)
    for one in (axis, axis.coarser()):
        counts = np.diff(one.edges)
        assert one.edges[0] == 0
        assert one.edges[-1] == lines
        assert counts.min() >= 1
        assert counts[:-1].max(initial=1) <= 2 * -(-lines // FINE)
        assert one.shares[0] == 0
        assert one.shares[-1] == 1
    assert axis.cells == min(lines, FINE)
    assert axis.coarser().cells <= COARSE


def test_shares_of_a_reduced_picture_are_of_the_picture() -> None:
    axis = Axis(lines=13, length=50, reduced=4)
    assert axis.share(1) == 4 / 50
    assert axis.share(13) == 1, "the last line of pixels is of two lines alone"
    assert axis.between(8 / 50, 1.0) == (2, 13)
    assert axis.between(0.0, 0.5) == (0, 7)
    assert axis.between(0.999, 1.0) == (12, 13)


def test_a_part_has_a_sketch_of_its_own() -> None:
    pixels = textured(900, 700, 3)
    part = Sketch.of(Frame(pixels)).within((0.25, 0.75), (0.5, 1.0))
    alone = Sketch.of(Frame(np.ascontiguousarray(pixels[225:675, 350:])))
    assert np.array_equal(part.cells, alone.cells)
    assert (part.frame.height, part.frame.width) == (450, 350)


def test_a_part_of_a_reduced_picture_is_as_large_as_in_the_picture() -> None:
    pixels = textured_grey(100, 75, 3)
    sketch = Sketch.of(Frame(pixels, fast=True, reduced=4, size=(398, 300)))
    part = sketch.within((0.0, 1.0), (0.2, 0.4))
    assert (part.frame.height, part.frame.width) == (398, 60)
    assert np.array_equal(part.frame.pixels, pixels[:, 15:30])
    ending = sketch.within((0.9, 1.0), (0.0, 1.0))
    assert (ending.frame.height, ending.frame.pixels.shape[0]) == (38, 10)


def test_transposing_changes_rows_and_columns() -> None:
    sketch = Sketch.of(Frame(textured(500, 300, 3)))
    turned = sketch.transposed
    assert np.array_equal(turned.cells, sketch.cells.T)
    assert (turned.rows, turned.columns) == (sketch.columns, sketch.rows)
    assert (turned.frame.height, turned.frame.width) == (300, 500)
    lines = sketch.lines(slice(0, 100), slice(4, 6))
    assert np.allclose(turned.lines(slice(4, 6), slice(0, 100)), lines.T, atol=1e-3)


def test_lines_are_luma_of_some_columns() -> None:
    pixels = textured(40, 1000, 3)
    sketch = Sketch.of(Frame(pixels))
    luma = pixels @ np.array([0.299, 0.587, 0.114])
    assert np.allclose(sketch.lines(slice(3, 9), slice(100, 200)), luma[3:9, 100:200], atol=1e-3)
    assert np.allclose(sketch.lines(slice(3, 9), slice(0, 1000), most=250), luma[3:9, ::4], atol=1e-3)
