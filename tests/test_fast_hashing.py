"""Fast decoding: how far hashes may be off, and what is decoded exactly although it was to be fast."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from hashmatch.algorithms.base import ExactPixelsNeeded
from hashmatch.algorithms.pdq import PDQ
from hashmatch.frames import DEFAULT_LIMITS
from hashmatch.hashing import hash_image
from hashmatch.media.image import IMAGE

from .drawing import Pixels, textured


def grain(side: int, seed: int) -> Pixels:
    """A dark brown texture without light and shade, as of wood: ``uint8[side, side, 3]``."""
    rng = np.random.default_rng(seed)
    lines = rng.normal(0, 14, side)
    brightness = rng.normal(0, 6, (side, side)) + (lines - np.roll(lines, 4))
    return np.clip(np.array([60, 20, 0]) + brightness[:, :, np.newaxis], 0, 255).astype(np.uint8)


def jpeg(pixels: Pixels, quality: int) -> bytes:
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality)
    return stream.getvalue()


@pytest.mark.parametrize("seed", range(3))
def test_a_picture_whose_bits_hang_on_what_is_left_out_is_decoded_exactly(seed: int) -> None:
    content = jpeg(grain(720, seed), 60)
    (frame,) = IMAGE.frames(BytesIO(content), DEFAULT_LIMITS, fast=True)
    with pytest.raises(ExactPixelsNeeded):
        PDQ.hash_frame(frame)
    hashed = hash_image(content, ("pdq", "phash"), fast=True)
    assert hashed.decoding == "exact"
    assert hashed.hashes == hash_image(content, ("pdq", "phash")).hashes
    quality = hashed["pdq"].quality
    assert quality is not None
    assert quality >= 50


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("quality", [50, 90])
def test_others_stay_fast_and_near(seed: int, quality: int) -> None:
    content = jpeg(np.asarray(Image.fromarray(textured(450, 600, seed)).resize((2400, 1800))), quality)
    fast, exact = hash_image(content, fast=True), hash_image(content)
    assert (fast.decoding, exact.decoding) == ("fast", "exact")
    off = int(fast["pdq"].hex, 16) ^ int(exact["pdq"].hex, 16)
    assert off.bit_count() <= 6


def test_frames_of_animations_that_are_flat_are_hashed_as_they_are() -> None:
    stream = BytesIO()
    pictures = [Image.new("L", (720, 720), shade) for shade in (0, 90, 200)]
    pictures[0].save(stream, "WEBP", save_all=True, append_images=pictures[1:], lossless=True)
    hashed = hash_image(stream.getvalue(), fast=True)
    assert len(hashed["pdq"].frames) == 3
    assert hashed.decoding == "fast"
