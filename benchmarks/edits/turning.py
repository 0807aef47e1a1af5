"""Mirrored, turned by quarters, and rotated by a few degrees."""

from __future__ import annotations

import numpy as np
from PIL import Image

from .base import Edit, Picture

_QUARTERS = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}


def turned(degrees: int) -> Edit:
    """Turned counter-clockwise by quarters."""
    return Edit(f"turned {degrees}°", lambda picture, rng: picture.transpose(_QUARTERS[degrees]))


def rotated(degrees: float) -> Edit:
    """Rotated about the middle, in a picture of the same size; the corners that are left are black."""

    def change(picture: Picture, rng: np.random.Generator) -> Picture:
        return picture.rotate(degrees, Image.Resampling.BICUBIC)

    return Edit(f"rotated {degrees:g}°", change)


MIRROR = Edit("mirrored", lambda picture, rng: picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT))

MIRRORED = (MIRROR,)
TURNED = tuple(turned(degrees) for degrees in _QUARTERS)
ROTATED = tuple(rotated(degrees) for degrees in (1, 2, 3, 4, 5))
