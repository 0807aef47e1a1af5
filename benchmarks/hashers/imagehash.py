"""imagehash: its perception hash, of 64 bits."""

from __future__ import annotations

from pathlib import Path

import imagehash
from PIL import Image

from .base import Hasher


def _hash(path: Path) -> object:
    with Image.open(path) as image:
        return imagehash.phash(image)


PHASH = Hasher("imagehash.phash", _hash)
