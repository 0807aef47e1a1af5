"""Blocks of CSV as whole columns, where they are so plain that every reader of CSV reads the same in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from ..texts import is_text
from .source import Block

_QUOTE, _LF, _CR = ord('"'), ord("\n"), ord("\r")
_BOM = b"\xef\xbb\xbf"
_WORD = 64
_PIECE = 128 * 1024
"""Bytes that are looked at together, so that what is noted of them stays in a processor's cache."""

Bits = npt.NDArray[np.uint64]
"""A bit for each byte of a block, the first byte's the lowest."""


@dataclass(frozen=True)
class CsvColumns:
    """The rows of a block that have the right number of cells."""

    cells: tuple[pa.Array, ...]
    """The cells of each column, as text without quotes."""
    lines: npt.NDArray[np.int64]
    """Line of each row."""
    ragged: npt.NDArray[np.int64]
    """Lines of the other rows."""


class CsvBlock:
    """A block that may be read as whole columns."""

    def __init__(self, block: Block) -> None:
        """A block that begins where a row begins."""
        self._number = block.number
        self._count = block.count
        self._content = block.content or b""

    def columns(self, delimiter: str, kinds: tuple[pa.DataType, ...]) -> CsvColumns | None:
        """The block as columns; None if it is not plain.

        Args:
            delimiter: One character.
            kinds: Type of each column, text that may be dictionary-encoded.
        """
        if not self._plain(delimiter):
            return None
        names = [str(position) for position in range(len(kinds))]
        ragged: list[int] = []

        def skip(row: pa.csv.InvalidRow) -> str:
            ragged.append(row.number - 1)
            return "skip"

        try:
            table = pa.csv.read_csv(
                pa.BufferReader(self._content),
                pa.csv.ReadOptions(use_threads=False, block_size=len(self._content) + 1, column_names=names),
                pa.csv.ParseOptions(delimiter=delimiter, invalid_row_handler=skip),
                pa.csv.ConvertOptions(column_types=dict(zip(names, kinds, strict=True))),
            )
        except pa.ArrowInvalid:
            return None
        lines = self._lines(len(table) + len(ragged))
        if lines is None:
            return None
        cells = tuple(column.combine_chunks() for column in table.columns)
        return CsvColumns(cells, np.delete(lines, ragged), lines[ragged])

    def line(self, number: int) -> bytes:
        """A line of the block, by its number, with its end."""
        place = number - self._number
        start = 0 if place == 0 else int(self._ends[place - 1]) + 1
        return self._content[start : int(self._ends[place]) + 1 if place < len(self._ends) else None]

    @cached_property
    def _bytes(self) -> npt.NDArray[np.uint8]:
        return np.frombuffer(self._content, dtype=np.uint8)

    @cached_property
    def _ends(self) -> npt.NDArray[np.int64]:
        return np.flatnonzero(self._bytes == _LF)

    def _lines(self, rows: int) -> npt.NDArray[np.int64] | None:
        """The lines that are not empty, if they are as many as the rows that were found."""
        if rows == self._count:
            return np.arange(self._number, self._number + self._count)
        lengths = np.diff(self._ends, prepend=-1, append=len(self._content)) - 1
        before = self._bytes[np.maximum(self._ends - 1, 0)]
        empty = lengths == 0
        empty[:-1] |= (lengths[:-1] == 1) & (before == _CR)
        lines = np.flatnonzero(~empty) + self._number
        return lines if len(lines) == rows else None

    def _plain(self, delimiter: str) -> bool:
        """Whether all is text in which each quote stands where RFC 4180 has it, and each line ends in LF or CR LF."""
        content = self._content
        if b"\0" in content or content.startswith(_BOM) or not is_text(content):
            return False
        returns = b"\r" in content
        if returns and content.count(b"\r") != content.count(b"\r\n"):
            return False
        return b'"' not in content or self._quoted_well(ord(delimiter), returns)

    def _marks(self, delimiter: int, returns: bool) -> tuple[Bits, Bits]:
        """Where quotes stand, and what may stand beside one that opens or closes."""
        words = -(-len(self._content) // _WORD)
        quotes, edges = (np.zeros(words * (_WORD // 8), dtype=np.uint8) for _ in range(2))
        for start in range(0, len(self._content), _PIECE):
            piece = self._bytes[start : start + _PIECE]
            is_quote = piece == _QUOTE
            is_edge = piece == delimiter
            is_edge |= is_quote
            is_edge |= piece == _LF
            if returns:
                is_edge |= piece == _CR
            for bits, mask in ((quotes, is_quote), (edges, is_edge)):
                packed = np.packbits(mask, bitorder="little")
                bits[start // 8 : start // 8 + len(packed)] = packed
        return quotes.view("<u8"), edges.view("<u8")

    def _quoted_well(self, delimiter: int, returns: bool) -> bool:
        """Whether quotes open where a cell begins, close where it ends, and stand in pairs within.

        A cell may go over several lines still: then there are fewer rows than lines.
        """
        quotes, edges = self._marks(delimiter, returns)
        inside, open_at_end = _between(quotes)
        if open_at_end:
            return False
        opening, closing = quotes & inside, quotes & ~inside
        # Before the first byte and behind the last a row begins and ends.
        before = (edges << np.uint64(1)) | np.concatenate([[np.uint64(1)], edges[:-1] >> np.uint64(_WORD - 1)])
        rest = len(self._content) % _WORD
        edges[-1] |= ~np.uint64(0) << np.uint64(rest) if rest else np.uint64(0)
        after = (edges >> np.uint64(1)) | (np.concatenate([edges[1:], [np.uint64(1)]]) << np.uint64(_WORD - 1))
        return not ((opening & ~before).any() or (closing & ~after).any())


def _between(quotes: Bits) -> tuple[Bits, bool]:
    """From each opening quote up to before the closing one, counting them in turn; and whether one stays open."""
    inside = quotes.copy()
    for shift in (1, 2, 4, 8, 16, 32):
        inside ^= inside << np.uint64(shift)
    # Each word so far counts from its own beginning: it is turned if those before it leave a quote open.
    open_after = np.bitwise_xor.accumulate(inside >> np.uint64(_WORD - 1))
    inside[1:] ^= np.uint64(0) - open_after[:-1]
    return inside, bool(open_after[-1])
