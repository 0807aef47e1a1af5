"""Indexes: from codes to the rows within a radius. To add one: a file here and a line in the table."""

from __future__ import annotations

from pathlib import Path

from ..hashes import Codes
from ..registry import Registry
from .base import HashIndex, Neighbors
from .header import IndexHeader

__all__ = ["INDEXES", "HashIndex", "Neighbors", "auto", "build", "open"]

INDEXES: Registry[type[HashIndex]] = Registry(
    "index",
    {
        "exact": "hashmatch.indexes.exact:ExactIndex",
        "faiss_flat": "hashmatch.indexes.faiss_flat:FaissFlatIndex",
    },
)


def auto(max_radius: int) -> str:
    """The kind of index that ``kind="auto"`` means: ``exact`` for radius 0, else ``faiss_flat``."""
    return "exact" if max_radius == 0 else "faiss_flat"


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
    return INDEXES[auto(max_radius) if kind == "auto" else kind].build(codes, max_radius, folder)


def open(folder: Path) -> HashIndex:
    """The index that was saved in ``folder``, memory-mapped, of whatever kind.

    Raises:
        IndexMismatch: If the files are missing or do not fit together.
        UnknownName: If this version knows no index of that kind.
    """
    folder = Path(folder)
    return INDEXES[IndexHeader.read(folder).kind].open(folder)
