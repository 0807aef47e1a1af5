"""Shots: pictures before a camera that stands, drifts or sweeps, as frames of a video."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

from .pictures import Box, Planes, Seed, grey, text, texture

Frame = npt.NDArray[np.uint8]
"""``uint8[height * 3 // 2, width]``: the luma, and below it the two planes of chroma, as I420 has them."""

MARGIN = 1.3
"""How many times as wide and high as a frame is what the camera moves over."""

HELD, STANDING, DRIFTING, SWEEPING = "held", "standing", "drifting", "sweeping"

SHARES = {HELD: 0.2, STANDING: 0.4, DRIFTING: 0.25, SWEEPING: 0.15}
"""How often cameras do what: hold a picture; stand while something moves before them; move slowly; move fast."""

SPEEDS = {HELD: (0.0, 0.0), STANDING: (0.0, 0.0), DRIFTING: (0.003, 0.015), SWEEPING: (0.04, 0.12)}
"""Widths of the frame that they move by in a second, from and to."""

_PASSING = (0.01, 0.08)
"""The same of what moves before a camera that stands."""

_CAPTIONED = 0.4
"""Share of shots with text."""
_STRENGTHS = 2.0
"""Standard deviation of the grain."""
_GRAIN = 64
"""Rows and columns by which one picture of grain is moved about."""


@dataclass(frozen=True)
class Passing:
    """Something that moves before a camera."""

    what: Planes
    row: float
    """Its top."""
    column: float
    """Its left, in the first frame."""
    way: float
    """Columns by which it has moved in the last."""

    def place(self, progress: float) -> tuple[int, int]:
        """Its left and top, even, after a share of the time."""
        return _even(self.column + self.way * progress), _even(self.row)


@dataclass(frozen=True)
class Shot:
    """What one camera takes without a cut."""

    width: int
    height: int
    scene: Planes
    begin: Box
    """Left, top, right and bottom of what the first frame shows of the scene, in pixels of its luma."""
    end: Box
    """The same of the last frame."""
    passing: Passing | None = None
    caption: Planes | None = None
    """Text that stands at the foot."""

    def frames(self, count: int, rng: np.random.Generator) -> Iterator[Frame]:
        """So many frames."""
        grain = _grain(self.width, self.height, rng)
        for number in range(count):
            yield self._frame(number / max(1, count - 1), grain, rng)

    def _frame(self, progress: float, grain: Image.Image, rng: np.random.Generator) -> Frame:
        left, top, right, bottom = (a + (b - a) * progress for a, b in zip(self.begin, self.end, strict=True))
        seen = self.scene.seen((left, top, right, bottom), self.width, self.height)
        if self.passing is not None:
            seen.paste(self.passing.what, *self.passing.place(progress))
        if self.caption is not None:
            seen.paste(self.caption, self.width // 20 * 2, self.height * 2 // 5 * 2)
        x, y = rng.integers(0, _GRAIN, 2).tolist()
        grain = grain.crop((x, y, x + self.width, y + self.height))
        frame = np.empty((self.height * 3 // 2, self.width), np.uint8)
        frame[: self.height] = np.asarray(ImageChops.add(seen.luma, grain, 1, -128))
        for plane, image in zip(chroma(frame), (seen.blue, seen.red), strict=True):
            plane[:] = np.asarray(image)
        return frame


def taken(width: int, height: int, seconds: float, seed: Seed) -> Shot:
    """A shot of a scene of its own."""
    rng = np.random.default_rng(seed)
    wide, high = (_even(MARGIN * side) for side in (width, height))
    scene = texture(wide, high, [*seed, 1])
    kind = str(rng.choice(list(SHARES), p=list(SHARES.values())))
    begin, end = _way(width, height, wide, high, seconds * rng.uniform(*SPEEDS[kind]) * width, rng)
    passing = _passing(scene, width, height, seconds, rng) if kind == STANDING else None
    captioned = rng.random() < _CAPTIONED
    caption = grey(text(_even(width * 0.8), _even(height * 0.15), 2, [*seed, 2])) if captioned else None
    return Shot(width, height, scene, begin, end, passing, caption)


def chroma(frame: Frame) -> tuple[Frame, Frame]:
    """Views of a frame's two planes of chroma: ``uint8[height // 2, width // 2]``."""
    rows = frame.shape[0] * 2 // 3
    halves = frame[rows:].reshape(2, rows // 2, frame.shape[1] // 2)
    return halves[0], halves[1]


def _way(width: int, height: int, wide: int, high: int, far: float, rng: np.random.Generator) -> tuple[Box, Box]:
    """Where the camera begins and ends: it moves so far, or comes nearer or goes away by as much, in the scene."""
    far = min(far, (wide - width) * 0.95)
    if rng.random() < 0.3:
        zoomed = far / width
        inner = (wide * zoomed / 2, high * zoomed / 2, wide * (1 - zoomed / 2), high * (1 - zoomed / 2))
        boxes: list[Box] = [(0.0, 0.0, float(wide), float(high)), inner]
    else:
        left, top = rng.uniform(0, wide - width - far), rng.uniform(0, high - height)
        boxes = [(x, top, x + width, top + height) for x in (left, left + far)]
    if rng.random() < 0.5:
        boxes.reverse()
    return boxes[0], boxes[1]


def _passing(scene: Planes, width: int, height: int, seconds: float, rng: np.random.Generator) -> Passing:
    """A piece of the scene that is carried past."""
    wide, high = (_even(side * rng.uniform(*part)) for side, part in ((width, (0.15, 0.3)), (height, (0.3, 0.6))))
    left, top = rng.uniform(0, scene.luma.width - wide), rng.uniform(0, scene.luma.height - high)
    return Passing(
        scene.seen((left, top, left + wide, top + high), wide, high),
        rng.uniform(0.2, 0.95) * (height - high),
        rng.uniform(0.2, 0.8) * (width - wide),
        rng.uniform(*_PASSING) * width * seconds * rng.choice((-1, 1)),
    )


def _even(number: float) -> int:
    return int(number) // 2 * 2


def _grain(width: int, height: int, rng: np.random.Generator) -> Image.Image:
    """Noise around 128, larger than a frame by ``_GRAIN``."""
    noise = rng.normal(128, _STRENGTHS, (height + _GRAIN, width + _GRAIN))
    return Image.fromarray(noise.round().astype(np.uint8))
