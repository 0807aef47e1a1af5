"""Aligning: which stretches of an upload run along which stretches of a known video.

What goes in are pairs of frames that are near each other, what comes out are segments. A segment is a line: known time =
offset + speed * upload time. A line is looked for where the most pictures vote for it, at the speed that is expected
and, if that leaves many without a line, at others; it is fitted to the frames that agree with it; it ends where none
agree for too long; and it counts if they show enough clearly different pictures. Its frames are then taken out, and the
next one is looked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .hashes import Codes
from .pictures import count_different
from .voting import Ballot, Line, even, first_few, firsts

MOST_SEGMENTS = 64
"""Of one upload and one known video."""

MOST_PICTURES = 100
"""Up to so many clearly different pictures are counted."""

_MOST_PAIRS = 1 << 16
"""Pairs that are looked at; of more, the nearest of each frame."""
_MOST_FAILURES = 16
"""Lines in a row that are no segments, after which no more are looked for."""
_MOST_GRIDS = 32
"""How often other speeds than the expected ones are tried."""
_SPEED_STEP = 1.025
"""From one speed that is tried to the next: at the ends of two minutes they are a second and a half apart."""
_ROUNDS = 8
"""How often a line is fitted anew to the frames that agree with it."""
_NEARLY = 0.03
"""By how much a speed may be off an expected one to be taken for it."""
_MOVES = np.array(sorted(np.arange(-2, 2.01, 0.125), key=abs))
"""By how many tolerances a line is moved to be centred; of equally good ones the least is taken."""
_TURNS = (0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0)
"""By how many tolerances its ends are moved, one up and one down."""
_EDGE = 1.01
"""Steps from a segment's first or last frame within which the beginning or the end of either video is taken for its own: one
frame there that does not agree, in a fade, is more likely than a cut right beside it."""

Rows = npt.NDArray[np.int64]
Times = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Track:
    """Some frames of an upload or of a known video."""

    when: Times
    """``float64[f]``: when each is; in seconds, or whatever its video counts in."""
    codes: Codes
    """``uint8[f, bytes]``."""
    step: float
    """How far apart two sampled frames usually are; above 0."""
    begin: float
    """Where the video begins, as far as it is known."""
    end: float


@dataclass(frozen=True)
class Pairs:
    """Frames of an upload and of a known video that are near each other, in any order."""

    upload: Rows
    """``int64[p]``: row of the frame in the upload's track."""
    known: Rows
    """``int64[p]``: row of the frame in the known track."""
    distance: Rows
    """``int64[p]``: in bits."""
    turn: Rows
    """``int64[p]``: in which orientation of the upload, as a number from 0."""
    codes: Codes
    """``uint8[p, bytes]``: the code of the upload that was near."""


@dataclass(frozen=True)
class LineTerms:
    """What lines may be, and what makes a segment of one."""

    speeds: tuple[float, ...]
    """Those that are expected: known time in a unit of upload time."""
    slowest: float
    """Least share of an expected speed that is tried, inclusive."""
    fastest: float
    frames: int
    """Least number of frames of the upload that agree."""
    pictures: int
    """Least number of clearly different pictures among them."""
    bits: int
    """Two are clearly different if they are farther apart."""
    gap: float
    """Longest time of the upload in which no frame agrees, if it is longer than ``gap_steps``."""
    gap_steps: int
    """The same in steps from one frame that could agree to the next."""


@dataclass(frozen=True)
class Stretch:
    """One segment."""

    upload: tuple[float, float]
    """From when to when."""
    line: Line
    pairs: Rows
    """``int64[m]``: which pairs agree, one for each frame of the upload, in their order."""
    pictures: int
    """How many of them are clearly different, up to 100."""

    @property
    def known(self) -> tuple[float, float]:
        """From when to when in the known video."""
        return self.line.at(self.upload[0]), self.line.at(self.upload[1])


def align(pairs: Pairs, upload: Track, known: Track, groups: Rows, terms: LineTerms) -> tuple[Stretch, ...]:
    """Find the segments, in the order of the upload; no two of them share a frame of it.

    Args:
        pairs: Of frames of the two tracks; what an allow list hides is not among them.
        upload: Its frames in order of time.
        known: In any order.
        groups: ``int64[upload]``: a number of the picture that each frame of the upload shows, so that one that is held is
            one vote.
        terms: What a segment must be.
    """
    search = _Search(pairs, upload, known, groups, terms)
    expected, others = np.array(terms.speeds), _grid(terms)
    found: list[Stretch] = []
    failures = grids = 0
    while len(found) < MOST_SEGMENTS and failures < _MOST_FAILURES:
        line = search.best(expected)
        if (line is None or line.votes < 0.9 * search.ballot.most()) and grids < _MOST_GRIDS:
            grids += 1
            other = search.best(others)
            # Among many speeds some fit a little better by chance.
            if other is not None and (line is None or other.votes > 1.25 * line.votes + 2):
                line = other
        if line is None:
            break
        stretch = search.take(line)
        failures = failures + 1 if stretch is None else 0
        found += [] if stretch is None else [stretch]
    return tuple(sorted(found, key=lambda stretch: stretch.upload))


