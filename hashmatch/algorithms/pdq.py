"""PDQ, the 256-bit hash of the ThreatExchange tools, as two matrix products.

Source: "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (Facebook, 2019)
and its reference implementation.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..frames import Frame
from ..hashes import ORIENTATIONS, Codes, FrameHash
from .base import ExactPixelsNeeded, PerceptualAlgorithm
from .degenerate import degenerate_squares
from .orientations import turned_coefficients
from .pdq_matrices import SIDE, Floats, shrinking, small_picture

_FREQUENCIES = 16
_SMALLEST_SIDE = 5
# Coefficients that are equal but for rounding must not decide bits: a blank picture gives zeros.
_DECIMALS = 6
# What is left out of a fast frame moves a coefficient by 0.2 (median of photos) to 0.5 (most).
_UNSURE_WITHIN = 0.3
_UNSURE_AT_MOST = 15
"""So many coefficients may be so near to the median. Photos have up to ten; textures without light and shade, sixty."""


class Pdq(PerceptualAlgorithm):
    """PDQ: the signs of the low frequencies against their median."""

    name = "pdq"
    bits = 256
    radius = 31
    min_quality = 50

    def hash_frame(self, frame: Frame) -> FrameHash:
        """The hash, the quality (0-100) and the eight orientations, from one cosine transform.

        A picture with a side under 5 pixels has the hash zero and the quality 0.

        Raises:
            ExactPixelsNeeded: If the frame is a ``fast`` still and many coefficients are so near to their median that what is
                left out of it decides on which side they are.
        """
        if min(frame.height, frame.width) < _SMALLEST_SIDE:
            nothing = dict.fromkeys(ORIENTATIONS, bytes(self.size))
            return self._frame_hash(frame, nothing, 0)
        picture = small_picture(
            frame.pixels, shrinking(frame.height, frame.reduced), shrinking(frame.width, frame.reduced)
        )
        # The reference rounds here; quality counts whole steps, where a last digit can matter.
        rounded = picture.astype(np.float32)
        coefficients = transform(rounded.astype(np.float64))
        if frame.fast and frame.still and _unsure(coefficients) > _UNSURE_AT_MOST:
            raise ExactPixelsNeeded
        turned = digests(turned_coefficients(coefficients))
        return self._frame_hash(frame, dict(zip(ORIENTATIONS, turned, strict=True)), quality(rounded, frame.gain))

    def degenerate(self, codes: Codes) -> npt.NDArray[np.object_]:
        """Why each code must not match, or None."""
        return degenerate_squares(codes)

    @staticmethod
    def _frame_hash(frame: Frame, digests: dict[str, bytes], grade: int) -> FrameHash:
        return FrameHash(digests[ORIENTATIONS[0]], grade, frame.timestamp, frame.number, digests)


def transform(picture: Floats) -> Floats:
    """The cosine transform of ``float64[64, 64]`` at frequencies 1 to 16: ``float64[16, 16]``."""
    coefficients: Floats = np.round(_COSINES @ picture @ _COSINES.T, _DECIMALS)
    return coefficients


def digests(coefficients: Floats) -> list[bytes]:
    """The 32 bytes of each of ``float64[n, 16, 16]``: bit 16 i + j is set where coefficient (i, j) exceeds the median.

    The median is the lower one, the 128th smallest; the most significant bit stands first.
    """
    flat = coefficients.reshape(len(coefficients), -1)
    bits = flat > _lower_median(flat)[:, np.newaxis]
    return [row.tobytes() for row in np.packbits(bits[:, ::-1], axis=1)]


def quality(picture: npt.NDArray[np.float32], gain: float = 1.0) -> int:
    """How much of the small picture (``float32[64, 64]``) is gradient, 0-100; a step counts for ``gain``."""
    hundred, white = np.float32(100), np.float32(255)
    scaled = picture if gain == 1.0 else picture * np.float32(gain)
    steps = (np.trunc(np.diff(scaled, axis=axis) * hundred / white) for axis in (0, 1))
    return min(100, sum(int(np.abs(step).sum()) for step in steps) // 90)


def _lower_median(flat: Floats) -> Floats:
    """Of each row of ``float64[n, m]``: ``float64[n]``."""
    middle = flat.shape[1] // 2 - 1
    lower: Floats = np.partition(flat, middle, axis=1)[:, middle]
    return lower


def _unsure(coefficients: Floats) -> int:
    """How many of ``float64[16, 16]`` are so near to the median that a little more or less changes their bits."""
    flat = coefficients.reshape(1, -1)
    return int(np.count_nonzero(np.abs(flat - _lower_median(flat)) < _UNSURE_WITHIN))


def _cosines() -> Floats:
    frequency = np.arange(1, _FREQUENCIES + 1)[:, np.newaxis]
    position = 2 * np.arange(SIDE)[np.newaxis] + 1
    cosines: Floats = np.sqrt(2 / SIDE) * np.cos(np.pi / (2 * SIDE) * frequency * position)
    return cosines


_COSINES = _cosines()

PDQ = Pdq()
