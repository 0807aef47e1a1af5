"""Reaching: how far a segment goes beyond the frames of it that are hits.

Where a camera moves, frames that were sampled half a step apart are farther from each other than a match may be. Once a
segment says which known frame belongs to a time, a quarter of the bits is near enough: pictures that have nothing in common
differ in half of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from .aligning import LineTerms, Stretch, Track, begin_of, end_of, longest_gap, tolerance
from .hashes import Codes, hamming

_QUARTER = 2
"""Bits of a byte."""

Turned = Callable[[int, int], Codes]
"""The codes of a frame of the upload, by its row, in an orientation; none if it must not count."""


@dataclass(frozen=True)
class Reach:
    """Two videos, of which all frames are known."""

    upload: Track
    """Its frames in order of time."""
    turned: Turned
    known: Track
    """All its frames, in order of time."""
    terms: LineTerms

    def beyond(
        self, stretches: tuple[Stretch, ...], frames: Callable[[Stretch], tuple[int, int]]
    ) -> tuple[Stretch, ...]:
        """The segments as far as they reach without coming to another one.

        Args:
            stretches: In the order of the upload.
            frames: The rows of the first and the last frame of one that are hits.
        """
        reached: list[Stretch] = []
        for number, own in enumerate(stretches):
            low = reached[-1].upload[1] if reached else -math.inf
            high = stretches[number + 1].upload[0] if number + 1 < len(stretches) else math.inf
            reached.append(self._reached(own, *frames(own), low, high))
        return tuple(reached)

    def _reached(self, own: Stretch, first: int, last: int, low: float, high: float) -> Stretch:
        before = self._outermost(own, range(first, -1, -1), low, high)
        after = self._outermost(own, range(last, len(self.upload.when)), low, high)
        start, stop = own.upload
        if before != first:
            start = min(start, begin_of(float(self.upload.when[before]), own.line, self.upload, self.known))
        if after != last:
            stop = max(stop, end_of(float(self.upload.when[after]), own.line, self.upload, self.known))
        return replace(own, upload=(max(start, low), min(stop, high)))

    def _outermost(self, own: Stretch, rows: Iterable[int], low: float, high: float) -> int:
        """Of frames from a hit outwards the last that agrees before there is too long a gap."""
        gap = longest_gap(own.line, self.upload, self.known, self.terms)
        rows = iter(rows)
        outermost = next(rows)
        for row in rows:
            at = float(self.upload.when[row])
            if not low < at < high or abs(at - self.upload.when[outermost]) > gap:
                break
            if self._agrees(own, row, at):
                outermost = row
        return outermost

    def _agrees(self, own: Stretch, row: int, at: float) -> bool:
        """Whether a frame is like one of those that are known to be there then."""
        when = own.line.at(at)
        within = tolerance(self.upload, self.known, own.line.speed)
        first = np.searchsorted(self.known.when, when - within, "left")
        last = np.searchsorted(self.known.when, when + within, "right")
        theirs = self.known.codes[first:last]
        ours = self.turned(row, own.line.turn)
        if not len(theirs) or not len(ours):
            return False
        return bool(hamming(ours[:, np.newaxis], theirs).min() <= _QUARTER * self.known.codes.shape[1])
