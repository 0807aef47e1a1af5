"""Symmetric graphics, merely resized: half of the frequencies are nought in them, and their bits mean nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image, ImageOps

from .base import Picture
from .saving import compressed, resized


def _symmetric(picture: Picture, rng: np.random.Generator) -> Picture:
    """The left half, and the same mirrored."""
    whole = picture.copy()
    half = picture.crop((0, 0, picture.width // 2, picture.height))
    whole.paste(ImageOps.mirror(half), (picture.width - half.width, 0))
    return whole.convert("P", palette=Image.Palette.ADAPTIVE, colors=16).convert("RGB")


SYMMETRIC = tuple(replace(edit, original=_symmetric) for edit in (resized(0.5), compressed(50)))
