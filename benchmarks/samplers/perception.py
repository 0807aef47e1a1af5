"""perception (Thorn): its PDQ of one frame a second, and its TMK, which hashes a whole video as one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from perception.hashers import TMKL2, FramewiseHasher, PDQHash

from .base import Sampler

_FRAMEWISE = FramewiseHasher(PDQHash(), interframe_threshold=0.0, frames_per_second=1)
_TMK = TMKL2()


def _framewise(path: Path) -> Any:
    return _FRAMEWISE.compute(str(path), hash_format="vector")


def _tmk(path: Path) -> Any:
    return _TMK.compute(str(path), hash_format="vector")


FRAMEWISE = Sampler("perception FramewiseHasher, PDQ one a second", _framewise)
TMK = Sampler("perception TMKL2, 15 frames a second", _tmk)
