"""Which stream of a file is decoded, and streams that are not what one expects."""

from __future__ import annotations

import io
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from hashmatch.errors import LimitExceeded, MediaError
from hashmatch.frames import DEFAULT_LIMITS, Frame, Limits
from hashmatch.media.course import Course
from hashmatch.media.video import CODECS, VIDEO
from hashmatch.sampling import EVERY, KEYFRAMES, Sampling
from tests.clips import RATE, X264, clip, film, moving, needs, silence, song, sound, video, write

DEFAULT, ATTACHED = 1, 1 << 10


def decoded(
    content: bytes, sampling: Sampling | None = EVERY, limits: Limits = DEFAULT_LIMITS
) -> tuple[list[Frame], Course]:
    course = Course()
    return list(VIDEO.frames(io.BytesIO(content), limits, sampling=sampling, course=course)), course


def until_refused(content: bytes, limits: Limits) -> tuple[list[Frame], Course, MediaError | None]:
    """What is decoded before the error, and that."""
    found, course = [], Course()
    try:
        for frame in VIDEO.frames(io.BytesIO(content), limits, sampling=EVERY, course=course):
            found.append(frame)
    except MediaError as error:
        return found, course, error
    return found, course, None


def pixels(frames: list[Frame]) -> list[bytes]:
    return [frame.pixels.tobytes() for frame in frames]


def pictures(container: Any, count: int = 20, seed: int = 0, disposition: int | None = None, **how: Any) -> None:
    stream = video(container, **how)
    if disposition is not None:
        stream.disposition = disposition
    write(container, stream, moving(count, stream.height, stream.width, seed))


@pytest.mark.parametrize("format", ["mp4", "matroska", "mpegts", "avi"])
def test_sound_beside_it_changes_nothing(format: str) -> None:
    def both(container: Any) -> None:
        shown, heard = video(container), sound(container)
        silence(container, heard, 0.8)
        write(container, shown, moving(20, 96, 128))

    found, course = decoded(film(format, both))
    assert pixels(found) == pixels(decoded(film(format, pictures))[0])
    assert course.damage is None


@pytest.mark.parametrize("format", ["mp4", "matroska", "mpegts", "avi", "asf", "mpeg"])
def test_sound_alone_is_no_video(format: str) -> None:
    with pytest.raises(MediaError, match=r"^it has no video$"):
        decoded(film(format, song))


def test_the_cover_of_a_record_is_no_video() -> None:
    def record(container: Any) -> None:
        cover = container.add_stream("png", rate=1)
        cover.width, cover.height, cover.pix_fmt, cover.disposition = 64, 64, "rgb24", ATTACHED
        heard = sound(container)
        write(container, cover, moving(1, 64, 64), "rgb24")
        silence(container, heard)

    content = film("mp4", record)
    with av.open(io.BytesIO(content)) as container:
        assert [stream.disposition.value & ATTACHED for stream in container.streams.video] == [ATTACHED]
    with pytest.raises(MediaError, match=r"^it has no video$"):
        decoded(content)


def test_of_several_videos_the_one_that_players_choose() -> None:
    def several(container: Any) -> None:
        small, large = video(container, height=64, width=64), video(container, height=98, width=130)
        small.disposition, large.disposition = 0, DEFAULT
        write(container, small, moving(20, 64, 64, 7))
        write(container, large, moving(20, 98, 130, 3))

    for format in ("mp4", "matroska"):
        found, _ = decoded(film(format, several))
        with av.open(io.BytesIO(film(format, several))) as container:
            best = container.streams.best("video")
            assert best is not None
            assert (found[0].height, found[0].width) == (best.height, best.width), format
    assert (found[0].height, found[0].width) == (98, 130)


def test_times_may_be_anything_between_frames() -> None:
    times = [0, 40, 41, 500, 1500, 1501, 4000, 4040]

    def uneven(container: Any) -> None:
        stream = video(container, "ffv1")
        stream.codec_context.time_base = Fraction(1, 1000)
        write(container, stream, moving(8, 96, 128), times=times.__getitem__, unit=Fraction(1, 1000))

    content = film("matroska", uneven)
    found, course = decoded(content)
    assert [frame.timestamp for frame in found] == [time / 1000 for time in times]
    assert course.duration is not None
    assert course.duration >= 4.04
    sampled, _ = decoded(content, Sampling(1.0))
    assert [frame.timestamp for frame in sampled] == [0, 1.5, 4.0]
    assert pixels(sampled) == [pixels(found)[number] for number in (0, 4, 6)]


def test_without_any_times_frames_are_as_far_apart_as_on_average() -> None:
    stream = clip("mpeg1video", "mpeg1video", count=30, rate=50)
    found, course = decoded(stream)
    assert [frame.timestamp for frame in found] == pytest.approx([number / 50 for number in range(30)])
    assert course.duration == pytest.approx(0.6)
    assert [frame.number for frame in decoded(stream, Sampling(0.2))[0]] == [0, 10, 20]


def turned(content: bytes) -> bytes:
    """An MP4 that asks players to turn it by a quarter."""
    identity = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    quarter = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 96 << 16, 0, 1 << 30)
    at = content.index(identity, content.index(b"tkhd"))
    return content[:at] + quarter + content[at + len(quarter) :]


