"""Framed: padded, boxed into another shape, under a caption, or on the screen of a phone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

from .base import Edit, Picture
from .writing import write

Ground = Callable[[Picture, tuple[int, int], np.random.Generator], Picture]
"""Makes what a picture is laid upon, of a width and a height."""


def plain(color: str) -> Ground:
    """Of one colour."""
    return lambda picture, size, rng: Image.new("RGB", size, color)


def any_color(picture: Picture, size: tuple[int, int], rng: np.random.Generator) -> Picture:
    """Of a colour that is drawn."""
    red, green, blue = (int(value) for value in rng.integers(0, 256, 3))
    return Image.new("RGB", size, (red, green, blue))


def blurred_copy(picture: Picture, size: tuple[int, int], rng: np.random.Generator) -> Picture:
    """The picture itself, enlarged until it covers the ground, and blurred."""
    share = max(size[0] / picture.width, size[1] / picture.height)
    width, height = (max(own, round(side * share)) for own, side in zip(size, picture.size, strict=True))
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    large = picture.resize((width, height), Image.Resampling.BILINEAR).crop((left, top, left + size[0], top + size[1]))
    return large.filter(ImageFilter.GaussianBlur(0.03 * min(size)))


GROUNDS: dict[str, Ground] = {
    "black": plain("black"),
    "white": plain("white"),
    "any colour": any_color,
    "blurred copy": blurred_copy,
}


def padded(share: float, ground: str) -> Edit:
    """Margins of a share of the width at left and right, and of the height at top and bottom."""

    def change(picture: Picture, rng: np.random.Generator) -> Picture:
        across, down = round(share * picture.width), round(share * picture.height)
        return _laid(picture, (picture.width + 2 * across, picture.height + 2 * down), ground, rng)

    return Edit(f"padded {share:.0%} {ground}", change)


def boxed(ratio: float, ground: str) -> Edit:
    """Bars at two sides, until height is ``ratio`` times what it was in proportion to width; below 1 at left and right."""

    def change(picture: Picture, rng: np.random.Generator) -> Picture:
        width, height = picture.size
        size = (width, round(height * ratio)) if ratio > 1 else (round(width / ratio), height)
        return _laid(picture, size, ground, rng)

    kind, share = ("letterbox", ratio) if ratio > 1 else ("pillarbox", 1 / ratio)
    return Edit(f"{kind} × {share:.2g} {ground}", change)


def captioned(share: float, *, above: bool) -> Edit:
    """A white bar with dark words, or below a black one with light words, of a share of the height."""

    def change(picture: Picture, rng: np.random.Generator) -> Picture:
        bar = Image.new("RGB", (picture.width, max(8, round(share * picture.height))), "white" if above else "black")
        write(bar, (0, 0, *bar.size), "black" if above else "white", rng)
        whole = Image.new("RGB", (picture.width, picture.height + bar.height))
        whole.paste(bar, (0, 0 if above else picture.height))
        whole.paste(picture, (0, bar.height if above else 0))
        return whole

    return Edit(f"caption bar {share:.0%} {'above' if above else 'below'}", change)


def screenshot(dark: bool) -> Edit:
    """On the screen of a phone: a line of signs above, a title, the picture from side to side, words and keys below."""

    def change(picture: Picture, rng: np.random.Generator) -> Picture:
        ground, ink = ("black", "white") if dark else ("white", "black")
        width, height = picture.size
        status, title, below = (round(part * width) for part in (0.06, 0.12, 0.4))
        screen = Image.new("RGB", (width, status + title + height + below), ground)
        write(screen, (0, 0, width, status), ink, rng, lines=1)
        write(screen, (0, status, width // 2, status + title), ink, rng, lines=1)
        screen.paste(picture, (0, status + title))
        write(screen, (0, status + title + height + 4, width, screen.height), ink, rng, lines=4)
        return screen

    return Edit(f"screenshot, {'dark' if dark else 'light'}", change)


def _laid(picture: Picture, size: tuple[int, int], ground: str, rng: np.random.Generator) -> Picture:
    """The picture in the middle of a ground."""
    whole = GROUNDS[ground](picture, size, rng)
    whole.paste(picture, ((size[0] - picture.width) // 2, (size[1] - picture.height) // 2))
    return whole


PADDED = tuple(padded(share, ground) for ground in GROUNDS for share in (0.05, 0.1, 0.2, 0.3))
LETTERBOXED = tuple(boxed(ratio, ground) for ground in ("black", "blurred copy") for ratio in (1.33, 1.78, 3.16))
PILLARBOXED = tuple(boxed(1 / ratio, ground) for ground in ("black", "blurred copy") for ratio in (1.33, 1.78, 3.16))
CAPTIONED = (captioned(0.15, above=True), captioned(0.25, above=True), captioned(0.15, above=False))
SCREENSHOT = (screenshot(False), screenshot(True))
