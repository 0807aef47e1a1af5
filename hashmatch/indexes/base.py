"""What an index is: codes in, and for each query the rows within a radius out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..errors import IndexMismatch
from ..hashes import Codes

CODES_FILE = "codes.npy"
"""The indexed codes, beside the index's own arrays: ``uint8[n, bytes]``, as numpy saves them."""


@dataclass(frozen=True)
class Neighbors:
    """Answers to a batch of queries, one run of rows per query.

    Query ``i`` found ``rows[offsets[i]:offsets[i + 1]]`` at ``distances[offsets[i]:offsets[i + 1]]``,
    nearest first, equal distances by row.
    """

    offsets: npt.NDArray[np.int64]
    """``int64[queries + 1]``, beginning with 0."""
    rows: npt.NDArray[np.int64]
    """``int64[k]``: rows of the indexed codes."""
    distances: npt.NDArray[np.uint16]
    """``uint16[k]``: Hamming distances in bits."""


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
    def search(self, queries: Codes, radius: int) -> Neighbors:
        """All rows within ``radius`` bits, inclusive, of each of ``queries`` (``uint8[q, bytes]``).

        Raises:
            IndexMismatch: If the queries have another length, or the radius is negative or above
                ``max_radius``.
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

    def check(self, queries: Codes, radius: int) -> None:
        """Raise IndexMismatch unless the queries and the radius fit this index."""
        if queries.ndim != 2 or queries.dtype != np.uint8 or queries.shape[1] * 8 != self.bits:
            raise IndexMismatch(f"queries must be uint8[n, {self.bits // 8}], not {queries.dtype}{list(queries.shape)}")
        if not 0 <= radius <= self.max_radius:
            raise IndexMismatch(f"the radius must be from 0 to {self.max_radius}, not {radius}")
