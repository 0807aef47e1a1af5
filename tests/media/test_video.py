"""Videos of every container and codec that PyAV writes: all frames, in order, with their times."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from hashmatch.frames import DEFAULT_LIMITS, Frame, Limits
from hashmatch.media import recognise
from hashmatch.media.course import Course
from hashmatch.media.video import VIDEO
from hashmatch.sampling import EVERY, KEYFRAMES, Sampling
from tests.clips import QUIET, RATE, X264, X265, clip, moving, writes

COUNT = 50

OPEN = "keyint=12:min-keyint=12:open-gop=1:bframes=4:b-adapt=0"
KINDS: dict[str, tuple[str, str, Mapping[str, Any]]] = {
    "h264 mp4": (X264, "mp4", {}),
    "h264 mov": (X264, "mov", {"options": (("x264-params", "bframes=16:b-adapt=0"),)}),
    "h264 open groups": (X264, "mp4", {"options": (("x264-params", OPEN),)}),
    "h264 pyramid": (X264, "matroska", {"options": (("x264-params", "bframes=7:b-adapt=0:b-pyramid=normal"),)}),
    "h264 mpegts": (X264, "mpegts", {}),
    "h264 flv": (X264, "flv", {}),
    "h264 avi": (X264, "avi", {}),
    "h264 fragments": (X264, "mp4", {"container": (("movflags", "frag_keyframe+empty_moov"),)}),
    "h264 interlaced": (X264, "mp4", {"options": (("x264-params", "interlaced=1:bframes=3"),)}),
    "h264 10 bits": (X264, "mp4", {"pixels": "yuv420p10le"}),
    "h264 full range": (X264, "mp4", {"pixels": "yuvj420p"}),
    "h264 grey": (X264, "mp4", {"pixels": "gray"}),
    "hevc mp4": (X265, "mp4", {"options": QUIET}),
    "hevc open groups": (X265, "matroska", {"options": (("x265-params", f"log-level=none:{OPEN}"),)}),
    "vp9 webm": ("libvpx-vp9", "webm", {}),
    "vp8 webm": ("libvpx", "webm", {"options": (("auto-alt-ref", "1"), ("lag-in-frames", "16"))}),
    "mpeg4 mp4": ("mpeg4", "mp4", {}),
    "mpeg4 b-frames": ("mpeg4", "mp4", {"b_frames": 3}),
    "mpeg4 avi": ("mpeg4", "avi", {}),
    "mpeg4 avi b-frames": ("mpeg4", "avi", {"b_frames": 2}),
    "mpeg4 3gp": ("mpeg4", "3gp", {}),
    "mpeg2 mpegts": ("mpeg2video", "mpegts", {"b_frames": 3}),
    "mpeg2 mpeg": ("mpeg2video", "mpeg", {"b_frames": 2}),
    "mpeg1 mpeg": ("mpeg1video", "mpeg", {"b_frames": 2}),
    "mjpeg mov": ("mjpeg", "mov", {"pixels": "yuvj420p"}),
    "mjpeg avi": ("mjpeg", "avi", {"pixels": "yuvj422p"}),
    "ffv1 matroska": ("ffv1", "matroska", {}),
    "ffv1 alpha": ("ffv1", "matroska", {"pixels": "yuva420p"}),
    "ffv1 16 bits": ("ffv1", "matroska", {"pixels": "gray16le"}),
    "ffv1 colours": ("ffv1", "matroska", {"pixels": "bgr0"}),
    "wmv2 asf": ("wmv2", "asf", {}),
    "msmpeg4 avi": ("msmpeg4", "avi", {}),
    "flv flv": ("flv", "flv", {}),
    "prores mov": ("prores_ks", "mov", {"pixels": "yuv422p10le"}),
    "raw avi": ("rawvideo", "avi", {"pixels": "yuyv422"}),
    "raw colours avi": ("rawvideo", "avi", {"pixels": "bgr24"}),
    "huffyuv avi": ("huffyuv", "avi", {"pixels": "yuv422p"}),
    "png mov": ("png", "mov", {"pixels": "rgb24"}),
    "palette mov": ("qtrle", "mov", {"pixels": "rgb24"}),
    "odd sizes": ("ffv1", "matroska", {"height": 97, "width": 123}),
    "cut edges": (X264, "mp4", {"height": 98, "width": 126}),
}
"""Encoder, container and how."""

UNTIMED = {"h264 avi", "mpeg4 avi b-frames", "mpeg2 mpeg", "mpeg1 mpeg"}
"""Those in which not every frame says its time: of key frames alone it is known but nearly."""

each = pytest.mark.parametrize("kind", KINDS)


def content(kind: str) -> bytes:
    codec, format, how = KINDS[kind]
    if not writes(codec):
        pytest.skip(f"this PyAV cannot write {codec}")
    return clip(codec, format, count=COUNT, **how)


def frames(
    content: bytes, sampling: Sampling | None = EVERY, limits: Limits = DEFAULT_LIMITS
) -> tuple[list[Frame], Course]:
    course = Course()
    return list(VIDEO.frames(io.BytesIO(content), limits, sampling=sampling, course=course)), course


def told(frames: list[Frame]) -> list[tuple[int, float | None, float, bytes]]:
    return [(frame.number, frame.timestamp, frame.gain, frame.pixels.tobytes()) for frame in frames]


@each
def test_all_frames_are_there_in_order_with_their_times(kind: str) -> None:
    video = content(kind)
    assert recognise(video[:2000]) is VIDEO
    found, course = frames(video)
    assert [frame.number for frame in found] == list(range(COUNT))
    assert [frame.timestamp for frame in found] == pytest.approx([number / RATE for number in range(COUNT)], abs=2e-3)
    assert course.duration == pytest.approx(COUNT / RATE, abs=2e-3)
    assert course.damage is None


@each
def test_pixels_are_those_that_were_put_in(kind: str) -> None:
    _, _, how = KINDS[kind]
    height, width = how.get("height", 96), how.get("width", 128)
    found, _ = frames(content(kind))
    for frame, picture in zip(found, moving(COUNT, height, width), strict=True):
        grey = picture @ (0.299, 0.587, 0.114)
        assert frame.pixels.shape[:2] == (height, width)
        if frame.pixels.ndim == 2:
            seen = (frame.pixels.astype(float) - (16 if frame.gain > 1 else 0)) * frame.gain
        else:
            seen = frame.pixels @ (0.299, 0.587, 0.114)
        assert np.abs(seen - grey).mean() < 12


@each
@pytest.mark.parametrize("seconds", [0.31, 1.0])
@pytest.mark.parametrize("threads", [0, 1])
def test_sampled_frames_are_those_of_all(
    kind: str, seconds: float, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    every, whole = frames(content(kind))
    monkeypatch.setattr(VIDEO, "_threads", threads)
    found, course = frames(content(kind), Sampling(seconds))
    numbers = [frame.number for frame in found]
    assert told(found) == told([every[number] for number in numbers])
    multiples = [int(number / RATE / seconds + 1e-9) for number in range(COUNT)]
    assert numbers == [multiples.index(multiple) for multiple in sorted(set(multiples))]
    assert (course.duration, course.damage) == (whole.duration, None)


@each
def test_key_frames_are_among_all(kind: str) -> None:
    every, whole = frames(content(kind))
    found, course = frames(content(kind), KEYFRAMES)
    assert found
    assert found[0].number == 0
    pixels = [frame.pixels.tobytes() for frame in every]
    assert all(frame.pixels.tobytes() in pixels for frame in found)
    assert course.damage is None
    if kind in UNTIMED:
        true = [pixels.index(frame.pixels.tobytes()) for frame in found]
        assert [frame.timestamp for frame in found] == pytest.approx([number / RATE for number in true], abs=4 / RATE)
        assert course.duration == pytest.approx(COUNT / RATE, abs=4 / RATE)
    else:
        assert told(found) == told([every[frame.number] for frame in found])
        assert course.duration == whole.duration


@pytest.mark.skipif(not writes(X264), reason="this PyAV cannot write H.264")
def test_frames_that_no_other_needs_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from hashmatch.media.film import Film

    decoded: list[int] = []
    look = Film._look
    monkeypatch.setattr(Film, "_look", lambda film, *how: (decoded.append(1), look(film, *how))[1])
    frames(content("h264 pyramid"))
    every = len(decoded)
    decoded.clear()
    frames(content("h264 pyramid"), Sampling(1.0))
    assert every == COUNT
    assert len(decoded) < 0.7 * COUNT


def test_one_a_second_is_what_nobody_asks_for() -> None:
    found, _ = frames(content("mpeg4 mp4"), None)
    assert [frame.number for frame in found] == [0, RATE]


def test_frames_stay_what_they_are_when_later_ones_are_decoded() -> None:
    video = content("mpeg4 mp4")
    held = list(VIDEO.frames(io.BytesIO(video), DEFAULT_LIMITS, sampling=EVERY))
    seen = [frame.pixels.tobytes() for frame in VIDEO.frames(io.BytesIO(video), DEFAULT_LIMITS, sampling=EVERY)]
    assert [frame.pixels.tobytes() for frame in held] == seen
    assert len(set(seen)) == COUNT
