"""Reading JSON lines: by whole columns where a block of them is of one shape, else line by line."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..errors import InvalidValue
from .base import RawRows
from .blocks import Blocks, Line
from .chunk import TOO_LONG, Chunk
from .headers import is_header, read_header
from .json_blocks import read_columns
from .json_shape import Shape
from .json_text import members
from .layout import Layouts
from .source import Block

SMALL = 64 * 1024
"""Bytes of a block up to which whole columns gain nothing."""

_FIRST = 100
"""Lines at the beginning that are read one by one, to learn from them."""


class JsonReading:
    """One file of JSON lines while it is read: what its records look like, and the chunk that gathers its rows.

    Line by line is what holds: whole columns give the same, only sooner.
    """

    def __init__(self, chunk: Chunk, layouts: Layouts, file: str) -> None:
        """What is to be read.

        Args:
            chunk: Gathers the rows.
            layouts: Say what keys mean.
            file: Its name, for errors.
        """
        self._chunk = chunk
        self._layouts = layouts
        self._file = file
        self._shape = Shape(layouts)

    def read(self, blocks: Blocks) -> Iterator[RawRows]:
        """The rows of a file; the last of them stay in the chunk.

        Raises:
            FormatError: If nothing before the hundredth reject is in form, or a newer version of ours wrote it.
        """
        yield from self._line_by_line(blocks, _FIRST)
        while (block := blocks.block()) is not None:
            # The chunk must have seen what is in form before it can tell a file that is not.
            large = block.content is not None and len(block.content) > SMALL and self._chunk.in_form
            decoder = self._shape.decoder() if large else None
            columns = None if decoder is None else read_columns(block, decoder)
            if columns is not None:
                yield from self._by_columns(block, *columns)
            elif decoder is not None and (halves := block.halves()) is not None:
                blocks.put_back(*halves)
            else:
                blocks.put_back(block)
                yield from self._line_by_line(blocks, block.number + block.count)

    def _by_columns(self, block: Block, table: pa.Table, odd: npt.NDArray[np.int64]) -> Iterator[RawRows]:
        if self._chunk.begun:
            yield self._chunk.take()
        if len(odd):
            lines = (block.content or b"").split(b"\n")
            for number in odd.tolist():
                self._add((number, lines[number - block.number]))
        yield from self._chunk.among(table)

    def _line_by_line(self, blocks: Blocks, end: int) -> Iterator[RawRows]:
        """The rows before a line."""
        while blocks.number < end and (line := blocks.line()) is not None:
            self._add(line)
            if self._chunk.full:
                yield self._chunk.take()

    def _add(self, line: Line) -> None:
        """Add a line's hashes, its header, or its reject, to the chunk."""
        number, content = line
        if content is not None and not content.strip():
            return
        claim: dict[str, str | None] = {}
        try:
            if content is None:
                raise InvalidValue(TOO_LONG)
            content = content.removesuffix(b"\n").removesuffix(b"\r")
            record = members(content)
            if is_header(record):
                self._chunk.add_header(read_header(record, self._file))
                return
            layout, cells = self._layouts.of(tuple(record)), tuple(record.values())
            claim = layout.claim(cells)
            if not layout.unclear:
                # One bad record must not keep all others from being read together.
                self._shape.learn(record)
            self._chunk.add(layout.rows(number, cells), len(content))
        except InvalidValue as error:
            self._chunk.reject(number, str(error), **claim)
