"""Known videos: which records of a snapshot are frames of one video, and when in it they are.

A claim is a known video, by each perceptual algorithm, if live records of it have a frame. Videos have numbers from 0,
those of one list together. Beside an algorithm's codes stand, only where there is a known video::

    video_numbers.npy  the video of each record, -1 for none: int32[records]
    video_places.npy   when in its video each record is, NaN for none: float32[records]
    video_counts.npy   what is counted of each video: int64[videos, 4]
    video_spans.npy    when its frames are: float64[videos, 3]

**When** is in seconds, or in frames where a video's records do not all have a time, or all have the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .arrays import map_array
from .errors import BankDamaged, InvalidValue

NUMBERS_FILE = "video_numbers.npy"
PLACES_FILE = "video_places.npy"
COUNTS_FILE = "video_counts.npy"
SPANS_FILE = "video_spans.npy"

VIDEO_FILES = (NUMBERS_FILE, PLACES_FILE, COUNTS_FILE, SPANS_FILE)

RECORD, RECORDS, CODES, TIMED = range(4)
"""Columns of the counts: the row of one of its records, how many it has, how many different codes, whether they have
times (1) or only frames (0)."""

FIRST, LAST, STEP = range(3)
"""Columns of the spans: when its first and its last frame are, and how far apart two usually are (the median; NaN where
all are at once)."""


@dataclass(frozen=True)
class KnownVideos:
    """The known videos of one algorithm, mapped."""

    first: int
    """Row, among all records of the snapshot, of the algorithm's first one."""
    numbers: npt.NDArray[np.int32]
    places: npt.NDArray[np.float32]
    counts: npt.NDArray[np.int64]
    spans: npt.NDArray[np.float64]

    @classmethod
    def open(cls, folder: Path, first: int, records: int, videos: int) -> KnownVideos:
        """Map what stands in an algorithm's folder.

        Args:
            folder: The algorithm's, in a snapshot.
            first: Row of its first record among all of the snapshot.
            records: How many it has.
            videos: How many known videos it has, from 1 up.

        Raises:
            OSError: If a file cannot be read.
            InvalidValue: If one is not what belongs there.
        """
        known = cls(
            first,
            map_array(folder / NUMBERS_FILE, np.int32),
            map_array(folder / PLACES_FILE, np.float32),
            map_array(folder / COUNTS_FILE, np.int64, 4),
            map_array(folder / SPANS_FILE, np.float64, 3),
        )
        held = len(known.numbers), len(known.places), len(known.counts), len(known.spans)
        if held != (records, records, videos, videos):
            raise InvalidValue(f"{folder} does not hold as many videos and records as it should")
        return known

    def __len__(self) -> int:
        """How many there are."""
        return len(self.counts)

    def of(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        """The video of each record, by its row among all of the snapshot; -1 for none.

        Raises:
            BankDamaged: If the file leads out of the videos.
        """
        numbers = self.numbers[rows - self.first]
        if len(numbers) and not -1 <= numbers.min() <= numbers.max() < len(self):
            raise BankDamaged(f"{NUMBERS_FILE} leads out of the videos")
        return numbers

    def rows(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The records of some videos, by their rows among all of the snapshot, in order; from one look at all records."""
        wanted = np.zeros(len(self) + 1, np.bool_)
        wanted[numbers] = True
        # That of no video, -1, is the last.
        return np.flatnonzero(wanted[self.numbers]) + self.first

    def when(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """When in its video each frame of one is, by its row among all of the snapshot; in seconds or frames.

        Raises:
            BankDamaged: If the file does not say.
        """
        places = self.places[rows - self.first].astype(np.float64)
        if not np.isfinite(places).all():
            raise BankDamaged(f"{PLACES_FILE} does not say when a frame is")
        return places

    def seconds(self, number: int) -> float | None:
        """A video's length: from its first frame to its last, and one usual step; None where it cannot be known."""
        first, last, step = self.spans[number].tolist()
        if not self.counts[number, TIMED] or step != step:
            return None
        return float(last - first + step)
