"""Pictures that are different from each other, found in a folder or drawn, in two halves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from hashmatch.algorithms.orientations import turn
from hashmatch.hashes import ORIENTATIONS

from ..picturing.sets import draw

LONGEST = 800
"""Pixels of the longer side; larger pictures are reduced to it, so that a run ends."""
SHORTEST = 64
"""Pixels of the shorter side; smaller pictures are left out."""
ALIKE = 0.85
"""Correlation of thumbnails, in any orientation, from which two pictures count as the same."""
CHOSE, OTHER = "chose", "other"
"""The half of the pictures on which the margins were chosen, and that which chose nothing."""
DRAWN = "drawn"
"""The set of pictures that are drawn."""

_THUMBNAIL = 16


@dataclass(frozen=True)
class Picture:
    """One picture, loaded when it is needed."""

    name: str
    set: str
    """The folder that it is in, within that which was given; or ``DRAWN``."""
    half: str
    load: Callable[[], Image.Image]
    """In RGB."""


def found_pictures(folder: Path) -> list[Picture]:
    """The pictures in a folder that Pillow can open and that are large enough, by path; their bytes decide on the half."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and _is_large_enough(path):
            name = path.relative_to(folder)
            half = _half(hashlib.sha256(path.read_bytes()).digest())
            found.append(Picture(str(name), str(name.parent), half, lambda path=path: _opened(path)))  # type: ignore[misc]
    return found


def drawn_pictures(count: int, longer: int, seed: int) -> list[Picture]:
    """So many pictures, as long and three quarters as high; halves take turns."""
    return [
        Picture(f"{number}", DRAWN, (CHOSE, OTHER)[number % 2], lambda number=number: _drawn(longer, seed, number))  # type: ignore[misc]
        for number in range(count)
    ]


def different(pictures: Iterable[Picture]) -> tuple[list[Picture], int]:
    """The pictures without those that look like an earlier one, and how many were left out."""
    kept: list[Picture] = []
    thumbnails: list[npt.NDArray[np.float64]] = []
    left_out = 0
    for picture in pictures:
        thumbnail = _thumbnail(picture.load())
        turned = np.array([turn(thumbnail, name).ravel() for name in ORIENTATIONS])
        if thumbnails and float((np.array(thumbnails) @ turned.T).max()) >= ALIKE:
            left_out += 1
            continue
        kept.append(picture)
        thumbnails.append(thumbnail.ravel())
    return kept, left_out


def _thumbnail(picture: Image.Image) -> npt.NDArray[np.float64]:
    """Luma on few pixels, of mean 0 and length 1: the product of two is their correlation."""
    small = np.asarray(picture.convert("L").resize((_THUMBNAIL, _THUMBNAIL), Image.Resampling.BOX)).astype(np.float64)
    small -= small.mean()
    length = np.linalg.norm(small)
    return small / length if length > 0 else small


def _half(digest: bytes) -> str:
    return (CHOSE, OTHER)[digest[0] % 2]


def _is_large_enough(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            return bool(min(image.size) >= SHORTEST)
    except Exception:
        return False


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        image.draft("RGB", (LONGEST, LONGEST))
        picture: Image.Image = image.convert("RGB")
    picture.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    return picture


def _drawn(longer: int, seed: int, number: int) -> Image.Image:
    return Image.fromarray(draw(longer, longer * 3 // 4, [seed, number]))
