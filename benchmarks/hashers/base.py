"""What a hasher is: a picture in, its hash out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Hasher:
    """One way to hash, as its users would."""

    title: str
    """What people know it by."""

    hash: Callable[[Any], object]
    """Hashes one picture. This is what is measured."""

    pixels: bool = False
    """Whether it is given pixels (``uint8[height, width, 3]``), so that decoding takes no part; else the path of a file."""

    def prepare(self, path: Path) -> Any:
        """A file in the form in which it is asked for it. Takes no part in any figure."""
        if not self.pixels:
            return path
        from PIL import Image

        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
