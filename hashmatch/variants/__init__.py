"""The variants: what else a picture may have been. Adding one is one class and one line in this table."""

from __future__ import annotations

from ..registry import Registry
from .base import Variant

VARIANTS: Registry[Variant] = Registry(
    "variant",
    {
        "bordered": "hashmatch.variants.bordered:BORDERED",
        "captioned": "hashmatch.variants.captioned:CAPTIONED",
        "framed": "hashmatch.variants.framed:FRAMED",
        "extended": "hashmatch.variants.extended:EXTENDED",
    },
)
"""Every variant by its name: one instance each. Of views that are nearly the same, that of the first is taken."""
