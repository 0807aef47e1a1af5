"""perception (Thorn): its PDQ."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from perception.hashers import PDQHash
from PIL import Image

from hashmatch.hashes import Codes

from .base import Prober, opened, packed


class Perception(Prober):
    """``PDQHash`` with its own settings; the quality that it knows is not part of its comparison."""

    titles = MappingProxyType({"perception": "perception PDQHash"})

    def __init__(self) -> None:
        self._hasher = PDQHash()

    def listed(self, picture: Image.Image) -> Codes | None:
        """Always one."""
        return packed(self._hasher.compute(np.asarray(picture), hash_format="vector"))

    def probes(self, content: bytes) -> Mapping[str, Codes]:
        """One code."""
        return {"perception": packed(self._hasher.compute(np.asarray(opened(content)), hash_format="vector"))}


PROBER = Perception()
