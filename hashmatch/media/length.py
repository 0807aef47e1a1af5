"""Length: how long a video says that it is, and whether it is cut short.

Containers, streams and packets are whatever PyAV calls so; nothing of PyAV is imported here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream

_STATING = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "asf"})
"""Containers that say how long they are; of others FFmpeg guesses it."""
_UNITS = 1_000_000
"""Of FFmpeg's in a second."""
_EARLY = 1.0
"""Seconds by which a file may end before the time that it says, and be whole."""


class Length:
    """Watches how far the packets of a file reach, against what it says of itself."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        """Read what the file says, if it can say anything."""
        self._stated: float | None = None
        self._watched: dict[int, float] = {}
        """Seconds that a tick is, of the streams that count."""
        self._first: float | None = None
        self._last = 0.0
        if container.format.name not in _STATING:
            return
        if stream.duration and stream.time_base:
            self._stated = float(stream.duration * stream.time_base)
            if container.format.name == "avi" and stream.average_rate:
                # There FFmpeg makes less of it where the file is shorter.
                self._stated = max(self._stated, float(stream.frames / stream.average_rate))
        elif container.duration:
            # That of the longest stream, which may be another one.
            self._stated = container.duration / _UNITS
            self._watched = {one.index: float(one.time_base) for one in container.streams if one.time_base}

    def reach(self, packet: Packet[Stream]) -> None:
        """Take a packet, whichever stream it is of."""
        tick = self._watched.get(packet.stream_index)
        at = packet.dts if packet.pts is None else packet.pts
        if tick is None or at is None:
            return
        begin, end = at * tick, (at + (packet.duration or 0)) * tick
        self._first = begin if self._first is None else min(self._first, begin)
        self._last = max(self._last, end)

    def missing(self, shown: float) -> str | None:
        """Why there may be more of a video of which so many seconds were shown; None if there is not."""
        lasted = max(shown, 0.0 if self._first is None else self._last - self._first)
        if self._stated is None or self._stated - lasted <= _EARLY:
            return None
        return f"it ends after {lasted:.1f} s, and says that it lasts {self._stated:.1f} s"
