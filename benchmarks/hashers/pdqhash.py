"""pdqhash: the reference implementation, in C++, of pixels that are decoded already."""

from __future__ import annotations

import pdqhash

from .base import Hasher

PIXELS = Hasher("pdqhash, decoded pixels", pdqhash.compute, pixels=True)
