"""Sampling: which frames of a video are hashed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from .errors import InvalidValue

EVERY_WORD, KEYFRAMES_WORD = "every", "keyframes"

Wanted = str | float | None
"""As people say it: ``"every"``, ``"keyframes"``, a number of seconds; None: as the kind of media has it."""


@dataclass(frozen=True)
class Sampling:
    """Every frame, the key frames, or one in so many seconds."""

    seconds: float | None = None
    """Of each multiple of these the first frame at or after it; None: not by time."""

    keyframes: bool = False
    """Whether it is those frames that need no other one."""

    @classmethod
    def of(cls, wanted: Wanted) -> Sampling | None:
        """What somebody asks for.

        Args:
            wanted: ``"every"``, ``"keyframes"``, or seconds, more than 0 and finite; None stays None.

        Raises:
            InvalidValue: If it is none of these.
        """
        if wanted is None:
            return None
        if wanted == EVERY_WORD:
            return EVERY
        if wanted == KEYFRAMES_WORD:
            return KEYFRAMES
        if isinstance(wanted, (int, float)) and not isinstance(wanted, bool) and 0 < wanted < math.inf:
            return cls(float(wanted))
        raise InvalidValue(f"sampling is 'every', 'keyframes' or a number of seconds above 0, not {wanted!r}")

    def picking(self, unit: Fraction) -> Callable[[float | Fraction], bool]:
        """Who says of one frame after the other, in the order in which they are shown, whether it is wanted.

        Args:
            unit: Seconds that one tick of the frames' times is; these count from the first frame.
        """
        if self.seconds is None:
            return lambda ticks: True
        # As it is written: a tenth is a tenth, not what a float makes of it.
        step = Fraction(repr(self.seconds)) / unit
        last: float = -1

        def wants(ticks: float | Fraction) -> bool:
            nonlocal last
            multiple = ticks * step.denominator // step.numerator
            wanted, last = multiple > last, max(last, multiple)
            return wanted

        return wants


EVERY = Sampling()
KEYFRAMES = Sampling(keyframes=True)
ONE_A_SECOND = Sampling(1.0)
