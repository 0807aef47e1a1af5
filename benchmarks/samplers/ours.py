"""Ours: PDQ with its quality and all eight orientations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import hashmatch
from hashmatch.results import HashedMedia

from .base import Sampled, Sampler


def _by(sampling: str | float) -> Callable[[Path], HashedMedia]:
    return lambda path: hashmatch.hash_file(path, ("pdq",), sampling=sampling)


def _frames(hashed: HashedMedia) -> Sampled:
    return hashed["pdq"].frames


EVERY = Sampler("hashmatch, every frame", _by("every"), _frames)
SECOND = Sampler("hashmatch, one a second", _by(1.0), _frames)
KEYFRAMES = Sampler("hashmatch, key frames", _by("keyframes"), _frames)
