"""Timeline: when the frames of an upload are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .hashes import FrameHash

LATEST = 1e7
"""Seconds into a video that a timestamp may say, inclusive: four months."""

LEAST_STEP = 1e-3
"""Seconds, or frames, from one frame to the next that are taken to be possible."""

RATES = (1.0, 24.0, 25.0, 30.0, 50.0, 60.0)
"""Frames a second that a video may have whose frames have numbers and no times: one hash a second, film, television."""


@dataclass(frozen=True)
class Timeline:
    """When some frames are, in their order; in seconds, or in frames where not all of them have a time."""

    when: npt.NDArray[np.float64]
    """``float64[f]``, from the video's beginning."""
    timed: bool
    """Whether it is in seconds."""
    step: float
    """How far apart two sampled frames usually are: the median."""
    end: float

    @classmethod
    def of(cls, frames: Sequence[FrameHash], duration: float | None = None) -> Timeline:
        """The timeline of all sampled frames of an upload; ``duration`` is in seconds.

        Where times are missing, are none that can be, or are all the same, numbers of frames are taken, and the order of
        the frames where these are not different.
        """
        times = np.array([np.nan if own.timestamp is None else own.timestamp for own in frames], np.float64)
        timed = bool((np.abs(times) <= LATEST).all()) and (len(times) < 2 or bool(np.ptp(times) > 0))
        numbers = np.array([own.frame for own in frames], np.float64)
        if not timed:
            times = numbers if len(np.unique(numbers)) == len(numbers) else np.arange(len(frames), dtype=np.float64)
        gaps = np.diff(np.sort(times))
        step = usual_step(gaps[gaps > 0])
        end = float(times.max(initial=0)) + step
        return cls(times, timed, step, max(end, min(duration, LATEST)) if timed and duration is not None else end)

    def part(self, chosen: npt.NDArray[np.bool_]) -> Timeline:
        """That of some of the frames (``bool[f]``): the step and the end stay those of all."""
        return replace(self, when=self.when[chosen])

    @property
    def rates(self) -> tuple[float, ...]:
        """How many of its units may be a second."""
        return (1.0,) if self.timed else RATES


def usual_step(gaps: npt.NDArray[np.float64]) -> float:
    """The median of some steps, 1 where there is none, at least ``LEAST_STEP``."""
    return max(float(np.median(gaps)), LEAST_STEP) if len(gaps) else 1.0