def tolerance(upload: Track, known: Track, speed: float) -> float:
    """How far from a line a pair may be, in known time: half of the known step, and a part of both for rounded times."""
    return 0.7 * known.step + 0.25 * speed * upload.step


def begin_of(first: float, line: Line, upload: Track, known: Track) -> float:
    """When a segment begins: half a step before its first frame, or where one of the videos does."""
    step = _step(line, upload, known)
    edge = max(upload.begin, line.back(known.begin))
    return min(first, edge if edge >= first - _EDGE * step else first - step / 2)


def end_of(last: float, line: Line, upload: Track, known: Track) -> float:
    """When it ends, likewise, after its last frame."""
    step = _step(line, upload, known)
    edge = min(upload.end, line.back(known.end))
    return max(last, edge if edge <= last + _EDGE * step else last + step / 2)


def longest_gap(line: Line, upload: Track, known: Track, terms: LineTerms) -> float:
    """The longest time of the upload without a frame that agrees, within a segment."""
    return max(terms.gap, terms.gap_steps * _step(line, upload, known))


def _step(line: Line, upload: Track, known: Track) -> float:
    """From one frame that could agree to the next, in the upload's time."""
    return max(upload.step, known.step / line.speed)


def difference(bits: int, distances: Rows) -> int:
    """How far apart two pictures are at the most that are not clearly different.

    Args:
        bits: At least so far.
        distances: Of frames that agree. What differs by no more than twice that may be one picture under noise.
    """
    return max(bits, int(2 * np.median(distances)))


def _grid(terms: LineTerms) -> Times:
    """Other speeds to try."""
    low, high = min(terms.speeds) * terms.slowest, max(terms.speeds) * terms.fastest
    count = int(np.log(high / low) / np.log(_SPEED_STEP) + 1e-9) + 1
    speeds: Times = np.append(low * _SPEED_STEP ** np.arange(count), high)
    ratios = speeds[:, np.newaxis] / np.array(terms.speeds)
    near = (ratios >= terms.slowest * (1 - 1e-9)) & (ratios <= terms.fastest * (1 + 1e-9))
    fitting: Times = speeds[near.any(axis=1)]
    return fitting


