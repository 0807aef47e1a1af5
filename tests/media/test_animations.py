"""Animations: every frame with its time, and none lost in silence."""

from __future__ import annotations

import re
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from hashmatch.algorithms.pdq import PDQ
from hashmatch.errors import LimitExceeded, MediaError
from hashmatch.frames import DEFAULT_LIMITS, Frame
from hashmatch.hashing import hash_image
from hashmatch.media.course import Course
from hashmatch.media.image import IMAGE
from hashmatch.sampling import Sampling
from tests.drawing import textured

from .test_image import SIDES, saved

ANIMATIONS = {"GIF": {}, "PNG": {}, "WEBP": {"lossless": True}}


@pytest.mark.parametrize("format", ANIMATIONS)
def test_an_animation_gives_its_frames_each_with_its_time(format: str) -> None:
    pictures = [Image.fromarray(textured(*SIDES, seed=seed)) for seed in (21, 22, 23)]
    if format == "GIF":
        pictures = [picture.quantize(64) for picture in pictures]
    content = saved(
        pictures[0], format, save_all=True, append_images=pictures[1:], duration=[100, 250, 70], **ANIMATIONS[format]
    )
    frames = list(IMAGE.frames(BytesIO(content), DEFAULT_LIMITS))
    assert [(frame.number, frame.timestamp) for frame in frames] == [(0, 0.0), (1, 0.1), (2, 0.35)]
    for frame, picture in zip(frames, pictures, strict=True):
        assert np.array_equal(frame.pixels, np.asarray(picture.convert("RGB")))


def four_frames(format: str) -> bytes:
    pictures = [Image.fromarray(textured(40, 50, seed=seed)) for seed in range(4)]
    if format == "GIF":
        pictures = [picture.quantize(64) for picture in pictures]
    return saved(pictures[0], format, save_all=True, append_images=pictures[1:], duration=100)


def test_an_animated_avif_gives_its_frames_each_with_its_time() -> None:
    pictures = [Image.fromarray(textured(*SIDES, seed=seed)) for seed in (21, 22, 23)]
    content = saved(pictures[0], "AVIF", save_all=True, append_images=pictures[1:], duration=100)
    frames = list(IMAGE.frames(BytesIO(content), DEFAULT_LIMITS))
    assert [(frame.number, frame.timestamp) for frame in frames] == [(0, 0.0), (1, 0.1), (2, 0.2)]
    for frame, picture in zip(frames, pictures, strict=True):
        near = [int.from_bytes(PDQ.hash_frame(own).digest, "big") for own in (frame, Frame(np.asarray(picture)))]
        assert (near[0] ^ near[1]).bit_count() <= 20


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_no_frame_is_lost_in_silence(format: str) -> None:
    content = four_frames(format)
    assert hash_image(content).damage is None
    assert len(hash_image(content)["pdq"].frames) == 4
    for length in range(40, len(content), 7):
        try:
            hashed = hash_image(content[:length])
        except MediaError:
            continue
        frames = len(hashed["pdq"].frames)
        assert hashed.damage is not None or frames == 4, length
        assert frames == 4 or str(hashed.damage).startswith(f"only its first {'frame' if frames == 1 else frames} ")


def test_frames_behind_the_end_of_a_gif_are_told() -> None:
    content = four_frames("GIF")
    # Between the second and the third, before its control block.
    place = [found.start() for found in re.finditer(rb"\x00\x21\xf9\x04", content)][2] + 1
    hashed = hash_image(content[:place] + b";" + content[place:])
    assert (
        hashed.damage == f"only its first {len(hashed['pdq'].frames)} frames were hashed: there is more behind its end"
    )
    assert hash_image(content + bytes(100)).damage is None


@pytest.mark.parametrize("claimed", [1, 2, 3])
def test_frames_that_a_png_does_not_count_are_told(claimed: int) -> None:
    content = four_frames("PNG")
    at = content.index(b"acTL")
    control = b"acTL" + claimed.to_bytes(4, "big") + content[at + 8 : at + 12]
    hashed = hash_image(content[:at] + control + zlib.crc32(control).to_bytes(4, "big") + content[at + 16 :])
    assert hashed.damage is not None
    assert "it holds 4 frames, and says that it has fewer" in hashed.damage


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_of_an_animation_some_frames_can_be_asked_for(format: str) -> None:
    pictures = [Image.fromarray(textured(40, 50, seed=seed)) for seed in range(8)]
    if format == "GIF":
        pictures = [picture.quantize(64) for picture in pictures]
    content = saved(pictures[0], format, save_all=True, append_images=pictures[1:], duration=[100] * 7 + [350])
    every = hash_image(content)
    assert every == hash_image(content, sampling="every") == hash_image(content, sampling="keyframes")
    assert every.duration == pytest.approx(1.05)
    some = hash_image(content, sampling=0.25)
    frames = every["pdq"].frames
    assert some["pdq"].frames == (frames[0], frames[3], frames[5])
    assert (some.duration, some.damage) == (every.duration, None)


def test_a_still_has_no_duration_and_is_not_sampled() -> None:
    still = saved(Image.fromarray(textured(40, 50)), "PNG")
    for sampling in (None, "every", "keyframes", 3):
        hashed = hash_image(still, sampling=sampling)
        assert (len(hashed["pdq"].frames), hashed.duration) == (1, None)


def test_the_time_of_an_animation_is_looked_at_though_no_frame_is_wanted() -> None:
    content = four_frames("GIF")
    seen = []

    class Impatient(Course):
        def go_on(self) -> None:
            seen.append(self.duration)
            if len(seen) == 3:
                raise LimitExceeded("no more")

    course = Impatient()
    frames = IMAGE.frames(BytesIO(content), DEFAULT_LIMITS, sampling=Sampling(100.0), course=course)
    assert next(frames).number == 0
    with pytest.raises(LimitExceeded, match=r"^no more$"):
        next(frames)
    assert seen == [None, 0.1, 0.2]
