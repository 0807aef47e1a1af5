"""The floor: Pillow decodes, and nobody hashes."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from hashmatch.media.image import FAST_SIDE

from .base import Hasher


def _full(path: Path) -> None:
    with Image.open(path) as image:
        image.load()


def _draft(path: Path) -> None:
    with Image.open(path) as image:
        image.draft("L", (FAST_SIDE, FAST_SIDE))
        image.load()


FULL = Hasher("floor: Pillow decodes", _full)
DRAFT = Hasher("floor: Pillow decodes luma at a reduced scale", _draft)
