"""Reading CSV behind its header: by whole columns where a block of it is plain, else row by row."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from ..errors import InvalidValue
from ..texts import said
from .base import RawRows
from .blocks import Blocks
from .chunk import Chunk
from .columns import Columns
from .csv_blocks import CsvBlock, CsvColumns
from .csv_rows import RowOrReason, RowReader
from .layout import Layout

SMALL = 64 * 1024
"""Bytes of a block up to which whole columns gain nothing."""

_FEW = ("list", "algorithm", "media_type", "file_type", "ideology", "labels", "opinion", "share_level", "withdrawn")
"""Fields of which a list has few different values."""


class CsvReading:
    """One CSV file while it is read: how its rows are made, and the chunk that gathers them.

    Row by row is what holds; whole columns give the same, only sooner.
    """

    def __init__(self, chunk: Chunk, layout: Layout, width: int, rows: RowReader, *, verbatim: bool) -> None:
        """What is to be read.

        Args:
            chunk: Gathers the rows.
            layout: Of the columns.
            width: How many columns there are.
            rows: Reads the rows one by one, taking lines from the blocks.
            verbatim: Whether blanks around cells belong to them, since we wrote the file.
        """
        self._chunk = chunk
        self._layout = layout
        self._columns = Columns(layout)
        self._width = width
        self._rows = rows
        self._verbatim = verbatim
        few = {layout.at[field] for field in _FEW if field in layout.at}
        encoded = pa.dictionary(pa.int32(), pa.string())
        self._kinds = tuple(encoded if position in few else pa.string() for position in range(width))

    def read(self, blocks: Blocks) -> Iterator[RawRows]:
        """The rows of what is left of a file; the last of them stay in the chunk."""
        while (block := blocks.block()) is not None:
            large = block.content is not None and len(block.content) > SMALL
            whole = CsvBlock(block)
            columns = whole.columns(self._rows.delimiter, self._kinds) if large else None
            if columns is not None:
                yield from self._by_columns(whole, columns)
            elif large and (halves := block.halves()) is not None:
                blocks.put_back(*halves)
            else:
                blocks.put_back(block)
                yield from self._row_by_row(blocks, block.number + block.count)

    def _by_columns(self, block: CsvBlock, columns: CsvColumns) -> Iterator[RawRows]:
        if self._chunk.begun:
            yield self._chunk.take()
        cells = [said(cell, trim=not self._verbatim) for cell in columns.cells]
        table, odd = self._columns.rows(columns.lines, cells)
        for number in sorted([*columns.ragged.tolist(), *columns.lines[odd].tolist()]):
            if (row := self._rows.begun_by((number, block.line(number)))) is not None:
                self._add(row)
        yield from self._chunk.among(table)

    def _row_by_row(self, blocks: Blocks, end: int) -> Iterator[RawRows]:
        """The rows that begin before a line, and those that they turn out to go on into."""
        while self._rows.waiting or blocks.number < end:
            row = self._rows.row()
            if row is None:
                return
            self._add(row)
            if self._chunk.full:
                yield self._chunk.take()

    def _add(self, row: RowOrReason) -> None:
        """Add a row's hashes, or its reject, to the chunk."""
        number, texts, reason = row
        if texts is None:
            self._chunk.reject(number, reason)
            return
        cells = [text or None for text in (texts if self._verbatim else map(str.strip, texts))]
        if len(cells) != self._width:
            reason = f"{len(cells)} cells where the header has {self._width}"
            self._chunk.reject(number, reason, **self._layout.claim(cells))
            return
        try:
            self._chunk.add(self._layout.rows(number, cells), sum(map(len, texts)))
        except InvalidValue as error:
            self._chunk.reject(number, str(error), **self._layout.claim(cells))
