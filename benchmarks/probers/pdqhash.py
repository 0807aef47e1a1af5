"""pdqhash: the reference implementation of PDQ."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pdqhash
from PIL import Image

from hashmatch.hashes import Codes

from .base import Prober, opened, packed

_LEAST_QUALITY = 50


class PdqHash(Prober):
    """PDQ with its quality, of a file that Pillow decodes."""

    titles = MappingProxyType({"pdqhash": "pdqhash"})

    def listed(self, picture: Image.Image) -> Codes | None:
        """None where the quality is below 50, as its documentation asks."""
        bits, quality = pdqhash.compute(np.asarray(picture))
        return packed(bits) if quality >= _LEAST_QUALITY else None

    def probes(self, content: bytes) -> Mapping[str, Codes]:
        """One code, or none."""
        code = self.listed(opened(content))
        return {"pdqhash": np.empty((0, 32), np.uint8) if code is None else code}


PROBER = PdqHash()
