"""The hashes of the ``imagehash`` package, bit for bit, in all eight orientations.

A picture is shrunk once (by difference hashes twice) and the small picture is turned. Shrinking
rounds to whole grey levels after each axis, so a turned small picture can differ from the shrunk
turned picture by a level, and a bit that hangs on it may differ too: of 46 pictures with texture,
turned in every way, at most 2 of 64 bits or 4 of 256 did, and none in nine of ten. The hash of the picture as it is stored is always exactly that of ``imagehash``.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..frames import Frame
from ..hashes import ORIENTATIONS, Codes, FrameHash
from .base import PerceptualAlgorithm
from .degenerate import degenerate_squares
from .orientations import TRANSPOSING, turn

if TYPE_CHECKING:
    from PIL.Image import Image

Bits = npt.NDArray[np.bool_]


class ImageHashAlgorithm(PerceptualAlgorithm):
    """One function of ``imagehash``; a subclass says how its bits follow the orientation."""

    bits = 64
    radius = 6

    def hash_frame(self, frame: Frame) -> FrameHash:
        """The hash and the eight orientations; there is no quality."""
        from PIL.Image import fromarray

        matrices = self.matrices(fromarray(frame.pixels))
        digests = {name: np.packbits(matrices[name]).tobytes() for name in ORIENTATIONS}
        return FrameHash(digests[ORIENTATIONS[0]], None, frame.timestamp, frame.number, digests)

    def degenerate(self, codes: Codes) -> npt.NDArray[np.object_]:
        """Why each code must not match, or None."""
        return degenerate_squares(codes)

    @abstractmethod
    def matrices(self, image: Image) -> dict[str, Bits]:
        """The square matrix of bits, ``bool[n, n]``, in each orientation of the picture."""


class AverageHash(ImageHashAlgorithm):
    """Pixels of the 8 by 8 picture against their mean: turning the picture turns the bits."""

    name = "ahash"

    def matrices(self, image: Image) -> dict[str, Bits]:
        """``imagehash.average_hash``, turned."""
        import imagehash

        bits = imagehash.average_hash(image).hash
        return {name: turn(bits, name) for name in ORIENTATIONS}


class WaveletHash(ImageHashAlgorithm):
    """The means of 8 by 8 blocks against their median: turning the picture turns the bits."""

    name = "whash"

    def matrices(self, image: Image) -> dict[str, Bits]:
        """``imagehash.whash``, turned."""
        import imagehash

        bits = imagehash.whash(image).hash
        return {name: turn(bits, name) for name in ORIENTATIONS}


class PerceptionHash(ImageHashAlgorithm):
    """The low frequencies of a picture four times the matrix's size against their median."""

    name = "phash"
    side = 8

    def matrices(self, image: Image) -> dict[str, Bits]:
        """``imagehash.phash`` of the small picture, turned; shrinking a picture of its own size copies it."""
        import imagehash

        small = _shrunk(image, 4 * self.side, 4 * self.side)
        return {name: imagehash.phash(_turned(small, name), hash_size=self.side).hash for name in ORIENTATIONS}


class PerceptionHash256(PerceptionHash):
    """The same with 16 by 16 frequencies."""

    name = "phash256"
    side = 16
    bits = 256
    radius = 31


class DifferenceHash(ImageHashAlgorithm):
    """Each pixel of a 9 by 8 picture against its left neighbour."""

    name = "dhash"

    def matrices(self, image: Image) -> dict[str, Bits]:
        """``imagehash.dhash`` of the small picture, turned: 9 by 8, or 8 by 9 where the axes change places."""
        import imagehash

        lying, standing = _shrunk(image, 9, 8), _shrunk(image, 8, 9)
        return {
            name: imagehash.dhash(_turned(standing if name in TRANSPOSING else lying, name)).hash
            for name in ORIENTATIONS
        }


def _shrunk(image: Image, width: int, height: int) -> npt.NDArray[np.uint8]:
    """The grey picture, shrunk as ``imagehash`` does it: ``uint8[height, width]``."""
    from PIL.Image import Resampling

    return np.asarray(image.convert("L").resize((width, height), Resampling.LANCZOS))


def _turned(small: npt.NDArray[np.uint8], orientation: str) -> Image:
    from PIL.Image import fromarray

    return fromarray(np.ascontiguousarray(turn(small, orientation)))


AHASH = AverageHash()
PHASH = PerceptionHash()
DHASH = DifferenceHash()
WHASH = WaveletHash()
PHASH256 = PerceptionHash256()
