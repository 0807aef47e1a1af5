"""Film: one pass over the video stream of a file, from its packets to luma.

Containers, streams, packets and frames are whatever PyAV calls so; nothing of PyAV is imported here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from ..errors import LimitExceeded, MediaError
from ..frames import Frame, Limits
from ..sampling import Sampling
from .clock import Clock, Ticks
from .course import Course
from .length import Length
from .losses import Losses
from .luma import luma
from .numbers import Numbers
from .source import Source
from .window import Window

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet as AnyPacket
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    Packet = AnyPacket[VideoStream]

_SKIPPABLE = frozenset({"h264", "mpeg4", "mpeg2video", "mpeg1video"})
"""Decoders that keep no frame for others of which the file says that none needs it, so that leaving these out changes no
pixel. HEVC's keeps them all, and what a file says of them is but a promise."""

_WHOLE, _REFERENCES, _KEYS = "DEFAULT", "NONREF", "NONKEY"
"""What is left out of decoding, by PyAV's names: nothing; frames that no other needs; all but key frames."""

_ATTEMPTS = 3
"""Errors with nothing between them after which a file is read no further."""


class Film:
    """One pass over a video, which is good for one use."""

    def __init__(
        self, container: InputContainer, stream: VideoStream, limits: Limits, course: Course, source: Source
    ) -> None:
        """Take what was opened; nothing is decoded yet.

        Args:
            container: Where packets come from.
            stream: Which of them are wanted.
            limits: Bounds.
            course: Kept up to date.
            source: What the container reads, which knows what went wrong there.
        """
        self._container = container
        self._stream = stream
        self._decoder = stream.codec_context
        self._limits = limits
        self._course = course
        self._source = source
        self._clock = Clock(stream.time_base, stream.average_rate)
        self._losses = Losses()
        self._end: Ticks = 0
        """Until when the last frame is shown that was decoded."""
        self._left_out: Ticks | None = None
        """Until when the last one is shown that was not needed, by the stream's own times."""
        self._length = Length(container, stream)

    def frames(self, sampling: Sampling) -> Iterator[Frame]:
        """The frames that are wanted.

        Raises:
            MediaError: If there is none that can be decoded, or the file cannot be read.
            LimitExceeded: If it is beyond the limits, or going on is refused.
        """
        wants = sampling.picking(self._clock.unit)
        numbers = Numbers()
        kept = False
        try:
            self._check_size(self._decoder.width, self._decoder.height)
            for packet, what in self._plan(sampling, numbers):
                for shown in self._decoded(packet, what):
                    number, ticks = numbers.next(shown.pts), self._clock.show(shown.pts, shown.duration)
                    self._look(shown, ticks)
                    if wants(ticks) and (frame := self._frame(shown, number, ticks)) is not None:
                        kept = True
                        yield frame
            if not kept:
                raise MediaError(self._losses.nothing)
            self._losses.ended = self._losses.ended or self._length.missing(self._lasted)
        finally:
            self._course.duration = None if self._clock.now is None else self._lasted
            self._course.damage = self._losses.sentence

    def _plan(self, sampling: Sampling, numbers: Numbers) -> Iterator[tuple[Packet | None, str]]:
        """What the decoder gets, and what of it is to be decoded; None at the end."""
        if sampling.keyframes:
            yield from self._keys(numbers)
        elif sampling.seconds is not None and self._decoder.name in _SKIPPABLE:
            yield from self._needed(sampling, numbers)
        else:
            yield from ((packet, _WHOLE) for packet in self._packets())
        yield None, _WHOLE

    def _keys(self, numbers: Numbers) -> Iterator[tuple[Packet, str]]:
        for packet in self._packets():
            if packet.pts is None:
                # Of old containers, in which this is hardly earlier: without those between, counting frames would not do.
                packet.pts = packet.dts
            if not packet.is_discard:
                numbers.add(packet.pts)
            if packet.is_keyframe:
                yield packet, _KEYS
            else:
                self._leave_out(packet)

    def _needed(self, sampling: Sampling, numbers: Numbers) -> Iterator[tuple[Packet, str]]:
        window = Window(self._clock, sampling)
        for packet in self._packets():
            if not packet.is_discard:
                numbers.add(packet.pts)
            yield from self._released(window.take(packet))
        yield from self._released(window.rest())

    def _released(self, packets: Iterator[tuple[Packet, bool]]) -> Iterator[tuple[Packet, str]]:
        for packet, needed in packets:
            if not needed:
                self._leave_out(packet)
            yield packet, _WHOLE if needed else _REFERENCES

    def _leave_out(self, packet: Packet) -> None:
        """Remember until when a frame is shown that may not be decoded."""
        if packet.pts is not None and not packet.is_discard:
            end = packet.pts + self._clock.length(packet.duration)
            self._left_out = end if self._left_out is None else max(self._left_out, end)

    def _packets(self) -> Iterator[Packet]:
        """The packets of the stream, as far as the file can be read."""
        packets, errors = self._container.demux(), 0
        while True:
            self._course.go_on()
            try:
                packet = next(packets, None)
            except Exception as error:
                self._source.check()
                self._losses.note(error)
                packets, errors = self._container.demux(), errors + 1
                if errors == _ATTEMPTS:
                    self._losses.ended = f"it cannot be read to its end: {self._losses.reason}"
                    return
                continue
            self._source.check()
            if packet is None:
                return
            errors = 0
            self._length.reach(packet)
            # One without content would tell a decoder that it was the last.
            if packet.size and packet.stream_index == self._stream.index:
                self._losses.parts += 1
                yield cast("Packet", packet)

    def _decoded(self, packet: Packet | None, what: str) -> list[VideoFrame]:
        """The frames that come out of the decoder when a packet goes in, or the last ones of all."""
        self._decoder.skip_frame = what  # type: ignore[assignment]
        begun = self._clock.now is not None
        try:
            return self._decoder.decode(packet)
        except MemoryError:
            raise MediaError("there is not enough memory to decode it") from None
        except Exception as error:
            self._check_size(self._decoder.width, self._decoder.height)
            self._losses.lose(error, begun)
            return []

    def _frame(self, shown: VideoFrame, number: int, ticks: Ticks) -> Frame | None:
        """A frame as it is hashed; None if its pixels are of no kind that we know."""
        try:
            pixels, gain = luma(shown)
        except MemoryError:
            raise MediaError("there is not enough memory to decode it") from None
        except Exception as error:
            self._losses.lose(error, begun=True)
            return None
        return Frame(pixels, number, self._clock.seconds(ticks), gain=gain)

    def _look(self, shown: VideoFrame, ticks: Ticks) -> None:
        """Look at a frame, wanted or not, for whoever follows the course."""
        clock, limit = self._clock, self._limits.duration
        if clock.seconds(ticks) > limit:
            raise LimitExceeded(f"it is longer than the limit of {limit:g} s")
        self._check_size(shown.width, shown.height)
        self._losses.faulty += shown.is_corrupt
        self._end = max(self._end, ticks + clock.length(shown.duration))
        self._course.duration = self._lasted

    @property
    def _lasted(self) -> float:
        """Seconds from the first frame to the end of the last one, whether these were needed or not."""
        clock = self._clock
        end = self._end
        if self._left_out is not None and clock.steady and clock.origin is not None:
            end = max(end, self._left_out - clock.origin)
        return clock.seconds(end)

    def _check_size(self, width: int, height: int) -> None:
        """Raise LimitExceeded if frames are too large; 0 where it is not known."""
        limits = self._limits
        if max(width, height) > limits.side:
            raise LimitExceeded(
                f"the video has {width} x {height} pixels, its longer side above the limit of {limits.side}"
            )
        if width * height > limits.pixels:
            raise LimitExceeded(f"the video has {width} x {height} pixels, more than the limit of {limits.pixels}")
