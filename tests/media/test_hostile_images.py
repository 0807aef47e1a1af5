"""Bytes that want to break the decoder: whatever comes out is pixels or one MediaError."""

from __future__ import annotations

import itertools
import struct
import zlib
from functools import lru_cache
from io import BytesIO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from hashmatch.errors import LimitExceeded, MediaError
from hashmatch.frames import Limits
from hashmatch.media.image import IMAGE
from tests.drawing import textured

SMALL = Limits(pixels=1_000_000)
HEADS = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"GIF89a",
    b"RIFF\xff\0\0\0WEBPVP8 ",
    b"II*\0\x08\0\0\0",
    b"MM\0*\0\0\0\x08",
    b"BM",
    b"\0\0\1\0\1\0",
    b"\0\0\0\x0cjP  \r\n\x87\n",
    b"\xff\x4f\xff\x51",
    b"\0\0\0\x20ftypavif",
    b"P6 10 10 255\n",
    b"P5\n7 7\n65535\n",
    b"Pf 4 4 -1.0\n",
)


@lru_cache
def samples() -> tuple[bytes, ...]:
    image = Image.fromarray(textured(40, 60))
    cases = [
        (image, "JPEG", {}),
        (image, "JPEG", {"progressive": True}),
        (image.convert("CMYK"), "JPEG", {}),
        (image, "PNG", {}),
        (image.quantize(16), "PNG", {"transparency": bytes(16)}),
        (image, "PNG", {"save_all": True, "append_images": [image.rotate(90)], "duration": 50}),
        (image, "WEBP", {"save_all": True, "append_images": [image.rotate(90)], "duration": 50}),
        (image, "AVIF", {}),
        (image.quantize(16), "GIF", {"save_all": True, "append_images": [image.quantize(8)]}),
        (image, "WEBP", {}),
        (image, "TIFF", {"compression": "tiff_lzw"}),
        (image.convert("1"), "TIFF", {"compression": "group4"}),
        (image.convert("F"), "TIFF", {}),
        (image, "BMP", {}),
        (image, "ICO", {}),
        (image, "JPEG2000", {}),
        (image, "PPM", {}),
    ]
    files = []
    for picture, format, options in cases:
        sink = BytesIO()
        picture.save(sink, format, **options)
        files.append(sink.getvalue())
    return tuple(files)


def outcome(content: bytes, fast: bool = False) -> np.ndarray | MediaError:
    """Pixels or the error; anything else that is raised fails the test."""
    try:
        frames = list(itertools.islice(IMAGE.frames(BytesIO(content), SMALL, fast=fast), 20))
    except MediaError as error:
        failure = error
    else:
        failure = None
    if failure is not None:
        assert str(failure)
        assert str(failure).isprintable()
        return failure
    assert frames
    for frame in frames:
        assert frame.pixels.dtype == np.uint8
        assert 0 < frame.height * frame.width <= SMALL.pixels
    return frames[0].pixels


@given(head=st.sampled_from(HEADS), tail=st.binary(max_size=400))
def test_noise_behind_a_good_beginning(head: bytes, tail: bytes) -> None:
    outcome(head + tail)


@given(content=st.binary(max_size=300))
def test_noise(content: bytes) -> None:
    outcome(content)


ALTERED = {"suppress_health_check": [HealthCheck.data_too_large, HealthCheck.too_slow]}


@settings(max_examples=300, **ALTERED)
@given(data=st.data())
def test_real_files_with_altered_bytes(data: st.DataObject) -> None:
    altered(data)


@pytest.mark.slow
@settings(max_examples=100_000, **ALTERED)
@given(data=st.data())
def test_real_files_with_altered_bytes_for_long(data: st.DataObject) -> None:
    altered(data)


def altered(data: st.DataObject) -> None:
    """Look at a file of which some bytes are others, or that is cut or longer, too."""
    content = bytearray(data.draw(st.sampled_from(samples())))
    for _ in range(data.draw(st.integers(1, 8))):
        # Most of what can go wrong stands near the beginning.
        last = data.draw(st.sampled_from((min(len(content), 120), len(content)))) - 1
        content[data.draw(st.integers(0, last))] = data.draw(st.integers(0, 255))
    if data.draw(st.integers(0, 3)) == 0:
        content = content[: data.draw(st.integers(0, len(content)))] + bytearray(data.draw(st.binary(max_size=40)))
    outcome(bytes(content), data.draw(st.booleans()))


@given(data=st.data())
def test_real_files_cut_short(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(samples()))
    outcome(content[: data.draw(st.integers(0, len(content) - 1))])


def test_the_samples_themselves_are_good() -> None:
    for content in samples():
        assert not isinstance(outcome(content), MediaError)


def png(width: int, height: int, body: bytes) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("sides", [(2000, 2000), (1_000_001, 1), (50_000, 50_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_by_its_header(sides: tuple[int, int]) -> None:
    assert isinstance(outcome(png(*sides, zlib.compress(bytes(1000)))), LimitExceeded)


def test_a_picture_without_pixels_is_an_error() -> None:
    assert isinstance(outcome(png(0, 5, b"")), MediaError)


def test_whatever_the_decoder_raises_becomes_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for raised in (
        OSError("broken\ndata"),
        SyntaxError("not a PNG"),
        ValueError(),
        struct.error("unpack"),
        EOFError(),
        OverflowError(),
        IndexError(),
        KeyError("x"),
        TypeError(),
        MemoryError(),
        RecursionError(),
        ZeroDivisionError(),
    ):

        def fail(*_: object, raised: Exception = raised) -> None:
            raise raised

        monkeypatch.setattr(ImageFile.ImageFile, "load", fail)
        found = outcome(samples()[0])
        assert isinstance(found, MediaError)
        assert "cannot be decoded" in str(found)
