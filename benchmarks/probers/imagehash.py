"""imagehash: its perception hash, of 64 bits."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import imagehash
from PIL import Image

from hashmatch.hashes import Codes

from .base import Prober, opened, packed


class ImageHash(Prober):
    """``phash`` with its own settings; it knows no quality."""

    bits = 64
    titles = MappingProxyType({"imagehash": "imagehash.phash (64 bits)"})

    def listed(self, picture: Image.Image) -> Codes | None:
        """Always one."""
        return packed(imagehash.phash(picture).hash)

    def probes(self, content: bytes) -> Mapping[str, Codes]:
        """One code."""
        return {"imagehash": packed(imagehash.phash(opened(content)).hash)}


PROBER = ImageHash()
