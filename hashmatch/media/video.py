"""Videos, decoded by PyAV, which is FFmpeg: the luma of each frame as it is stored.

Nothing but the bytes of the file is read. The demuxer is the one that its first bytes ask for, decoders are those of
``CODECS``, and FFmpeg opens nothing by itself. Of several video streams the one is decoded that players choose. A rotation
that the file asks players for is not applied.
"""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from ..errors import MediaError
from ..escaping import one_line
from ..frames import Frame, Limits
from ..records import MediaType
from ..sampling import ONE_A_SECOND, Sampling
from .base import MediaReader
from .containers import HEAD, demuxer
from .course import Course
from .film import Film
from .source import Source

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

CODECS = (
    *("h264", "hevc", "vvc", "libdav1d", "av1", "vp9", "vp8", "vp7", "vp6", "vp6a", "vp6f", "vp5", "vp3", "theora"),
    *("mpeg4", "mpeg2video", "mpeg1video", "h263", "h263i", "h261", "flv", "msmpeg4v1", "msmpeg4v2", "msmpeg4"),
    *("wmv1", "wmv2", "wmv3", "vc1", "svq1", "svq3", "cinepak", "rpza", "qtrle", "msvideo1", "msrle"),
    *("indeo3", "indeo4", "indeo5", "mjpeg", "mjpegb", "dvvideo", "prores", "dnxhd", "cfhd", "ffv1", "huffyuv"),
    *("ffvhuff", "utvideo", "magicyuv", "rawvideo", "png", "gif"),
)
"""What is decoded, by FFmpeg's names of its decoders. Each is open to hostile bytes."""

_OPTIONS = {
    "codec_whitelist": ",".join(CODECS),
    "protocol_whitelist": "",
    "enable_drefs": "0",
    "use_absolute_path": "0",
    "fflags": "-genpts",
    "max_streams": "100",
    "probesize": "5000000",
    "analyzeduration": "5000000",
}
"""Of FFmpeg's demuxers: no other file, address or codec; no times that it makes up, for which it may hold any number of
packets; and how much of a file, in bytes and microseconds, is looked at to know its streams."""

_BUFFER = 1 << 16
_BLOCKS = 1 << 16
"""Pixels by which even a small frame may be larger than it is shown."""
_BESIDE = (1 << 10) | (1 << 11)
"""What FFmpeg calls pictures that stand beside a recording: its cover, thumbnails."""


class VideoReader(MediaReader):
    """The frames of videos."""

    name = "video"
    media_type = MediaType.VIDEO
    sampling = ONE_A_SECOND
    in_place = True

    def __init__(self) -> None:
        self._threads = 0

    def own_process(self) -> None:
        """Decode in one thread: there are as many processes as cores."""
        self._threads = 1

    def recognises(self, head: bytes) -> bool:
        """Whether a video in one of the containers that are read begins like this."""
        return demuxer(head) is not None

    def frames(
        self,
        stream: BinaryIO,
        limits: Limits,
        *,
        fast: bool = False,
        sampling: Sampling | None = None,
        course: Course | None = None,
    ) -> Generator[Frame, None, None]:
        """The frames that are wanted, in the order in which they are shown.

        What cannot be decoded is passed over, and ``damage`` of the course says so. ``fast`` changes nothing.

        Raises:
            MediaError: If there is no frame that can be decoded, or it cannot be read on.
            LimitExceeded: If it has more pixels or is longer than the limits allow, or if going on is refused.
        """
        course = course or Course()
        head = stream.read(HEAD)
        stream.seek(-len(head), io.SEEK_CUR)
        source = Source(stream, course.go_on)
        with _opened(source, demuxer(head)) as container:
            video = _video(container, limits)
            video.codec_context.thread_count = self._threads
            video.codec_context.thread_type = "AUTO"
            yield from Film(container, video, limits, course, source).frames(sampling or self.sampling)


VIDEO = VideoReader()


@contextmanager
def _opened(source: Source, format: str | None) -> Iterator[InputContainer]:
    """The container, which is closed at last."""
    # Loading it takes a tenth of a second, which nobody should spend who has no video.
    import av

    try:
        container = av.open(
            source,
            "r",
            format=format or "",
            container_options={**_OPTIONS, "format_whitelist": format or ""},
            metadata_errors="replace",
            buffer_size=_BUFFER,
            io_open=_nothing,
        )
    except MemoryError:
        raise MediaError("there is not enough memory to decode it") from None
    except Exception as error:
        source.check()
        raise MediaError(f"the video cannot be decoded: {one_line(getattr(error, 'strerror', error))}") from error
    with container:
        yield container


def _nothing(*_: object) -> BinaryIO:
    """What FFmpeg gets in place of another file that it asks for: an error would be printed, this is just empty."""
    return io.BytesIO()


def _video(container: InputContainer, limits: Limits) -> VideoStream:
    """The stream that players show.

    Raises:
        MediaError: If there is none, or none that is decoded.
    """
    best = container.streams.best("video")
    streams: list[Any] = [*([] if best is None else [best]), *container.streams.video]
    video: VideoStream | None = next((stream for stream in streams if not stream.disposition.value & _BESIDE), None)
    if video is None:
        raise MediaError("it has no video")
    decoder = video.codec_context
    if decoder is None or decoder.name not in CODECS:
        known = "a codec that is not decoded" if decoder is None else f"{decoder.name}, which is not decoded"
        raise MediaError(f"its video is in {known}")
    # Decoders make frames larger, to a whole number of blocks: this is but a bound on what they take.
    decoder.options = {"codec_whitelist": ",".join(CODECS), "max_pixels": str(2 * limits.pixels + _BLOCKS)}
    return video
