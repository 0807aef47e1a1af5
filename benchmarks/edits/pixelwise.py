"""Pixels made softer, noisier, darker, lighter or grey, where they are."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from .base import Edit, Picture

_SHORT = 512
"""Length of the shorter side for which sizes are given in pixels."""


def blurred(sigma: float) -> Edit:
    """Gaussian blur; ``sigma`` in pixels where the shorter side has 512."""

    def change(picture: Picture, rng: np.random.Generator) -> Picture:
        return picture.filter(ImageFilter.GaussianBlur(sigma * min(picture.size) / _SHORT))

    return Edit(f"blur σ {sigma:g} of {_SHORT}", change)


def noisy(sigma: float) -> Edit:
    """Gaussian noise on every value; ``sigma`` in levels of 255."""

    def change(picture: Picture, rng: np.random.Generator) -> Picture:
        values = np.asarray(picture).astype(np.float32)
        values += rng.normal(0, sigma, values.shape).astype(np.float32)
        return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))

    return Edit(f"noise σ {sigma:g}", change)


def speckled(share: float) -> Edit:
    """Salt and pepper: so many of the pixels are made black or white."""

    def change(picture: Picture, rng: np.random.Generator) -> Picture:
        values = np.array(picture)
        drawn = rng.random(values.shape[:2])
        values[drawn < share / 2] = 0
        values[drawn > 1 - share / 2] = 255
        return Image.fromarray(values)

    return Edit(f"salt and pepper {share:.0%}", change)


def gamma(power: float) -> Edit:
    """Each value v becomes 255 · (v / 255) ** power."""
    table = [round(255 * (value / 255) ** power) for value in range(256)]
    return Edit(f"gamma {power:g}", lambda picture, rng: picture.point(table * 3))


def contrast(factor: float) -> Edit:
    """Distances from the mean grey times ``factor``."""
    return Edit(f"contrast × {factor:g}", lambda picture, rng: ImageEnhance.Contrast(picture).enhance(factor))


def brightness(levels: int) -> Edit:
    """So many levels of 255 added to each value."""
    table = [min(255, max(0, value + levels)) for value in range(256)]
    return Edit(f"brightness {levels:+d}", lambda picture, rng: picture.point(table * 3))


GREY = Edit("greyscale", lambda picture, rng: picture.convert("L").convert("RGB"))

SOFTENED = tuple(blurred(sigma) for sigma in (1, 2, 4))
NOISY = (noisy(5), noisy(10), noisy(20), speckled(0.01))
TONED = (
    gamma(0.5),
    gamma(0.75),
    gamma(1.5),
    gamma(2),
    contrast(0.5),
    contrast(1.5),
    brightness(-40),
    brightness(40),
    GREY,
)
