"""Edits: what people do to a picture before they upload it again. To add one: a file here, or a line in one, and a line.

Each group is one curve of the picture that is drawn.
"""

from __future__ import annotations

from hashmatch.registry import Registry

from .base import Edit

__all__ = ["EDITS", "Edit"]

EDITS: Registry[tuple[Edit, ...]] = Registry(
    "group of edits",
    {
        "resized": "benchmarks.edits.saving:RESIZED",
        "compressed": "benchmarks.edits.saving:COMPRESSED",
        "stretched": "benchmarks.edits.saving:STRETCHED",
        "softened": "benchmarks.edits.pixelwise:SOFTENED",
        "noisy": "benchmarks.edits.pixelwise:NOISY",
        "toned": "benchmarks.edits.pixelwise:TONED",
        "marked": "benchmarks.edits.writing:MARKED",
        "mirrored": "benchmarks.edits.turning:MIRRORED",
        "turned": "benchmarks.edits.turning:TURNED",
        "rotated": "benchmarks.edits.turning:ROTATED",
        "padded": "benchmarks.edits.framing:PADDED",
        "letterboxed": "benchmarks.edits.framing:LETTERBOXED",
        "pillarboxed": "benchmarks.edits.framing:PILLARBOXED",
        "captioned": "benchmarks.edits.framing:CAPTIONED",
        "screenshot": "benchmarks.edits.framing:SCREENSHOT",
        "cropped": "benchmarks.edits.cropping:CROPPED",
        "symmetric": "benchmarks.edits.graphics:SYMMETRIC",
        "pairs": "benchmarks.edits.pairs:PAIRS",
    },
)
"""Group -> its edits."""
