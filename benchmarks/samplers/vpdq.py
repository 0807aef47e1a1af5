"""vpdq: the reference hasher, in C++ with FFmpeg; to build it takes FFmpeg's headers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import vpdq

from hashmatch.hashes import FrameHash

from .base import Sampled, Sampler


def _by(seconds: float) -> Callable[[Path], Any]:
    return lambda path: vpdq.computeHash(str(path), seconds_per_hash=seconds, thread_count=1)


def _frames(found: Any) -> Sampled:
    return [FrameHash(bytes.fromhex(one.hex), one.quality, one.timestamp, one.frame_number) for one in found]


EVERY = Sampler("vpdq, every frame", _by(0.0), _frames)
SECOND = Sampler("vpdq, one a second", _by(1.0), _frames)
