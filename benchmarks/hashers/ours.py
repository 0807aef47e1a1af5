"""Ours: PDQ with its quality and all eight orientations."""

from __future__ import annotations

from pathlib import Path

import hashmatch

from .base import Hasher, Pixels


def _exact(path: Path) -> object:
    return hashmatch.hash_file(path, ("pdq",))


def _fast(path: Path) -> object:
    return hashmatch.hash_file(path, ("pdq",), fast=True)


def _pixels(pixels: Pixels) -> object:
    return hashmatch.hash_image(pixels, ("pdq",))


EXACT = Hasher("hashmatch, exact", _exact)
FAST = Hasher("hashmatch, fast", _fast)
PIXELS = Hasher("hashmatch, decoded pixels", _pixels, pixels=True)
