"""What a sampler is: a video in, the hashes of some of its frames out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hashmatch.hashes import FrameHash

FLOOR = "decode"
"""Who decodes every frame and hashes none."""

Sampled = Sequence[FrameHash]
"""PDQ hashes of frames."""


@dataclass(frozen=True)
class Sampler:
    """One way to hash, as its users would, in one thread."""

    title: str
    """What people know it by."""

    hash: Callable[[Path], Any]
    """Hashes one file. This is what is measured."""

    frames: Callable[[Any], Sampled] | None = None
    """What ``hash`` returned, in one form for all; None if it is no PDQ of frames. Takes no part in any figure."""
