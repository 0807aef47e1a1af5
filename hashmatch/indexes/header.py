"""The header of a saved index: what kind it is and what it was built for."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..arrays import map_array
from ..durable import write_file
from ..errors import IndexMismatch, InvalidValue
from ..hashes import Codes
from .base import CODES_FILE, HashIndex, whole

HEADER_FILE = "index.json"
_MAX_BYTES = 65_536


@dataclass(frozen=True)
class IndexHeader:
    """What ``index.json`` says of the arrays beside it."""

    kind: str
    """The index's name in the registry."""
    bits: int
    """Length of a code in bits, a multiple of 8."""
    n: int
    """How many codes are indexed."""
    max_radius: int
    """Largest radius that it answers, inclusive, in bits."""

    @classmethod
    def of(cls, codes: Codes, max_radius: int, kind: type[HashIndex]) -> IndexHeader:
        """The header of an index that is to be built.

        Raises:
            IndexMismatch: If the codes are no code matrix, or this kind cannot answer that radius.
        """
        bits = bits_of(codes)
        max_radius = whole("the largest radius", max_radius)
        limit = bits if kind.radius_limit is None else kind.radius_limit
        if not 0 <= max_radius <= limit:
            raise IndexMismatch(f"the index {kind.name!r} answers radii from 0 to {limit} bits here, not {max_radius}")
        return cls(kind.name, bits, len(codes), max_radius)

    @classmethod
    def read(cls, folder: Path, kind: str | None = None) -> IndexHeader:
        """The header of the index that was saved in ``folder``.

        Raises:
            IndexMismatch: If there is none, or it makes no sense, or it is of another kind than ``kind``.
        """
        path = folder / HEADER_FILE
        try:
            with path.open("rb") as stream:
                stated = json.loads(stream.read(_MAX_BYTES))
            header = cls(**stated)
        except (OSError, ValueError, TypeError, RecursionError) as error:
            raise IndexMismatch(f"{path} is not the header of an index") from error
        numbers = (header.bits, header.n, header.max_radius)
        if type(header.kind) is not str or not all(type(number) is int and number >= 0 for number in numbers):
            raise IndexMismatch(f"{path} is not the header of an index")
        if kind is not None and header.kind != kind:
            raise IndexMismatch(f"{folder} holds an index of kind {header.kind!r}, not {kind!r}")
        return header

    def write(self, folder: Path) -> None:
        """Write ``index.json`` into an existing folder; its arrays should stand there already."""
        write_file(folder / HEADER_FILE, json.dumps(asdict(self), indent=1).encode())

    def map_codes(self, folder: Path) -> Codes:
        """The codes beside the header, memory-mapped.

        Raises:
            IndexMismatch: If they are not the codes that the header speaks of.
        """
        codes = map_part(folder / CODES_FILE, np.uint8, self.bits // 8)
        if len(codes) != self.n or self.bits != 8 * codes.shape[1] or self.max_radius > self.bits:
            raise IndexMismatch(f"{folder / CODES_FILE} and {HEADER_FILE} beside it do not fit together")
        return codes


def bits_of(codes: Codes) -> int:
    """Length of a code in bits.

    Raises:
        IndexMismatch: If these are no codes: ``uint8[n, bytes]``, of at least one byte.
    """
    if codes.ndim != 2 or codes.dtype != np.uint8 or codes.shape[1] == 0:
        raise IndexMismatch(f"codes must be uint8[n, bytes], not {codes.dtype}{list(codes.shape)}")
    return 8 * int(codes.shape[1])


def map_part(path: Path, dtype: npt.DTypeLike, columns: int | None = None) -> npt.NDArray[Any]:
    """An array of a saved index, memory-mapped.

    Raises:
        IndexMismatch: If it is missing or of another kind.
    """
    try:
        return map_array(path, dtype, columns)
    except (OSError, InvalidValue) as error:
        raise IndexMismatch(str(error)) from error
