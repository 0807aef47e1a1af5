"""perception (Thorn): its PDQ."""

from __future__ import annotations

from pathlib import Path

from perception.hashers import PDQHash

from .base import Hasher

_HASHER = PDQHash()


def _hash(path: Path) -> object:
    return _HASHER.compute(str(path))


PDQ = Hasher("perception PDQHash", _hash)
