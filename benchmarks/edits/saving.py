"""Saved again: resized, and compressed harder."""

from __future__ import annotations

import numpy as np
from PIL import Image

from .base import Edit, Picture


def resized(share: float) -> Edit:
    """Both sides times ``share``."""

    def change(picture: Picture, rng: np.random.Generator) -> Picture:
        width, height = (max(1, round(side * share)) for side in picture.size)
        return picture.resize((width, height), Image.Resampling.LANCZOS)

    return Edit(f"sides × {share:g}", change)


def fitted(side: int) -> Edit:
    """The longer side made ``side`` pixels."""

    def change(picture: Picture, rng: np.random.Generator) -> Picture:
        share = side / max(picture.size)
        width, height = (max(1, round(own * share)) for own in picture.size)
        return picture.resize((width, height), Image.Resampling.LANCZOS)

    return Edit(f"longer side {side}", change)


def stretched(across: float) -> Edit:
    """The width times ``across``, the height as it was."""

    def change(picture: Picture, rng: np.random.Generator) -> Picture:
        return picture.resize((max(1, round(picture.width * across)), picture.height), Image.Resampling.LANCZOS)

    return Edit(f"width × {across:g}", change)


def compressed(quality: int) -> Edit:
    """Saved as JPEG of that quality."""
    return Edit(f"JPEG {quality}", lambda picture, rng: picture, quality)


RESIZED = (resized(2), resized(0.5), fitted(256), fitted(128))
COMPRESSED = tuple(compressed(quality) for quality in (90, 70, 50, 30, 20, 10))
STRETCHED = tuple(stretched(across) for across in (0.75, 0.9, 1.1, 1.33))
