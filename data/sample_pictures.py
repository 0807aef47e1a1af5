"""The sample pictures: every one drawn by code from a seed, so none shows anything that is real."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

WIDTH, HEIGHT = 480, 360
EXIF_ORIENTATION = 0x0112
DOCUMENT = "Sample document. It was written for the tests of hashmatch and says nothing else.\n" * 40

Draw = Callable[[Path], None]


def scene(name: str, width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """A picture with the texture of a photo: clouds of noise at all scales, with shapes laid over them.

    Args:
        name: What decides the picture; the same name is the same picture.
        width: In pixels.
        height: In pixels.
    """
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    light = _clouds(rng, width, height)
    colors = [0.7 * light + 0.3 * _clouds(rng, width, height) for _ in range(3)]
    picture = Image.fromarray(np.uint8(np.stack(colors, axis=-1) * 255))
    for _ in range(14):
        layer = picture.copy()
        color = tuple(int(value) for value in rng.integers(0, 256, 3))
        left, top = int(rng.integers(-60, width)), int(rng.integers(-60, height))
        box = (left, top, left + int(rng.integers(40, 200)), top + int(rng.integers(40, 160)))
        draw = ImageDraw.Draw(layer)
        (draw.ellipse if rng.random() < 0.5 else draw.rectangle)(box, fill=color)
        picture = Image.blend(picture, layer, float(rng.uniform(0.3, 0.8)))
    return picture


def _clouds(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Noise whose amplitude halves with its scale, ``float64[height, width]`` from 0 to 1."""
    total = np.zeros((height, width))
    for octave in range(1, 8):
        coarse = rng.random((2**octave, 2**octave)).astype(np.float32)
        smooth = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(smooth) / octave**1.2
    return (total - total.min()) / np.ptp(total)


def watermarked(picture: Image.Image) -> Image.Image:
    """The picture with a small pale mark in a corner."""
    layer = picture.copy()
    width, height = picture.size
    ImageDraw.Draw(layer).rectangle((width - 56, height - 24, width - 10, height - 12), "white")
    return Image.blend(picture, layer, 0.4)


def save_jpeg(picture: Image.Image, quality: int = 85) -> Draw:
    """Writes the picture as JPEG."""
    return lambda path: picture.save(path, "JPEG", quality=quality)


def save_png(picture: Image.Image) -> Draw:
    """Writes the picture as PNG."""
    return lambda path: picture.save(path, "PNG", optimize=True)


def save_gif(picture: Image.Image) -> Draw:
    """Writes the picture as GIF, with a palette of its own."""
    return lambda path: picture.quantize(256).save(path, "GIF")


def save_turned_by_exif(picture: Image.Image) -> Draw:
    """Writes the picture lying on its side, with the EXIF orientation that sets it upright."""
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = 6
    return lambda path: picture.transpose(Image.Transpose.ROTATE_90).save(path, "JPEG", quality=85, exif=exif)


def save_16_bit(picture: Image.Image) -> Draw:
    """Writes the picture as PNG with 16 bits of grey."""
    grey = np.asarray(picture.convert("L")).astype(np.uint16) * 257
    return lambda path: Image.fromarray(grey).save(path, "PNG", optimize=True)


def save_truncated(picture: Image.Image) -> Draw:
    """Writes the first third of a JPEG."""

    def write(path: Path) -> None:
        picture.save(path, "JPEG", quality=60)
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 3])

    return write


def pictures() -> dict[str, Draw]:
    """File name -> what writes it, for all of ``sample_media``."""
    coast, valley, lantern, bridge = scene("coast"), scene("valley"), scene("lantern", 320, 240), scene("bridge")
    plain = Image.new("RGB", (WIDTH, HEIGHT), (128, 128, 128))
    return {
        "coast.jpg": save_jpeg(coast),
        "coast_resized.jpg": save_jpeg(coast.resize((WIDTH // 2, HEIGHT // 2), Image.Resampling.LANCZOS)),
        "coast_jpeg30.jpg": save_jpeg(coast, quality=30),
        "coast_mirrored.jpg": save_jpeg(ImageOps.mirror(coast)),
        "coast_letterboxed.jpg": save_jpeg(ImageOps.expand(coast, (0, 80), "black")),
        "valley_brighter.jpg": save_jpeg(ImageEnhance.Brightness(valley).enhance(1.3)),
        "valley_turned.jpg": save_jpeg(valley.transpose(Image.Transpose.ROTATE_90)),
        "lantern.gif": save_gif(lantern),
        "lantern_watermark.png": save_png(watermarked(lantern)),
        "bridge_cmyk.jpg": save_jpeg(bridge.convert("CMYK")),
        "bridge_exif.jpg": save_turned_by_exif(bridge),
        "tower_16bit.png": save_16_bit(scene("tower", 320, 240)),
        "terrace_copy.jpg": save_jpeg(scene("terrace").convert("L"), quality=60),
        "poster_harmless.jpg": save_jpeg(watermarked(scene("poster")), quality=50),
        "meadow.jpg": save_jpeg(scene("meadow")),
        "orchard.jpg": save_jpeg(scene("orchard"), quality=70),
        "quarry.jpg": save_jpeg(scene("quarry"), quality=70),
        "plain_grey.png": save_png(plain),
        "broken.jpg": save_truncated(scene("ruin")),
        "manual.txt": lambda path: path.write_text(DOCUMENT, encoding="utf-8") and None,
    }