def test_a_rotation_that_players_apply_is_not_applied() -> None:
    content = clip("mpeg4", "mp4", count=10)
    with av.open(io.BytesIO(turned(content))) as container:
        assert next(container.decode(video=0)).rotation in (90, -90)
    assert pixels(decoded(turned(content))[0]) == pixels(decoded(content)[0])


@needs(X264)
def test_size_and_format_may_change_in_the_middle() -> None:
    # Of each the packets bear the same numbers, as when a channel changes its programme.
    parts = [
        clip(X264, "mpegts", count=30),
        clip(X264, "mpegts", count=30, height=144, width=176, seed=5),
        clip(X264, "mpegts", count=30, height=64, width=98, pixels="yuv444p", seed=9),
    ]
    found, course = decoded(b"".join(parts))
    assert [(frame.height, frame.width) for frame in found] == [(96, 128)] * 30 + [(144, 176)] * 30 + [(64, 98)] * 30
    assert pixels(found) == [frame for part in parts for frame in pixels(decoded(part)[0])]
    # Times begin again with each part, and go on from the last.
    assert [frame.timestamp for frame in found] == pytest.approx([number / RATE for number in range(90)], abs=1e-6)
    assert course.duration == pytest.approx(90 / RATE)
    for sampling in (Sampling(1.0), Sampling(0.3)):
        sampled, _ = decoded(b"".join(parts), sampling)
        assert all(frame.pixels.tobytes() in pixels(found) for frame in sampled)
        seconds = sampling.seconds or 0
        assert [frame.timestamp for frame in sampled] == pytest.approx(
            [
                next(number / RATE for number in range(90) if number / RATE >= turn * seconds - 1e-9)
                for turn in range(len(sampled))
            ]
        )
        assert len(sampled) == int(89 / RATE / seconds) + 1


@needs(X264)
def test_it_may_begin_in_the_middle_of_a_group() -> None:
    whole = clip(X264, "mpegts", count=80, keys=25, options=(("x264-params", "scenecut=0"),))
    part = whole[len(whole) // 9 // 188 * 188 :]
    found, course = decoded(part)
    assert 40 < len(found) < 80
    assert (found[0].number, found[0].timestamp) == (0, 0.0)
    assert set(pixels(found)) <= set(pixels(decoded(whole)[0]))
    # What cannot be decoded before it is nobody's loss.
    assert course.damage is None
    assert [frame.number for frame in decoded(part, Sampling(1.0))[0]] == [
        next(frame.number for frame in found if frame.timestamp is not None and frame.timestamp >= second)
        for second in range(int(len(found) / RATE) + 1)
    ]
    assert [frame.number for frame in decoded(part, KEYFRAMES)[0]][:2] == [0, 25]


def test_a_codec_that_is_not_decoded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hashmatch.media.video.CODECS", tuple(name for name in CODECS if name != "mpeg4"))
    with pytest.raises(MediaError, match=r"^its video is in mpeg4, which is not decoded$"):
        decoded(clip("mpeg4", "mp4", count=5))


def test_every_codec_of_the_list_is_one_of_ffmpeg() -> None:
    known = set(av.codecs_available)
    assert len(set(CODECS)) == len(CODECS)
    assert [name for name in CODECS if name not in known and not name.startswith("lib")] == []


class TestLimits:
    def test_pixels_and_sides_are_inclusive(self) -> None:
        content = clip("mpeg4", "mp4", count=5)
        assert len(decoded(content, limits=Limits(pixels=96 * 128, side=128))[0]) == 5
        with pytest.raises(LimitExceeded, match=r"^the video has 128 x 96 pixels, more than the limit of 12287$"):
            decoded(content, limits=Limits(pixels=96 * 128 - 1))
        with pytest.raises(
            LimitExceeded, match=r"^the video has 128 x 96 pixels, its longer side above the limit of 127$"
        ):
            decoded(content, limits=Limits(side=127))

    @needs(X264)
    def test_pixels_count_when_the_size_changes(self) -> None:
        content = clip(X264, "mpegts", count=20) + clip(X264, "mpegts", count=20, height=144, width=176)
        found, _, error = until_refused(content, Limits(pixels=128 * 100))
        assert isinstance(error, LimitExceeded)
        assert "176 x 144" in str(error)
        assert [frame.number for frame in found] == list(range(20))

    def test_seconds_of_video_are_inclusive(self) -> None:
        content = clip("mpeg4", "mp4", count=30)
        last = 29 / RATE
        assert len(decoded(content, limits=Limits(duration=last))[0]) == 30
        found, course, error = until_refused(content, Limits(duration=1))
        assert isinstance(error, LimitExceeded)
        assert str(error) == "it is longer than the limit of 1 s"
        assert found[-1].timestamp == 1.0
        assert course.duration == pytest.approx(1 + 1 / RATE)


def test_nothing_but_the_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other.mp4"
    other.write_bytes(clip("mpeg4", "mp4", count=5))
    # A reference to the samples in another file, in place of "they are here".
    alis = b"url \0\0\0\0" + f"file://{other}\0".encode()
    content = clip("mpeg4", "mov", count=5)
    at = content.index(b"url \0\0\0\1")
    changed = content[:at] + alis[:12] + content[at + 12 :]
    opened: list[object] = []
    monkeypatch.setattr("hashmatch.media.video._nothing", lambda *what: opened.append(what) or io.BytesIO())
    assert len(decoded(content)[0]) == 5
    until_refused(changed, DEFAULT_LIMITS)
    assert opened == []
