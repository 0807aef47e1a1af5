"""A clock that only the test moves, in the place of the one that the bank reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
START = datetime(2024, 6, 1, tzinfo=timezone.utc)


class Clock:
    """Stands still until it is moved."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def tick(self, seconds: float = 1) -> datetime:
        """Move it, forward or back."""
        self.moment += timedelta(seconds=seconds)
        return self.moment

    @contextmanager
    def ruling(self) -> Iterator[Clock]:
        """While this lasts the bank takes the time of import from here."""
        clock = self

        class Moments(datetime):
            @classmethod
            def now(cls, tz: object = None) -> datetime:
                return clock.moment

        with patch("hashmatch.batches.datetime", Moments):
            yield self


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)
