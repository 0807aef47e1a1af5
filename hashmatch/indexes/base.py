"""What an index is: codes in, and for each query the rows within a radius out."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

import numpy as np

from ..errors import IndexMismatch
from ..hashes import Codes
from .neighbors import Neighbors

CODES_FILE = "codes.npy"
"""The indexed codes, beside the index's own arrays: ``uint8[n, bytes]``, as numpy saves them."""


class HashIndex(ABC):
    """An immutable index over codes of one length.

    Searching never writes and is safe from many threads at once.
    """

    name: ClassVar[str]

    radius_limit: ClassVar[int | None] = None
    """Largest ``max_radius`` that this kind can be built for, inclusive; None: the length of a code."""

    exact: ClassVar[bool] = True
    """Whether every row within the radius is found, always."""

    codes: Codes
    """The indexed codes, ``uint8[n, bytes]``; not to be written to. Mapped, if the index was opened."""

    bits: int
    """Length of a code in bits."""

    max_radius: int
    """Largest radius that ``search`` accepts, inclusive."""

    @classmethod
    @abstractmethod
    def build(cls, codes: Codes, max_radius: int, folder: Path | None = None) -> HashIndex:
        """Index codes.

        Args:
            codes: ``uint8[n, bytes]``, n from 0 up; rows may repeat.
            max_radius: Largest radius that will be asked for, inclusive, in bits.
            folder: Where to write the arrays while they are built, as ``save`` would; what is
                returned is then mapped from there. A ``codes.npy`` that already stands there is
                taken to be these codes. None keeps everything in memory.

        Raises:
            IndexMismatch: If the codes are no code matrix, or this kind cannot answer ``max_radius``.
        """

    @abstractmethod
    def search(self, queries: Codes, radius: int, limit: int | None = None) -> Neighbors:
        """All rows within ``radius`` bits, inclusive, of each of ``queries`` (``uint8[q, bytes]``).

        Args:
            queries: ``uint8[q, bytes]``, q from 0 up.
            radius: Inclusive, in bits, from 0 to ``max_radius``.
            limit: At most so many rows per query, from 1 up: the nearest, equal distances by row.
                ``Neighbors.cut`` says of which queries there are more. None: all.

        Raises:
            IndexMismatch: If the queries have another length, the radius is negative or above
                ``max_radius``, or the limit is below 1.
        """

    def nearest(self, queries: Codes, k: int) -> Neighbors:
        """The ``k`` nearest rows of each query (fewer if the index holds fewer).

        Raises:
            IndexMismatch: If this kind of index cannot answer.
        """
        raise IndexMismatch(f"the index {self.name!r} does not answer k-nearest queries; faiss_flat does")

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the index into an existing folder, the codes as ``codes.npy`` among it."""

    @classmethod
    @abstractmethod
    def open(cls, folder: Path) -> HashIndex:
        """The index that was saved in ``folder``, memory-mapped.

        Raises:
            IndexMismatch: If the files do not fit together.
        """

    def __len__(self) -> int:
        """How many codes are indexed."""
        return len(self.codes)

    def check(self, queries: Codes, radius: int, limit: int | None = None) -> tuple[int, int | None]:
        """The radius and the limit as plain numbers, the limit at most the number of codes.

        Raises:
            IndexMismatch: Unless the queries, the radius and the limit fit this index.
        """
        radius = whole("the radius", radius)
        if queries.ndim != 2 or queries.dtype != np.uint8 or queries.shape[1] * 8 != self.bits:
            raise IndexMismatch(f"queries must be uint8[n, {self.bits // 8}], not {queries.dtype}{list(queries.shape)}")
        if not 0 <= radius <= self.max_radius:
            raise IndexMismatch(f"the radius must be from 0 to {self.max_radius}, not {radius}")
        if limit is None:
            return radius, None
        limit = whole("the limit", limit)
        if limit < 1:
            raise IndexMismatch(f"the limit must be at least 1, not {limit}")
        return radius, min(limit, max(1, len(self)))


def whole(name: str, number: int) -> int:
    """A whole number of any integer type, numpy's among them, as Python's own.

    Raises:
        IndexMismatch: If it is none.
    """
    try:
        return operator.index(number)
    except TypeError:
        raise IndexMismatch(f"{name} must be a whole number, not {number!r}") from None
