"""Clips for the tests, drawn by code and written by PyAV: the same ones every time."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any

import av
import numpy as np
import pytest

from tests.drawing import Pixels, textured

RATE = 25
"""Frames a second, where nothing else is said."""

X264 = "libx264"
X265 = "libx265"
QUIET = (("x265-params", "log-level=none"),)
"""For x265, which talks."""


def writes(codec: str) -> bool:
    """Whether PyAV can write it here: who built it may have left it out."""
    try:
        av.Codec(codec, "w")
    except ValueError:
        return False
    return True


def needs(codec: str) -> pytest.MarkDecorator:
    """Skip a test where a codec cannot be written."""
    return pytest.mark.skipif(not writes(codec), reason=f"this PyAV cannot write {codec}")


def moving(count: int, height: int, width: int, seed: int = 0) -> Iterator[Pixels]:
    """Pictures that move over a larger one, with a cut in the middle: ``uint8[height, width, 3]``."""
    for part in (range(count // 2), range(count // 2, count)):
        large = textured(height + count, width + 2 * count, seed + part.start)
        for number in part:
            yield large[number : number + height, 2 * number : 2 * number + width]


@lru_cache(maxsize=64)
def clip(
    codec: str,
    format: str,
    *,
    count: int = 50,
    height: int = 96,
    width: int = 128,
    pixels: str = "yuv420p",
    options: tuple[tuple[str, str], ...] = (),
    container: tuple[tuple[str, str], ...] = (),
    b_frames: int | None = None,
    keys: int | None = None,
    rate: int = RATE,
    seed: int = 0,
) -> bytes:
    """A clip of ``moving`` pictures.

    Args:
        codec: An encoder, by FFmpeg's name.
        format: A container, by FFmpeg's name.
        count: Of frames.
        height: Of frames.
        width: Of frames.
        pixels: Their format.
        options: Of the encoder.
        container: Options of the container.
        b_frames: Most frames between two that others need; None: as the encoder has it.
        keys: A key frame for so many frames; None: as the encoder has it.
        rate: Frames a second.
        seed: Of what is drawn.
    """
    sink = io.BytesIO()
    with av.open(sink, "w", format=format, options=dict(container)) as written:
        stream = written.add_stream(codec, rate=rate, options=dict(options))
        _shape(stream, height, width, pixels)
        if b_frames is not None:
            stream.codec_context.max_b_frames = b_frames
        if keys is not None:
            stream.codec_context.gop_size = keys
        write(written, stream, moving(count, height, width, seed), pixels, unit=Fraction(1, rate))
    return sink.getvalue()


def _shape(stream: Any, height: int, width: int, pixels: str) -> None:
    stream.width, stream.height, stream.pix_fmt = width, height, pixels
    # So that whatever machine writes it, it is the same.
    stream.codec_context.thread_count = 1


def write(
    container: Any,
    stream: Any,
    pictures: Iterable[Pixels],
    pixels: str = "yuv420p",
    times: Callable[[int], int] = int,
    unit: Fraction = Fraction(1, RATE),
) -> None:
    """Write pictures into a stream.

    Args:
        container: Where it is.
        stream: Of video.
        pictures: ``uint8[height, width, 3]``.
        pixels: The format of the frames.
        times: When a picture of a number is shown, in units.
        unit: In seconds.
    """
    for number, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24").reformat(
            format=pixels, threads=1
        )
        frame.pts, frame.time_base = times(number), unit
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def film(format: str, write_into: Callable[[Any], None], **options: str) -> bytes:
    """A container with whatever somebody writes into it."""
    sink = io.BytesIO()
    with av.open(sink, "w", format=format, options=options) as container:
        write_into(container)
    return sink.getvalue()


def video(container: Any, codec: str = "mpeg4", *, height: int = 96, width: int = 128, pixels: str = "yuv420p") -> Any:
    """A stream of video in a container that is being written."""
    stream = container.add_stream(codec, rate=RATE)
    _shape(stream, height, width, pixels)
    return stream


def sound(container: Any) -> Any:
    """A stream of sound in a container that is being written."""
    return container.add_stream("mp2", rate=48_000, layout="mono")


def silence(container: Any, stream: Any, seconds: float = 2.0) -> None:
    """Write nothing that can be heard into a stream."""
    for number in range(int(seconds * 48_000 / 1152)):
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1152), np.int16), format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, number * 1152
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def song(container: Any) -> None:
    """Nothing but sound."""
    silence(container, sound(container))


def with_index_in_front(content: bytes) -> bytes:
    """An MP4 whose index stands before its pictures, as programs write it for the web."""
    boxes, at = [], 0
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        boxes.append(content[at : at + size])
        at += size
    index = next(box for box in boxes if box[4:8] == b"moov")
    table = index.index(b"stco") + 8
    places = np.frombuffer(index, ">u4", int.from_bytes(index[table : table + 4], "big"), table + 4)
    moved = index[: table + 4] + (places + len(index)).astype(">u4").tobytes() + index[table + 4 + places.nbytes :]
    return b"".join([boxes[0], moved, *(box for box in boxes[1:] if box is not index)])
