"""Sets of pictures, drawn from a seed or found in a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image


@dataclass(frozen=True)
class Kind:
    """How pictures of a set are drawn and written."""

    width: int
    height: int
    format: str
    """As Pillow calls it."""
    options: Mapping[str, object] = field(default_factory=dict)
    count: int = 4
    """How many there are in a full run."""


KINDS = {
    "12 MP JPEG": Kind(4032, 3024, "JPEG", {"quality": 88}, 4),
    "12 MP progressive JPEG": Kind(4032, 3024, "JPEG", {"quality": 88, "progressive": True}, 2),
    "12 MP PNG": Kind(4032, 3024, "PNG", {"compress_level": 3}, 2),
    "2 MP JPEG": Kind(1600, 1200, "JPEG", {"quality": 88}, 12),
    "2 MP progressive JPEG": Kind(1600, 1200, "JPEG", {"quality": 88, "progressive": True}, 6),
    "2 MP PNG": Kind(1600, 1200, "PNG", {"compress_level": 3}, 4),
    "2 MP WebP": Kind(1600, 1200, "WEBP", {"quality": 80}, 4),
    "1 MP JPEG": Kind(1152, 864, "JPEG", {"quality": 88}, 12),
    "256 × 256 JPEG": Kind(256, 256, "JPEG", {"quality": 88}, 60),
}
"""Name -> kind: what cameras and phones give, what is shared, and what is left of it in previews."""

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class PictureSet:
    """Some pictures that are measured together."""

    name: str
    paths: tuple[Path, ...]


def drawn_sets(folder: Path, seed: int, *, quick: bool) -> Iterator[PictureSet]:
    """Each kind of picture, drawn into files of a folder."""
    for number, (name, kind) in enumerate(KINDS.items()):
        count = 2 if quick else kind.count
        width, height = (kind.width // 8, kind.height // 8) if quick else (kind.width, kind.height)
        paths = []
        for place in range(count):
            path = folder / f"{number}-{place}.{kind.format.lower()}"
            Image.fromarray(draw(width, height, [seed, number, place])).save(path, kind.format, **kind.options)
            paths.append(path)
        yield PictureSet(name, tuple(paths))


def found_set(folder: Path) -> PictureSet:
    """The pictures in a folder that Pillow can open."""
    return PictureSet(folder.name or "folder", tuple(path for path in sorted(folder.rglob("*")) if _opens(path)))


def draw(width: int, height: int, seed: list[int]) -> Pixels:
    """A picture whose detail falls off with its frequency as that of photos does: ``uint8[height, width, 3]``."""
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width, 3), dtype=np.float32)
    side, strength = 3, 70.0
    while side < min(width, height):
        grid = rng.standard_normal((side, side, 3)).astype(np.float32)
        layers = [
            Image.fromarray(grid[:, :, channel]).resize((width, height), Image.Resampling.BICUBIC)
            for channel in range(3)
        ]
        shared = np.asarray(layers[0])
        for channel, layer in enumerate(layers):
            # Brightness carries most of a photo, and colour little.
            total[:, :, channel] += strength * (shared + 0.25 * np.asarray(layer))
        side, strength = side * 2, strength * 0.6
    total += rng.normal(0, 3, (height, width, 1)).astype(np.float32)
    return np.clip(total + 128, 0, 255).astype(np.uint8)


def _opens(path: Path) -> bool:
    try:
        with Image.open(path):
            return path.is_file()
    except Exception:
        return False
