"""Patience: how long one file may keep us, by a clock that stands still while we do."""

from __future__ import annotations

import time

from .errors import LimitExceeded


class Patience:
    """The time for one file, which begins when this is made and is looked at between two steps.

    It is that of the clock, but no more than processors have worked for this process meanwhile: one that is stopped, or
    whose machine sleeps, uses none of it.
    """

    def __init__(self, seconds: float) -> None:
        """Have patience for so many seconds; they may be infinitely many."""
        self._seconds = seconds
        self._began = time.monotonic()
        self._had_worked = time.process_time()
        self._by_clock = False

    def go_by_clock(self) -> None:
        """Let the clock alone count, by the word of somebody who saw that nothing stood still."""
        self._by_clock = True

    def check(self) -> None:
        """Go on, if there is time left.

        Raises:
            LimitExceeded: If there is none.
        """
        used = time.monotonic() - self._began
        if not self._by_clock:
            used = min(used, time.process_time() - self._had_worked)
        if used > self._seconds:
            raise LimitExceeded(f"it took longer than the limit of {self._seconds:g} s")
