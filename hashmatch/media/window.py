"""Window: packets of a video, held back until it is known whether anybody wants their frames.

A decoder gets packets in another order than that in which their frames are shown. Which frame is the first one after a
certain time is known as soon as no later packet can have an earlier one: a packet is never shown before its turn to be
decoded. A packet is whatever PyAV calls one; nothing of PyAV is imported here.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from typing import Any

from ..sampling import Sampling
from .clock import Clock, Ticks

_MOST = 64
"""Packets that are held: more than any codec puts between a frame and those that are shown before it."""
_MOST_BYTES = 32 << 20


class Window:
    """Says of each packet whether its own frame is needed. Where times are odd, all are."""

    def __init__(self, clock: Clock, sampling: Sampling) -> None:
        """Begin before the first packet.

        Args:
            clock: That of the frames, which knows when the first one is shown.
            sampling: Which frames are wanted.
        """
        self._clock = clock
        self._wants = sampling.picking(clock.unit)
        self._held: deque[Any] = deque()
        self._bytes = 0
        self._undecided: list[int] = []
        """Times of the frames of which it is not known yet; a heap."""
        self._wanted: set[int] = set()
        self._turn: int | None = None
        """When the last packet has its turn: all later packets are shown then or after it."""
        self._decided: int | None = None
        """The time up to which it is known of all frames."""
        self.trusted = True
        """Whether times make sense so far."""

    def take(self, packet: Any) -> Iterator[tuple[Any, bool]]:
        """Take the next packet, and give those of which it is known by now, each with whether its frame is needed."""
        self._held.append(packet)
        self._bytes += packet.size
        self.trusted = self.trusted and self._clock.steady and self._note(packet)
        if self.trusted and self._clock.origin is not None:
            self._decide(self._clock.origin)
        while self._held and self._lets_go(self._held[0]):
            yield self._next()

    def rest(self) -> Iterator[tuple[Any, bool]]:
        """Give what is left, behind the last packet."""
        self._turn = None
        while self._held:
            yield self._next()

    def _note(self, packet: Any) -> bool:
        """Note when a packet is shown; whether that makes sense."""
        if packet.is_discard:
            return True
        pts, dts = packet.pts, packet.dts
        if pts is None or (self._decided is not None and pts < self._decided):
            return False
        heapq.heappush(self._undecided, pts)
        if dts is None:
            return len(self._undecided) <= _MOST
        in_turn = self._turn is None or dts >= self._turn
        self._turn = dts
        return bool(in_turn and dts <= pts)

    def _decide(self, origin: Ticks) -> None:
        while self._turn is not None and self._undecided and self._undecided[0] <= self._turn:
            self._decided = heapq.heappop(self._undecided)
            if self._wants(self._decided - origin):
                self._wanted.add(self._decided)

    def _lets_go(self, packet: Any) -> bool:
        return (
            not self.trusted
            or packet.is_discard
            or self._clock.origin is None
            or self._is_decided(packet)
            or len(self._held) > _MOST
            or self._bytes > _MOST_BYTES
        )

    def _is_decided(self, packet: Any) -> bool:
        return self._decided is not None and bool(packet.pts <= self._decided)

    def _next(self) -> tuple[Any, bool]:
        packet = self._held.popleft()
        self._bytes -= packet.size
        unneeded = (
            self.trusted and not packet.is_discard and self._is_decided(packet) and packet.pts not in self._wanted
        )
        self._wanted.discard(packet.pts)
        return packet, not unneeded
