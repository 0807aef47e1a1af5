"""Films as rows of codes, drawn by code: seeded, so that each test has the same ones every time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hashmatch.hashes import ORIENTATIONS, FrameHash, MediaHash
from hashmatch.records import MediaType
from hashmatch.results import HashedMedia

Codes = npt.NDArray[np.uint8]
Times = npt.NDArray[np.float64]

TURN_BYTES = 5
"""An orientation of a drawn code is that code rolled by so many bytes, and as many more for each one before it."""


@dataclass(frozen=True)
class Film:
    """Pictures that follow each other, each for as long."""

    pictures: Codes
    seconds: float = 1.0

    def at(self, times: Iterable[float]) -> Codes:
        """The code at each of some times."""
        shot = (np.fromiter(times, np.float64) / self.seconds + 1e-9).astype(np.int64)
        return self.pictures[shot.clip(0, len(self.pictures) - 1)]


def film(seed: int, seconds: float, shot: float = 1.0) -> Film:
    """A film of so many seconds whose picture changes every ``shot`` seconds."""
    return Film(codes(seed, int(np.ceil(seconds / shot))), shot)


def codes(seed: int, count: int) -> Codes:
    """Codes that have nothing in common."""
    return np.random.default_rng(seed).integers(0, 256, (count, 32), dtype=np.uint8)


def noisy(given: Codes, bits: int, seed: int = 0) -> Codes:
    """The codes with up to so many bits of each turned, as another encoding would."""
    random = np.random.default_rng([seed, 77])
    turned = np.unpackbits(given, axis=1)
    for row in turned:
        row[random.choice(256, int(random.integers(0, bits + 1)), replace=False)] ^= 1
    return np.packbits(turned, axis=1)


def known(given: Codes, times: Sequence[float | None] | None = None, **own: Any) -> list[dict[str, Any]]:
    """The rows of one claim: a frame a code, one a second unless their times are given."""
    when: Sequence[float | None] = range(len(given)) if times is None else times
    rows = zip(given, when, strict=True)
    return [
        {
            "source_id": "film",
            "media_type": "video",
            "frame": number,
            "timestamp": time,
            "digest": code.tobytes(),
            "quality": 100,
            **own,
        }
        for number, (code, time) in enumerate(rows)
    ]


def upload(given: Codes, times: Sequence[float | None] | None = None, **own: Any) -> HashedMedia:
    """An upload: a frame a code, one a second unless their times are given; each in all orientations."""
    when: Sequence[float | None] = range(len(given)) if times is None else times
    quality = own.pop("quality", 100)
    frames = tuple(
        FrameHash(code.tobytes(), quality, time, number, turned(code))
        for number, (code, time) in enumerate(zip(given, when, strict=True))
    )
    return HashedMedia({"pdq": MediaHash("pdq", frames)}, media_type=MediaType.VIDEO, **own)


def turned(code: Codes) -> dict[str, bytes]:
    """A drawn code in all orientations."""
    return {name: np.roll(code, TURN_BYTES * turn).tobytes() for turn, name in enumerate(ORIENTATIONS)}
