"""Cropped, by amounts drawn at random for each side."""

from __future__ import annotations

import numpy as np

from .base import Edit, Picture


def cropped(least: float, most: float) -> Edit:
    """Each side cut by a share of the height or width, drawn from ``least`` to ``most``."""
    return Edit(f"each side {_shares(least, most)}", lambda picture, rng: _cut(picture, rng.uniform(least, most, 4)))


def cropped_once(least: float, most: float) -> Edit:
    """One side, drawn, cut by a share drawn from ``least`` to ``most``."""

    def change(picture: Picture, rng: np.random.Generator) -> Picture:
        shares = np.zeros(4)
        shares[rng.integers(4)] = rng.uniform(least, most)
        return _cut(picture, shares)

    return Edit(f"one side {_shares(least, most)}", change)


def _cut(picture: Picture, shares: np.ndarray) -> Picture:
    """The picture without a share of its height at top and bottom, and of its width at left and right."""
    top, bottom = (round(share * picture.height) for share in shares[:2])
    left, right = (round(share * picture.width) for share in shares[2:])
    return picture.crop((left, top, picture.width - right, picture.height - bottom))


def _shares(least: float, most: float) -> str:
    return f"{100 * most:g} %" if least == most else f"{100 * least:g}–{100 * most:g} %"


CROPPED = (
    cropped(0.01, 0.03),
    cropped(0.03, 0.06),
    cropped(0.01, 0.06),
    cropped(0.1, 0.1),
    cropped_once(0.01, 0.06),
    cropped_once(0.1, 0.1),
)
