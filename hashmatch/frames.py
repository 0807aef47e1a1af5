"""Frame: the pixels of one picture; Limits: how much of a file we are willing to look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

_LEAST_MORE, _MOST_MORE = 1.0, 30.0
"""Seconds beyond the limit in which a frame that was begun may be ended, so that those before it are not lost."""


@dataclass(frozen=True)
class Frame:
    """Decoded pixels, as they are stored: no turning by EXIF, no scaling, alpha dropped."""

    pixels: Pixels
    """``uint8[height, width]`` (grey, its own luma) or ``uint8[height, width, 3]`` (RGB)."""

    number: int = -1
    """Number of the frame in its video or animation, from 0; -1 for a still."""

    timestamp: float | None = None
    """Seconds from the start; None for a still."""

    fast: bool = False
    """Whether they were decoded as luma, or at a reduced scale, so that a hash may be a few bits off."""

    reduced: int = 1
    """How many rows, and columns, of the picture each one of ``pixels`` is the mean of; the last may be of fewer."""

    size: tuple[int, int] | None = None
    """Height and width of the picture, where pixels were reduced; else they are those of ``pixels``."""

    gain: float = 1.0
    """What a step of ``pixels`` counts for, of 255: more than 1 where luma does not use the whole range."""

    @property
    def still(self) -> bool:
        """Whether it is a picture of its own, no frame of several."""
        return self.number < 0

    @property
    def height(self) -> int:
        """Rows of the picture."""
        return int(self.pixels.shape[0]) if self.size is None else self.size[0]

    @property
    def width(self) -> int:
        """Columns of the picture."""
        return int(self.pixels.shape[1]) if self.size is None else self.size[1]


@dataclass(frozen=True)
class Limits:
    """Bounds on what is decoded; a file beyond one of them is refused, and the error names it."""

    media_bytes: int = 512 * 1024 * 1024
    """Bytes of a file whose pixels are decoded. Digests are streamed and have no such bound, nor have videos that can be
    read where they are."""

    pixels: int = 300_000_000
    """Width times height of a picture or a frame, inclusive. In the calling process Pillow's own bound, 178 956 970, holds too."""

    frames: int = 25_000
    """Frames of one file, inclusive; what comes after them is not looked at, and the report says so."""

    duration: float = 6 * 3600.0
    """Seconds of a video, inclusive; what comes after them is not looked at, and the report says so."""

    seconds: float = 60.0
    """Time for one file, and as much again for each minute of a video; looked at between frames, and between the pieces
    that are read of a file in an archive."""

    memory: int = 4 << 30
    """Bytes of address space that a worker may take, all in all; the calling process has no such bound."""

    side: int = 65_535
    """Width and height of either, inclusive; JPEG's own bound. Shrinking a longer strip takes memory by its length."""

    @property
    def last_second(self) -> float:
        """When a worker that is still at one file is ended, whatever it does: after as long again, but 1 to 30 s more."""
        return self.seconds + min(max(self.seconds, _LEAST_MORE), _MOST_MORE)


DEFAULT_LIMITS = Limits()
