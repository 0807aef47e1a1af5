"""Ours: PDQ as it is, in all orientations, and with the views of a thorough search."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from types import MappingProxyType

import numpy as np
from PIL import Image

from hashmatch.algorithms.base import ExactPixelsNeeded
from hashmatch.algorithms.pdq import PDQ
from hashmatch.frames import DEFAULT_LIMITS, Frame
from hashmatch.hashes import Codes, FrameHash, code_matrix
from hashmatch.media.image import IMAGE
from hashmatch.thoroughness import Thoroughness, view_hashes

from .base import Prober


class Ours(Prober):
    """The three levels; files are decoded fast, as a matcher does."""

    titles = MappingProxyType({level.value: f"hashmatch, {level}" for level in Thoroughness})

    def listed(self, picture: Image.Image) -> Codes | None:
        """As of pixels that were decoded exactly."""
        hashed = PDQ.hash_frame(Frame(np.asarray(picture)))
        return _good(hashed)[:1] if len(_good(hashed)) else None

    def probes(self, content: bytes) -> Mapping[str, Codes]:
        """Each level's codes begin with those of the level before."""
        frame, hashed = decoded(content)
        turned = _good(hashed)
        return {
            "plain": turned[:1],
            "turned": turned,
            "thorough": np.concatenate([turned, view_codes(frame)]),
        }


def decoded(content: bytes) -> tuple[Frame, FrameHash]:
    """The pixels of a file, decoded fast if that is good enough, and their hash."""
    for fast in (True, False):
        frame = next(IMAGE.frames(BytesIO(content), DEFAULT_LIMITS, fast=fast))
        try:
            return frame, PDQ.hash_frame(frame)
        except ExactPixelsNeeded:
            continue
    raise AssertionError("what is decoded exactly needs no other pixels")


def view_codes(frame: Frame) -> Codes:
    """Those of the views of a thorough search whose quality is good enough."""
    found = view_hashes(frame, PDQ)
    if found is None:
        return np.empty((0, PDQ.size), np.uint8)
    return found.codes[found.qualities >= PDQ.min_quality].reshape(-1, PDQ.size)


def _good(hashed: FrameHash) -> Codes:
    """All orientations, or none if the quality is too low."""
    good = (hashed.quality or 0) >= PDQ.min_quality
    return code_matrix(hashed.orientations.values() if good else (), PDQ.size)


OURS = Ours()
