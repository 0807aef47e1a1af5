"""Blocks: a file of lines in large pieces, of which some can be read line by line and some be given back."""

from __future__ import annotations

from .source import Block, Source

Line = tuple[int, bytes | None]
"""Number of a line, from 1, and its bytes with their end; None if it is too long."""


class Blocks:
    """The lines of one file, from the first to the last, taken in blocks or one by one as it suits."""

    def __init__(self, source: Source) -> None:
        """All lines of a source.

        Raises:
            FormatError: As ``Source.chunks``, here and from each method, when the file is read on.
        """
        self._coming = source.blocks()
        self._waiting: list[Block] = []
        self._at = 0
        """Of the block that waits last: how many bytes were taken as lines,"""
        self._taken = 0
        """and how many lines they were."""
        self.number = 1
        """Of the first line that was not taken yet."""

    def block(self) -> Block | None:
        """What is left of a block that was begun, else the next one; None at the end."""
        if self._waiting:
            block = self._waiting.pop()
        elif (coming := next(self._coming, None)) is not None:
            block = coming
        else:
            return None
        if self._taken and block.content is not None:
            block = Block(block.number + self._taken, block.content[self._at :], block.count - self._taken)
        self._at, self._taken = 0, 0
        self.number = block.number + block.count
        return block

    def put_back(self, *blocks: Block) -> None:
        """Give back what was taken last, as one block or several."""
        if self._taken and (begun := self.block()) is not None:
            self._waiting.append(begun)
        self._waiting.extend(reversed(blocks))
        self.number = blocks[0].number

    def line(self) -> Line | None:
        """The next line; None at the end."""
        if not self._waiting:
            block = next(self._coming, None)
            if block is None:
                return None
            self._waiting.append(block)
        block = self._waiting[-1]
        number = block.number + self._taken
        self.number = number + 1
        if block.content is None:
            self._waiting.pop()
            return number, None
        end = block.content.find(b"\n", self._at) + 1 or len(block.content)
        line = block.content[self._at : end]
        if end == len(block.content):
            self._waiting.pop()
            self._at, self._taken = 0, 0
        else:
            self._at, self._taken = end, self._taken + 1
        return number, line
