"""Course: what becomes of a file while its frames are decoded, for whoever asked for them."""

from __future__ import annotations


class Course:
    """Kept up to date by a reader; it is true of what was looked at so far, also where the reader was stopped."""

    def __init__(self) -> None:
        self.duration: float | None = None
        """Seconds of a video or an animation that were looked at; None of a still."""
        self.damage: str | None = None
        """What of it could not be decoded, though what could was."""

    def go_on(self) -> None:
        """Called between two steps, some thousand times a second, by a reader that may take long.

        Raises:
            LimitExceeded: If it is to stop.
        """
        return
