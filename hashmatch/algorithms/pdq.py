"""PDQ, the 256-bit hash of the ThreatExchange tools, as two matrix products.

Source: "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (Facebook, 2019)
and its reference implementation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..frames import Frame
from ..hashes import ORIENTATIONS, Codes, FrameHash
from ..sketch import Sketch
from ..views import View, ViewHashes
from .base import ExactPixelsNeeded, PerceptualAlgorithm
from .degenerate import degenerate_squares
from .orientations import turned_coefficients
from .pdq_matrices import SIDE, Floats, shrinking, small_picture
from .pdq_views import looked_at, view_coefficients, view_picture

_FREQUENCIES = 16
_STEPS_A_GRADE = 90
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
    has_views = True

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

    def hash_views(self, sketch: Sketch, views: Sequence[View]) -> ViewHashes:
        """The hashes of views, within a few bits of those of the pictures that they show, and qualities of these.

        What is put back is taken to have no gradient, so that a quality is rather too low than too high.
        """
        coefficients = np.empty((len(views), _FREQUENCIES, _FREQUENCIES), np.float32)
        qualities = np.empty(len(views), np.int64)
        for seen, which, shown in looked_at(sketch, views):
            coefficients[which] = view_coefficients(seen, shown, _COSINES)
            qualities[which] = _view_qualities(seen.coarser, shown)
        return ViewHashes(tuple(views), packed(turned_coefficients(coefficients)), qualities)

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
    """The 32 bytes of each of ``float64[n, 16, 16]``; see ``packed``."""
    return [row.tobytes() for row in packed(coefficients)]


def packed(coefficients: npt.NDArray[np.floating]) -> Codes:
    """Transforms as codes: bit 16 i + j is set where coefficient (i, j) exceeds the median.

    The median is the lower one, the 128th smallest; the most significant bit stands first.

    Args:
        coefficients: ``[..., 16, 16]``.

    Returns:
        ``uint8[..., 32]``.
    """
    flat = coefficients.reshape(*coefficients.shape[:-2], -1)
    bits = flat > _lower_median(flat)[..., np.newaxis]
    return np.packbits(bits[..., ::-1], axis=-1)


def quality(picture: npt.NDArray[np.float32], gain: float = 1.0) -> int:
    """How much of the small picture (``float32[64, 64]``) is gradient, 0-100; a step counts for ``gain``."""
    return min(100, _steps(picture, gain) // _STEPS_A_GRADE)


def _steps(picture: npt.NDArray[np.float32], gain: float) -> int:
    """All whole hundredths of white by which neighbours in a small picture differ."""
    hundred, white = np.float32(100), np.float32(255)
    scaled = picture if gain == 1.0 else picture * np.float32(gain)
    steps = (np.trunc(np.diff(scaled, axis=axis) * hundred / white) for axis in (0, 1))
    return sum(int(np.abs(step).sum()) for step in steps)


def _view_qualities(sketch: Sketch, views: Sequence[View]) -> npt.NDArray[np.int64]:
    """As of a picture in which what is put back has no step: ``int64[views]``."""
    parts = [view.bare for view in views]
    steps = {part: _steps(view_picture(sketch, part), sketch.frame.gain) for part in dict.fromkeys(parts)}
    longer = [max(axis.length / axis.kept for axis in (view.rows, view.columns)) for view in views]
    grades = [steps[part] / more // _STEPS_A_GRADE for part, more in zip(parts, longer, strict=True)]
    height, width = sketch.frame.height, sketch.frame.width
    smallest = [min(view.rows.kept * height, view.columns.kept * width) for view in views]
    return np.where(np.rint(smallest) < _SMALLEST_SIDE, 0, np.minimum(100, grades)).astype(np.int64)


def _lower_median(flat: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Of each row of ``[..., m]``: ``[...]``."""
    middle = flat.shape[-1] // 2 - 1
    lower: npt.NDArray[np.floating] = np.partition(flat, middle, axis=-1)[..., middle]
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
