"""The luma of every pixel format that FFmpeg knows, against what was put in."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
from av.video.format import VideoFormat, names

from hashmatch.media.luma import LIMITED, luma
from tests.clips import clip
from tests.drawing import textured_grey

HEIGHT, WIDTH = 38, 54
UNSTATED, STATED_LIMITED, STATED_FULL = 0, 1, 2

GREY = textured_grey(HEIGHT, WIDTH) // 2 + 50
"""Values that are neither black nor white in either range."""


def made(name: str, stated: int = UNSTATED) -> av.VideoFrame | None:
    """A frame of a format that holds GREY as its luma, or as red, green and blue; None if it cannot be made."""
    if VideoFormat(name).is_rgb or VideoFormat(name).has_palette:
        frame = av.VideoFrame.from_ndarray(np.repeat(GREY[:, :, np.newaxis], 3, axis=2), format="rgb24")
    else:
        planes = np.stack([GREY, np.full_like(GREY, 90), np.full_like(GREY, 160)])
        frame = av.VideoFrame.from_ndarray(planes, format="yuv444p")
    try:
        frame = frame.reformat(format=name, src_color_range=STATED_FULL, dst_color_range=STATED_FULL, threads=1)
        luma(frame)
    except av.FFmpegError:
        return None
    frame.color_range = stated
    return frame


def formats(*beginnings: str) -> list[str]:
    return sorted(name for name in names if name.startswith(beginnings))


EXACT = [
    *formats("yuv4", "yuva", "yuvj", "nv", "p0", "p2", "p4", "yuyv", "yvyu", "uyvy", "uyyv", "ayuv", "uyva", "vuy"),
    *formats("y21", "xv", "v30", "ya8", "ya16", "gray"),
]
FLOATS = ("f16le", "f16be", "f32le", "f32be", "32le", "32be")


@pytest.mark.parametrize("name", [name for name in EXACT if not name.endswith(FLOATS)])
def test_luma_is_what_is_stored(name: str) -> None:
    frame = made(name)
    if frame is None:
        pytest.skip(f"this FFmpeg makes no {name}")
    pixels, _ = luma(frame)
    assert (pixels.shape, pixels.dtype) == ((HEIGHT, WIDTH), np.uint8)
    # FFmpeg makes more bits of eight by repeating them, which may be rounded to the next value.
    more = frame.format.components[0].bits > 8
    assert np.abs(pixels.astype(int) - GREY).max() <= more


@pytest.mark.parametrize(
    "name", formats("rgb24", "bgr24", "rgba", "bgra", "argb", "gbrp", "0rgb", "rgb0", "rgb48", "x2rgb")
)
def test_what_has_no_luma_is_red_green_and_blue(name: str) -> None:
    frame = made(name)
    if frame is None:
        pytest.skip(f"this FFmpeg makes no {name}")
    pixels, gain = luma(frame)
    assert (pixels.shape, pixels.dtype, gain) == ((HEIGHT, WIDTH, 3), np.uint8, 1.0)
    assert np.abs(pixels.astype(int) - GREY[:, :, np.newaxis]).max() <= 1


def test_red_green_and_blue_stand_in_their_places() -> None:
    colors = np.zeros((8, 8, 3), np.uint8)
    colors[:, :] = (200, 100, 50)
    for name in ("rgb24", "bgr24", "gbrp", "argb", "rgba", "rgb48le", "pal8"):
        if name == "pal8":
            frame = av.VideoFrame(8, 8, "pal8")
            frame.planes[0].update(bytes(frame.planes[0].buffer_size))
            frame.planes[1].update(bytes((50, 100, 200, 255)) + bytes(1020))
        else:
            frame = av.VideoFrame.from_ndarray(colors, format="rgb24").reformat(format=name, threads=1)
        pixels, _ = luma(frame)
        assert np.array_equal(pixels, colors), name


def test_one_bit_is_black_or_white() -> None:
    black = av.VideoFrame.from_ndarray(np.where(GREY > 100, 255, 0).astype(np.uint8), format="gray")
    pixels, gain = luma(black.reformat(format="monow", threads=1))
    assert (set(np.unique(pixels)), gain) == ({0, 255}, 1.0)


@pytest.mark.parametrize(
    ("name", "stated", "gain"),
    [
        ("yuv420p", UNSTATED, LIMITED),
        ("yuv420p", STATED_LIMITED, LIMITED),
        ("yuv420p", STATED_FULL, 1.0),
        ("yuv420p10le", UNSTATED, LIMITED),
        ("yuyv422", STATED_FULL, 1.0),
        ("yuyv422", UNSTATED, LIMITED),
        ("yuvj420p", UNSTATED, 1.0),
        ("nv12", UNSTATED, LIMITED),
        ("gray", UNSTATED, 1.0),
        ("gray", STATED_LIMITED, LIMITED),
        ("ya8", UNSTATED, 1.0),
        ("rgb24", STATED_LIMITED, 1.0),
    ],
)
def test_a_step_counts_for_more_where_the_range_is_limited(name: str, stated: int, gain: float) -> None:
    frame = made(name, stated)
    assert frame is not None
    assert luma(frame)[1] == gain
    assert pytest.approx(1.164384) == LIMITED


def test_eight_bits_are_a_view_without_the_padding() -> None:
    frame = made("yuv420p")
    assert frame is not None
    assert frame.planes[0].line_size > WIDTH
    pixels, _ = luma(frame)
    assert not pixels.flags.owndata
    assert pixels.strides == (frame.planes[0].line_size, 1)


@pytest.mark.parametrize(
    ("bits", "kind", "values"),
    [
        (10, "le", {0: 0, 1: 0, 2: 1, 5: 1, 6: 2, 1021: 255, 1023: 255}),
        (12, "be", {7: 0, 8: 1, 4087: 255, 4095: 255}),
        (16, "le", {127: 0, 128: 1, 65535: 255, 65407: 255, 65151: 254}),
    ],
)
def test_more_bits_are_rounded(bits: int, kind: str, values: dict[int, int]) -> None:
    stored = np.array([list(values)], f"{'<' if kind == 'le' else '>'}u2")
    frame = av.VideoFrame(len(values), 1, f"gray{bits}{kind}")
    plane = frame.planes[0]
    plane.update(stored.tobytes().ljust(plane.buffer_size, b"\0"))
    assert luma(frame)[0].tolist() == [list(values.values())]


def test_ten_bits_in_the_upper_ones_of_sixteen() -> None:
    frame = av.VideoFrame(4, 2, "p010le")
    plane = frame.planes[0]
    line = (np.array([0, 2, 6, 1023], "<u2") << 6).tobytes().ljust(plane.line_size, b"\0")
    plane.update(line * 2)
    assert luma(frame)[0].tolist() == [[0, 1, 2, 255]] * 2


def test_pictures_that_are_stored_from_below_are_not_upside_down() -> None:
    with av.open(io.BytesIO(clip("rawvideo", "avi", pixels="bgr24", count=3))) as container:
        pixels, _ = luma(next(container.decode(video=0)))
    with av.open(io.BytesIO(clip("ffv1", "matroska", pixels="bgr0", count=3))) as container:
        upright, _ = luma(next(container.decode(video=0)))
    assert np.array_equal(pixels, upright)


@pytest.mark.parametrize("name", ["yuv420p", "yuv420p10le", "gray", "rgb24"])
def test_memory_is_not_read_where_lines_go_upwards(name: str) -> None:
    frame = made(name)
    assert frame is not None

    class Upwards:
        """The frame with a negative length of lines, whose memory some versions of PyAV give wrongly."""

        planes = (SimpleNamespace(line_size=-frame.planes[0].line_size),)

        def __getattr__(self, attribute: str) -> Any:
            return getattr(frame, attribute)

    pixels, gain = luma(Upwards())
    expected, same = luma(frame)
    assert np.abs(pixels.astype(int) - expected.astype(int)).max() <= (name == "yuv420p10le")
    assert gain == same
