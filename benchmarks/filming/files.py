"""Files of videos: written and read by PyAV, which is FFmpeg."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError

from hashmatch.media.containers import HEAD
from hashmatch.media.video import VIDEO

from .shots import Frame


@dataclass(frozen=True)
class Form:
    """How a video is written."""

    codec: str
    """As FFmpeg calls the encoder."""
    suffix: str
    """Of the file; it says what the container is."""
    options: Mapping[str, str] = field(default_factory=dict)


H264 = Form("libx264", ".mp4", {"preset": "veryfast"})
VP9 = Form("libvpx-vp9", ".webm", {"deadline": "realtime", "cpu-used": "7"})
QUICK_H264 = Form("libx264", ".mp4", {"preset": "ultrafast"})

FORMS = {"H.264": H264, "VP9": VP9}


def write(path: Path, frames: Iterable[Frame], form: Form, rate: Fraction, bit_rate: int) -> None:
    """Write frames of one size at an even rate; bits a second are what the encoder aims at."""
    write_many({path: (form, bit_rate)}, frames, rate)


def write_many(targets: Mapping[Path, tuple[Form, int]], frames: Iterable[Frame], rate: Fraction) -> None:
    """Write the same frames into several files, drawing them once; each with its form and bits a second."""
    with ExitStack() as stack:
        takers: list[Callable[[av.VideoFrame | None], None]] = []
        for number, frame in enumerate(frames):
            if not takers:
                takers = [_taker(stack, path, *target, rate, frame.shape) for path, target in targets.items()]
            for take in takers:
                shown = av.VideoFrame.from_ndarray(frame, format="yuv420p")
                shown.pts, shown.time_base = number, 1 / rate
                take(shown)
        for take in takers:
            take(None)


def _taker(
    stack: ExitStack, path: Path, form: Form, bit_rate: int, rate: Fraction, shape: tuple[int, ...]
) -> Callable[[av.VideoFrame | None], None]:
    """Who takes one frame after the other into a file, and None at the end."""
    container = stack.enter_context(av.open(str(path), "w"))
    stream: Any = container.add_stream(form.codec, rate=rate, options=dict(form.options))
    stream.width, stream.height, stream.pix_fmt = shape[1], shape[0] * 2 // 3, "yuv420p"
    stream.bit_rate = bit_rate
    return lambda frame: container.mux(stream.encode(frame))


def read(path: Path) -> Iterator[Frame]:
    """The frames of a file that ``write`` wrote."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield np.asarray(frame.to_ndarray(format="yuv420p"), np.uint8)


def seconds(path: Path) -> float | None:
    """How long a video is, as its container says or else as its packets do; None if it is none that is known."""
    with path.open("rb") as file:
        if not VIDEO.recognises(file.read(HEAD)):
            return None
    try:
        with av.open(str(path)) as container:
            if container.duration:
                return float(container.duration / av.time_base)
            packets = container.demux(container.streams.video[0])
            return max((float(one.pts * one.time_base) for one in packets if one.pts), default=None)
    except (FFmpegError, IndexError):
        return None
