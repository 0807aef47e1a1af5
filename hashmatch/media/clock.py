"""Clock: when each frame of a video is shown, counted from its first one, whatever its file says."""

from __future__ import annotations

from fractions import Fraction

_USUAL_RATE = Fraction(25)
"""Frames a second, where a file does not say, or says nonsense."""
_SLOWEST, _FASTEST = Fraction(1, 100), Fraction(1000)
_JOINED = 1
"""Seconds by which a time must be before the last one to be that of another recording, which was joined on."""
_GAP = 3600
"""Seconds that no frame is shown for: a time that is later by more is wrong."""

Ticks = int | Fraction
"""A time in a stream's own unit."""


class Clock:
    """Times of frames, one after the other in the order in which they are shown; they never run backwards."""

    def __init__(self, unit: Fraction | None, rate: Fraction | None) -> None:
        """Begin before the first frame.

        Args:
            unit: Seconds that a tick of the stream is.
            rate: Frames a second, on average.
        """
        self.unit = unit if unit is not None and unit > 0 else Fraction(1, 90_000)
        self._shortest, self._longest = 1 / _FASTEST / self.unit, 1 / _SLOWEST / self.unit
        self._gap, self._joined = int(_GAP / self.unit), int(_JOINED / self.unit)
        known = rate is not None and _SLOWEST <= rate <= _FASTEST
        self._usual = 1 / (rate if known and rate is not None else _USUAL_RATE) / self.unit
        self._shown_for: Ticks = self._usual
        """How long the last frame is shown."""
        self.origin: Ticks | None = None
        """What the stream calls the time of the first frame, as soon as it says anything."""
        self.now: Ticks | None = None
        """When the last frame is shown, in ticks since the first."""
        self.steady = True
        """Whether each frame so far said its time, and what it said could be believed."""

    def show(self, pts: int | None, duration: int | None = None) -> Ticks:
        """When the next frame is shown, in ticks since the first: as it says, else when the last one has been.

        Args:
            pts: What it says.
            duration: For how long it is said to be shown.
        """
        expected = 0 if self.now is None else self.now + self._shown_for
        self._shown_for = self.length(duration)
        if pts is None:
            self.steady = False
            self.now = expected
            return expected
        if self.origin is None:
            self.origin = pts - expected
        said = pts - self.origin
        if self.now is not None and not 0 <= said - self.now <= self._gap:
            self.steady = False
            if said >= self.now or self.now - said > self._joined:
                self.origin, said = pts - expected, expected
            else:
                said = self.now
        self.now = said
        return said

    def length(self, duration: int | None) -> Ticks:
        """How long a frame is shown that is said to be shown for so many ticks; as long as most, where that is nonsense."""
        known = duration is not None and self._shortest <= duration <= self._longest
        return duration if known and duration is not None else self._usual

    def seconds(self, ticks: Ticks) -> float:
        """Ticks as seconds."""
        return float(ticks * self.unit.numerator / self.unit.denominator)