class _Search:
    """The pairs that are left, and what is found among them."""

    def __init__(self, pairs: Pairs, upload: Track, known: Track, groups: Rows, terms: LineTerms) -> None:
        # In an order of their own, so that the order in which they come does not matter; the nearest of a frame first.
        order = np.lexsort((pairs.turn, pairs.known, pairs.distance, pairs.upload))
        self._rows = order[first_few(pairs.upload[order], _MOST_PAIRS)]
        self._upload, self._known, self._terms = upload, known, terms
        self._frame, self._other = pairs.upload[self._rows], pairs.known[self._rows]
        self._turn, self._distance = pairs.turn[self._rows], pairs.distance[self._rows]
        self._codes = pairs.codes
        self._at, self._to = upload.when[self._frame], known.when[self._other]
        self._weight = 2 - self._distance / max(1, int(self._distance.max(initial=0)))
        self._free = np.ones(len(self._rows), np.bool_)
        self._picture = groups[self._frame]
        parts = self._at, self._to, self._turn, self._frame, self._picture, self._weight
        self.ballot = Ballot(*parts, terms.frames, self._tolerance)

    def best(self, speeds: Times) -> Line | None:
        """The run of frames for which the most votes are, on the line at one of some speeds for which the most are."""
        line = self.ballot.best(speeds)
        if line is None:
            return None
        pairs, votes = self._run(line.pairs, line)
        return replace(line, pairs=pairs, votes=votes)

    def take(self, voted: Line) -> Stretch | None:
        """The segment that a line is, which takes its frames with it; None if it is none, and no more is it voted for."""
        line = self._fitted(voted) if self._pictures(voted) >= self._terms.pictures else voted
        if len(line.pairs) < self._terms.frames or self._pictures(line) < self._terms.pictures:
            # A picture that is held agrees with itself at many offsets: all of them are done with.
            held = np.isin(self._frame, self._frame[line.pairs]) & np.isin(self._other, self._other[line.pairs])
            held[voted.pairs] = True
            self.ballot.leave_out(held)
            return None
        first, last = (float(self._at[line.pairs[end]]) for end in (0, -1))
        start = begin_of(first, line, self._upload, self._known)
        stop = end_of(last, line, self._upload, self._known)
        inside = (self._at >= start) & (self._at <= stop)
        self._free &= ~inside
        self.ballot.leave_out(inside)
        return Stretch((start, stop), line, self._rows[line.pairs], self._pictures(line))

    def _tolerance(self, speed: float) -> float:
        return tolerance(self._upload, self._known, speed)

    def _fitted(self, voted: Line) -> Line:
        """The line moved to where the most frames agree with it; turned too, if more do then."""
        mine = np.flatnonzero(self._free & (self._turn == voted.turn))
        line = self._followed(mine, self._centred(mine, voted, (0.0,)), free=False)
        turned = self._followed(mine, self._centred(mine, line, _TURNS), free=True)
        weight, other = self._weight[line.pairs].sum(), self._weight[turned.pairs].sum()
        if other < (1.1 * weight + 3 if voted.speed in self._terms.speeds else weight):
            return line
        # What is nearly an expected speed is that one, if nearly as many frames say so.
        nearest = min(self._terms.speeds, key=lambda speed: abs(turned.speed / speed - 1))
        if abs(turned.speed / nearest - 1) > _NEARLY:
            return turned
        middle = float(self._at[turned.pairs].mean())
        steady = turned.moved(nearest, turned.at(middle) - nearest * middle, turned.pairs)
        steady = self._followed(mine, self._centred(mine, steady, (0.0,)), free=False)
        return steady if self._weight[steady.pairs].sum() >= 0.95 * other else turned

    def _centred(self, mine: Rows, line: Line, turns: tuple[float, ...]) -> Line:
        """The line moved to the middle of those that as many frames agree with: where pictures are held, they are many.

        Args:
            mine: Pairs of its orientation.
            line: Where to begin.
            turns: By how many tolerances its ends are moved, at most in opposite directions.
        """
        if not len(line.pairs):
            return line
        tolerance, times = self._tolerance(line.speed), self._at[line.pairs]
        middle, half = float(times.mean()), max(float(np.ptp(times)) / 2, self._upload.step)
        away = self._to[mine] - line.offset - line.speed * self._at[mine]
        mine, away = mine[np.abs(away) <= 6 * tolerance], away[np.abs(away) <= 6 * tolerance]
        moves, starts = tolerance * _MOVES, firsts(self._frame[mine])
        best, kept = -1.0, line
        for turn in turns:
            slope = turn * tolerance / half
            near = 1 - np.abs(away - slope * (self._at[mine] - middle) - moves[:, np.newaxis]) / tolerance
            near = np.maximum.reduceat(near, starts, axis=1).clip(0)
            # Sampled half a step apart they agree as well as they can; being nearer counts a little.
            agreed = even(((2 * near).clip(max=1) + 0.1 * near).sum(axis=1))
            if agreed.max() > best:
                best = float(agreed.max())
                offset = line.offset + float(moves[np.argmax(agreed)]) - slope * middle
                kept = line.moved(line.speed + slope, offset, line.pairs)
        return kept

    def _followed(self, mine: Rows, line: Line, free: bool) -> Line:
        """The line fitted again and again to the frames that agree with it."""
        for _ in range(_ROUNDS):
            pairs, _ = self._run(self._agreeing(mine, line), line)
            if not len(pairs) or np.array_equal(pairs, line.pairs):
                break
            at, to = self._at[pairs], self._to[pairs]
            speed = self._slope(at, to, line.speed) if free else line.speed
            line = line.moved(speed, float(np.mean(to - speed * at)), pairs)
        return line

    def _agreeing(self, mine: Rows, line: Line) -> Rows:
        """Of some pairs those that lie on a line, one for each frame: the nearest, in bits as in time."""
        tolerance = self._tolerance(line.speed)
        away = np.abs(self._to[mine] - line.offset - line.speed * self._at[mine])
        near = even(away / tolerance) <= 1
        mine, away = mine[near], away[near]
        # As many bits as a frame moves from one encoding to the next weigh as much as the whole tolerance.
        order = np.lexsort((even(self._distance[mine] / 8 + away / tolerance), self._frame[mine]))
        return mine[order][firsts(self._frame[mine][order])]

    def _run(self, pairs: Rows, line: Line) -> tuple[Rows, float]:
        """Of agreeing frames the run without too long a gap that has the most votes, and how many."""
        gap = longest_gap(line, self._upload, self._known, self._terms)
        run = np.append(0, np.cumsum(np.diff(self._at[pairs]) > gap))[: len(pairs)]
        votes, starts = self.ballot.votes(run, pairs)
        if not len(votes):
            return pairs, 0.0
        best = int(np.argmax(votes))
        return pairs[starts[best] : np.append(starts, len(pairs))[best + 1]], float(votes[best])

    def _slope(self, at: Times, to: Times, speed: float) -> float:
        """The speed at which the squared distances from the line are least; what it was where they do not tell."""
        from_middle = at - at.mean()
        spread = float(from_middle @ from_middle)
        if len(at) < 3 or spread <= 0:
            return speed
        low, high = min(self._terms.speeds) * self._terms.slowest, max(self._terms.speeds) * self._terms.fastest
        return min(max(float(from_middle @ to) / spread, low), high)

    def _pictures(self, line: Line) -> int:
        """How many clearly different pictures agree."""
        if not len(line.pairs):
            return 0
        bits = difference(self._terms.bits, self._distance[line.pairs])
        ours, theirs = self._codes[self._rows[line.pairs]], self._known.codes[self._other[line.pairs]]
        return count_different(ours, theirs, bits, MOST_PICTURES)
