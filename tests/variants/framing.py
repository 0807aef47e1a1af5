"""Pictures put into frames, by code, and where they are in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hashmatch.frames import Frame, Pixels
from hashmatch.sketch import Sketch
from hashmatch.variants import VARIANTS
from hashmatch.views import Span, View

Margins = tuple[int, int, int, int]
"""Pixels at the top, the bottom, the left and the right."""


@dataclass(frozen=True)
class Framed:
    """A picture in a frame."""

    pixels: Pixels
    margins: Margins

    @property
    def rows(self) -> Span:
        height, (top, bottom, _, _) = len(self.pixels), self.margins
        return Span(top / height, 1 - bottom / height)

    @property
    def columns(self) -> Span:
        width, (_, _, left, right) = self.pixels.shape[1], self.margins
        return Span(left / width, 1 - right / width)

    def found(self, variant: str, within: float = 0.004) -> list[View]:
        """The views of a variant that are nearly the picture."""
        views = VARIANTS[variant].views(Sketch.of(Frame(self.pixels)))
        return [view for view in views if view.rows.near(self.rows, within) and view.columns.near(self.columns, within)]


def laid(picture: Pixels, margins: Margins, ground: Pixels | tuple[int, int, int], noise: int = 0) -> Framed:
    """A picture on a ground of a colour, or of pixels that have the size; noise of up to so many levels over all."""
    top, bottom, left, right = margins
    height, width = picture.shape[:2]
    whole = np.empty((height + top + bottom, width + left + right, 3), np.uint8)
    whole[:] = ground
    whole[top : top + height, left : left + width] = picture
    if noise:
        speckles = np.random.default_rng(5).integers(-noise, noise + 1, whole.shape)
        whole = np.clip(whole.astype(np.int64) + speckles, 0, 255).astype(np.uint8)
    return Framed(whole, margins)


def smooth(picture: Pixels, height: int, width: int) -> Pixels:
    """The picture enlarged from a few cells to a size, without any detail."""
    cells = 6
    rows, columns = (np.arange(cells + 1) * side // cells for side in picture.shape[:2])
    small = np.array(
        [
            [picture[rows[r] : rows[r + 1], columns[c] : columns[c + 1]].mean(axis=(0, 1)) for c in range(cells)]
            for r in range(cells)
        ]
    )
    down, across = (np.linspace(0, cells - 1, side) for side in (height, width))
    low_r, low_c = (np.minimum(at.astype(int), cells - 2) for at in (down, across))
    part_r, part_c = (down - low_r)[:, None, None], (across - low_c)[None, :, None]
    upper = small[low_r][:, low_c] * (1 - part_c) + small[low_r][:, low_c + 1] * part_c
    lower = small[low_r + 1][:, low_c] * (1 - part_c) + small[low_r + 1][:, low_c + 1] * part_c
    return (upper * (1 - part_r) + lower * part_r).astype(np.uint8)


def written(bar: Pixels, ink: int, lines: int) -> None:
    """Write lines of strokes into a bar, with a margin around each."""
    height, width = bar.shape[:2]
    step = height // lines
    rng = np.random.default_rng(2)
    for line in range(lines):
        top, bottom = line * step + step // 4, line * step + 3 * step // 4
        for left in range(width // 20, width * 19 // 20, max(4, step // 3)):
            bar[top + int(rng.integers(0, 3)) : bottom, left : left + max(2, step // 8)] = ink
