"""Numbers: which frame of the whole video each one is, where the decoder does not get all of them."""

from __future__ import annotations

import heapq


class Numbers:
    """Counts packets by the times at which their frames are shown, as if each had one frame."""

    def __init__(self) -> None:
        self._ahead: list[int] = []
        """Times of packets that no frame has passed yet; a heap."""
        self._passed = 0
        self._begun = False

    def add(self, pts: int | None) -> None:
        """Take the time of the next packet, in whatever order they come; None where it does not say."""
        if pts is not None:
            heapq.heappush(self._ahead, pts)

    def next(self, pts: int | None) -> int:
        """The number, from 0, of the frame that comes next.

        Args:
            pts: When it is shown. All packets that are shown before it were added. A frame that does not say, or whose
                time is that of no packet, has the number behind the last one.
        """
        while pts is not None and self._ahead and self._ahead[0] < pts:
            heapq.heappop(self._ahead)
            self._passed += 1
        if not self._begun:
            # What is shown before the first frame cannot be decoded, and nobody counts it.
            self._begun, self._passed = True, 0
        if self._ahead and self._ahead[0] == pts:
            heapq.heappop(self._ahead)
        number = self._passed
        self._passed += 1
        return number
