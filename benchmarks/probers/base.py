"""What a prober is: a picture as its hash is listed, and a file as the codes that are searched for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from io import BytesIO
from typing import ClassVar

import numpy as np
from PIL import Image

from hashmatch.hashes import Codes

RADIUS_OF_256 = 31


class Prober(ABC):
    """One library, and the levels of its search."""

    bits: ClassVar[int] = 256
    titles: ClassVar[Mapping[str, str]]
    """Level -> what people know it by, from the least to the most."""

    @property
    def radius(self) -> int:
        """Inclusive, in bits: as large a share of the bits as PDQ's own."""
        return self.radius_of(RADIUS_OF_256)

    def radius_of(self, radius: int) -> int:
        """The radius that is as large a share of these bits as ``radius`` is of 256."""
        return round(radius * self.bits / 256)

    @abstractmethod
    def listed(self, picture: Image.Image) -> Codes | None:
        """The code that a list holds of a picture, ``uint8[1, bytes]``; None if its quality is too low for that."""

    @abstractmethod
    def probes(self, content: bytes) -> Mapping[str, Codes]:
        """What each level searches for a file of a picture: ``uint8[n, bytes]``; none if the quality is too low."""


def opened(content: bytes) -> Image.Image:
    """The picture of a file, in RGB."""
    with Image.open(BytesIO(content)) as image:
        picture: Image.Image = image.convert("RGB")
    return picture


def packed(bits: object) -> Codes:
    """Bits, in whatever shape, as one code."""
    return np.packbits(np.asarray(bits, dtype=np.bool_).ravel())[np.newaxis]
