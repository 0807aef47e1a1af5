"""Small snapshots whose indexes over perceptual codes are of a kind that only large ones would have."""

from __future__ import annotations

from contextlib import AbstractContextManager
from unittest import mock

from hashmatch.indexes import CHOICES

KINDS = [name for name in CHOICES if name != "auto"]


def preferring(kind: str) -> AbstractContextManager[object]:
    """``auto`` means this kind wherever near codes are looked for, whatever their number."""
    return mock.patch("hashmatch.indexes.band_plan.pays", return_value=kind == "multi_index")
