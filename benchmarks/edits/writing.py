"""Words on pictures: watermarks and captions."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .base import Edit, Picture

_LETTERS = list("abcdefghijklmnopqrstuvwxyz")
Box = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels; the last two exclusive."""


def words(rng: np.random.Generator, letters: int) -> str:
    """Some words of drawn letters."""
    text = ""
    while len(text) < letters:
        text += "".join(rng.choice(_LETTERS, rng.integers(2, 10))) + " "
    return text[:letters].strip().capitalize()


def write(picture: Picture, box: Box, ink: str, rng: np.random.Generator, lines: int = 2) -> None:
    """Write lines of words into a box of a picture, with a margin around them."""
    left, top, right, bottom = box
    high, wide = bottom - top, right - left
    size = max(6.0, 0.7 * high / (lines + 0.5))
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
    for line in range(lines):
        text = words(rng, max(3, int(1.7 * wide / size)))
        at = (left + 0.04 * wide, top + 0.12 * high + line * 0.8 * high / lines)
        pen.text(at, text, fill=ink, font=font)


def watermarked(share: float) -> Edit:
    """Words all over it, in white, each pixel of them covered by that share."""

    def change(picture: Picture, rng: np.random.Generator) -> Picture:
        over = picture.copy()
        font = ImageFont.load_default(max(6.0, picture.height / 12))
        pen, text = ImageDraw.Draw(over), words(rng, 12)
        for row in range(4):
            for column in range(3):
                at = ((column + 0.5 * (row % 2)) * picture.width / 3, (row + 0.3) * picture.height / 4)
                pen.text(at, text, fill="white", font=font)
        return Image.blend(picture, over, share)

    return Edit(f"watermark {share:.0%}", change)


def _logo(picture: Picture, rng: np.random.Generator) -> Picture:
    """A box with two letters in a corner, a tenth of the picture wide."""
    marked = picture.copy()
    side = max(8, round(0.1 * picture.width))
    right, bottom = picture.width - side // 4, picture.height - side // 4
    pen = ImageDraw.Draw(marked)
    pen.rectangle((right - side, bottom - side, right, bottom), fill="white")
    pen.text(
        (right - 0.9 * side, bottom - 0.9 * side), words(rng, 2), fill="black", font=ImageFont.load_default(0.6 * side)
    )
    return marked


def _written_over(picture: Picture, rng: np.random.Generator) -> Picture:
    """Two lines of white words with a dark edge over the lowest sixth of the picture."""
    marked = picture.copy()
    high = picture.height / 6
    font = ImageFont.load_default(max(6.0, 0.38 * high))
    pen = ImageDraw.Draw(marked)
    for line in range(2):
        at = (0.05 * picture.width, picture.height - high + line * 0.45 * high)
        text = words(rng, max(3, int(4.5 * picture.width / high)))
        pen.text(at, text, fill="white", font=font, stroke_width=max(1, round(0.03 * high)), stroke_fill="black")
    return marked


CAPTION = Edit("caption over it", _written_over)
MARKED = (watermarked(0.25), watermarked(0.5), Edit("logo in a corner", _logo), CAPTION)
