"""Patience: how long one file may keep us, by a clock that stands still while we do."""

from __future__ import annotations

import time
from collections.abc import Callable

from .errors import LimitExceeded

_MINUTE = 60.0
_SIGNS = 1.0
"""Seconds between two signs that a file goes on, or a fourth of its time, if that is less."""


class Patience:
    """The time for one file, which begins when this is made and is looked at between two steps.

    It is that of the clock, but no more than processors have worked for this process meanwhile: one that is stopped, or
    whose machine sleeps, uses none of it. A video has as much for each minute of it.
    """

    def __init__(self, seconds: float, goes_on: Callable[[], object] | None = None) -> None:
        """Have patience for so many seconds; they may be infinitely many.

        Args:
            seconds: For a file, and for each minute of a video.
            goes_on: Called now and then while a file that may take long comes further.
        """
        self._seconds = seconds
        self._began = time.monotonic()
        self._had_worked = time.process_time()
        self._by_clock = False
        self._minutes = 0
        self._goes_on = goes_on
        self._signed = self._began

    def go_by_clock(self) -> None:
        """Let the clock alone count, by the word of somebody who saw that nothing stood still."""
        self._by_clock = True

    def renew(self) -> None:
        """Begin once more: what was done so far took as long as the file is large, and could not have been quicker."""
        self._began = time.monotonic()
        self._had_worked = time.process_time()
        self._sign()

    def reached(self, seconds: float) -> None:
        """Have more patience, by what of a video was seen: so many seconds by now."""
        self._minutes = max(self._minutes, int(seconds // _MINUTE))
        self._sign()

    def _sign(self) -> None:
        now = time.monotonic()
        if self._goes_on is not None and now - self._signed >= min(_SIGNS, self._seconds / 4):
            self._signed = now
            self._goes_on()

    def check(self) -> None:
        """Go on, if there is time left.

        Raises:
            LimitExceeded: If there is none.
        """
        used = time.monotonic() - self._began
        if not self._by_clock:
            used = min(used, time.process_time() - self._had_worked)
        if used > self._seconds * (self._minutes + 1):
            each = " for each minute of it" if self._minutes else ""
            raise LimitExceeded(f"it took longer than the limit of {self._seconds:g} s{each}")
