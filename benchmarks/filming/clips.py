"""Clips: shots one after the other, framed by what many clips share, drawn from seeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from .pictures import BLACK, Planes, Seed, grey, logo, title
from .shots import Frame, Shot, taken

CUTS = (2.0, 6.0)
"""Seconds from one cut to the next, from and to."""

BLACK_SECONDS, TITLE_SECONDS, LOGO_SECONDS = 2.0, 4.0, 3.0
"""What a framed clip begins with, the black and the title, and what it ends with."""


@dataclass(frozen=True)
class Clip:
    """What a video shows; nothing is drawn before its frames are asked for."""

    name: str
    width: int
    """Pixels; a multiple of 4, as is the height."""
    height: int
    rate: int
    """Frames a second."""
    seconds: float
    """Of its own shots; what it is framed by comes on top."""
    seed: Seed
    framed: Seed | None = None
    """What black, title and logo are drawn from, the same for all clips that share them; None: it has none."""

    @property
    def begin(self) -> float:
        """Seconds until the first frame that shows anything."""
        return 0.0 if self.framed is None else BLACK_SECONDS

    @property
    def shots_begin(self) -> float:
        """Seconds until its own shots."""
        return 0.0 if self.framed is None else BLACK_SECONDS + TITLE_SECONDS

    @property
    def shots_end(self) -> float:
        """Seconds until its own shots are over."""
        return self.shots_begin + self.seconds

    @property
    def end(self) -> float:
        """Seconds that it has, all in all."""
        return self.shots_end + (0.0 if self.framed is None else LOGO_SECONDS)

    def frames(self) -> Iterator[Frame]:
        """All frames, in their order."""
        rng = np.random.default_rng([*self.seed, 0])
        if self.framed is not None:
            black = grey(Image.new("L", (self.width, self.height), BLACK))
            yield from self._held(black, BLACK_SECONDS, rng)
            yield from self._held(title(self.width, self.height, self.framed), TITLE_SECONDS, rng)
        for number, seconds in enumerate(_lengths(self.seconds, rng)):
            shot = taken(self.width, self.height, seconds, [*self.seed, number + 1])
            yield from shot.frames(self._count(seconds), rng)
        if self.framed is not None:
            yield from self._held(logo(self.width, self.height, self.framed), LOGO_SECONDS, rng)

    def other(self, name: str, seconds: float, seed: Seed) -> Clip:
        """A clip of the same form, with other shots and nothing around them."""
        return replace(self, name=name, seconds=seconds, seed=seed, framed=None)

    def _held(self, picture: Planes, seconds: float, rng: np.random.Generator) -> Iterator[Frame]:
        box = 0.0, 0.0, float(self.width), float(self.height)
        return Shot(self.width, self.height, picture, box, box).frames(self._count(seconds), rng)

    def _count(self, seconds: float) -> int:
        return max(1, round(seconds * self.rate))


def _lengths(seconds: float, rng: np.random.Generator) -> list[float]:
    """How long each shot is, whole seconds' quarters but for the last one."""
    lengths: list[float] = []
    while (left := seconds - sum(lengths)) > 0:
        wanted = round(rng.uniform(*CUTS) * 4) / 4
        # No shot is shorter than the shortest, but for a clip that is itself.
        lengths.append(wanted if left - wanted >= CUTS[0] else min(left, CUTS[1]))
    return lengths
