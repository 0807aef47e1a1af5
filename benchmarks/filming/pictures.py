"""Pictures that shots are made of: textures, text, a title and a logo, all drawn from seeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from ..picturing.sets import draw

BLACK, WHITE = 16, 235
"""Luma of limited range, as nearly all videos have it."""
GREY = 128
"""Chroma of what has no colour."""

Seed = list[int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Planes:
    """A picture as videos store it: luma, and chroma of half as many rows and columns."""

    luma: Image.Image
    blue: Image.Image
    red: Image.Image

    def paste(self, other: Planes, left: int, top: int) -> None:
        """Put another picture over it, its corner at an even column and row; what is outside is cut off."""
        self.luma.paste(other.luma, (left, top))
        self.blue.paste(other.blue, (left // 2, top // 2))
        self.red.paste(other.red, (left // 2, top // 2))

    def seen(self, box: Box, width: int, height: int) -> Planes:
        """What is in a box (left, top, right and bottom, in pixels of the luma), at some size."""
        half: Box = (box[0] / 2, box[1] / 2, box[2] / 2, box[3] / 2)
        bilinear = Image.Resampling.BILINEAR
        return Planes(
            self.luma.resize((width, height), bilinear, box),
            self.blue.resize((width // 2, height // 2), bilinear, half),
            self.red.resize((width // 2, height // 2), bilinear, half),
        )


def texture(width: int, height: int, seed: Seed) -> Planes:
    """A picture whose detail falls off as that of photos does; width and height are even."""
    luma, blue, red = Image.fromarray(draw(width, height, seed)).convert("YCbCr").split()
    half = (width // 2, height // 2)
    chroma = [GREY + (level - GREY) * 224 // 255 for level in range(256)]
    return Planes(
        luma.point([BLACK + level * (WHITE - BLACK) // 255 for level in range(256)]),
        blue.resize(half, Image.Resampling.BOX).point(chroma),
        red.resize(half, Image.Resampling.BOX).point(chroma),
    )


def grey(luma: Image.Image) -> Planes:
    """A picture without colour."""
    half = Image.new("L", (luma.width // 2, luma.height // 2), GREY)
    return Planes(luma, half, half)


def text(width: int, height: int, lines: int, seed: Seed) -> Image.Image:
    """A dark box with words in it, which are bright bars as long as words are."""
    rng = np.random.default_rng(seed)
    image = Image.new("L", (width, height), 30)
    pen = ImageDraw.Draw(image)
    tall = height / lines
    for line in range(lines):
        x = 0.03 * width
        while x < 0.9 * width:
            long = rng.uniform(0.5, 3) * tall
            pen.rectangle((x, (line + 0.2) * tall, min(x + long, 0.97 * width), (line + 0.8) * tall), WHITE)
            x += long + 0.5 * tall
    return image


def title(width: int, height: int, seed: Seed) -> Planes:
    """A card of three lines on a ground that grows lighter downwards."""
    ramp = np.linspace(40, 110, height, dtype=np.float32)[:, None].repeat(width, axis=1)
    image = Image.fromarray(ramp.astype(np.uint8))
    image.paste(text(width * 7 // 10, height * 4 // 10, 3, seed), (width * 15 // 100, height * 25 // 100))
    return grey(image)


def logo(width: int, height: int, seed: Seed) -> Planes:
    """A sign of a few shapes on a dark ground."""
    rng = np.random.default_rng(seed)
    image = Image.new("L", (width, height), 45)
    pen = ImageDraw.Draw(image)
    for luma in (150, 215, 90, 190):
        x, y = rng.uniform(0.1, 0.5) * width, rng.uniform(0.1, 0.5) * height
        box = (x, y, x + rng.uniform(0.2, 0.4) * width, y + rng.uniform(0.3, 0.45) * height)
        (pen.ellipse if luma > 180 else pen.rectangle)(box, luma)
    return grey(image)
