"""Voting: for which line the most pictures of an upload are, if each pair of near frames has a vote.

A line is known time = offset + speed * upload time. At one speed a pair is for one offset; what is counted are windows of
offsets, each as wide as twice the tolerance, every one beginning in the middle of the one before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

_MOST_VOTERS = 8192
"""Pairs that vote; of more, the nearest few of each frame."""
_MOST_VOTES = 1 << 19
"""Votes that are counted at once."""

_OF_A_FRAME = 0.05
"""What one more frame of the same picture adds to a vote."""

Rows = npt.NDArray[np.int64]
Times = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """Known time = offset + speed * upload time, and the pairs that agree with it, one for each frame of the upload."""

    turn: int
    speed: float
    offset: float
    pairs: Rows
    """``int64[m]``: which ones."""
    votes: float

    def at(self, when: float) -> float:
        """The known time at a time of the upload."""
        return self.offset + self.speed * when

    def back(self, when: float) -> float:
        """The upload's time at a known time."""
        return (when - self.offset) / self.speed

    def moved(self, speed: float, offset: float, pairs: Rows) -> Line:
        """Another line of the same orientation."""
        return replace(self, speed=speed, offset=offset, pairs=pairs)


@dataclass
class Ballot:
    """The pairs that vote, in order of their frame, the nearest of each first; all arrays have one item a pair."""

    at: Times
    """When the upload's frame is."""
    to: Times
    """When the known one is."""
    turn: Rows
    """In which orientation."""
    frame: Rows
    """The upload's frame."""
    picture: Rows
    """What the upload's frame shows: frames of one picture are one vote, and a little more for each."""
    weight: Times
    """1 to 2: near pairs count more."""
    frames: int
    """Least number of frames that a line must have."""
    tolerance: Callable[[float], float]
    """How far from a line of some speed a pair may be, in known time."""

    def __post_init__(self) -> None:
        self._voting = first_few(self.frame, _MOST_VOTERS)

    def leave_out(self, pairs: npt.NDArray[np.bool_]) -> None:
        """Let some pairs no longer vote: ``bool[pairs]``."""
        self._voting = self._voting & ~pairs

    def most(self) -> float:
        """The votes that a line would have for which every picture is."""
        voters = np.flatnonzero(self._voting)
        return float(self.votes(np.zeros(len(voters), np.int64), voters)[0].sum())

    def best(self, speeds: Times) -> Line | None:
        """The line at one of some speeds for which there are the most votes; None where none has enough frames."""
        voters = np.flatnonzero(self._voting)
        if len(firsts(self.frame[voters])) < self.frames:
            return None
        at_once = max(1, _MOST_VOTES // (2 * len(voters)))
        lines = [self._elected(voters, speeds[at : at + at_once]) for at in range(0, len(speeds), at_once)]
        return max((line for line in lines if line is not None), key=lambda line: line.votes, default=None)

    def _elected(self, voters: Rows, speeds: Times) -> Line | None:
        """The best line at one of a few speeds."""
        offsets = self.to[voters] - speeds[:, np.newaxis] * self.at[voters]
        offsets -= offsets.min(axis=1, keepdims=True)
        widths = np.array([self.tolerance(speed) for speed in speeds.tolist()])
        windows = 1 + np.floor(even(offsets / widths[:, np.newaxis])).astype(np.int64)
        most, turns = int(windows.max()) + 1, int(self.turn.max()) + 1
        lines = (np.arange(len(speeds))[:, np.newaxis] * turns + self.turn[voters]) * most + windows
        votes = np.sort((np.stack([lines, lines - 1]) * len(voters) + np.arange(len(voters))).reshape(-1))
        line, pairs = votes // len(voters), voters[votes % len(voters)]
        # Of the pairs of a frame the nearest one votes.
        first = np.append(True, (line[1:] != line[:-1]) | (np.diff(self.frame[pairs]) != 0))
        line, pairs = line[first], pairs[first]
        counts, starts = self.votes(line, pairs)
        best = int(np.argmax(counts))
        if counts[best] <= 0:
            return None
        chosen = pairs[starts[best] : np.append(starts, len(pairs))[best + 1]]
        speed = float(speeds[line[starts[best]] // most // turns])
        offset = float(np.median(self.to[chosen] - speed * self.at[chosen]))
        return Line(int(self.turn[chosen[0]]), speed, offset, chosen, float(counts[best]))

    def votes(self, line: Rows, pairs: Rows) -> tuple[Times, Rows]:
        """The votes for each line, 0 without enough frames, and where its pairs begin; pairs stand together by line."""
        starts = firsts(line)
        of = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(line))))
        order = np.lexsort((self.picture[pairs], of))
        shown, weight = self.picture[pairs][order], self.weight[pairs][order]
        pictures = np.flatnonzero(np.append(True, (np.diff(of[order]) != 0) | (np.diff(shown) != 0))[: len(shown)])
        counts = np.bincount(of[order][pictures], np.maximum.reduceat(weight, pictures) if len(weight) else None)
        frames = np.bincount(of, minlength=len(starts))
        return np.where(frames >= self.frames, counts + _OF_A_FRAME * frames, 0.0), starts


def even(numbers: Times) -> Times:
    """Numbers without their last digits, so that what is equal, or on a bound, is so in any unit of time."""
    rounded: Times = np.round(numbers, 9)
    return rounded


def firsts(ordered: Rows) -> Rows:
    """Where equal numbers begin, in an array in which they stand together."""
    return np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])


def first_few(ordered: Rows, most: int) -> npt.NDArray[np.bool_]:
    """Which items to keep so that there are about ``most``: the first few of each number; all if there are no more.

    Args:
        ordered: ``int64[n]``, in which equal numbers stand together.
        most: If there are more different numbers than that, the first item of each is kept all the same.
    """
    if len(ordered) <= most:
        return np.ones(len(ordered), np.bool_)
    starts = firsts(ordered)
    place = np.arange(len(ordered)) - np.repeat(starts, np.diff(np.append(starts, len(ordered))))
    return place < max(1, most // len(starts))
