"""Indexes: from codes to the rows within a radius. To add one: a file here and a line in the table."""

from __future__ import annotations

from pathlib import Path

from ..hashes import Codes
from ..registry import Registry
from . import band_plan
from .base import HashIndex, whole
from .header import IndexHeader, bits_of
from .neighbors import Neighbors

__all__ = ["ANY_RADIUS", "AUTO", "CHOICES", "INDEXES", "HashIndex", "Neighbors", "auto", "build", "open"]

AUTO = "auto"
"""Stands for the kind that is expected to be the fastest."""

EQUAL_ONLY = "exact"
"""The kind for radius 0."""

ANY_RADIUS = "faiss_flat"
"""The kind that answers every radius at one cost, from the codes alone."""

INDEXES: Registry[type[HashIndex]] = Registry(
    "index",
    {
        "exact": "hashmatch.indexes.exact:ExactIndex",
        "faiss_flat": "hashmatch.indexes.faiss_flat:FaissFlatIndex",
        "multi_index": "hashmatch.indexes.multi_index:MultiIndex",
    },
)

CHOICES = (AUTO, *(name for name in INDEXES if name != EQUAL_ONLY))
"""What may be chosen for codes of which near ones are looked for."""


def auto(n: int, bits: int, max_radius: int) -> str:
    """The kind of index that is expected to be the fastest.

    Args:
        n: How many codes there are.
        bits: Length of a code.
        max_radius: Largest radius that will be asked for, inclusive, in bits.

    Returns:
        ``exact`` for radius 0; else ``multi_index`` where looking codes up by bands is expected to be cheaper than
        comparing all of them (see ``band_plan.pays``), and ``faiss_flat`` where it is not.
    """
    if max_radius == 0:
        return EQUAL_ONLY
    return "multi_index" if band_plan.pays(bits, max_radius, n) else ANY_RADIUS


def build(codes: Codes, kind: str = "auto", max_radius: int = 31, folder: Path | None = None) -> HashIndex:
    """Index codes (``uint8[n, bytes]``) for radii up to ``max_radius`` bits, inclusive.

    Args:
        codes: The codes; rows may repeat.
        kind: A name in ``INDEXES``, or ``"auto"``.
        max_radius: Largest radius that will be asked for, inclusive, in bits.
        folder: An existing folder to build in; the index is then mapped from there. None: in memory.

    Raises:
        UnknownName: If there is no such kind.
        IndexMismatch: If the codes are no code matrix, or the kind cannot answer ``max_radius``.
    """
    if kind == AUTO:
        bits = bits_of(codes)
        kind = auto(len(codes), bits, whole("the largest radius", max_radius))
    return INDEXES[kind].build(codes, max_radius, folder)


def open(folder: Path) -> HashIndex:
    """The index that was saved in ``folder``, memory-mapped, of whatever kind.

    Raises:
        IndexMismatch: If the files are missing or do not fit together.
        UnknownName: If this version knows no index of that kind.
    """
    folder = Path(folder)
    return INDEXES[IndexHeader.read(folder).kind].open(folder)
